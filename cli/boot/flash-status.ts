/**
 * All that a flash says about a device's updates, as plain values: what `holdfast boot status` shows, and its --json.
 *
 * Read from the bytes alone, by the device's code on a copy. What no dump can tell is a value of its own, so that nobody takes
 * a guess for a finding.
 */
import { inspectSnapshot, type SlotReport } from "../../hosts/node/simulator/inspect.js";
import { FirmwareError, messageOf } from "../../src/errors.js";
import { PARTITION_TABLE_OFFSET, PARTITION_TABLE_SIZE_BYTES, parsePartitionTable } from "../../src/image/partition-table.js";
import { lastVerdictOf } from "../../src/ota/boot-status.js";
import type { Progress, Trial } from "../../src/ota/history.js";
import type { JournalHealth } from "../../src/ota/journal.js";
import type { QuarantinedImage } from "../../src/ota/quarantine.js";
import { ATTEMPT_COUNT_MAX } from "../../src/ota/situation.js";
import type { UpdateMemory } from "../../src/ota/update-judge.js";
import { type Foresight, foreseeStarts } from "./next-start.js";

const SECTOR_SIZE_BYTES = 4096;
const EXPECTED = "all of a flash, as `holdfast sim` keeps it or `esptool read_flash 0 ALL FILE` reads it";
/** Always so: none of it is on flash. */
const UNKNOWN = Object.freeze([
  "why the next start comes (the chip's reset reason): each kind is told",
  "what retained memory holds: a watchdog's bite is a crash only where the watchdog left its record there",
  "the bootloader's build and the chip's revision: taken for granted is that images are validated",
  "an encrypted flash, which reads as noise here",
]);

export interface FlashStatus {
  readonly flashSizeBytes: number;
  /** Starts since the journal began. */
  readonly bootCount: number;
  /** Unhealthy starts in a row, and whether the other image was taken for them. */
  readonly streak: { readonly count: number; readonly isFallbackTaken: boolean };
  readonly next: readonly Foresight[];
  readonly slots: readonly SlotReport[];
  readonly trial: (Trial & { readonly attemptCountMax: number }) | undefined;
  readonly lastVerdict: ReturnType<typeof lastVerdictOf>;
  readonly quarantine: readonly QuarantinedImage[];
  readonly floors: Omit<UpdateMemory, "nextKeyDigest"> & { readonly nextKeyDigest: string | undefined };
  readonly download: Progress | undefined;
  /** `undefined` where the partition table has none. */
  readonly journal: JournalHealth | undefined;
  readonly isJournalBlank: boolean;
  /** Whether the bootloader takes a trial back, as far as one has shown: present, missing, unknown. */
  readonly bootloaderRollback: string;
  readonly unknown: readonly string[];
}

/** Throws `corrupt`, in one line, for what is no flash: `name` stands in it. */
export function flashStatusOf(bytes: Uint8Array, name: string): FlashStatus {
  demandFlash(bytes, name);
  const report = reading(name, () => inspectSnapshot(bytes));
  const { history, slots, journal, isJournalBlank } = report;
  const bootloaderRollback = history.confirmed?.bootloaderRollback ?? "unknown";
  const { nextKeyDigest, ...floors } = history.memory;
  const { count, isFallbackTaken } = history.streak;
  return {
    flashSizeBytes: bytes.length,
    bootCount: history.bootCount,
    streak: { count, isFallbackTaken },
    next: foreseeStarts(bytes, { rollback: bootloaderRollback !== "missing" }),
    slots,
    trial: history.trial && { ...history.trial, attemptCountMax: ATTEMPT_COUNT_MAX },
    lastVerdict: lastVerdictOf(history),
    quarantine: history.quarantine.images,
    floors: { ...floors, nextKeyDigest: nextKeyDigest && Buffer.from(nextKeyDigest).toString("hex") },
    download: history.progress,
    journal,
    isJournalBlank,
    bootloaderRollback,
    unknown: UNKNOWN,
  };
}

function demandFlash(bytes: Uint8Array, name: string): void {
  const needed = PARTITION_TABLE_OFFSET + PARTITION_TABLE_SIZE_BYTES;
  if (bytes.length < needed) {
    throw new FirmwareError(
      "corrupt",
      `${name}: has ${bytes.length} bytes, too short for a partition table; expected ${EXPECTED}`,
    );
  }
  if (bytes.length % SECTOR_SIZE_BYTES !== 0) {
    throw new FirmwareError("corrupt", `${name}: has ${bytes.length} bytes, no whole number of sectors; expected ${EXPECTED}`);
  }
  const table = bytes.slice(PARTITION_TABLE_OFFSET, needed);
  if (table[0] !== 0xaa || table[1] !== 0x50) {
    const found = table.every((byte) => byte === 0xff) ? "is blank" : "holds something else";
    const expected = `${EXPECTED}, of a flash that is not encrypted`;
    throw new FirmwareError("corrupt", `${name}: no partition table: 0x8000 ${found}; expected ${expected}`);
  }
  reading(name, () => parsePartitionTable(table, { flashSizeBytes: bytes.length }));
}

/** A dump that ends too early has partitions behind its end, and a table of another product a journal of another shape. */
function reading<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new FirmwareError("corrupt", `${name}: ${messageOf(error)}; expected ${EXPECTED}`);
  }
}
