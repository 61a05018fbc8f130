/**
 * Makes application images: what esptool's elf2image makes of an ELF file, from segments that are already bytes.
 *
 * Simulated devices and specs boot images in the very format that the bootloader reads, instead of a format of our own that
 * would prove nothing about it. Same input, same bytes: no time, no padding with chance. Bytes: docs/spec/application-image.md.
 */
import { assert } from "../assert.js";
import type { DigestConstructor } from "../ports/digest.js";
import {
  CHECKSUM_SEED,
  checksummedSizeBytes,
  IMAGE_HASH_SIZE_BYTES,
  IMAGE_HEADER_SIZE_BYTES,
  IMAGE_MAGIC,
  SEGMENT_COUNT_MAX,
  SEGMENT_HEADER_SIZE_BYTES,
  SEGMENT_SIZE_LIMIT_BYTES,
} from "./application-image.js";
import { isMappedAddress, MMU_PAGE_SIZE_BYTES } from "./chip.js";

/** DIO at 40 MHz on 4 MiB, what esptool writes by default; a flasher may change both. */
const SPI_MODE_DIO = 2;
const SPI_SIZE_AND_SPEED = 0x20;
/** Write-protect pin not set by eFuse. */
const WP_PIN_DISABLED = 0xee;

export interface ImageSegment {
  /**
   * Load address. In a mapped range it must equal the data's file offset modulo 64 KiB: see mappedAddress, segmentDataOffset.
   */
  readonly address: number;
  /** The first segment's begin with the descriptor (encodeAppDescriptor). Zeros pad them to a multiple of 4. */
  readonly data: Uint8Array;
}

export interface BuildImageOptions {
  readonly chipId: number;
  readonly entryAddress: number;
  /** 1 … 16. */
  readonly segments: readonly ImageSegment[];
  readonly Digest: DigestConstructor;
  /** Whether a SHA-256 ends the image. Default "appended"; without it the bootloader checks no more than an XOR. */
  readonly hash?: "appended" | "none";
  /** Major × 100 + minor. Default 0, any. */
  readonly minChipRevision?: number;
  /** Default 0xFFFF, any. */
  readonly maxChipRevision?: number;
}

/**
 * The file offset of the data of segment `index`, given the lengths of the data of those before it. The first one's is 32.
 */
export function segmentDataOffset(dataLengths: readonly number[], index: number): number {
  assert(index >= 0 && index <= dataLengths.length, "segmentDataOffset: the lengths of all segments before it");
  let offset = IMAGE_HEADER_SIZE_BYTES + SEGMENT_HEADER_SIZE_BYTES;
  for (let before = 0; before < index; before++) offset += paddedLength(dataLengths[before]!) + SEGMENT_HEADER_SIZE_BYTES;
  return offset;
}

/** The whole image. Asserts what the bootloader would refuse: it never returns an image that ImageVerifier does not accept. */
export function buildImage(options: BuildImageOptions): Uint8Array {
  const segments = options.segments;
  assert(segments.length >= 1 && segments.length <= SEGMENT_COUNT_MAX, "buildImage: 1 … 16 segments");
  const hashAppended = options.hash !== "none";
  let segmentsEnd = IMAGE_HEADER_SIZE_BYTES;
  for (const segment of segments) segmentsEnd += SEGMENT_HEADER_SIZE_BYTES + paddedLength(segment.data.length);
  const hashedSizeBytes = checksummedSizeBytes(segmentsEnd);
  const bytes = new Uint8Array(hashedSizeBytes + (hashAppended ? IMAGE_HASH_SIZE_BYTES : 0));
  const view = new DataView(bytes.buffer);
  writeHeader(view, options, hashAppended);
  let offset = IMAGE_HEADER_SIZE_BYTES;
  let checksum = CHECKSUM_SEED;
  for (const segment of segments) {
    offset = writeSegment(view, options.chipId, segment, offset);
    for (let index = 0; index < segment.data.length; index++) checksum ^= segment.data[index]!;
  }
  bytes[hashedSizeBytes - 1] = checksum;
  if (hashAppended) {
    const digest = new options.Digest();
    digest.write(bytes.subarray(0, hashedSizeBytes));
    bytes.set(digest.digest(), hashedSizeBytes);
  }
  return bytes;
}

function writeHeader(view: DataView, options: BuildImageOptions, hashAppended: boolean): void {
  assert(options.entryAddress >>> 0 === options.entryAddress, "buildImage: entryAddress is a uint32");
  assert((options.chipId & 0xffff) === options.chipId, "buildImage: chipId is a uint16");
  view.setUint8(0, IMAGE_MAGIC);
  view.setUint8(1, options.segments.length);
  view.setUint8(2, SPI_MODE_DIO);
  view.setUint8(3, SPI_SIZE_AND_SPEED);
  view.setUint32(4, options.entryAddress, true);
  view.setUint8(8, WP_PIN_DISABLED);
  view.setUint16(12, options.chipId, true);
  view.setUint16(15, options.minChipRevision ?? 0, true);
  view.setUint16(17, options.maxChipRevision ?? 0xffff, true);
  view.setUint8(23, hashAppended ? 1 : 0);
}

/** Writes header and data at `offset` and gives where they end. */
function writeSegment(view: DataView, chipId: number, segment: ImageSegment, offset: number): number {
  const length = paddedLength(segment.data.length);
  const dataOffset = offset + SEGMENT_HEADER_SIZE_BYTES;
  assert(segment.address >>> 0 === segment.address, "buildImage: a load address is a uint32");
  assert(length < SEGMENT_SIZE_LIMIT_BYTES, "buildImage: a segment is smaller than 16 MiB");
  assert(
    !isMappedAddress(chipId, segment.address) || segment.address % MMU_PAGE_SIZE_BYTES === dataOffset % MMU_PAGE_SIZE_BYTES,
    "buildImage: a mapped load address equals the file offset modulo 64 KiB",
  );
  view.setUint32(offset, segment.address, true);
  view.setUint32(offset + 4, length, true);
  new Uint8Array(view.buffer).set(segment.data, dataOffset);
  return dataOffset + length;
}

function paddedLength(length: number): number {
  return (length + 3) & ~3;
}
