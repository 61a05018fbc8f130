/**
 * Writes one image into the other slot so that no cut ever leaves something there that would boot by accident.
 *
 * Header-last commit: the image's first 16 bytes stay in RAM while all else is written and read back; only then are they
 * written, the first four last. The bootloader takes a slot without its magic byte for empty, even where it is told not to
 * validate. ECMA-419's Update writes and arms in one go and is not used (docs/design/ota.md). One call does the flash work of
 * one sector at most, so that the scheduler gets its turn between them.
 */
import { assert } from "../assert.js";
import { areEqualBytes } from "../data/bytes.js";
import { errorCodeOf, FirmwareError } from "../errors.js";
import { parseImageHead } from "../image/application-image.js";
import { ImageVerifier } from "../image/image-verifier.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { FlashPartition, FlashStorage } from "../ports/flash.js";
import { ChunkCheck, type ChunkedImage } from "./chunk-check.js";
import { imageIdOf } from "./journal-record.js";

const MAGIC_END = 4;
const HEADER_LINE_END = 16;
/** The verifier's. */
const VERIFY_BUFFER_SIZE_BYTES = 4096;
const READ_BACK_SIZE_BYTES = 256;

/**
 * Where the writer is. head: of a download that goes on, the first sector comes again · checking: what stands in the slot is
 * held against its digests · receiving · verifying: reading back · committing · done. `failed` is final.
 */
export type WriterPhase = "head" | "checking" | "receiving" | "verifying" | "committing" | "done" | "failed";

export interface SlotWriterOptions {
  readonly flash: FlashStorage;
  readonly Digest: DigestConstructor;
  /** Asked before anything is touched, and before each write: the running image is confirmed. */
  readonly slots: { readonly mayWriteOther: boolean };
  /** The chip's number in image headers; `undefined`: any. */
  readonly chipId?: number | undefined;
  /** What was signed of the image. */
  readonly image: ChunkedImage & {
    /** The SHA-256 that it carries at its end. */
    readonly imageIdentity: Uint8Array;
  };
  /**
   * Chunks of this very image that were written and found right by an earlier writer, and that nobody has touched since.
   * Default 0. They are read and checked once more; those that are right are not asked for again.
   */
  readonly writtenChunkCount?: number;
}

export class SlotWriter {
  readonly #options: SlotWriterOptions;
  readonly #partition: FlashPartition;
  readonly #sectorSizeBytes: number;
  readonly #writeAlign: number;
  /** The image's first line, written last. */
  readonly #head = new Uint8Array(HEADER_LINE_END);
  /** The sector being filled. */
  readonly #sector: Uint8Array;
  #chunks: ChunkCheck;
  #receivedBytes = 0;
  /** What is held against the digests ends here, and how far it has been read. */
  #checkingEndBytes: number;
  #checkingOffset = 0;
  /** What was wrong with it as it was read back; a second time it is the image's fault, not the flash's. */
  #wasWrong = false;
  #phase: WriterPhase;
  #verifier: ImageVerifier | undefined;

  /**
   * Opens the other slot and touches nothing. Throws `refused` while the running image is unconfirmed, `full` where the image
   * is larger than the slot.
   */
  constructor(options: SlotWriterOptions) {
    if (!options.slots.mayWriteOther) throw unconfirmed();
    const { image, Digest } = options;
    this.#options = options;
    this.#chunks = new ChunkCheck({ image, Digest });
    const { writtenChunkCount = 0 } = options;
    this.#checkingEndBytes = Math.min(writtenChunkCount * image.chunkSizeBytes, image.imageSizeBytes);
    this.#phase = writtenChunkCount > 0 ? "head" : "receiving";
    this.#partition = options.flash.open({ path: "nextota", mode: "r+" });
    const status = this.#partition.status();
    assert(image.chunkSizeBytes % status.blockLength === 0, "SlotWriter: a chunk is made of whole sectors");
    if (image.imageSizeBytes > status.size) {
      this.#partition.close();
      throw new FirmwareError(
        "full",
        `image of ${image.imageSizeBytes} bytes: expected at most ${status.size}, the size of the slot`,
      );
    }
    this.#sectorSizeBytes = status.blockLength;
    this.#writeAlign = status.writeAlign;
    this.#sector = new Uint8Array(status.blockLength);
  }

  get phase(): WriterPhase {
    return this.#phase;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Bytes read back and hashed so far. */
  get verifiedBytes(): number {
    return this.#verifier?.doneBytes ?? 0;
  }

  /** Bytes whose chunk was found right. */
  get checkedBytes(): number {
    return this.#chunks.checkedBytes;
  }

  /** Chunks that were found right, from the first one on. */
  get checkedChunkCount(): number {
    return this.#chunks.checkedCount;
  }

  /** Where the next bytes begin, and how many belong together: the rest of a chunk, or of the first sector. */
  get wanted(): { readonly offset: number; readonly sizeBytes: number } {
    return { offset: this.#receivedBytes, sizeBytes: this.#wantedBytes };
  }

  get #wantedBytes(): number {
    if (this.#phase !== "head") return this.#chunks.openRoomBytes;
    return Math.min(this.#sectorSizeBytes, this.#options.image.imageSizeBytes) - this.#receivedBytes;
  }

  /** How many more bytes one `write` may take: up to the end of the present sector, or of the image. */
  get roomBytes(): number {
    return Math.min(this.#sectorSizeBytes - (this.#receivedBytes % this.#sectorSizeBytes), this.#wantedBytes);
  }

  /**
   * Takes the next bytes, at most `roomBytes` of them. When a sector is full it is erased, written and read back; the first one
   * is checked as an image header before, and its first line kept. Throws `corrupt` where a chunk is not what was signed, or no
   * image for this chip, and `io` where the flash does not keep a sector; both go on from that chunk's beginning.
   */
  write(bytes: Uint8Array): void {
    assert(this.#phase === "receiving" || this.#phase === "head", "write: after the last byte comes verify");
    assert(bytes.length > 0 && bytes.length <= this.roomBytes, "write: at most up to the end of a sector");
    if (!this.#options.slots.mayWriteOther) throw this.#fail(unconfirmed());
    this.#sector.set(bytes, this.#receivedBytes % this.#sectorSizeBytes);
    this.#receivedBytes += bytes.length;
    const isLast = this.#receivedBytes === this.#options.image.imageSizeBytes;
    try {
      if (isLast || this.#receivedBytes % this.#sectorSizeBytes === 0) this.#takeSector();
      if (this.#phase !== "head") this.#chunks.write(bytes);
    } catch (error) {
      this.#goBack();
      throw error;
    }
    if (this.#phase === "head") {
      if (this.#wantedBytes === 0) this.#phase = "checking";
      return; // Its chunk is checked when the rest of it is read.
    }
    if (isLast) this.#phase = "verifying";
  }

  /**
   * Reads one sector of what an earlier writer left, and holds it against its chunk's digest. True when all of that is done:
   * `wanted` then begins behind the last chunk that is right. Throws `io` where all were right as they came.
   */
  check(): boolean {
    assert(this.#phase === "checking", "check: after the head of a download that goes on, or a read-back that failed");
    const { imageSizeBytes } = this.#options.image;
    const endBytes = this.#checkingEndBytes;
    const offset = this.#checkingOffset;
    const sector = this.#sector.subarray(0, Math.min(this.#sectorSizeBytes, endBytes - offset));
    new HeadInRAM(this.#partition, this.#head).read(sector, offset);
    this.#checkingOffset += sector.length;
    let isRight = true;
    try {
      this.#chunks.write(sector);
    } catch (error) {
      if (errorCodeOf(error) !== "corrupt") throw error;
      if (this.#wasWrong) {
        const lost = `chunk ${this.#chunks.checkedCount + 1}`;
        throw this.#fail(new FirmwareError("io", `slot: the flash did not keep ${lost}; expected it as it was written`));
      }
      isRight = false;
    }
    if (isRight && this.#checkingOffset < endBytes) return false;
    this.#receivedBytes = this.#chunks.checkedBytes;
    this.#phase = this.#receivedBytes === imageSizeBytes ? "verifying" : "receiving";
    return true;
  }

  /** Forgets what came since the last chunk that was right: that chunk's first byte is the next one. */
  rewind(): void {
    assert(this.#phase === "receiving" || this.#phase === "head", "rewind: there is a chunk to come");
    this.#goBack();
  }

  #goBack(): void {
    this.#chunks.rewind();
    this.#receivedBytes = this.#chunks.checkedBytes;
  }

  /**
   * Reads back one sector of what stands in flash, the first line from RAM. True when all of it is read and is the announced
   * image. Where it is not, all chunks are to be held against their digests once more, by `check`; throws `corrupt` where that
   * was done and nothing was found, for then it is what was signed that is no image.
   */
  verify(): boolean {
    assert(this.#phase === "verifying", "verify: after the last byte, before commit");
    this.#verifier ??= this.#makeVerifier();
    try {
      if (!this.#verifier.step()) return false;
      const image = this.#verifier.image!;
      const { imageSizeBytes, imageIdentity } = this.#options.image;
      if (image.sizeBytes !== imageSizeBytes) {
        const found = `image of ${image.sizeBytes} bytes by its headers`;
        throw new FirmwareError("corrupt", `${found}; expected the ${imageSizeBytes} that were signed`);
      }
      if (!areEqualBytes(image.hash, imageIdentity)) {
        const [found, expected] = [imageIdOf(image.hash), imageIdOf(imageIdentity)];
        throw new FirmwareError("corrupt", `image hash begins with ${found}; expected ${expected} as signed`);
      }
    } catch (error) {
      if (this.#wasWrong || errorCodeOf(error) !== "corrupt") throw this.#fail(error);
      this.#checkAgain();
      return false;
    }
    this.#phase = "committing";
    return true;
  }

  /**
   * Writes the first line and reads it back, its first word last and only where the rest was kept. The slot then holds a whole
   * image; nothing is armed yet.
   */
  commit(): void {
    assert(this.#phase === "committing", "commit: after verify");
    if (!this.#options.slots.mayWriteOther) throw this.#fail(unconfirmed());
    const head = this.#head;
    let lastSizeBytes = HEADER_LINE_END; // Encrypted flash is written by lines of 16.
    if (this.#writeAlign <= MAGIC_END) {
      lastSizeBytes = MAGIC_END;
      this.#partition.write(head.subarray(MAGIC_END), MAGIC_END);
      this.#demandKept(MAGIC_END);
    }
    this.#partition.write(head.subarray(0, lastSizeBytes), 0);
    this.#demandKept(0);
    this.#phase = "done";
  }

  close(): void {
    this.#chunks.rewind();
    this.#verifier?.close();
    this.#partition.close();
  }

  /** The header is checked before the old content is touched; sector 0 is seen to be blank before anything is written. */
  #takeSector(): void {
    const index = Math.ceil(this.#receivedBytes / this.#sectorSizeBytes) - 1;
    if (index === 0) {
      parseImageHead(this.#sector, { chipId: this.#options.chipId });
      this.#head.set(this.#sector.subarray(0, HEADER_LINE_END));
    }
    const used = ((this.#receivedBytes - 1) % this.#sectorSizeBytes) + 1;
    const lengthBytes = Math.ceil(used / this.#writeAlign) * this.#writeAlign;
    this.#sector.fill(0xff, used, lengthBytes);
    this.#partition.eraseBlock(index);
    if (index === 0) this.#demandBlank();
    const from = index === 0 ? HEADER_LINE_END : 0;
    this.#writeSector(index, this.#sector.subarray(from, lengthBytes), index * this.#sectorSizeBytes + from);
  }

  /** Reads it back into its buffer, and compares by digests, which are made natively: 4,096 comparisons are not. */
  #writeSector(index: number, bytes: Uint8Array, offset: number): void {
    const written = this.#digestOf(bytes);
    this.#partition.write(bytes, offset);
    this.#partition.read(bytes, offset);
    if (areEqualBytes(this.#digestOf(bytes), written)) return;
    throw new FirmwareError("io", `slot: the flash did not keep sector ${index}; expected it as it was written`);
  }

  #digestOf(bytes: Uint8Array): Uint8Array {
    const digest = new this.#options.Digest();
    digest.write(bytes);
    return digest.digest();
  }

  #demandBlank(): void {
    const piece = new Uint8Array(READ_BACK_SIZE_BYTES);
    for (let offset = 0; offset < this.#sectorSizeBytes; offset += piece.length) {
      this.#partition.read(piece, offset);
      for (let index = 0; index < piece.length; index++) {
        if (piece[index] !== 0xff) throw new FirmwareError("io", "slot: sector 0 is not blank after its erase");
      }
    }
  }

  /** The first line from `offset` on is as in RAM. */
  #demandKept(offset: number): void {
    const kept = new Uint8Array(HEADER_LINE_END - offset);
    this.#partition.read(kept, offset);
    if (areEqualBytes(kept, this.#head.subarray(offset))) return;
    throw this.#fail(new FirmwareError("io", "slot: the flash did not keep the image's first line"));
  }

  #checkAgain(): void {
    const { image, Digest } = this.#options;
    this.#wasWrong = true;
    this.#verifier?.close();
    this.#verifier = undefined;
    this.#chunks = new ChunkCheck({ image, Digest });
    this.#checkingEndBytes = image.imageSizeBytes;
    this.#checkingOffset = 0;
    this.#phase = "checking";
  }

  #makeVerifier(): ImageVerifier {
    const { Digest, chipId, image } = this.#options;
    const source = new HeadInRAM(this.#partition, this.#head);
    const buffer = this.#sector.length === VERIFY_BUFFER_SIZE_BYTES ? this.#sector : undefined; // Nothing is written any more.
    return new ImageVerifier({ source, sizeBytesMax: image.imageSizeBytes, Digest, chipId, buffer });
  }

  #fail(error: unknown): unknown {
    this.#phase = "failed";
    return error;
  }
}

function unconfirmed(): FirmwareError {
  return new FirmwareError(
    "refused",
    "slot: the running image is not confirmed; expected its trial to end before another begins",
  );
}

/** The slot as it will be after commit: the first sector from RAM, the rest from flash. */
class HeadInRAM {
  readonly #partition: FlashPartition;
  readonly #head: Uint8Array;

  constructor(partition: FlashPartition, head: Uint8Array) {
    this.#partition = partition;
    this.#head = head;
  }

  read(buffer: Uint8Array, offset: number): number {
    const fromHead = Math.min(Math.max(this.#head.length - offset, 0), buffer.length);
    if (fromHead > 0) buffer.set(this.#head.subarray(offset, offset + fromHead));
    if (fromHead < buffer.length) this.#partition.read(buffer.subarray(fromHead), offset + fromHead);
    return buffer.length;
  }
}
