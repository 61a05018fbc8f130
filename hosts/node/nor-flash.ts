/**
 * NOR flash as honest as the hardware: programs only clear bits, erases take whole sectors, and both can be cut in the middle.
 *
 * Every operation is a row of steps (a word programmed, an eighth of a sector erased), and after each one a hook is called. It
 * may throw, which leaves the operation torn as a power cut does, or end the process; the bytes are in the file by then. So a
 * test can cut the power at every step there is. Not simulated: a word that is half programmed, and cells that wear out; wear
 * is counted. Reads come from memory. See docs/design/simulator.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { RawFlash } from "../simulated/chip.js";
import { FlashFile } from "./flash-file.js";

const WORD_SIZE_BYTES = 4;
/** 8 steps a sector: 512 bytes each of the usual 4096. */
const ERASE_STEP_COUNT = 8;
const ERASED = 0xff;

/** The step that has just happened. */
export interface FlashStep {
  /** Counts all steps since opening, from 0. */
  readonly index: number;
  readonly kind: "program" | "erase";
  /** Where it begins, in bytes from the start of the flash. */
  readonly offset: number;
  /** Whether more steps of the same operation follow: a cut here tears it. */
  readonly isInside: boolean;
}

export interface NorFlashOptions {
  readonly sizeBytes: number;
  /** Default 4096. */
  readonly sectorSizeBytes?: number | undefined;
  /** Where the bytes outlive the process. Without it they live in memory only. */
  readonly file?: string | undefined;
  /**
   * Called after each step. What it throws reaches the caller of program or eraseSector, and the rest of the steps is not
   * done.
   */
  readonly onStep?: ((step: FlashStep) => void) | undefined;
}

export class NorFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly #bytes: Uint8Array;
  readonly #file: FlashFile | undefined;
  readonly #onStep: ((step: FlashStep) => void) | undefined;
  readonly #eraseCounts: Uint32Array;
  #stepCount = 0;
  #programmedBytes = 0;
  #readBytes = 0;
  #closed = false;

  /**
   * Opens the flash, erased where it is new. Throws `invalid` for a size that is not a whole number of sectors, for a file of
   * another size, and `busy` while another process has the file open.
   */
  constructor(options: NorFlashOptions) {
    const { sizeBytes, sectorSizeBytes = 4096, file, onStep } = options;
    const stepAlignment = ERASE_STEP_COUNT * WORD_SIZE_BYTES;
    if (!Number.isInteger(sectorSizeBytes) || sectorSizeBytes < stepAlignment || sectorSizeBytes % stepAlignment !== 0) {
      throw new FirmwareError(
        "invalid",
        `NorFlash: sectors of ${sectorSizeBytes} bytes, expected a multiple of ${stepAlignment}`,
      );
    }
    if (!Number.isInteger(sizeBytes) || sizeBytes < sectorSizeBytes || sizeBytes % sectorSizeBytes !== 0) {
      throw new FirmwareError(
        "invalid",
        `NorFlash: ${sizeBytes} bytes, expected a multiple of the sector's ${sectorSizeBytes}`,
      );
    }
    this.sizeBytes = sizeBytes;
    this.sectorSizeBytes = sectorSizeBytes;
    this.#onStep = onStep;
    this.#eraseCounts = new Uint32Array(sizeBytes / sectorSizeBytes);
    this.#file = file === undefined ? undefined : new FlashFile(file, sizeBytes);
    this.#bytes = this.#file?.bytes ?? new Uint8Array(sizeBytes).fill(ERASED);
  }

  /**
   * A flash in memory that holds a copy of `snapshot`: a chip as it was at some moment, to go on from there again and again.
   */
  static from(snapshot: Uint8Array, options: Pick<NorFlashOptions, "sectorSizeBytes" | "onStep"> = {}): NorFlash {
    const flash = new NorFlash({
      sizeBytes: snapshot.length,
      sectorSizeBytes: options.sectorSizeBytes,
      onStep: options.onStep,
    });
    flash.#bytes.set(snapshot);
    return flash;
  }

  /** Steps since opening. */
  get stepCount(): number {
    return this.#stepCount;
  }

  /** Bytes programmed since opening, those that changed nothing included. */
  get programmedBytes(): number {
    return this.#programmedBytes;
  }

  /** Bytes read since opening. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Erases of one sector begun since opening: its wear. */
  eraseCount(sector: number): number {
    this.#demandSector(sector);
    return this.#eraseCounts[sector]!;
  }

  read(offset: number, byteLength: number): Uint8Array {
    this.#demandRange("read", offset, byteLength);
    this.#readBytes += byteLength;
    return this.#bytes.slice(offset, offset + byteLength);
  }

  program(offset: number, bytes: Uint8Array): void {
    const byteLength = bytes.length;
    this.#demandRange("program", offset, byteLength);
    if (offset % WORD_SIZE_BYTES !== 0 || byteLength % WORD_SIZE_BYTES !== 0) {
      throw new FirmwareError("invalid", `NorFlash: program ${byteLength} bytes at ${offset}, expected multiples of 4`);
    }
    const target = this.#bytes;
    for (let from = 0; from < byteLength; from += WORD_SIZE_BYTES) {
      const to = offset + from;
      target[to]! &= bytes[from]!;
      target[to + 1]! &= bytes[from + 1]!;
      target[to + 2]! &= bytes[from + 2]!;
      target[to + 3]! &= bytes[from + 3]!;
      this.#programmedBytes += WORD_SIZE_BYTES;
      this.#endStep("program", to, WORD_SIZE_BYTES, from + WORD_SIZE_BYTES < byteLength);
    }
  }

  eraseSector(sector: number): void {
    this.#demandSector(sector);
    this.#eraseCounts[sector]!++;
    const stepSizeBytes = this.sectorSizeBytes / ERASE_STEP_COUNT;
    for (let step = 0; step < ERASE_STEP_COUNT; step++) {
      const offset = sector * this.sectorSizeBytes + step * stepSizeBytes;
      this.#bytes.fill(ERASED, offset, offset + stepSizeBytes);
      this.#endStep("erase", offset, stepSizeBytes, step + 1 < ERASE_STEP_COUNT);
    }
  }

  /** Bit rot: turns bit `bit` (0 … 7) of the byte at `offset` over. No step, no wear. */
  flipBit(offset: number, bit: number): void {
    this.#demandRange("flip a bit of", offset, 1);
    if (!Number.isInteger(bit) || bit < 0 || bit > 7)
      throw new FirmwareError("invalid", `NorFlash: bit ${bit}, expected 0 … 7`);
    this.#bytes[offset]! ^= 1 << bit;
    this.#file?.write(this.#bytes, offset, 1);
  }

  /** A copy of all bytes; no read in the sense of `readBytes`. */
  snapshot(): Uint8Array {
    this.#demandOpen();
    return this.#bytes.slice();
  }

  /** Gives the file back. A second close does nothing, anything else throws `closed` from then on. */
  close(): void {
    this.#closed = true;
    this.#file?.close();
  }

  /** The file first, then the hook: it may be the end of this process. */
  #endStep(kind: "program" | "erase", offset: number, byteLength: number, isInside: boolean): void {
    if (this.#file !== undefined) this.#file.write(this.#bytes, offset, byteLength);
    const index = this.#stepCount++;
    if (this.#onStep !== undefined) this.#onStep({ index, kind, offset, isInside });
  }

  #demandRange(verb: string, offset: number, byteLength: number): void {
    this.#demandOpen();
    if (
      Number.isInteger(offset) &&
      Number.isInteger(byteLength) &&
      offset >= 0 &&
      byteLength >= 0 &&
      offset + byteLength <= this.sizeBytes
    ) {
      return;
    }
    const expected = `a range within ${this.sizeBytes} bytes`;
    throw new FirmwareError("invalid", `NorFlash: ${verb} ${byteLength} bytes at ${offset}, expected ${expected}`);
  }

  #demandSector(sector: number): void {
    this.#demandOpen();
    const count = this.#eraseCounts.length;
    if (Number.isInteger(sector) && sector >= 0 && sector < count) return;
    throw new FirmwareError("invalid", `NorFlash: sector ${sector}, expected 0 … ${count - 1}`);
  }

  #demandOpen(): void {
    if (this.#closed) throw new FirmwareError("closed", "NorFlash: used after close()");
  }
}
