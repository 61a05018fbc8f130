/**
 * The Flash port over Moddable's `embedded:storage/flash`: ESP-IDF's partitions by label, "running" and "nextota".
 *
 * Moddable hands position and length to ESP-IDF as they are, which refuses a read across the end with an Error that says no
 * more, and ends the chip at a write to the running slot. So everything is judged here first. What Moddable cannot tell is
 * whether a partition is encrypted: there `writeAlign` should be 16, and a smaller write fails as `io`. In a table with one
 * slot, "nextota" is the running one, and not protected: a build that takes updates has two. See docs/design/esp32-host.md.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";
import type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "../../src/ports/flash.js";
import { byteBuffer } from "./byte-buffer.js";

const WRITE_ALIGN_BYTES = 4;

/** An open partition of Moddable's. Its `read(n, …)` gives an ArrayBuffer, `read(buffer, …)` the buffer's length. */
export interface ModdablePartition {
  read(destination: number | Uint8Array, offset: number): ArrayBuffer | number;
  write(bytes: Uint8Array, offset: number): void;
  /** Without an end it erases up to block 0: nothing, or an error. */
  eraseBlock(start: number, end: number): void;
  /** Neither an erased value nor an alignment. */
  status(): { readonly size: number; readonly blockLength: number; readonly blocks: number };
  close(): void;
}

/**
 * The default export of `embedded:storage/flash`. Its iterators are to be read to their end: `return()` after the last label
 * gives no object, so that leaving a `for…of` there throws.
 */
export interface ModdableFlashStorage extends Iterable<string> {
  open(options: { readonly path: string; readonly mode: "r" | "r+" }): ModdablePartition;
}

/** What open() found, and the only thing that makes an instance. */
class Opening {
  readonly partition: ModdablePartition;
  readonly path: string;
  readonly status: FlashStatus;
  /** Why nothing may be changed; `undefined` where it may. */
  readonly protection: string | undefined;

  constructor(partition: ModdablePartition, path: string, mode: "r" | "r+") {
    const { size, blockLength, blocks } = partition.status();
    this.partition = partition;
    this.path = path;
    this.status = Object.freeze({ size, blockLength, blocks, eraseValue: 0xff, writeAlign: WRITE_ALIGN_BYTES });
    if (mode === "r") this.protection = 'opened with mode "r"';
    else if (path === "running") this.protection = "the running image is in it, and ESP-IDF would end the chip";
  }
}

/** A partition of this host. The core sees a FlashPartition; the class is for the Update of this host. */
export class ESP32Partition implements FlashPartition {
  target: unknown;
  #opening: Opening | undefined;

  /** Throws, as the standard asks, for everybody but open(). */
  constructor(opening: unknown) {
    if (!(opening instanceof Opening)) {
      throw new FirmwareError("refused", "FlashPartition: not constructible, expected flash.open()");
    }
    this.#opening = opening;
  }

  /**
   * Moddable's own object behind `instance`, its size, and the path that it was opened by. Throws `invalid` for any other
   * object, `closed`, and `refused` where it is not writable.
   */
  static writable(instance: unknown): { readonly partition: ModdablePartition; readonly size: number; readonly path: string } {
    if (typeof instance !== "object" || instance === null || !(#opening in instance)) {
      throw new FirmwareError("invalid", "partition is not an open flash partition of this host");
    }
    const { partition, status, path } = instance.#writable("update");
    return { partition, size: status.size, path };
  }

  get format(): "buffer" {
    return "buffer";
  }

  set format(value: "buffer") {
    demandFormat(value);
  }

  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  read(destination: unknown, offset: unknown): ArrayBuffer | number {
    const { partition, path, status } = this.#open();
    const from = demandOffset(path, "read", offset);
    const availableBytes = status.size - from;
    if (availableBytes <= 0) throw invalid(path, `read at ${from}`, `an offset below ${status.size}`);
    if (typeof destination === "number") {
      if (!Number.isInteger(destination) || destination <= 0) {
        throw invalid(path, `read ${destination} bytes`, "a positive integer");
      }
      return attempt(path, () => partition.read(Math.min(destination, availableBytes), from));
    }
    const target = byteBuffer(destination, `flash ${path}: read into`);
    const part = target.length > availableBytes ? target.subarray(0, availableBytes) : target;
    if (part.length > 0) attempt(path, () => partition.read(part, from));
    return part.length;
  }

  write(buffer: Uint8Array | ArrayBuffer, offset: number): void {
    const { partition, path, status } = this.#writable("write");
    const to = demandOffset(path, "write", offset);
    const bytes = byteBuffer(buffer, `flash ${path}: write`);
    if (to + bytes.length > status.size) {
      throw invalid(path, `write ${bytes.length} bytes at ${to}`, `an end of at most ${status.size}`);
    }
    if (to % WRITE_ALIGN_BYTES !== 0 || bytes.length % WRITE_ALIGN_BYTES !== 0) {
      throw invalid(path, `write ${bytes.length} bytes at ${to}`, `multiples of ${WRITE_ALIGN_BYTES}`);
    }
    if (bytes.length > 0) attempt(path, () => partition.write(bytes, to));
  }

  eraseBlock(start: number, end?: number): void {
    const { partition, path, status } = this.#writable("erase");
    const from = Number(start);
    const to = end === undefined ? from + 1 : Number(end);
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || to > status.blocks) {
      throw invalid(path, `erase of blocks ${String(start)} … ${String(end)}`, `a range within 0 … ${status.blocks}`);
    }
    attempt(path, () => partition.eraseBlock(from, to));
  }

  status(): FlashStatus {
    return { ...this.#open().status };
  }

  close(): void {
    this.#opening?.partition.close();
    this.#opening = undefined;
  }

  #open(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "FlashPartition: used after close()");
    return this.#opening;
  }

  #writable(verb: string): Opening {
    const opening = this.#open();
    if (opening.protection === undefined) return opening;
    throw new FirmwareError("refused", `flash ${opening.path}: ${verb} refused: ${opening.protection}`);
  }
}

/** The port over Moddable's storage. */
export function openFlashStorage(options: { readonly storage: ModdableFlashStorage }): FlashStorage {
  const { storage } = options;
  return Object.freeze({
    open(openOptions: FlashOpenOptions): FlashPartition {
      const { path, mode } = parseOptions(openOptions);
      const instance = new ESP32Partition(new Opening(openPartition(storage, path, mode), path, mode));
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
    [Symbol.iterator]: () => [...storage][Symbol.iterator](),
  });
}

function openPartition(storage: ModdableFlashStorage, path: string, mode: "r" | "r+"): ModdablePartition {
  try {
    return storage.open({ path, mode });
  } catch (error) {
    const text = messageOf(error);
    if (text.indexOf("can't find partition") < 0) throw new FirmwareError("io", `flash ${path}: ${text}`);
    const expected = 'the label of a data partition; application slots open only as "running" and "nextota"';
    throw new FirmwareError("missing", `flash: no partition "${path}", expected ${expected}`);
  }
}

function parseOptions(options: FlashOpenOptions): { readonly path: string; readonly mode: "r" | "r+" } {
  if (typeof options !== "object" || options === null) {
    throw new FirmwareError("invalid", "flash.open: expected an options object");
  }
  const { path, mode = "r+", format = "buffer" } = options;
  if (typeof path !== "string") throw new FirmwareError("invalid", "flash.open: path is required, a string");
  if (mode !== "r" && mode !== "r+") {
    throw new FirmwareError("invalid", `flash.open: mode ${String(mode)}, expected "r" or "r+"`);
  }
  demandFormat(format);
  return { path, mode };
}

function demandFormat(value: unknown): void {
  if (value !== "buffer") throw new FirmwareError("unsupported", `flash: format ${String(value)}, expected "buffer"`);
}

function demandOffset(path: string, verb: string, offset: unknown): number {
  if (typeof offset === "number" && Number.isInteger(offset) && offset >= 0) return offset;
  throw invalid(path, `${verb} at ${String(offset)}`, "an integer from 0");
}

function invalid(path: string, found: string, expected: string): FirmwareError {
  return new FirmwareError("invalid", `flash ${path}: ${found}, expected ${expected}`);
}

/** Runs a call that can only fail by the hardware. */
function attempt<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new FirmwareError("io", `flash ${path}: ${messageOf(error)}`);
  }
}
