/**
 * The bytes behind what ECMA-419 calls a Byte Buffer: an ArrayBuffer or any view of one, of any realm.
 *
 * A firmware that was loaded from a slot lives in a realm of its own, so `instanceof` does not tell. See docs/design/ports.md.
 */
import { types } from "node:util";

/** The bytes of `value`, not copied, a view's bounds kept; `undefined` where it is no Byte Buffer. */
export function bytesOfBuffer(value: unknown): Uint8Array | undefined {
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}
