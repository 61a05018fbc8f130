/** What a release says of an image's bytes, made from the image: what was signed, for specs that need no signature. */
import type { SlotWriterOptions } from "../../../src/ota/slot-writer.js";
import { SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { sha256 } from "../image/sha256.js";
import { SHA256_SIZE_BYTES } from "../image/small-image.js";

/** Size, chunk digests and identity of `image`, cut into chunks of `chunkSizeBytes`. */
export function signedImage(image: Uint8Array, chunkSizeBytes = SECTOR_SIZE_BYTES): SlotWriterOptions["image"] {
  const chunkCount = Math.ceil(image.length / chunkSizeBytes);
  const chunkDigests = new Uint8Array(chunkCount * SHA256_SIZE_BYTES);
  for (let index = 0; index < chunkCount; index++) {
    const chunk = image.subarray(index * chunkSizeBytes, (index + 1) * chunkSizeBytes);
    chunkDigests.set(sha256(chunk), index * SHA256_SIZE_BYTES);
  }
  return {
    imageSizeBytes: image.length,
    chunkSizeBytes,
    chunkDigests,
    imageIdentity: image.slice(image.length - SHA256_SIZE_BYTES),
  };
}
