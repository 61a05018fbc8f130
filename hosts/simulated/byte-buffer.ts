/**
 * The bytes behind what ECMA-419 calls a Byte Buffer: an ArrayBuffer or any view of one, of any realm.
 *
 * A firmware that was loaded from a slot lives in a realm of its own, so `instanceof` does not tell; the tag does, on every
 * engine. See docs/design/ports.md.
 */

/** The bytes of `value`, not copied, a view's bounds kept; `undefined` where it is no Byte Buffer. */
export function bytesOfBuffer(value: unknown): Uint8Array | undefined {
  if (isArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}
