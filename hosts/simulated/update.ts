/**
 * ECMA-419's Update (28 Persistent Storage) as Moddable makes it on the ESP32: over esp_ota_begin, write, end and
 * set_boot_partition.
 *
 * The core does not arm through it; it is here because the standard has it, and because what it does to otadata has to be known
 * to be survived. Which entry is written comes from esp-ota.ts; this file does the flash work in the order of the real calls.
 * As there, the slot is gone from open() on, whatever comes of the update. See docs/design/ota.md.
 */
import { errorCodeOf, FirmwareError, messageOf } from "../../src/errors.js";
import { IMAGE_MAGIC } from "../../src/image/application-image.js";
import { verifyImage } from "../../src/image/image-verifier.js";
import { encodeOtaEntry, OTA_ENTRY_SIZE_BYTES, type OtaEntry, readOtaEntry } from "../../src/image/otadata.js";
import { otadataOf, otaSlotOf, otaSlotsOf, type Partition } from "../../src/image/partition.js";
import type { DigestConstructor } from "../../src/ports/digest.js";
import type { Update, UpdateOpenOptions, UpdateStorage } from "../../src/ports/update.js";
import { bytesOfBuffer } from "./byte-buffer.js";
import type { RawFlash } from "./chip.js";
import { type EspOtaRules, entryErasedAtBegin, entryWrittenAtSelect, type IDFVersion, isOnTrial } from "./esp-ota.js";
import { ChipFlashPartition } from "./flash.js";

export type { IDFVersion } from "./esp-ota.js";

const WORD_SIZE_BYTES = 4;
const ENCRYPTED_LINE_SIZE_BYTES = 16;
const ERASED = 0xff;

export interface UpdateStorageOptions {
  readonly flash: RawFlash;
  readonly partitions: readonly Partition[];
  /** Number of the application slot that runs. Without it every update is refused: it might be the running slot's. */
  readonly runningSlot?: number | undefined;
  /** Whose effects on otadata to have. */
  readonly idf: IDFVersion;
  /** Whether bootloader and application were built with rollback. */
  readonly rollback: boolean;
  readonly Digest: DigestConstructor;
  /** The chip that images have to be for; any without it. */
  readonly chipId?: number | undefined;
}

/** A validated request, and the only thing that makes an instance. */
class Opening {
  readonly target: UpdateTarget;
  readonly partition: Partition;
  readonly slot: number;
  readonly mode: "a" | "w";
  /** Bytes that may be written. */
  readonly sizeBytes: number;

  constructor(target: UpdateTarget, partition: Partition, slot: number, mode: "a" | "w", sizeBytes: number) {
    this.target = target;
    this.partition = partition;
    this.slot = slot;
    this.mode = mode;
    this.sizeBytes = sizeBytes;
  }
}

class ChipUpdate implements Update {
  target: unknown;
  #opening: Opening | undefined;
  #writtenBytes = 0;
  #completed = false;

  /** Throws, as the standard asks, for everybody but open(). */
  constructor(opening: unknown) {
    if (!(opening instanceof Opening)) throw new FirmwareError("refused", "Update: not constructible, expected update.open()");
    this.#opening = opening;
  }

  get format(): "buffer" {
    return "buffer";
  }

  set format(value: "buffer") {
    if (value !== "buffer") throw new FirmwareError("unsupported", `Update: format ${String(value)}, expected "buffer"`);
  }

  write(buffer: Uint8Array | ArrayBuffer, ...rest: unknown[]): void {
    const { target, partition, mode, sizeBytes } = this.#demandUnfinished();
    const bytes = bytesOfBuffer(buffer);
    if (bytes === undefined) throw invalid(partition, "write: expected an ArrayBuffer or a view of one");
    const offset = mode === "a" ? this.#writtenBytes : Number(rest[0]);
    if (mode === "a" && rest.length > 0) throw invalid(partition, 'write: an offset in mode "a", expected none');
    if (!Number.isInteger(offset) || offset < 0)
      throw invalid(partition, `write at ${String(rest[0])}, expected an integer from 0`);
    if (offset + bytes.length > sizeBytes) {
      throw invalid(partition, `write ${bytes.length} bytes at ${offset}, expected an end of at most ${sizeBytes}`);
    }
    if (mode === "w" && partition.encrypted && (offset | bytes.length) % ENCRYPTED_LINE_SIZE_BYTES !== 0) {
      throw invalid(partition, `write ${bytes.length} bytes at ${offset}, expected multiples of ${ENCRYPTED_LINE_SIZE_BYTES}`);
    }
    if (bytes.length === 0) return;
    if (mode === "a") {
      target.eraseAhead(partition, offset, bytes.length);
      // After the erase, as in esp_ota_write(): the old image is gone even where the new one is none.
      if (offset === 0 && bytes[0] !== IMAGE_MAGIC) {
        throw new FirmwareError("corrupt", `update ${partition.label}: first byte ${bytes[0]}, expected ${IMAGE_MAGIC}`);
      }
    }
    target.program(partition.offset + offset, bytes);
    this.#writtenBytes += bytes.length;
  }

  complete(): void {
    const { target, partition, slot } = this.#demandUnfinished();
    this.#completed = true; // Whatever comes of it: esp_ota_end() frees the handle.
    if (this.#writtenBytes === 0) throw new FirmwareError("corrupt", `update ${partition.label}: nothing was written`);
    target.activate(partition, slot);
  }

  close(): void {
    this.#opening = undefined;
  }

  #demandUnfinished(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "Update: used after close()");
    if (this.#completed) throw new FirmwareError("refused", "Update: used after complete(), expected close()");
    return this.#opening;
  }
}

/** The esp_ota_* calls: the flash work of an update. */
class UpdateTarget {
  readonly #options: UpdateStorageOptions;
  readonly #otadata: Partition;
  readonly #runningSlot: number;
  readonly #rules: EspOtaRules;

  constructor(options: UpdateStorageOptions) {
    const otadata = otadataOf(options.partitions);
    if (otadata === undefined) throw new FirmwareError("missing", "update: the partition table has no otadata");
    if (options.runningSlot === undefined) {
      throw new FirmwareError("refused", "update: the running slot is not known; expected it to be, so as not to erase it");
    }
    this.#options = options;
    this.#otadata = otadata;
    this.#runningSlot = options.runningSlot;
    this.#rules = { idf: options.idf, rollback: options.rollback, slotCount: otaSlotsOf(options.partitions).length };
  }

  /** Throws `refused` where esp_ota_begin() would. */
  demandAllowed(partition: Partition, slot: number): void {
    if (slot === this.#runningSlot) {
      throw new FirmwareError("refused", `update ${partition.label}: the running image is in it, expected another slot`);
    }
    if (isOnTrial(this.#readEntries(), this.#runningSlot, this.#rules)) {
      throw new FirmwareError("refused", "update: the running image is on trial (PENDING_VERIFY), expected it to be confirmed");
    }
  }

  /** esp_ota_begin(): erases `byteLength` rounded up, then perhaps an entry. */
  begin(partition: Partition, byteLength: number): void {
    const { flash } = this.#options;
    const first = partition.offset / flash.sectorSizeBytes;
    const count = Math.ceil(byteLength / flash.sectorSizeBytes);
    for (let sector = first; sector < first + count; sector++) flash.eraseSector(sector);
    const entry = entryErasedAtBegin(this.#readEntries(), this.#runningSlot, this.#rules);
    if (entry !== undefined) flash.eraseSector(this.#sectorOf(entry));
  }

  /** Erases the sectors that a write of `byteLength` at `offset` enters. */
  eraseAhead(partition: Partition, offset: number, byteLength: number): void {
    const { flash } = this.#options;
    const first = partition.offset / flash.sectorSizeBytes;
    const begun = Math.ceil(offset / flash.sectorSizeBytes);
    const needed = Math.ceil((offset + byteLength) / flash.sectorSizeBytes);
    for (let sector = begun; sector < needed; sector++) flash.eraseSector(first + sector);
  }

  /** Any offset and length: the flash driver fills up to whole words with ones, which change nothing. */
  program(offset: number, bytes: Uint8Array): void {
    const before = offset % WORD_SIZE_BYTES;
    const padded = new Uint8Array(Math.ceil((before + bytes.length) / WORD_SIZE_BYTES) * WORD_SIZE_BYTES).fill(ERASED);
    padded.set(bytes, before);
    this.#options.flash.program(offset - before, padded);
  }

  /** esp_ota_end() and esp_ota_set_boot_partition(). */
  activate(partition: Partition, slot: number): void {
    this.#verify(partition);
    const change = entryWrittenAtSelect(this.#readEntries(), slot, this.#rules);
    const sector = this.#sectorOf(change.index);
    const { flash } = this.#options;
    flash.eraseSector(sector);
    flash.program(sector * flash.sectorSizeBytes, encodeOtaEntry(change.sequence, change.state));
  }

  #verify(partition: Partition): void {
    const { flash, Digest, chipId } = this.#options;
    const source = {
      read(buffer: Uint8Array, offset: number): number {
        buffer.set(flash.read(partition.offset + offset, buffer.length));
        return buffer.length;
      },
    };
    try {
      verifyImage({ source, sizeBytesMax: partition.size, Digest, chipId });
    } catch (error) {
      if (errorCodeOf(error) !== "corrupt") throw error;
      throw new FirmwareError("corrupt", `update ${partition.label}: ${messageOf(error)}`);
    }
  }

  #readEntries(): [OtaEntry, OtaEntry] {
    const read = (index: 0 | 1): OtaEntry => {
      const { flash } = this.#options;
      return readOtaEntry(flash.read(this.#sectorOf(index) * flash.sectorSizeBytes, OTA_ENTRY_SIZE_BYTES));
    };
    return [read(0), read(1)];
  }

  #sectorOf(entry: 0 | 1): number {
    return this.#otadata.offset / this.#options.flash.sectorSizeBytes + entry;
  }
}

/** The default export of `embedded:update` for one chip. */
export function openUpdateStorage(options: UpdateStorageOptions): UpdateStorage {
  return Object.freeze({
    open(openOptions: UpdateOpenOptions): Update {
      const opening = parseOptions(openOptions, options);
      const { target, partition, slot, mode, sizeBytes } = opening;
      target.demandAllowed(partition, slot);
      target.begin(partition, mode === "w" ? sizeBytes : 0);
      const instance = new ChipUpdate(opening);
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
  });
}

function parseOptions(openOptions: UpdateOpenOptions, options: UpdateStorageOptions): Opening {
  if (typeof openOptions !== "object" || openOptions === null) {
    throw new FirmwareError("invalid", "update.open: expected an options object");
  }
  const { mode = "a", byteLength } = openOptions;
  const { format = "buffer" } = openOptions as { format?: unknown };
  const partition = ChipFlashPartition.writablePartitionOf(openOptions.partition);
  const slot = otaSlotOf(partition);
  if (slot === undefined) throw invalid(partition, "no application slot, expected ota_0 … ota_15");
  if (mode !== "a" && mode !== "w") throw invalid(partition, `mode ${String(mode)}, expected "a" or "w"`);
  if (format !== "buffer") throw new FirmwareError("unsupported", `update.open: format ${String(format)}, expected "buffer"`);
  if (byteLength !== undefined && !(Number.isInteger(byteLength) && byteLength > 0 && byteLength <= partition.size)) {
    throw invalid(partition, `byteLength ${String(byteLength)}, expected a positive integer up to ${partition.size}`);
  }
  return new Opening(new UpdateTarget(options), partition, slot, mode, byteLength ?? partition.size);
}

function invalid(partition: Partition, problem: string): FirmwareError {
  return new FirmwareError("invalid", `update ${partition.label}: ${problem}`);
}
