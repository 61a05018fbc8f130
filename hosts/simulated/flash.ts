/**
 * ECMA-419's Flash (28 Persistent Storage) over a raw flash and its partition table.
 *
 * Follows the standard's algorithms (Annex A), reads that cross the end included: they give what there is. What the ESP32
 * protects is protected here too, with an exception instead of its abort: the slot that runs, and everything up to the
 * partition table. Paths are labels, "running" and "nextota"; application slots also open by label, which Moddable's ESP32
 * port does not do. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import { otaSlotsOf, type Partition } from "../../src/image/partition.js";
import { FIRST_PARTITION_OFFSET } from "../../src/image/partition-check.js";
import type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "../../src/ports/flash.js";
import { bytesOfBuffer } from "./byte-buffer.js";
import type { RawFlash } from "./chip.js";

const WORD_SIZE_BYTES = 4;
/** A line of the flash encryption. */
const ENCRYPTED_LINE_SIZE_BYTES = 16;

export interface FlashStorageOptions {
  readonly flash: RawFlash;
  readonly partitions: readonly Partition[];
  /** Number of the application slot that runs. Without it there is no "running", no "nextota", and no slot is protected. */
  readonly runningSlot?: number | undefined;
}

/** What open() found: the only thing that makes an instance. */
class Opening {
  readonly flash: RawFlash;
  readonly partition: Partition;
  readonly isWritable: boolean;
  /** Why nothing in this partition may be changed; `undefined` where it may. */
  readonly protection: string | undefined;

  constructor(flash: RawFlash, partition: Partition, mode: "r" | "r+", protection: string | undefined) {
    this.flash = flash;
    this.partition = partition;
    this.isWritable = mode === "r+";
    this.protection = protection;
  }
}

/** A partition of this host. The core sees a FlashPartition; the class is for the Update of this host. */
export class ChipFlashPartition implements FlashPartition {
  target: unknown;
  #opening: Opening | undefined;

  /** Throws, as the standard asks, for everybody but open(). */
  constructor(opening: unknown) {
    if (!(opening instanceof Opening)) {
      throw new FirmwareError("refused", "FlashPartition: not constructible, expected flash.open()");
    }
    this.#opening = opening;
  }

  /** The partition that `instance` stands for. Throws `invalid` for any other object, `closed`, and `refused` in mode "r". */
  static writablePartitionOf(instance: unknown): Partition {
    if (typeof instance !== "object" || instance === null || !(#opening in instance)) {
      throw new FirmwareError("invalid", "partition is not an open flash partition of this host");
    }
    const { partition, isWritable } = instance.#demandOpen();
    if (!isWritable) throw new FirmwareError("refused", `flash ${partition.label}: opened with mode "r", expected "r+"`);
    return partition;
  }

  get format(): "buffer" {
    return "buffer";
  }

  set format(value: "buffer") {
    demandBufferFormat(value);
  }

  read(byteLength: number, offset: number): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, offset: number): number;
  read(destination: unknown, offset: unknown): ArrayBuffer | number {
    const { flash, partition } = this.#demandOpen();
    const from = demandOffset(partition, "read", offset);
    const availableBytes = partition.size - from;
    if (availableBytes <= 0) throw outside(partition, "read", from, `an offset below ${partition.size}`);
    if (typeof destination === "number") {
      if (!Number.isInteger(destination) || destination <= 0) {
        throw new FirmwareError("invalid", `flash ${partition.label}: read ${destination} bytes, expected a positive integer`);
      }
      const bytes = flash.read(partition.offset + from, Math.min(destination, availableBytes));
      return bytes.slice().buffer as ArrayBuffer;
    }
    const target = demandBytes(partition, "read into", destination);
    const count = Math.min(target.length, availableBytes);
    target.set(flash.read(partition.offset + from, count));
    return count;
  }

  write(buffer: Uint8Array | ArrayBuffer, offset: number): void {
    const { flash, partition } = this.#demandWritable("write");
    const to = demandOffset(partition, "write", offset);
    const bytes = demandBytes(partition, "write", buffer);
    if (to + bytes.length > partition.size) {
      throw outside(partition, `write ${bytes.length} bytes`, to, `an end of at most ${partition.size}`);
    }
    const writeAlign = writeAlignOf(partition);
    if (to % writeAlign !== 0 || bytes.length % writeAlign !== 0) {
      throw outside(partition, `write ${bytes.length} bytes`, to, `multiples of ${writeAlign}`);
    }
    flash.program(partition.offset + to, bytes);
  }

  eraseBlock(start: number, end?: number): void {
    const { flash, partition } = this.#demandWritable("erase");
    const blocks = partition.size / flash.sectorSizeBytes;
    const from = Number(start);
    const to = end === undefined ? from + 1 : Number(end);
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || to > blocks) {
      const found = `erase of blocks ${String(start)} … ${String(end)}`;
      throw new FirmwareError("invalid", `flash ${partition.label}: ${found}, expected a range within 0 … ${blocks}`);
    }
    const firstSector = partition.offset / flash.sectorSizeBytes;
    for (let block = from; block < to; block++) flash.eraseSector(firstSector + block);
  }

  status(): FlashStatus {
    const { flash, partition } = this.#demandOpen();
    const blockLength = flash.sectorSizeBytes;
    const blocks = partition.size / blockLength;
    return { size: partition.size, blockLength, blocks, eraseValue: 0xff, writeAlign: writeAlignOf(partition) };
  }

  close(): void {
    this.#opening = undefined;
  }

  #demandOpen(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "FlashPartition: used after close()");
    return this.#opening;
  }

  #demandWritable(verb: string): Opening {
    const opening = this.#demandOpen();
    const why = opening.isWritable ? opening.protection : 'opened with mode "r"';
    if (why === undefined) return opening;
    throw new FirmwareError("refused", `flash ${opening.partition.label}: ${verb} refused: ${why}`);
  }
}

/** The default export of `embedded:storage/flash` for one chip. Throws `invalid` where the partitions do not fit the flash. */
export function openFlashStorage(options: FlashStorageOptions): FlashStorage {
  const { flash, partitions, runningSlot } = options;
  const slots = otaSlotsOf(partitions);
  for (const partition of partitions) {
    if (partition.offset % flash.sectorSizeBytes === 0 && partition.size % flash.sectorSizeBytes === 0) {
      if (partition.offset + partition.size <= flash.sizeBytes) continue;
    }
    const expected = `whole sectors of ${flash.sectorSizeBytes} within ${flash.sizeBytes} bytes`;
    throw new FirmwareError(
      "invalid",
      `flash ${partition.label}: ${partition.size} bytes at ${partition.offset}, expected ${expected}`,
    );
  }
  const running = runningSlot === undefined ? undefined : slots[runningSlot];
  if (runningSlot !== undefined && running === undefined) {
    throw new FirmwareError("invalid", `flash: slot ${runningSlot} runs, expected one of ${slots.length}`);
  }
  const find = (path: string): Partition | undefined => {
    if (path === "running") return running;
    if (path === "nextota") return running && slots.length > 1 ? slots[(runningSlot! + 1) % slots.length] : undefined;
    return partitions.find((partition) => partition.label === path);
  };
  return Object.freeze({
    open(openOptions: FlashOpenOptions): FlashPartition {
      const { path, mode } = parseOptions(openOptions);
      const partition = find(path);
      if (partition === undefined) {
        throw new FirmwareError("missing", `flash: no partition "${path}", expected one of the partition table's labels`);
      }
      const instance = new ChipFlashPartition(new Opening(flash, partition, mode, protectionOf(partition, running)));
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
    [Symbol.iterator]: () => listLabels(partitions),
  });
}

function* listLabels(partitions: readonly Partition[]): Generator<string> {
  for (const partition of partitions) yield partition.label;
}

function parseOptions(options: FlashOpenOptions): { path: string; mode: "r" | "r+" } {
  if (typeof options !== "object" || options === null)
    throw new FirmwareError("invalid", "flash.open: expected an options object");
  const { path, mode = "r+", format = "buffer" } = options;
  if (typeof path !== "string") throw new FirmwareError("invalid", "flash.open: path is required, a string");
  if (mode !== "r" && mode !== "r+") {
    throw new FirmwareError("invalid", `flash.open: mode ${String(mode)}, expected "r" or "r+"`);
  }
  demandBufferFormat(format);
  return { path, mode };
}

/** What esp_partition_main_flash_region_safe() and the partition's flag forbid. */
function protectionOf(partition: Partition, running: Partition | undefined): string | undefined {
  if (partition === running) return "the running image is in it";
  if (partition.offset < FIRST_PARTITION_OFFSET) return "bootloader and partition table are protected";
  return partition.readonly ? "the partition table says read-only" : undefined;
}

function writeAlignOf(partition: Partition): number {
  return partition.encrypted ? ENCRYPTED_LINE_SIZE_BYTES : WORD_SIZE_BYTES;
}

function demandBufferFormat(value: unknown): void {
  if (value !== "buffer") throw new FirmwareError("unsupported", `flash: format ${String(value)}, expected "buffer"`);
}

function demandOffset(partition: Partition, verb: string, offset: unknown): number {
  const value = Number(offset);
  if (!Number.isInteger(value) || value < 0) throw outside(partition, verb, offset, "an integer from 0");
  return value;
}

function demandBytes(partition: Partition, verb: string, value: unknown): Uint8Array {
  const bytes = bytesOfBuffer(value);
  if (bytes !== undefined) return bytes;
  throw new FirmwareError(
    "invalid",
    `flash ${partition.label}: ${verb} ${typeof value}, expected an ArrayBuffer or a view of one`,
  );
}

function outside(partition: Partition, verb: string, offset: unknown, expected: string): FirmwareError {
  return new FirmwareError("invalid", `flash ${partition.label}: ${verb} at ${String(offset)}, expected ${expected}`);
}
