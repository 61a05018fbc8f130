/**
 * The head of an ESP-IDF application image: what can be known, and refused, before the rest has been downloaded.
 *
 * An update is checked by its first chunk, so that a file for another chip costs one request instead of an erased slot. The
 * rest of an image is walked by ImageVerifier. Bytes: docs/spec/application-image.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import { APP_DESCRIPTOR_OFFSET, APP_DESCRIPTOR_SIZE_BYTES, type AppDescriptor, readAppDescriptor } from "./app-descriptor.js";
import { describeChip } from "./chip.js";
import { hexadecimal } from "./hexadecimal.js";

export const IMAGE_MAGIC = 0xe9;
export const IMAGE_HEADER_SIZE_BYTES = 24;
export const SEGMENT_HEADER_SIZE_BYTES = 8;
export const SEGMENT_COUNT_MAX = 16;
/** The bootloader refuses a segment of this size or more. */
export const SEGMENT_SIZE_LIMIT_BYTES = 0x1000000;
/** Header, first segment's header and descriptor: what parseImageHead needs. */
export const IMAGE_HEAD_SIZE_BYTES = APP_DESCRIPTOR_OFFSET + APP_DESCRIPTOR_SIZE_BYTES;
/** Start value of the XOR checksum over all segment data. */
export const CHECKSUM_SEED = 0xef;
/** The checksum is the last byte of a line of so many. */
export const CHECKSUM_LINE_SIZE_BYTES = 16;
export const IMAGE_HASH_SIZE_BYTES = 32;

/** What the 24 bytes say. The flash mode, speed and size are the flasher's business and not read. */
export interface ImageHeader {
  readonly segmentCount: number;
  readonly entryAddress: number;
  readonly chipId: number;
  /** Major × 100 + minor of the oldest chip that may run it. */
  readonly minChipRevision: number;
  /** The newest one; 0 and 0xFFFF mean any. */
  readonly maxChipRevision: number;
  /** Whether a SHA-256 of all that precedes it ends the image. Any value but 0 counts, as in the bootloader. */
  readonly hashAppended: boolean;
}

/** Header and descriptor; the descriptor is `undefined` where the bootloader would boot the image without one. */
export interface ImageHead {
  readonly header: ImageHeader;
  readonly descriptor: AppDescriptor | undefined;
}

export interface DescribedImageHead extends ImageHead {
  readonly descriptor: AppDescriptor;
}

/**
 * Reads and checks the 24-byte header at the start of `bytes`. Throws `corrupt` for a wrong magic byte, for a chip other than
 * `chipId` (any chip without it), and unless it announces 1 … 16 segments.
 */
export function parseImageHeader(bytes: Uint8Array, options: { readonly chipId?: number | undefined } = {}): ImageHeader {
  if (bytes.length > 0 && bytes[0] !== IMAGE_MAGIC) {
    throw new FirmwareError("corrupt", `image: magic byte ${hexadecimal(bytes[0]!, 2)}, expected ${hexadecimal(IMAGE_MAGIC)}`);
  }
  if (bytes.length < IMAGE_HEADER_SIZE_BYTES) {
    throw new FirmwareError("corrupt", `image: truncated after ${bytes.length} bytes, expected a header of 24`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, IMAGE_HEADER_SIZE_BYTES);
  const chipId = view.getUint16(12, true);
  if (options.chipId !== undefined && chipId !== options.chipId) {
    throw new FirmwareError("corrupt", `image: chip id ${describeChip(chipId)}, expected ${describeChip(options.chipId)}`);
  }
  const segmentCount = view.getUint8(1);
  if (segmentCount < 1 || segmentCount > SEGMENT_COUNT_MAX) {
    throw new FirmwareError("corrupt", `image: ${segmentCount} segments, expected 1 … ${SEGMENT_COUNT_MAX}`);
  }
  return {
    segmentCount,
    entryAddress: view.getUint32(4, true),
    chipId,
    minChipRevision: view.getUint16(15, true),
    maxChipRevision: view.getUint16(17, true),
    hashAppended: view.getUint8(23) !== 0,
  };
}

/**
 * Reads and checks header and descriptor of the image that starts with `bytes`: its first 288 bytes or more. Throws `corrupt`
 * as parseImageHeader does and, unlike the bootloader, for a first segment without a descriptor: an image of unknown name and
 * version is none to update to.
 */
export function parseImageHead(bytes: Uint8Array, options: { readonly chipId?: number | undefined } = {}): DescribedImageHead {
  const header = parseImageHeader(bytes, options);
  if (bytes.length < IMAGE_HEAD_SIZE_BYTES) {
    throw new FirmwareError(
      "corrupt",
      `image: truncated after ${bytes.length} bytes, expected a head of ${IMAGE_HEAD_SIZE_BYTES}`,
    );
  }
  const segmentSizeBytes = firstSegmentSizeBytes(bytes);
  if (segmentSizeBytes < APP_DESCRIPTOR_SIZE_BYTES) {
    throw new FirmwareError(
      "corrupt",
      `image: first segment of ${segmentSizeBytes} bytes, expected room for the descriptor's 256`,
    );
  }
  const descriptor = readAppDescriptor(bytes, APP_DESCRIPTOR_OFFSET);
  if (descriptor === undefined) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + APP_DESCRIPTOR_OFFSET, 4);
    const magic = hexadecimal(view.getUint32(0, true), 8);
    throw new FirmwareError("corrupt", `image: descriptor magic ${magic} at offset 32, expected 0xabcd5432`);
  }
  return { header, descriptor };
}

/** The length field of the first segment's header. `bytes` holds at least 32 bytes. */
export function firstSegmentSizeBytes(bytes: Uint8Array): number {
  assert(bytes.length >= APP_DESCRIPTOR_OFFSET, "firstSegmentSizeBytes: 32 bytes");
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(IMAGE_HEADER_SIZE_BYTES + 4, true);
}

/** The size of an image whose last segment ends at `segmentsEnd`, up to and with its checksum byte and without the hash. */
export function checksummedSizeBytes(segmentsEnd: number): number {
  return Math.ceil((segmentsEnd + 1) / CHECKSUM_LINE_SIZE_BYTES) * CHECKSUM_LINE_SIZE_BYTES;
}
