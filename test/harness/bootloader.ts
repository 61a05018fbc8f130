/**
 * The stock bootloader on two slots, for portable specs: which slot boots, and what is left in otadata.
 *
 * The whole model, partition table and factory image included, is hosts/node/bootloader.ts, held against recorded boots. Only
 * Node has it; this one is its part for a flash of two slots, from the same rules (docs/design/bootloader.md), on any engine.
 */
import { errorCodeOf } from "../../src/errors.js";
import { IMAGE_MAGIC } from "../../src/image/application-image.js";
import { verifyImage } from "../../src/image/image-verifier.js";
import {
  encodeOtaEntry,
  isBlankOtaEntry,
  isUsableOtaEntry,
  OTA_ENTRY_SIZE_BYTES,
  OtaState,
  otaSequenceCrc,
  readOtaEntry,
  selectOtaEntry,
  slotOfSequence,
} from "../../src/image/otadata.js";
import type { DigestConstructor } from "../../src/ports/digest.js";
import type { FlashPartition, FlashStorage } from "../../src/ports/flash.js";

const SLOT_COUNT = 2;
const STATE_OFFSET = 24;

export interface BootloaderOptions {
  /** Has `otadata`, `ota_0` and `ota_1`. */
  readonly flash: FlashStorage;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE. */
  readonly rollback: boolean;
  /** "skipped": only the magic byte is looked at. */
  readonly validation: "always" | "skipped";
  readonly Digest: DigestConstructor;
}

/** Boots once from reset, and writes otadata as the real one does. The slot that runs; `undefined` where none can. */
export function runBootloader(options: BootloaderOptions): number | undefined {
  const otadata = options.flash.open({ path: "otadata", mode: "r+" });
  const raw = [readRaw(otadata, 0), readRaw(otadata, 1)];
  // An image that was on trial and did not confirm is aborted, whatever its entry's checksum says.
  if (options.rollback) restate(otadata, raw, OtaState.pendingVerify, OtaState.aborted, [0, 1]);
  const entries = raw.map((bytes) => readOtaEntry(bytes));
  const selected = selectOtaEntry(entries);
  if (selected !== undefined) {
    // A new image goes on trial before it is looked at.
    if (options.rollback) restate(otadata, raw, OtaState.new, OtaState.pendingVerify, [selected]);
    return firstThatBoots(options, slotOfSequence(entries[selected]!.sequence, SLOT_COUNT));
  }
  const isUsable = entries.some(isUsableOtaEntry);
  const isInitial = entries.every((entry) => entry.crc !== otaSequenceCrc(entry.sequence) || isBlankOtaEntry(entry));
  const slot = firstThatBoots(options, 0);
  if (slot !== undefined && isInitial && !isUsable) writeEntry(otadata, 0, encodeOtaEntry(slot + 1, OtaState.valid));
  return slot;
}

function readRaw(otadata: FlashPartition, index: number): Uint8Array {
  return new Uint8Array(otadata.read(OTA_ENTRY_SIZE_BYTES, index * otadata.status().blockLength));
}

/** Of the entries at `indices`, those in the state `from` go to `to`: all else is written back as it was. */
function restate(otadata: FlashPartition, raw: Uint8Array[], from: number, to: number, indices: readonly number[]): void {
  for (const index of indices) {
    if (readOtaEntry(raw[index]!).state !== from) continue;
    const bytes = raw[index]!.slice();
    new DataView(bytes.buffer).setUint32(STATE_OFFSET, to, true);
    writeEntry(otadata, index, bytes);
    raw[index] = bytes;
  }
}

function writeEntry(otadata: FlashPartition, index: number, bytes: Uint8Array): void {
  otadata.eraseBlock(index);
  otadata.write(bytes, index * otadata.status().blockLength);
}

/** Slot `first`, those below it, then those above it. */
function firstThatBoots(options: BootloaderOptions, first: number): number | undefined {
  if (isBootable(options, first)) return first;
  return isBootable(options, 1 - first) ? 1 - first : undefined;
}

function isBootable({ flash, validation, Digest }: BootloaderOptions, slot: number): boolean {
  const partition = flash.open({ path: `ota_${slot}`, mode: "r" });
  if (validation === "skipped") return new Uint8Array(partition.read(1, 0))[0] === IMAGE_MAGIC;
  try {
    verifyImage({ source: partition, sizeBytesMax: partition.status().size, Digest });
    return true;
  } catch (error) {
    if (errorCodeOf(error) !== "corrupt") throw error;
    return false;
  }
}
