/**
 * Flash partitions in memory for portable specs: NOR semantics, and a power cut after any word or erase step.
 *
 * Small on purpose: the honest model of a whole chip is hosts/node/nor-flash.ts, which only Node has. This one runs on every
 * engine.
 */
import { FirmwareError } from "../../src/errors.js";
import type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "../../src/ports/flash.js";

export const SECTOR_SIZE_BYTES = 4096;

/** Thrown where the power is cut. */
export class PowerCut extends Error {
  override name = "PowerCut";
}

export class MemoryFlash implements FlashStorage {
  readonly partitions = new Map<string, Uint8Array>();
  /** Steps (words programmed, sectors erased in two halves) until the power is cut; never by default. */
  stepsLeft = Number.POSITIVE_INFINITY;
  stepCount = 0;
  writeAlign = 4;

  /** `sizes`: bytes by label, multiples of a sector. */
  constructor(sizes: Readonly<Record<string, number>>) {
    for (const label of Object.keys(sizes)) this.partitions.set(label, new Uint8Array(sizes[label]!).fill(0xff));
  }

  open(options: FlashOpenOptions): FlashPartition {
    const bytes = this.partitions.get(options.path);
    if (!bytes) throw new FirmwareError("missing", `flash: no partition ${options.path}`);
    return new MemoryPartition(this, bytes);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.partitions.keys();
  }

  /** One step has happened; the next one may not. */
  step(): void {
    this.stepCount++;
    if (--this.stepsLeft < 0) throw new PowerCut("the power is cut");
  }
}

class MemoryPartition implements FlashPartition {
  format = "buffer" as const;
  readonly #flash: MemoryFlash;
  readonly #bytes: Uint8Array;

  constructor(flash: MemoryFlash, bytes: Uint8Array) {
    this.#flash = flash;
    this.#bytes = bytes;
  }

  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  read(target: number | Uint8Array | ArrayBuffer, offset: number): ArrayBuffer | number {
    if (typeof target === "number") return this.#bytes.slice(offset, offset + target).buffer;
    const view = target instanceof ArrayBuffer ? new Uint8Array(target) : target;
    view.set(this.#bytes.subarray(offset, offset + view.length));
    return view.length;
  }

  write(buffer: Uint8Array | ArrayBuffer, offset: number): void {
    const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
    if (offset % this.#flash.writeAlign !== 0 || bytes.length % this.#flash.writeAlign !== 0) {
      throw new FirmwareError("invalid", "flash: unaligned write");
    }
    for (let index = 0; index < bytes.length; index += 4) {
      this.#flash.step();
      for (let byte = index; byte < index + 4; byte++) this.#bytes[offset + byte]! &= bytes[byte]!;
    }
  }

  eraseBlock(start: number, end = start + 1): void {
    for (let block = start; block < end; block++) {
      for (let half = 0; half < 2; half++) {
        this.#flash.step();
        const offset = block * SECTOR_SIZE_BYTES + (half * SECTOR_SIZE_BYTES) / 2;
        this.#bytes.fill(0xff, offset, offset + SECTOR_SIZE_BYTES / 2);
      }
    }
  }

  status(): FlashStatus {
    const blocks = this.#bytes.length / SECTOR_SIZE_BYTES;
    return {
      size: this.#bytes.length,
      blockLength: SECTOR_SIZE_BYTES,
      blocks,
      eraseValue: 0xff,
      writeAlign: this.#flash.writeAlign,
    };
  }

  close(): void {}
}
