/**
 * The RetainedMemory port over a Chip: the bytes that a warm reset leaves as they are.
 *
 * The range is checked here, before the chip is asked, because the chip may be another process. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { RetainedMemory } from "../../src/ports/retained-memory.js";
import type { Chip } from "./chip.js";

class ChipRetainedMemory implements RetainedMemory {
  readonly sizeBytes: number;
  readonly #chip: Chip;

  constructor(chip: Chip) {
    this.#chip = chip;
    this.sizeBytes = chip.retainedSizeBytes;
  }

  read(offset: number, byteLength: number): Uint8Array {
    this.#checkRange(offset, byteLength);
    return this.#chip.readRetained(offset, byteLength);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#checkRange(offset, bytes.length);
    this.#chip.writeRetained(offset, bytes);
  }

  #checkRange(offset: number, byteLength: number): void {
    const within =
      Number.isInteger(offset) &&
      Number.isInteger(byteLength) &&
      offset >= 0 &&
      byteLength >= 0 &&
      offset + byteLength <= this.sizeBytes;
    if (within) return;
    const expected = `a range within ${this.sizeBytes} bytes`;
    throw new FirmwareError("invalid", `RetainedMemory: ${byteLength} bytes at ${offset}, expected ${expected}`);
  }
}

/** The retained memory of one chip. Of 0 bytes where the chip has none. */
export function createRetainedMemory(chip: Chip): RetainedMemory {
  return new ChipRetainedMemory(chip);
}
