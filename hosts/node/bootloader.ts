/**
 * A model of the stock ESP-IDF bootloader: which partition boots, and what is left in otadata, for a given flash.
 *
 * Simulated devices boot through it, so that the core's claims are about the bootloader that products ship. It agrees with
 * every recorded boot of the real one in test/fixtures/bootloader-vectors.json; what rests on reading alone (`validation:
 * "skipped"`) says so. It keeps nothing: like the real one it knows only the flash. See docs/design/bootloader.md.
 */
import { errorCodeOf, messageOf } from "../../src/errors.js";
import { IMAGE_MAGIC } from "../../src/image/application-image.js";
import { verifyImage } from "../../src/image/image-verifier.js";
import {
  encodeOtaEntry,
  isBlankOtaEntry,
  isUsableOtaEntry,
  OTA_ENTRY_SIZE_BYTES,
  type OtaEntry,
  OtaState,
  otaSequenceCrc,
  readOtaEntry,
  selectOtaEntry,
  slotOfSequence,
} from "../../src/image/otadata.js";
import { factoryOf, otadataOf, otaSlotsOf, type Partition } from "../../src/image/partition.js";
import { OTADATA_SIZE_BYTES } from "../../src/image/partition-check.js";
import { PARTITION_TABLE_OFFSET, PARTITION_TABLE_SIZE_BYTES, parsePartitionTable } from "../../src/image/partition-table.js";
import type { DigestConstructor } from "../../src/ports/digest.js";
import type { RawFlash } from "../simulated/chip.js";

const STATE_OFFSET = 24;

export interface BootloaderOptions {
  readonly flash: RawFlash;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE. */
  readonly rollback: boolean;
  /**
   * "skipped" is CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS: only the magic byte is looked at. Modelled from the text, without
   * recorded vectors.
   */
  readonly validation: "always" | "skipped";
  /** The chip that boots, one of ChipId; images for any chip boot without it. */
  readonly chipId?: number;
  /** Its revision and its eFuse block's, major × 100 + minor; not judged without them. */
  readonly chipRevision?: number;
  readonly efuseBlockRevision?: number;
  readonly Digest: DigestConstructor;
}

export interface BootResult {
  /** What was booted; `undefined` where nothing boots and the chip resets for ever. */
  readonly partition: Partition | undefined;
  /** The application slot that it is; `undefined` for factory and where nothing boots. */
  readonly slot: number | undefined;
  /** One line for each decision, in order. */
  readonly log: string[];
}

/** What may boot, in one boot. */
interface Candidate {
  readonly partition: Partition;
  readonly slot: number | undefined;
}

/** otadata as it stands in flash; `sector` is the number of the first of its two sectors. */
interface Otadata {
  readonly sector: number;
  readonly raw: readonly [Uint8Array, Uint8Array];
  readonly entries: readonly [OtaEntry, OtaEntry];
}

/**
 * Boots once from reset. Writes otadata as the real one does: the sector is erased, then 32 bytes are programmed, so that a
 * flash that loses power throws out of here with otadata half written. What the flash throws is not caught.
 */
export function runBootloader(options: BootloaderOptions): BootResult {
  const log: string[] = [];
  const partitions = readPartitions(options.flash, log);
  if (partitions === undefined) return { partition: undefined, slot: undefined, log };
  const otadata = otadataOf(partitions);
  if (otadata !== undefined && otadata.size !== OTADATA_SIZE_BYTES) {
    log.push(`otadata has ${otadata.size} bytes, expected ${OTADATA_SIZE_BYTES}`);
    return { partition: undefined, slot: undefined, log };
  }
  const slots = otaSlotsOf(partitions);
  const factory = factoryOf(partitions);
  let first = -1; // Factory, if there is one.
  let initialContents = false;
  if (otadata !== undefined && slots.length > 0) {
    let entries = readOtadata(options.flash, otadata);
    if (options.rollback) entries = abortPending(options.flash, entries, log);
    const usable = isUsableOtaEntry(entries.entries[0]) || isUsableOtaEntry(entries.entries[1]);
    const selected = selectOtaEntry(entries.entries);
    if (selected !== undefined) {
      first = slotOfSequence(entries.entries[selected].sequence, slots.length);
      log.push(`otadata[${selected}] selects ota_${first}`);
      if (options.rollback) startTrial(options.flash, entries, selected, log);
    } else if (!usable && factory === undefined) {
      first = 0;
      initialContents = entries.entries.every(
        (entry) => entry.crc !== otaSequenceCrc(entry.sequence) || isBlankOtaEntry(entry),
      );
      log.push("no usable otadata and no factory: ota_0");
    } else {
      log.push(usable ? "no valid otadata: factory, then every slot" : "no usable otadata: factory");
    }
  }
  const booted = bootFirst(options, candidatesFrom(first, slots, factory), log);
  if (booted?.slot !== undefined && initialContents) {
    writeEntry(options.flash, otadata!.offset / options.flash.sectorSizeBytes, encodeOtaEntry(booted.slot + 1, OtaState.valid));
    log.push(`otadata[0] written: sequence ${booted.slot + 1}, valid`);
  }
  return { partition: booted?.partition, slot: booted?.slot, log };
}

function readPartitions(flash: RawFlash, log: string[]): readonly Partition[] | undefined {
  const bytes = flash.read(PARTITION_TABLE_OFFSET, PARTITION_TABLE_SIZE_BYTES);
  try {
    return parsePartitionTable(bytes, { flashSizeBytes: flash.sizeBytes }).partitions;
  } catch (error) {
    if (errorCodeOf(error) !== "corrupt") throw error;
    log.push(messageOf(error));
    return undefined;
  }
}

function readOtadata(flash: RawFlash, partition: Partition): Otadata {
  const first = flash.read(partition.offset, OTA_ENTRY_SIZE_BYTES);
  const second = flash.read(partition.offset + flash.sectorSizeBytes, OTA_ENTRY_SIZE_BYTES);
  return {
    sector: partition.offset / flash.sectorSizeBytes,
    raw: [first, second],
    entries: [readOtaEntry(first), readOtaEntry(second)],
  };
}

/** Rule 1: an image that was on trial and did not confirm is aborted, whatever its entry's checksum says. */
function abortPending(flash: RawFlash, otadata: Otadata, log: string[]): Otadata {
  const entries: [OtaEntry, OtaEntry] = [otadata.entries[0], otadata.entries[1]];
  for (const index of [0, 1] as const) {
    if (entries[index].state !== OtaState.pendingVerify) continue;
    entries[index] = rewriteState(flash, otadata, index, OtaState.aborted);
    log.push(`otadata[${index}] was on trial and is marked aborted`);
  }
  return { ...otadata, entries };
}

/** Rule 4: a new image goes on trial before it is verified. */
function startTrial(flash: RawFlash, otadata: Otadata, index: 0 | 1, log: string[]): void {
  if (otadata.entries[index].state !== OtaState.new) return;
  rewriteState(flash, otadata, index, OtaState.pendingVerify);
  log.push(`otadata[${index}] is new and marked pending verify`);
}

/** Only the state changes; label and checksum, right or wrong, are written back as they were. */
function rewriteState(flash: RawFlash, otadata: Otadata, index: 0 | 1, state: number): OtaEntry {
  const bytes = otadata.raw[index].slice();
  new DataView(bytes.buffer).setUint32(STATE_OFFSET, state, true);
  writeEntry(flash, otadata.sector + index, bytes);
  return readOtaEntry(bytes);
}

/** As write_otadata: an error of the flash is logged there, and nobody looks at it. */
function writeEntry(flash: RawFlash, sector: number, bytes: Uint8Array): void {
  try {
    flash.eraseSector(sector);
    flash.program(sector * flash.sectorSizeBytes, bytes);
  } catch (error) {
    if (errorCodeOf(error) !== "io") throw error;
  }
}

/** Rule 6: slot `first`, those below it, factory, those above it. `first` −1 stands for factory. */
function candidatesFrom(first: number, slots: readonly Partition[], factory: Partition | undefined): Candidate[] {
  const candidates: Candidate[] = [];
  for (let slot = first; slot >= 0; slot--) candidates.push({ partition: slots[slot]!, slot });
  if (factory !== undefined) candidates.push({ partition: factory, slot: undefined });
  for (let slot = first + 1; slot < slots.length; slot++) candidates.push({ partition: slots[slot]!, slot });
  return candidates;
}

function bootFirst(options: BootloaderOptions, candidates: readonly Candidate[], log: string[]): Candidate | undefined {
  for (const candidate of candidates) {
    const problem = problemOf(options, candidate.partition);
    if (problem === undefined) {
      log.push(`boots ${candidate.partition.label}`);
      return candidate;
    }
    log.push(`${candidate.partition.label} does not boot: ${problem}`);
  }
  log.push("no bootable partition");
  return undefined;
}

/** Why the image in `partition` does not boot; `undefined` where it does. */
function problemOf(options: BootloaderOptions, partition: Partition): string | undefined {
  const flash = options.flash;
  if (options.validation === "skipped") {
    return flash.read(partition.offset, 1)[0] === IMAGE_MAGIC ? undefined : "wrong magic byte";
  }
  const source = {
    read(buffer: Uint8Array, offset: number): number {
      buffer.set(flash.read(partition.offset + offset, buffer.length));
      return buffer.length;
    },
  };
  try {
    verifyImage({
      source,
      sizeBytesMax: partition.size,
      Digest: options.Digest,
      chipId: options.chipId,
      chipRevision: options.chipRevision,
      efuseBlockRevision: options.efuseBlockRevision,
    });
    return undefined;
  } catch (error) {
    if (errorCodeOf(error) !== "corrupt") throw error;
    return messageOf(error);
  }
}
