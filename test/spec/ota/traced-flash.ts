/**
 * A flash that writes down what is done to it, and that can be told not to keep one byte.
 *
 * The order of flash operations is the whole of what makes an update safe, so specs compare it line by line.
 */
import type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "../../../src/ports/flash.js";

export class TracedFlash implements FlashStorage {
  /** One line an operation, as "erase 0", "write 4..16", "read 0..4096", offsets in the partition. */
  readonly trace: string[] = [];
  /** The partitions that were written to or erased, in order; one that was changed several times in a row is there once. */
  readonly changedPaths: string[] = [];
  /** This byte of any partition reads as 0xFF, whatever is written; `undefined` where the flash is in order. */
  badOffset: number | undefined;
  readonly #flash: FlashStorage;

  constructor(flash: FlashStorage) {
    this.#flash = flash;
  }

  open(options: FlashOpenOptions): FlashPartition {
    return new TracedPartition(this, this.#flash.open(options), options.path);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#flash[Symbol.iterator]();
  }

  noteChange(path: string, operation: string): void {
    this.trace.push(operation);
    if (this.changedPaths[this.changedPaths.length - 1] !== path) this.changedPaths.push(path);
  }

  /** The trace without reads. */
  get changes(): string[] {
    return this.trace.filter((line) => !line.startsWith("read"));
  }
}

class TracedPartition implements FlashPartition {
  format = "buffer" as const;
  readonly #storage: TracedFlash;
  readonly #partition: FlashPartition;
  readonly #path: string;

  constructor(storage: TracedFlash, partition: FlashPartition, path: string) {
    this.#storage = storage;
    this.#partition = partition;
    this.#path = path;
  }

  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  read(target: number | Uint8Array | ArrayBuffer, offset: number): ArrayBuffer | number {
    const buffer = typeof target === "number" ? new ArrayBuffer(target) : target;
    const count = this.#partition.read(buffer, offset);
    const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
    this.#storage.trace.push(`read ${offset}..${offset + bytes.length}`);
    const { badOffset } = this.#storage;
    if (badOffset !== undefined && badOffset >= offset && badOffset < offset + bytes.length) bytes[badOffset - offset] = 0xff;
    return typeof target === "number" ? (buffer as ArrayBuffer) : count;
  }

  write(buffer: Uint8Array | ArrayBuffer, offset: number): void {
    this.#storage.noteChange(this.#path, `write ${offset}..${offset + buffer.byteLength}`);
    this.#partition.write(buffer, offset);
  }

  eraseBlock(start: number, end?: number): void {
    this.#storage.noteChange(this.#path, end === undefined ? `erase ${start}` : `erase ${start}..${end}`);
    this.#partition.eraseBlock(start, end);
  }

  status(): FlashStatus {
    return this.#partition.status();
  }

  close(): void {
    this.#partition.close();
  }
}
