/**
 * NOR flash by partition, as ECMA-419 (3rd edition, 28 Persistent Storage: Flash) defines it. All calls are synchronous.
 *
 * What the standard leaves to the flash technology and the core relies on: `eraseValue` is 0xFF; a write can only clear bits;
 * each aligned write of `writeAlign` bytes either happened or did not, while a longer write cut by a power loss may have
 * happened in part. `write` beyond the end, unaligned, or on a partition opened with "r" throws before any effect.
 */

export interface FlashStatus {
  /** Bytes in the partition; `blocks` × `blockLength`. */
  readonly size: number;
  /** Bytes in the smallest erasable unit (4096 on the ESP32). */
  readonly blockLength: number;
  readonly blocks: number;
  readonly eraseValue: 0 | 0xff;
  /** Alignment of position and length for `write`: 4, or 16 where the partition is encrypted. */
  readonly writeAlign: number;
}

/** One open partition. */
export interface FlashPartition {
  /** `read(n, offset)` gives an ArrayBuffer of n bytes; `read(buffer, offset)` fills `buffer` and gives its byte length. */
  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  write(buffer: Uint8Array | ArrayBuffer, offset: number): void;
  /** Erases block `start`, or all of `start` … `end` − 1. Blocks for some 50 ms a sector on real flash. */
  eraseBlock(start: number, end?: number): void;
  status(): FlashStatus;
  close(): void;
  format: "buffer";
}

export interface FlashOpenOptions {
  /** A partition's label, "running" for the running image's slot, or "nextota" for the slot that an update goes to. */
  readonly path: string;
  /** Default "r+". */
  readonly mode?: "r" | "r+";
  readonly format?: "buffer";
}

/** The default export of `embedded:storage/flash`. Iterating gives the partitions' labels. */
export interface FlashStorage extends Iterable<string> {
  open(options: FlashOpenOptions): FlashPartition;
}
