/** The bytes behind what ECMA-419 calls a Byte Buffer: an ArrayBuffer, or a view of one whose elements are bytes. */
import { FirmwareError } from "../../src/errors.js";

/** Not copied, a view's bounds kept. Throws `invalid` in the name of `caller` for anything else. */
export function byteBuffer(value: unknown, caller: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const { BYTES_PER_ELEMENT: elementSize = 1 } = (value ?? {}) as { BYTES_PER_ELEMENT?: number };
  if (ArrayBuffer.isView(value) && elementSize === 1) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new FirmwareError("invalid", `${caller}: expected an ArrayBuffer, Uint8Array, Int8Array or DataView`);
}
