/**
 * NOR flash that fails where it is told to, operation by operation, and that a thousand lives can each begin with.
 *
 * NorFlash is honest word by word, and can be cut between two. This one knows the ways in which an operation itself goes wrong:
 * torn within a word, an erase that was not done, cells that read one thing today and another tomorrow. Its sectors are shared
 * until they are written, so a copy of it costs nothing. What chance decides comes from the seed, and replays. See
 * docs/design/chaos.md.
 */
import { FirmwareError } from "../../../src/errors.js";
import type { RawFlash } from "../../simulated/chip.js";
import { createSeededRandom } from "../random.js";
import {
  type BitFault,
  type Fault,
  type FaultMode,
  isCutMode,
  isResetMode,
  type Operation,
  type OperationFault,
  type ResetMode,
} from "./fault.js";

const WORD_SIZE_BYTES = 4;
/** Of the flash encryption. */
const LINE_SIZE_BYTES = 16;
const ERASED = 0xff;
/** Operations that an unstable place may outlast. */
const UNSTABLE_OPERATION_COUNT = 16;
const SECTOR_SIZE_BYTES = 4096;

/** What a flash holds at some moment. Its sectors are never changed: a copy that writes makes its own. */
export type FlashImage = readonly Uint8Array[];

export interface ChaosFlashOptions {
  readonly image: FlashImage;
  /** In any order. Those by time are not the flash's. */
  readonly faults: readonly Fault[];
  /** Where flash is encrypted: there a torn line of 16 bytes, or one with a wrong bit, reads as noise. Default: nowhere. */
  readonly encrypted?: readonly { readonly offset: number; readonly byteLength: number }[];
  /** Operations that were done before, from which `faults` count on. */
  readonly operationCount?: number;
  readonly seed: number;
  /** Cuts the power: has to end the life and throw. */
  readonly onCut: (fault: OperationFault) => never;
  /** Before a bit turns over. */
  readonly onBit?: (fault: BitFault) => void;
  /** Before each operation, faulty or not. `bytes` are those of a program. */
  readonly onOperation?: (operation: Operation, index: number, bytes: Uint8Array | undefined) => void;
}

/** The sectors of a flash in one piece. */
export function flashImageOf(bytes: Uint8Array): FlashImage {
  const sectors: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += SECTOR_SIZE_BYTES) {
    sectors.push(bytes.slice(offset, offset + SECTOR_SIZE_BYTES));
  }
  return sectors;
}

/** A place that reads as it should and will read as noise once `operation` is reached. */
interface Unstable {
  readonly offset: number;
  readonly byteLength: number;
  readonly operation: number;
}

export class ChaosFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes = SECTOR_SIZE_BYTES;
  readonly #options: ChaosFlashOptions;
  readonly #sectors: Uint8Array[];
  /** Sectors that this flash has made its own. */
  readonly #isOwn: boolean[];
  readonly #faults = new Map<number, FaultMode | ResetMode>();
  #bits: BitFault[];
  readonly #random: { fill(bytes: Uint8Array): void };
  #unstable: Unstable[] = [];
  #operationCount: number;
  #eraseCounts = new Map<number, number>();

  constructor(options: ChaosFlashOptions) {
    this.#options = options;
    this.#sectors = [...options.image];
    this.#isOwn = new Array<boolean>(options.image.length).fill(false);
    this.sizeBytes = options.image.length * SECTOR_SIZE_BYTES;
    this.#operationCount = options.operationCount ?? 0;
    this.#random = createSeededRandom(options.seed);
    this.#bits = options.faults.filter((fault) => fault.kind === "bit");
    for (const fault of options.faults) if (fault.kind === "operation") this.#faults.set(fault.operation, fault.mode);
  }

  /** Operations begun since the factory, those that a fault undid included. */
  get operationCount(): number {
    return this.#operationCount;
  }

  eraseCount(sector: number): number {
    return this.#eraseCounts.get(sector) ?? 0;
  }

  /** What it holds now; later writes do not change that. */
  image(): FlashImage {
    this.#isOwn.fill(false);
    return [...this.#sectors];
  }

  /** All bytes, copied. */
  snapshot(): Uint8Array {
    return this.read(0, this.sizeBytes);
  }

  read(offset: number, byteLength: number): Uint8Array {
    this.#demandRange(offset, byteLength);
    const first = Math.floor(offset / SECTOR_SIZE_BYTES);
    const within = offset % SECTOR_SIZE_BYTES;
    if (within + byteLength <= SECTOR_SIZE_BYTES) return this.#sectors[first]!.slice(within, within + byteLength);
    const bytes = new Uint8Array(byteLength);
    let done = 0;
    while (done < byteLength) {
      const at = offset + done;
      const sector = this.#sectors[Math.floor(at / SECTOR_SIZE_BYTES)]!;
      const part = sector.subarray(at % SECTOR_SIZE_BYTES, (at % SECTOR_SIZE_BYTES) + byteLength - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  program(offset: number, bytes: Uint8Array): void {
    this.#demandRange(offset, bytes.length);
    if (offset % WORD_SIZE_BYTES !== 0 || bytes.length % WORD_SIZE_BYTES !== 0) {
      throw new FirmwareError("invalid", `ChaosFlash: program ${bytes.length} bytes at ${offset}, expected multiples of 4`);
    }
    const mode = this.#begin({ kind: "program", offset, byteLength: bytes.length }, bytes);
    if (mode === "error") throw new FirmwareError("io", "ChaosFlash: the program failed");
    if (mode === "silent") return;
    if (mode === undefined || mode === "after") {
      this.#and(offset, bytes);
      // Programmed in full, a word is what it reads as. An erased one that is not may still change its mind.
      const end = offset + bytes.length;
      this.#unstable = this.#unstable.filter((place) => place.offset < offset || place.offset + place.byteLength > end);
    }
    if (mode !== undefined && mode !== "after" && mode !== "before") this.#tear(offset, bytes, mode);
    this.#end(mode);
  }

  eraseSector(sector: number): void {
    const offset = sector * SECTOR_SIZE_BYTES;
    this.#demandRange(offset, SECTOR_SIZE_BYTES);
    const mode = this.#begin({ kind: "erase", offset, byteLength: SECTOR_SIZE_BYTES }, undefined);
    if (mode === "error") throw new FirmwareError("io", "ChaosFlash: the erase failed");
    if (mode === "silent") return;
    this.#eraseCounts.set(sector, this.eraseCount(sector) + 1);
    if (mode === "half") this.#eraseHalf(offset);
    else if (mode !== "before") this.#own(offset).fill(ERASED);
    if (mode === "unstable") this.#leaveUnstable(offset, SECTOR_SIZE_BYTES);
    this.#end(mode);
  }

  /** A bit at rest turns over, now; of an encrypted line, all of it is noise then. */
  flipBit(offset: number, bit: number): void {
    const within = offset % SECTOR_SIZE_BYTES;
    const line = within - (within % LINE_SIZE_BYTES);
    if (this.#isEncrypted(offset)) this.#random.fill(this.#own(offset).subarray(line, line + LINE_SIZE_BYTES));
    else this.#own(offset)[within]! ^= 1 << bit;
  }

  /** Turns the bits over whose operation has not come: what time does to a device that is switched off. */
  turnRemainingBits(): void {
    this.#turnBits(Number.POSITIVE_INFINITY);
  }

  /** What the operation is told to do; `undefined`: what it is for. An erase makes an unstable place stable. */
  #begin(operation: Operation, bytes: Uint8Array | undefined): FaultMode | undefined {
    const index = this.#operationCount++;
    if (this.#bits.length > 0) this.#turnBits(index);
    this.#options.onOperation?.(operation, index, bytes);
    if (this.#unstable.length > 0) this.#decay(operation, index);
    const mode = this.#faults.get(index);
    if (mode === undefined || !isResetMode(mode)) return mode;
    return this.#options.onCut({ kind: "operation", operation: index, mode });
  }

  #turnBits(index: number): void {
    for (const fault of this.#bits) {
      const { operation, offset, bit } = fault;
      if (operation > index) continue;
      this.#options.onBit?.(fault);
      this.flipBit(offset, bit);
    }
    this.#bits = this.#bits.filter(({ operation }) => operation > index);
  }

  #isEncrypted(at: number): boolean {
    return this.#options.encrypted?.some(({ offset, byteLength }) => at >= offset && at < offset + byteLength) ?? false;
  }

  #decay(operation: Operation, index: number): void {
    const left: Unstable[] = [];
    for (const place of this.#unstable) {
      const sector = place.offset - (place.offset % SECTOR_SIZE_BYTES);
      if (operation.kind === "erase" && operation.offset === sector) continue;
      if (index < place.operation) left.push(place);
      else
        this.#random.fill(
          this.#own(place.offset).subarray(
            place.offset % SECTOR_SIZE_BYTES,
            (place.offset % SECTOR_SIZE_BYTES) + place.byteLength,
          ),
        );
    }
    this.#unstable = left;
  }

  #leaveUnstable(offset: number, byteLength: number): void {
    const operation = this.#operationCount + this.#below(UNSTABLE_OPERATION_COUNT);
    this.#unstable.push({ offset, byteLength, operation });
  }

  #end(mode: FaultMode | undefined): void {
    if (mode === undefined || !isCutMode(mode)) return;
    this.#options.onCut({ kind: "operation", operation: this.#operationCount - 1, mode });
  }

  /**
   * Programs a part of it: whole words, or lines where it is encrypted, and with "bits" or "unstable" one that is neither old
   * nor new.
   */
  #tear(offset: number, bytes: Uint8Array, mode: FaultMode): void {
    const isEncrypted = this.#isEncrypted(offset);
    const unitBytes = isEncrypted ? LINE_SIZE_BYTES : WORD_SIZE_BYTES;
    const count = this.#below(bytes.length / unitBytes);
    const whole = mode === "words" ? Math.max(1, count) : count;
    this.#and(offset, bytes.subarray(0, whole * unitBytes));
    if (mode === "words") return;
    const at = offset + whole * unitBytes;
    const unit = bytes.slice(whole * unitBytes, (whole + 1) * unitBytes);
    const before = this.read(at, unit.length);
    if (mode === "unstable") {
      this.#and(at, unit);
      // What is programmed as it reads has no cell that could be half way.
      if (Buffer.compare(before, this.read(at, unit.length)) !== 0) this.#leaveUnstable(at, unit.length);
      return;
    }
    const mask = new Uint8Array(unit.length);
    this.#random.fill(mask);
    if (isEncrypted) {
      // A line of which some bits are wrong decrypts to anything; one that was written before is written as it is.
      if (Buffer.compare(before, unit) !== 0) this.#own(at).set(mask, at % SECTOR_SIZE_BYTES);
      return;
    }
    for (let index = 0; index < unit.length; index++) unit[index]! |= mask[index]!; // A 1 leaves the bit as it is.
    this.#and(at, unit);
  }

  #eraseHalf(offset: number): void {
    const sector = this.#own(offset);
    const count = this.#below(SECTOR_SIZE_BYTES);
    // Either end may be first: an erase has no order that anybody promises.
    if (this.#below(2) === 0) sector.fill(ERASED, 0, count);
    else sector.fill(ERASED, count);
  }

  #and(offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const at = offset + done;
      const sector = this.#own(at);
      const within = at % SECTOR_SIZE_BYTES;
      const count = Math.min(SECTOR_SIZE_BYTES - within, bytes.length - done);
      for (let index = 0; index < count; index++) sector[within + index]! &= bytes[done + index]!;
      done += count;
    }
  }

  /** The sector at `offset`, not shared with anybody. */
  #own(offset: number): Uint8Array {
    const index = Math.floor(offset / SECTOR_SIZE_BYTES);
    if (!this.#isOwn[index]) {
      this.#sectors[index] = this.#sectors[index]!.slice();
      this.#isOwn[index] = true;
    }
    return this.#sectors[index]!;
  }

  #below(limit: number): number {
    const bytes = new Uint8Array(4);
    this.#random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  }

  #demandRange(offset: number, byteLength: number): void {
    const isWithin = Number.isInteger(offset) && offset >= 0 && byteLength >= 0 && offset + byteLength <= this.sizeBytes;
    if (!isWithin) throw new FirmwareError("invalid", `ChaosFlash: ${byteLength} bytes at ${offset}, outside the flash`);
  }
}
