/**
 * A flash that writes down what is done to it, and that can be told not to keep one byte.
 *
 * The order of flash operations is the whole of what makes an update safe, so specs compare it line by line.
 */
import type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "../../../src/ports/flash.js";

export class TracedFlash implements FlashStorage {
  /** One line an operation, as "erase 0", "write 4..16", "read 0..4096", offsets in the partition. */
  readonly trace: string[] = [];
  /** This byte of any partition reads as 0xFF, whatever is written; `undefined` where the flash is in order. */
  badOffset: number | undefined;
  readonly #flash: FlashStorage;

  constructor(flash: FlashStorage) {
    this.#flash = flash;
  }

  open(options: FlashOpenOptions): FlashPartition {
    return new TracedPartition(this, this.#flash.open(options));
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#flash[Symbol.iterator]();
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

  constructor(storage: TracedFlash, partition: FlashPartition) {
    this.#storage = storage;
    this.#partition = partition;
  }

  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  read(target: number | Uint8Array | ArrayBuffer, offset: number): ArrayBuffer | number {
    const buffer = typeof target === "number" ? new ArrayBuffer(target) : target;
    const count = this.#partition.read(buffer, offset);
    const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
    this.#note("read", offset, bytes.length);
    const { badOffset } = this.#storage;
    if (badOffset !== undefined && badOffset >= offset && badOffset < offset + bytes.length) bytes[badOffset - offset] = 0xff;
    return typeof target === "number" ? (buffer as ArrayBuffer) : count;
  }

  write(buffer: Uint8Array | ArrayBuffer, offset: number): void {
    this.#note("write", offset, buffer.byteLength);
    this.#partition.write(buffer, offset);
  }

  eraseBlock(start: number, end?: number): void {
    this.#storage.trace.push(end === undefined ? `erase ${start}` : `erase ${start}..${end}`);
    this.#partition.eraseBlock(start, end);
  }

  status(): FlashStatus {
    return this.#partition.status();
  }

  close(): void {
    this.#partition.close();
  }

  #note(verb: string, offset: number, byteLength: number): void {
    this.#storage.trace.push(`${verb} ${offset}..${offset + byteLength}`);
  }
}
