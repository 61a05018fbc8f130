/**
 * A few bytes that survive every reset but loss of power, where the chip has them (RTC memory on the ESP32).
 *
 * After power-on the content is random, as on the chip: whoever uses it keeps a magic number, a version and a CRC in it.
 */
export interface RetainedMemory {
  /** 0 where the chip has none. */
  readonly sizeBytes: number;
  /** A copy of `byteLength` bytes from `offset`. Throws `invalid` unless the range lies within `sizeBytes`. */
  read(offset: number, byteLength: number): Uint8Array;
  /** Stores `bytes` at `offset`. Throws `invalid` unless the range lies within `sizeBytes`. Not atomic: a reset may tear it. */
  write(offset: number, bytes: Uint8Array): void;
}
