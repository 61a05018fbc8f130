/**
 * The RetainedMemory port on the ESP32: memory in the RTC's domain, by the native part; of 0 bytes without it.
 *
 * The range is checked here, so that it is this port's error that the caller gets. See docs/design/esp32-host.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { RetainedMemory } from "../../src/ports/retained-memory.js";
import type { NativeChip } from "./native-chip.js";

class ESP32RetainedMemory implements RetainedMemory {
  readonly sizeBytes: number;
  readonly #chip: NativeChip | undefined;

  constructor(chip: NativeChip | undefined) {
    this.#chip = chip;
    this.sizeBytes = chip === undefined ? 0 : chip.retainedSize();
  }

  read(offset: number, byteLength: number): Uint8Array {
    this.#checkRange(offset, byteLength);
    const bytes = new Uint8Array(byteLength);
    this.#chip?.retainedRead(offset, bytes);
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#checkRange(offset, bytes.length);
    this.#chip?.retainedWrite(offset, bytes);
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

/** The retained memory of one chip. */
export function createRetainedMemory(options: { readonly chip: NativeChip | undefined }): RetainedMemory {
  return new ESP32RetainedMemory(options.chip);
}
