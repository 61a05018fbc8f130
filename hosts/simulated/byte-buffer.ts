/**
 * The bytes behind what ECMA-419 calls a Byte Buffer: an ArrayBuffer or any view of one, of any realm.
 *
 * A firmware that was loaded from a slot lives in a realm of its own, so `instanceof` does not tell; the tag does, on every
 * engine. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";

/** The bytes of `value`, not copied, a view's bounds kept; `undefined` where it is no Byte Buffer. */
export function bytesOfBuffer(value: unknown): Uint8Array | undefined {
  if (isArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

/**
 * The same where a port takes nothing else and its buffers are made of bytes: a Uint16Array is none. Throws `invalid` in the
 * name of `caller`.
 */
export function demandByteBuffer(value: unknown, caller: string): Uint8Array {
  const bytes = bytesOfBuffer(value);
  const { BYTES_PER_ELEMENT: elementSize = 1 } = (value ?? {}) as { BYTES_PER_ELEMENT?: number };
  if (bytes !== undefined && elementSize === 1) return bytes;
  throw new FirmwareError("invalid", `${caller}: expected an ArrayBuffer, Uint8Array, Int8Array or DataView`);
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}
