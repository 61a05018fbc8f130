/** Public keys as a firmware carries them, as text, into the bytes that a Verifier takes. */
import { assert } from "../assert.js";

const POINT_SIZE_BYTES = 64;

/** The points (x and y, 64 bytes) of keys of 128 hexadecimal digits. Asserts the form: keys are built in. */
export function publicKeysOf(texts: readonly string[]): readonly Uint8Array[] {
  return texts.map((text) => {
    assert(text.length === 2 * POINT_SIZE_BYTES, "publicKeysOf: a key has 128 hexadecimal digits");
    const point = new Uint8Array(POINT_SIZE_BYTES);
    for (let index = 0; index < POINT_SIZE_BYTES; index++) {
      const byte = Number.parseInt(text.substring(2 * index, 2 * index + 2), 16);
      assert(byte >= 0, "publicKeysOf: a key has hexadecimal digits only");
      point[index] = byte;
    }
    return point;
  });
}
