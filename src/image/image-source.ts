/** An image that stands in memory whole, as something to be read from: a file that was read, an image that was just built. */
import type { ImageSource } from "./image-verifier.js";

/** Reads stop at the end of `bytes`, as a file's do. */
export function imageSourceOf(bytes: Uint8Array): ImageSource {
  return {
    read(buffer: Uint8Array, offset: number): number {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
}
