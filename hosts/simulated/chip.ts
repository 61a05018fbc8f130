/**
 * What lies outside the processor: flash, reset line, watchdog, retained memory, bus and console, as one small interface.
 *
 * The port classes of this host are written against it once. In one process a VirtualChip stands behind it, with virtual
 * time and faults; in the device simulator it is a pipe to the process that plays the chip. See docs/design/simulator.md.
 */
import type { ResetReason } from "../../src/ports/system.js";

/** NOR flash by address. Programs clear bits, erases set a whole sector; both happen in steps that a power cut may divide. */
export interface RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  /** A copy. Throws `invalid` outside the flash. */
  read(offset: number, byteLength: number): Uint8Array;
  /** ANDs `bytes` into the flash, word by word in ascending order. `offset` and length are multiples of 4. */
  program(offset: number, bytes: Uint8Array): void;
  /** Sets one sector to 0xFF. */
  eraseSector(sector: number): void;
}

/** One transfer on the I²C bus: a write, a read, or a write followed by a repeated start and a read. */
export interface BusTransfer {
  /** 7-bit address. */
  readonly address: number;
  readonly write: Uint8Array | undefined;
  readonly readLength: number | undefined;
  /** Whether a stop bit ends it. */
  readonly stop: boolean;
}

export interface Chip {
  readonly resetReason: ResetReason;
  readonly runningSlot: number | undefined;
  readonly flash: RawFlash;
  readonly retainedSizeBytes: number;
  readRetained(offset: number, byteLength: number): Uint8Array;
  writeRetained(offset: number, bytes: Uint8Array): void;
  /** Starts the watchdog, or starts its count anew. */
  armWatchdog(timeoutMs: number): void;
  disarmWatchdog(): void;
  /** The bytes read (empty for a pure write); `undefined` where no device acknowledged. */
  transfer(transfer: BusTransfer): Uint8Array | undefined;
  restart(): void;
  sleep(durationMs: number): void;
  trace(line: string): void;
}
