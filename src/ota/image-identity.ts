/**
 * Which image a slot holds, read from its headers and its appended SHA-256 alone, in a few hundred bytes.
 *
 * At each start the running image is known to be whole, because the bootloader checked it; hashing a megabyte once more would
 * cost a second. What is about to be armed is verified in full instead (image/image-verifier.ts).
 */
import type { ImageSource } from "../image/image-verifier.js";
import { imageIdOf } from "./journal-record.js";

const IMAGE_HEADER_SIZE_BYTES = 24;
const SEGMENT_HEADER_SIZE_BYTES = 8;
const IMAGE_MAGIC = 0xe9;
const SEGMENT_COUNT_MAX = 16;
const HASH_APPENDED_OFFSET = 23;
const IMAGE_HASH_SIZE_BYTES = 32;

/** The image id (16 hexadecimal digits): the beginning of the identity, by which the journal knows an image. */
export function readImageId(source: ImageSource, sizeBytesMax: number): string | undefined {
  const identity = readImageIdentity(source, sizeBytesMax);
  return identity && imageIdOf(identity);
}

/**
 * The SHA-256 (32 bytes) that the image in a slot of `sizeBytesMax` bytes carries at its end; `undefined` where there is no
 * image header, a segment runs out of the slot, or the image carries no hash. Says nothing about whether the image is whole.
 */
export function readImageIdentity(source: ImageSource, sizeBytesMax: number): Uint8Array | undefined {
  const header = new Uint8Array(IMAGE_HEADER_SIZE_BYTES);
  source.read(header, 0);
  const segmentCount = header[1]!;
  if (header[0] !== IMAGE_MAGIC || segmentCount === 0 || segmentCount > SEGMENT_COUNT_MAX) return undefined;
  if (header[HASH_APPENDED_OFFSET] !== 1) return undefined;
  let offset = IMAGE_HEADER_SIZE_BYTES;
  const segment = new Uint8Array(SEGMENT_HEADER_SIZE_BYTES);
  const view = new DataView(segment.buffer);
  for (let index = 0; index < segmentCount; index++) {
    if (offset + SEGMENT_HEADER_SIZE_BYTES > sizeBytesMax) return undefined;
    source.read(segment, offset);
    offset += SEGMENT_HEADER_SIZE_BYTES + view.getUint32(4, true);
  }
  const hashOffset = (offset | 15) + 1; // The checksum is the last byte of a line of 16; the hash follows.
  if (hashOffset + IMAGE_HASH_SIZE_BYTES > sizeBytesMax) return undefined;
  const identity = new Uint8Array(IMAGE_HASH_SIZE_BYTES);
  source.read(identity, hashOffset);
  return identity;
}
