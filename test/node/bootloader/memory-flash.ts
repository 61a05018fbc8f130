/**
 * The smallest flash that the bootloader's model can run on: bytes in an array, erased and programmed at once.
 *
 * Not the NOR model of the host, so that these specs fail only for the bootloader's sake.
 */

import type { RawFlash } from "../../../hosts/simulated/chip.js";
import { FirmwareError } from "../../../src/errors.js";

export class MemoryFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes = 4096;
  readonly bytes: Uint8Array;
  /** Each write in order, as "erase 13" and "program 0xd000 32". */
  readonly writes: string[] = [];
  /** How many writes may still happen before the power fails. */
  writeCountLeft = Number.POSITIVE_INFINITY;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
    this.bytes = new Uint8Array(sizeBytes).fill(0xff);
  }

  read(offset: number, byteLength: number): Uint8Array {
    if (offset + byteLength > this.sizeBytes) throw new FirmwareError("invalid", "memory flash: read beyond the end");
    return this.bytes.slice(offset, offset + byteLength);
  }

  program(offset: number, bytes: Uint8Array): void {
    this.#count(`program 0x${offset.toString(16)} ${bytes.length}`);
    for (let index = 0; index < bytes.length; index++) this.bytes[offset + index]! &= bytes[index]!;
  }

  eraseSector(sector: number): void {
    this.#count(`erase ${sector}`);
    this.bytes.fill(0xff, sector * this.sectorSizeBytes, (sector + 1) * this.sectorSizeBytes);
  }

  #count(write: string): void {
    if (this.writeCountLeft === 0) throw new Error("the power failed");
    this.writeCountLeft--;
    this.writes.push(write);
  }
}
