/**
 * Walks a whole application image and refuses what the stock bootloader would refuse, in steps of one 4 KiB read.
 *
 * The core asks it before arming a slot and when judging one, the bootloader's model before booting one: one judgement, so that
 * "verified" and "boots" cannot drift apart. In steps, because hashing a megabyte blocks the loop for seconds on a device. It
 * accepts what the bootloader accepts, a missing descriptor or trailing junk included: being stricter is the caller's choice
 * (parseImageHead, the signed manifest). The one exception is an image of no segment, which could only crash. Not checked is
 * whether a RAM segment overlaps the bootloader: that depends on how the bootloader was linked. See docs/design/bootloader.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { Digest, DigestConstructor } from "../ports/digest.js";
import { APP_DESCRIPTOR_OFFSET, APP_DESCRIPTOR_SIZE_BYTES, readAppDescriptor } from "./app-descriptor.js";
import {
  CHECKSUM_SEED,
  checksummedSizeBytes,
  firstSegmentSizeBytes,
  IMAGE_HASH_SIZE_BYTES,
  IMAGE_HEAD_SIZE_BYTES,
  IMAGE_HEADER_SIZE_BYTES,
  type ImageHead,
  parseImageHeader,
  SEGMENT_HEADER_SIZE_BYTES,
  SEGMENT_SIZE_LIMIT_BYTES,
} from "./application-image.js";
import { ChipId, isMappedAddress, MMU_PAGE_SIZE_BYTES } from "./chip.js";
import { hexadecimal } from "./hexadecimal.js";

const STEP_SIZE_BYTES = 4096;

// What the next byte belongs to.
const SEGMENT_HEADER = 0;
const SEGMENT_DATA = 1;
const PADDING = 2;
const HASH = 3;
const DONE = 4;

/** Where the image is read from; a FlashPartition is one. */
export interface ImageSource {
  /** Fills `buffer` from `offset` of the image and gives the bytes read: fewer only where the source ends. */
  read(buffer: Uint8Array, offset: number): number;
}

export interface ImageVerifierOptions {
  readonly source: ImageSource;
  /**
   * The size of the slot or file: nothing beyond is read, an image that needs more is refused. A flash read never crosses it.
   */
  readonly sizeBytesMax: number;
  readonly Digest: DigestConstructor;
  /** 4 KiB of somebody who does not need them until the verdict: on a device one buffer less. */
  readonly buffer?: Uint8Array | undefined;
  /** The chip that has to run it; any without it. */
  readonly chipId?: number | undefined;
  /** The chip's revision, major × 100 + minor; not judged without it. */
  readonly chipRevision?: number | undefined;
  /** The revision of the chip's eFuse block, major × 100 + minor; not judged without it, nor on the ESP32, which has none. */
  readonly efuseBlockRevision?: number | undefined;
}

export interface VerifiedImage {
  /** From the magic byte to the end of checksum or hash. What follows in the slot is no part of the image. */
  readonly sizeBytes: number;
  /** The appended SHA-256, or the SHA-256 of the whole image where none is appended. 32 bytes. */
  readonly hash: Uint8Array;
  readonly head: ImageHead;
}

export class ImageVerifier {
  readonly #options: ImageVerifierOptions;
  readonly #digest: Digest;
  readonly #buffer: Uint8Array;
  /** The same bytes by words: segments are made of whole words, and XOR does not care for their order. */
  readonly #words: Uint32Array;
  /** A segment header that may lie across two reads. */
  readonly #segmentHeader = new DataView(new ArrayBuffer(SEGMENT_HEADER_SIZE_BYTES));
  readonly #storedHash = new Uint8Array(IMAGE_HASH_SIZE_BYTES);
  #phase = SEGMENT_HEADER;
  /** Bytes still to come in this phase. */
  #remaining = SEGMENT_HEADER_SIZE_BYTES;
  #segmentIndex = 0;
  #checksum = 0;
  /** Where checksum and padding end, once all segments have passed. */
  #hashedSizeBytes = 0;
  #doneBytes = 0;
  #head: ImageHead | undefined;
  #image: VerifiedImage | undefined;
  #closed = false;

  /** Takes one Digest and, without `buffer`, allocates one of 4 KiB. Reads nothing. */
  constructor(options: ImageVerifierOptions) {
    assert(
      Number.isInteger(options.sizeBytesMax) && options.sizeBytesMax >= 0,
      "ImageVerifier: sizeBytesMax is a size in bytes",
    );
    const { buffer = new Uint8Array(STEP_SIZE_BYTES) } = options;
    assert(buffer.length === STEP_SIZE_BYTES && buffer.byteOffset === 0, "ImageVerifier: the buffer is one of 4 KiB");
    this.#options = options;
    this.#buffer = buffer;
    this.#words = new Uint32Array(buffer.buffer, 0, STEP_SIZE_BYTES / 4);
    this.#digest = new options.Digest();
  }

  /** Bytes read so far, for a progress display. */
  get doneBytes(): number {
    return this.#doneBytes;
  }

  /** The verdict; `undefined` until step() has returned true. */
  get image(): VerifiedImage | undefined {
    return this.#image;
  }

  /**
   * Reads and judges at most 4096 bytes; true when the whole image has passed. Throws `corrupt` where the bootloader would
   * refuse the image, naming what was found and what expected, and whatever the source throws; both close. Throws `closed`
   * after close.
   */
  step(): boolean {
    if (this.#closed) throw new FirmwareError("closed", "image verifier: closed");
    if (this.#image !== undefined) return true;
    let ok = false;
    try {
      this.#advance();
      ok = true;
    } finally {
      if (!ok) this.close();
    }
    return this.#image !== undefined;
  }

  /** Releases the digest. The verdict stays readable. A second close does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#digest.close();
  }

  #advance(): void {
    const offset = this.#doneBytes;
    const wanted = Math.min(STEP_SIZE_BYTES, this.#options.sizeBytesMax - offset);
    // A view only at the end of a source that is not a multiple of 4 KiB: slots are.
    const target = wanted === STEP_SIZE_BYTES ? this.#buffer : this.#buffer.subarray(0, wanted);
    const count = wanted === 0 ? 0 : this.#options.source.read(target, offset);
    assert(Number.isInteger(count) && count >= 0 && count <= wanted, "ImageSource: read gives the bytes read");
    this.#doneBytes = offset + count;
    let at = 0;
    if (offset === 0) {
      this.#head = this.#readHead(count);
      at = IMAGE_HEADER_SIZE_BYTES;
    }
    while (at < count && this.#phase !== DONE) at = this.#consume(offset, at, count);
    this.#hash(offset, count);
    if (this.#phase === DONE) this.#finish();
    else if (count < STEP_SIZE_BYTES) {
      throw new FirmwareError("corrupt", `image: truncated after ${this.#doneBytes} bytes, expected ${this.#expectation()}`);
    }
  }

  /** Judges the header; the descriptor is looked at where it is there, as in the bootloader. */
  #readHead(count: number): ImageHead {
    const header = parseImageHeader(this.#buffer.subarray(0, count), { chipId: this.#options.chipId });
    const revision = this.#options.chipRevision;
    if (revision !== undefined) {
      if (revision < header.minChipRevision) throw revisionError("chip revision", revision, "at least", header.minChipRevision);
      if (isRevisionSet(header.maxChipRevision) && revision > header.maxChipRevision) {
        throw revisionError("chip revision", revision, "at most", header.maxChipRevision);
      }
    }
    const complete = count >= IMAGE_HEAD_SIZE_BYTES && firstSegmentSizeBytes(this.#buffer) >= APP_DESCRIPTOR_SIZE_BYTES;
    const descriptor = complete ? readAppDescriptor(this.#buffer, APP_DESCRIPTOR_OFFSET) : undefined;
    const block = this.#options.efuseBlockRevision;
    if (block !== undefined && descriptor !== undefined && header.chipId !== ChipId.esp32) {
      const min = descriptor.minEfuseBlockRevision;
      const max = descriptor.maxEfuseBlockRevision;
      if (isRevisionSet(min) && block < min) throw revisionError("eFuse block revision", block, "at least", min);
      if (isRevisionSet(max) && block > max) throw revisionError("eFuse block revision", block, "at most", max);
    }
    return { header, descriptor };
  }

  /**
   * Consumes what it can of buffer[at … count) in this phase and gives where it stopped. `offset` is the buffer's in the
   * image.
   */
  #consume(offset: number, at: number, count: number): number {
    const length = Math.min(this.#remaining, count - at);
    const end = at + length;
    if (this.#phase === SEGMENT_HEADER) {
      const filled = SEGMENT_HEADER_SIZE_BYTES - this.#remaining;
      for (let index = 0; index < length; index++) this.#segmentHeader.setUint8(filled + index, this.#buffer[at + index]!);
    } else if (this.#phase === SEGMENT_DATA) {
      for (let index = at >>> 2; index < end >>> 2; index++) this.#checksum ^= this.#words[index]!;
    } else if (this.#phase === HASH) {
      const filled = IMAGE_HASH_SIZE_BYTES - this.#remaining;
      for (let index = 0; index < length; index++) this.#storedHash[filled + index] = this.#buffer[at + index]!;
    }
    this.#remaining -= length;
    if (this.#remaining === 0) this.#enterNextPhase(offset + end, this.#buffer[end - 1]!);
    return end;
  }

  /** `position` is where in the image the phase has ended, `lastByte` the byte before it. */
  #enterNextPhase(position: number, lastByte: number): void {
    if (this.#phase === SEGMENT_HEADER) {
      this.#phase = SEGMENT_DATA;
      this.#remaining = this.#judgeSegment(position);
      if (this.#remaining > 0) return;
    }
    if (this.#phase === SEGMENT_DATA) {
      this.#segmentIndex++;
      const last = this.#segmentIndex === this.#head!.header.segmentCount;
      if (last) this.#hashedSizeBytes = checksummedSizeBytes(position);
      this.#phase = last ? PADDING : SEGMENT_HEADER;
      this.#remaining = last ? this.#hashedSizeBytes - position : SEGMENT_HEADER_SIZE_BYTES;
    } else if (this.#phase === PADDING) {
      this.#judgeChecksum(lastByte);
      this.#phase = this.#head!.header.hashAppended ? HASH : DONE;
      this.#remaining = IMAGE_HASH_SIZE_BYTES;
    } else {
      assert(this.#phase === HASH, "ImageVerifier: nothing follows the hash");
      this.#phase = DONE;
    }
  }

  /** Checks the segment header before the data at `dataOffset`; gives the data's length. */
  #judgeSegment(dataOffset: number): number {
    const address = this.#segmentHeader.getUint32(0, true);
    const length = this.#segmentHeader.getUint32(4, true);
    const index = this.#segmentIndex;
    if (length % 4 !== 0 || length >= SEGMENT_SIZE_LIMIT_BYTES) {
      const found = hexadecimal(length);
      throw new FirmwareError(
        "corrupt",
        `image: segment ${index} is ${found} bytes long, expected a multiple of 4 below 0x1000000`,
      );
    }
    if (
      isMappedAddress(this.#head!.header.chipId, address) &&
      address % MMU_PAGE_SIZE_BYTES !== dataOffset % MMU_PAGE_SIZE_BYTES
    ) {
      throw new FirmwareError(
        "corrupt",
        `image: segment ${index} has load address ${hexadecimal(address, 8)}, expected one that equals its file offset ` +
          `${hexadecimal(dataOffset)} modulo 64 KiB`,
      );
    }
    if (dataOffset + length > this.#options.sizeBytesMax) {
      const end = dataOffset + length;
      throw new FirmwareError(
        "corrupt",
        `image: segment ${index} ends at ${end}, expected at most ${this.#options.sizeBytesMax}`,
      );
    }
    return length;
  }

  #judgeChecksum(stored: number): void {
    const words = this.#checksum;
    const computed = (CHECKSUM_SEED ^ words ^ (words >>> 8) ^ (words >>> 16) ^ (words >>> 24)) & 0xff;
    if (stored === computed) return;
    throw new FirmwareError("corrupt", `image: checksum ${hexadecimal(stored, 2)}, expected ${hexadecimal(computed, 2)}`);
  }

  /**
   * Hands the digest what of buffer[0 … count) is covered by the hash: all until padding has ended, nothing of the hash
   * itself.
   */
  #hash(offset: number, count: number): void {
    const ended = this.#phase === HASH || this.#phase === DONE;
    const length = ended ? Math.min(count, this.#hashedSizeBytes - offset) : count;
    if (length === STEP_SIZE_BYTES) this.#digest.write(this.#buffer);
    else if (length > 0) this.#digest.write(this.#buffer.subarray(0, length));
  }

  #finish(): void {
    const head = this.#head!;
    const hash = this.#digest.digest();
    let sizeBytes = this.#hashedSizeBytes;
    if (head.header.hashAppended) {
      sizeBytes += IMAGE_HASH_SIZE_BYTES;
      for (let index = 0; index < IMAGE_HASH_SIZE_BYTES; index++) {
        if (hash[index] === this.#storedHash[index]) continue;
        throw new FirmwareError(
          "corrupt",
          `image: the appended SHA-256 is not that of the ${this.#hashedSizeBytes} bytes before it`,
        );
      }
    }
    this.#image = { sizeBytes, hash, head };
  }

  #expectation(): string {
    if (this.#phase === SEGMENT_HEADER) return `the header of segment ${this.#segmentIndex}`;
    if (this.#phase === SEGMENT_DATA) return `${this.#remaining} bytes more of segment ${this.#segmentIndex}`;
    if (this.#phase === PADDING) return `a checksum at ${this.#hashedSizeBytes - 1}`;
    return `a SHA-256 at ${this.#hashedSizeBytes}`;
  }
}

/** Verifies at one go, where nothing else waits: in a command, in the bootloader's model. Throws as ImageVerifier.step does. */
export function verifyImage(options: ImageVerifierOptions): VerifiedImage {
  const verifier = new ImageVerifier(options);
  try {
    while (!verifier.step()) {
      // Each step reads at least a byte or throws.
    }
    return verifier.image!;
  } finally {
    verifier.close();
  }
}

/** 0 and 0xFFFF stand for any revision. */
function isRevisionSet(revision: number): boolean {
  return revision !== 0 && revision !== 0xffff;
}

function revisionError(what: string, found: number, bound: "at least" | "at most", expected: number): FirmwareError {
  return new FirmwareError("corrupt", `image: made for another ${what}: the chip has ${found}, expected ${bound} ${expected}`);
}
