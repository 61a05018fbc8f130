/**
 * `embedded:storage/flash` as Moddable 8.2.3 behaves on the ESP32, over a simulated NOR flash: what it checks, what it leaves
 * to ESP-IDF, and what ends the chip.
 */

import type { ModdableFlashStorage, ModdablePartition } from "../../../../hosts/esp32/flash.js";
import type { NorFlash } from "../../../../hosts/node/nor-flash.js";
import { otaSlotsOf, type Partition, PartitionType } from "../../../../src/image/partition.js";

const ENCRYPTED_LINE_SIZE_BYTES = 16;
const WORD_SIZE_BYTES = 4;
const ERASED = 0xff;

/** ESP-IDF calls abort() for a write to the running slot: no adapter may let it come to that. */
export class ChipAborted extends Error {
  override name = "ChipAborted";
}

export interface FakeChip {
  readonly flash: NorFlash;
  readonly partitions: readonly Partition[];
  readonly runningSlot: number;
  /** Notes what ended the chip, for a caller that catches what is thrown. */
  readonly aborts?: string[];
}

/** What xsmcToInteger makes of an argument that was given, or was not. */
export function toInteger(value: unknown): number {
  return Number(value) | 0;
}

/** Any offset and length: ESP-IDF's driver fills up to whole words with ones, which change nothing. */
export function program(flash: NorFlash, offset: number, bytes: Uint8Array): void {
  const before = offset % WORD_SIZE_BYTES;
  const padded = new Uint8Array(Math.ceil((before + bytes.length) / WORD_SIZE_BYTES) * WORD_SIZE_BYTES).fill(ERASED);
  padded.set(bytes, before);
  flash.program(offset - before, padded);
}

/** What Moddable's call of a method that has no host data any longer throws. */
export function noHostData(): SyntaxError {
  return new SyntaxError("xsGetHostChunk: no host data");
}

/** An open partition; what belongs to the chip is public for the other fakes. */
export class FakePartition implements ModdablePartition {
  readonly chip: FakeChip;
  readonly partition: Partition;
  readonly isReadOnly: boolean;
  #isOpen = true;

  constructor(chip: FakeChip, partition: Partition, isReadOnly: boolean) {
    this.chip = chip;
    this.partition = partition;
    this.isReadOnly = isReadOnly;
  }

  read(destination: number | Uint8Array, offset: number): ArrayBuffer | number {
    const { chip, partition } = this.#open();
    const from = toInteger(offset);
    const byteLength = typeof destination === "number" ? toInteger(destination) : bytesOf(destination).length;
    if (!isWithin(partition, from, byteLength)) throw new Error("read failed");
    const bytes = chip.flash.read(partition.offset + from, byteLength);
    if (typeof destination === "number") return bytes.slice().buffer as ArrayBuffer;
    bytesOf(destination).set(bytes);
    return byteLength;
  }

  write(buffer: Uint8Array, offset: number): void {
    const { chip, partition } = this.#writable();
    const to = toInteger(offset);
    const bytes = bytesOf(buffer);
    if (partition.readonly || !isWithin(partition, to, bytes.length)) throw new Error("write failed");
    if (partition.encrypted && (to | bytes.length) % ENCRYPTED_LINE_SIZE_BYTES !== 0) throw new Error("write failed");
    this.#protect("write");
    program(chip.flash, partition.offset + to, bytes);
  }

  /** The method hands on both arguments, given or not: without an end it is 0. */
  eraseBlock(start: number, end: number): void {
    const { chip, partition } = this.#writable();
    const { sectorSizeBytes } = chip.flash;
    const [from, to] = [toInteger(start), toInteger(end)];
    if (partition.readonly || !isWithin(partition, from * sectorSizeBytes, (to - from) * sectorSizeBytes)) {
      throw new Error("erase failed");
    }
    this.#protect("erase");
    for (let block = from; block < to; block++) chip.flash.eraseSector(partition.offset / sectorSizeBytes + block);
  }

  status(): { size: number; blockLength: number; blocks: number } {
    const { chip, partition } = this.#open();
    const blockLength = chip.flash.sectorSizeBytes;
    return { size: partition.size, blockLength, blocks: partition.size / blockLength };
  }

  close(): void {
    this.#isOpen = false;
  }

  /** For the update, which takes it by the same host data. */
  demandOpen(): void {
    this.#open();
  }

  #open(): this {
    if (!this.#isOpen) throw noHostData();
    return this;
  }

  #writable(): this {
    if (this.#open().isReadOnly) throw new Error("read-only");
    return this;
  }

  #protect(verb: string): void {
    const { partitions, runningSlot, aborts } = this.chip;
    if (this.partition !== otaSlotsOf(partitions)[runningSlot]) return;
    aborts?.push(`${verb} in ${this.partition.label}`);
    throw new ChipAborted(`${verb} in the running slot ends the chip`);
  }
}

/** An iterator as Moddable's are: `return()` behind the last value gives `undefined`, which no `for…of` may be given. */
export function iterate(values: readonly string[]): IterableIterator<string> {
  let index = 0;
  const iterator = {
    next: () => (index < values.length ? { done: false, value: values[index++]! } : { done: true, value: undefined }),
    return() {
      if (index >= values.length) return undefined;
      index = values.length;
      return { done: true, value: undefined };
    },
    [Symbol.iterator]: () => iterator,
  };
  return iterator as IterableIterator<string>;
}

/** The module's default export for one chip. */
export function fakeFlashModule(chip: FakeChip): ModdableFlashStorage {
  const slots = otaSlotsOf(chip.partitions);
  const find = (path: string): Partition | undefined => {
    if (path === "running") return slots[chip.runningSlot];
    if (path === "nextota") return slots[(chip.runningSlot + 1) % slots.length];
    return chip.partitions.find(({ label, type }) => label === path && type === PartitionType.data);
  };
  return {
    open(options) {
      if (!("path" in options)) throw new Error("no path");
      const partition = find(String(options.path));
      if (partition === undefined) throw new Error("can't find partition");
      const mode = "mode" in options ? String(options.mode) : "r+";
      if (mode !== "r" && mode !== "r+") throw new Error("invalid mode");
      return new FakePartition(chip, partition, mode === "r");
    },
    [Symbol.iterator]: () => iterate(chip.partitions.map(({ label }) => label)),
  };
}

/** What Moddable takes for a buffer. Elements wider than a byte are none. */
export function bytesOf(buffer: unknown): Uint8Array {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  const { BYTES_PER_ELEMENT: elementSize = 1 } = (buffer ?? {}) as { BYTES_PER_ELEMENT?: number };
  if (!ArrayBuffer.isView(buffer) || elementSize !== 1) throw new TypeError("invalid buffer");
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** ESP-IDF's own check; a negative number is a very large one to it. */
function isWithin(partition: Partition, offset: number, byteLength: number): boolean {
  return offset >= 0 && byteLength >= 0 && offset + byteLength <= partition.size;
}
