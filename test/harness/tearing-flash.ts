/**
 * Flash partitions in memory whose power fails within an operation, for portable specs that live the same life again and again.
 *
 * MemoryFlash is cut between two words. Here an operation is left as a Cut says: torn within a word, erased by half, or reading
 * one thing now and another later. Sectors are shared until they are written, so that each life can begin with a copy. What
 * chance decides is decided by the number of the operation: a life is the same every time, on every engine.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "../../src/ports/flash.js";
import { type Cut, type Operation, WORD_SIZE_BYTES } from "./cut.js";
import { PowerCut } from "./memory-flash.js";

/** A quarter of a chip's, so that a life costs a quarter: the core takes the size of a sector from the flash. */
export const SMALL_SECTOR_SIZE_BYTES = 1024;

const SECTOR_WORD_COUNT = SMALL_SECTOR_SIZE_BYTES / WORD_SIZE_BYTES;
const ERASED_WORD = 0xffffffff;
/** Spreads the numbers of operations over all words: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b9;

/** What a flash holds at some moment, by label. Its sectors are never changed: a flash that writes makes its own. */
export type FlashImage = Readonly<Record<string, readonly Uint32Array[]>>;

export interface TearingFlashOptions {
  readonly image: FlashImage;
  readonly cut?: Cut | undefined;
  /** Before each operation, torn or not. */
  readonly onOperation?: (operation: Operation) => void;
}

/** Erased partitions. `sectorCounts` by label. */
export function erasedImage(sectorCounts: Readonly<Record<string, number>>): FlashImage {
  const erased = new Uint32Array(SECTOR_WORD_COUNT).fill(ERASED_WORD);
  const image: Record<string, readonly Uint32Array[]> = {};
  for (const label of Object.keys(sectorCounts)) image[label] = new Array<Uint32Array>(sectorCounts[label]!).fill(erased);
  return image;
}

/** A word, or a sector, that reads as it should until `operation` is reached. */
interface Unstable {
  readonly label: string;
  readonly sector: number;
  readonly firstWord: number;
  readonly wordCount: number;
  readonly operation: number;
}

export class TearingFlash implements FlashStorage {
  /** Which slot "running" means; "nextota" is the other one. `undefined`: neither is there. */
  runningSlot: number | undefined;
  /** Operations begun, the torn one included. */
  operationCount = 0;
  readonly #options: TearingFlashOptions;
  readonly #sectors = new Map<string, Uint32Array[]>();
  /** Sectors that are nobody else's. */
  readonly #own = new Set<Uint32Array>();
  #unstable: Unstable | undefined;
  #isDown = false;

  constructor(options: TearingFlashOptions) {
    this.#options = options;
    for (const label of Object.keys(options.image)) this.#sectors.set(label, options.image[label]!.slice());
  }

  /** The power is back. */
  powerUp(): void {
    this.#isDown = false;
  }

  /** What it holds now; later writes do not change that. */
  image(): FlashImage {
    this.#own.clear();
    const image: Record<string, readonly Uint32Array[]> = {};
    for (const [label, sectors] of this.#sectors) image[label] = sectors.slice();
    return image;
  }

  open({ path, mode = "r+" }: FlashOpenOptions): FlashPartition {
    const label = this.#labelOf(path);
    const sectors = label === undefined ? undefined : this.#sectors.get(label);
    if (label === undefined || sectors === undefined) throw new FirmwareError("missing", `flash: no partition ${path}`);
    return new TearingPartition({ flash: this, label, sectorCount: sectors.length, isWritable: mode === "r+" });
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#sectors.keys();
  }

  /** Fills `bytes` from `offset` on. */
  read(label: string, bytes: Uint8Array, offset: number): void {
    this.#demandPower();
    const sectors = this.#sectors.get(label)!;
    assert(
      offset >= 0 && offset + bytes.length <= sectors.length * SMALL_SECTOR_SIZE_BYTES,
      "TearingFlash: read within the partition",
    );
    for (let done = 0; done < bytes.length; ) {
      const within = (offset + done) % SMALL_SECTOR_SIZE_BYTES;
      const sizeBytes = Math.min(SMALL_SECTOR_SIZE_BYTES - within, bytes.length - done);
      const sector = sectors[Math.floor((offset + done) / SMALL_SECTOR_SIZE_BYTES)]!;
      bytes.set(new Uint8Array(sector.buffer, within, sizeBytes), done);
      done += sizeBytes;
    }
  }

  /** A copy of a partition. Needs no power. */
  peek(label: string): Uint8Array {
    const sectors = this.#sectors.get(label)!;
    const bytes = new Uint8Array(sectors.length * SMALL_SECTOR_SIZE_BYTES);
    sectors.forEach((sector, index) => {
      bytes.set(new Uint8Array(sector.buffer), index * SMALL_SECTOR_SIZE_BYTES);
    });
    return bytes;
  }

  /** Whether the partition begins with `words`. Needs no power. */
  holds(label: string, words: Uint32Array): boolean {
    const sectors = this.#sectors.get(label)!;
    for (let first = 0; first < words.length; first += SECTOR_WORD_COUNT) {
      const sector = sectors[first / SECTOR_WORD_COUNT]!;
      const count = Math.min(SECTOR_WORD_COUNT, words.length - first);
      for (let index = 0; index < count; index++) if (sector[index] !== words[first + index]) return false;
    }
    return true;
  }

  /** One operation, within a sector. */
  program(label: string, bytes: Uint8Array, offset: number): void {
    const sectorIndex = Math.floor(offset / SMALL_SECTOR_SIZE_BYTES);
    const firstWord = (offset % SMALL_SECTOR_SIZE_BYTES) / WORD_SIZE_BYTES;
    const words = new Uint32Array(bytes.slice().buffer); // A copy begins at a multiple of four, whatever its source did.
    assert(Number.isInteger(firstWord) && firstWord + words.length <= SECTOR_WORD_COUNT, "TearingFlash: words of one sector");
    const cut = this.#begin({ kind: "program", label, offset, sizeBytes: bytes.length });
    const sector = this.#ownSector(label, sectorIndex);
    const isTorn = cut?.mode === "words" || cut?.mode === "bits";
    const wholeCount = isTorn ? cut.part : cut?.mode === "before" ? 0 : words.length;
    const last = firstWord + words.length - 1;
    const lastBefore = sector[last];
    for (let index = 0; index < wholeCount; index++) sector[firstWord + index]! &= words[index]!;
    if (wholeCount === words.length) this.#settle(label, sectorIndex, firstWord, words.length);
    // A 1 leaves a bit as it is.
    if (cut?.mode === "bits") sector[firstWord + cut.part]! &= words[cut.part]! | this.#noise(cut.part);
    // A word that is programmed as it reads has no cell that could be half way.
    if (cut?.mode === "unstable" && sector[last] !== lastBefore) {
      this.#unstable = { label, sector: sectorIndex, firstWord: last, wordCount: 1, operation: this.operationCount + cut.part };
    }
    this.#end(cut);
  }

  /** One operation. */
  erase(label: string, sectorIndex: number): void {
    assert(this.#sectors.get(label)![sectorIndex], "TearingFlash: erase within the partition");
    const offset = sectorIndex * SMALL_SECTOR_SIZE_BYTES;
    const cut = this.#begin({ kind: "erase", label, offset, sizeBytes: SMALL_SECTOR_SIZE_BYTES });
    if (cut?.mode !== "before") {
      const sector = this.#ownSector(label, sectorIndex);
      const half = SECTOR_WORD_COUNT / 2;
      if (cut?.mode === "half") sector.fill(ERASED_WORD, cut.part * half, (cut.part + 1) * half);
      else sector.fill(ERASED_WORD);
      if (cut?.mode !== "half") this.#settle(label, sectorIndex, 0, SECTOR_WORD_COUNT);
      if (cut?.mode === "unstable") {
        const operation = this.operationCount + cut.part;
        this.#unstable = { label, sector: sectorIndex, firstWord: 0, wordCount: SECTOR_WORD_COUNT, operation };
      }
    }
    this.#end(cut);
  }

  /** A bit turns over while nobody looks: no operation. */
  flipBit(label: string, offset: number): void {
    const sector = this.#ownSector(label, Math.floor(offset / SMALL_SECTOR_SIZE_BYTES));
    sector[Math.floor((offset % SMALL_SECTOR_SIZE_BYTES) / WORD_SIZE_BYTES)]! ^= 1 << (offset % 32);
  }

  #labelOf(path: string): string | undefined {
    if (path !== "running" && path !== "nextota") return path;
    if (this.runningSlot === undefined) return undefined;
    return `ota_${path === "running" ? this.runningSlot : 1 - this.runningSlot}`;
  }

  #demandPower(): void {
    if (this.#isDown) throw new PowerCut("the power is cut");
  }

  #begin(operation: Operation): Cut | undefined {
    this.#demandPower();
    this.#options.onOperation?.(operation);
    const index = this.operationCount++;
    if (this.#unstable !== undefined && index >= this.#unstable.operation) this.#decay(this.#unstable);
    const { cut } = this.#options;
    return cut?.operation === index ? cut : undefined;
  }

  #end(cut: Cut | undefined): void {
    if (cut === undefined) return;
    this.#isDown = true;
    this.#demandPower();
  }

  /** Programmed or erased in full, a place is what it reads as. */
  #settle(label: string, sector: number, firstWord: number, wordCount: number): void {
    const place = this.#unstable;
    if (place === undefined || place.label !== label || place.sector !== sector) return;
    const isCovered = firstWord <= place.firstWord && firstWord + wordCount >= place.firstWord + place.wordCount;
    if (isCovered) this.#unstable = undefined;
  }

  #decay({ label, sector, firstWord, wordCount }: Unstable): void {
    const words = this.#ownSector(label, sector);
    for (let index = 0; index < wordCount; index++) words[firstWord + index] = this.#noise(index);
    this.#unstable = undefined;
  }

  #noise(salt: number): number {
    const mixed = Math.imul(this.operationCount + Math.imul(salt + 1, SPREAD), SPREAD);
    return Math.imul(mixed ^ (mixed >>> 15), SPREAD) >>> 0;
  }

  #ownSector(label: string, index: number): Uint32Array {
    const sectors = this.#sectors.get(label)!;
    const shared = sectors[index]!;
    if (this.#own.has(shared)) return shared;
    const copy = shared.slice();
    sectors[index] = copy;
    this.#own.add(copy);
    return copy;
  }
}

interface Place {
  readonly flash: TearingFlash;
  readonly label: string;
  readonly sectorCount: number;
  readonly isWritable: boolean;
}

class TearingPartition implements FlashPartition {
  format = "buffer" as const;
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  read(target: number | Uint8Array | ArrayBuffer, offset: number): ArrayBuffer | number {
    const { flash, label } = this.#place;
    const bytes = target instanceof Uint8Array ? target : new Uint8Array(target as ArrayBuffer);
    flash.read(label, bytes, offset);
    return typeof target === "number" ? (bytes.buffer as ArrayBuffer) : bytes.length;
  }

  write(buffer: Uint8Array | ArrayBuffer, offset: number): void {
    const { flash, label } = this.#demandWritable();
    flash.program(label, buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer), offset);
  }

  eraseBlock(start: number, end = start + 1): void {
    const { flash, label } = this.#demandWritable();
    for (let block = start; block < end; block++) flash.erase(label, block);
  }

  status(): FlashStatus {
    const blocks = this.#place.sectorCount;
    const size = blocks * SMALL_SECTOR_SIZE_BYTES;
    return { size, blockLength: SMALL_SECTOR_SIZE_BYTES, blocks, eraseValue: 0xff, writeAlign: WORD_SIZE_BYTES };
  }

  close(): void {}

  #demandWritable(): Place {
    if (!this.#place.isWritable) throw new FirmwareError("refused", `flash: ${this.#place.label} was opened for reading`);
    return this.#place;
  }
}
