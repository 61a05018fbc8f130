/**
 * What a flash holds, read from outside by the same code that the device uses: for stories, tests and people.
 *
 * Works on a copy, so looking never writes, and may look at a file that a running chip holds.
 */
import { readFileSync } from "node:fs";
import { errorCodeOf, messageOf } from "../../../src/errors.js";
import { parseImageHead } from "../../../src/image/application-image.js";
import { imageSourceOf } from "../../../src/image/image-source.js";
import { verifyImage } from "../../../src/image/image-verifier.js";
import { isValidOtaEntry, type OtaEntry, otaStateName, readOtaEntry, slotOfSequence } from "../../../src/image/otadata.js";
import { otadataOf, otaSlotsOf, type Partition } from "../../../src/image/partition.js";
import { BootLog } from "../../../src/ota/boot-log.js";
import type { History } from "../../../src/ota/history.js";
import { readImageId } from "../../../src/ota/image-identity.js";
import type { JournalHealth } from "../../../src/ota/journal.js";
import { imageIdOf } from "../../../src/ota/journal-record.js";
import { openFlashStorage } from "../../simulated/flash.js";
import { Digest } from "../digest.js";
import { NorFlash } from "../nor-flash.js";
import { readPartitions } from "../open-host.js";

const ERASED = 0xff;

/** One slot as the bootloader and a person see it. */
export interface SlotReport {
  readonly slot: number;
  /** From the application descriptor; `undefined` where there is no image, or one that would not boot. */
  readonly version: string | undefined;
  readonly imageId: string | undefined;
  /** What the image's own words say of it, whether it would boot or not; `undefined` where they cannot be read. */
  readonly stated: { readonly version: string | undefined; readonly imageId: string | undefined } | undefined;
  /** Why the image would not boot; `undefined` where it is whole or absent. */
  readonly fault: string | undefined;
  /** The state in the slot's otadata entry; `undefined` where no valid checksum names the slot. */
  readonly state: string | undefined;
  /** What the image's release was numbered; `undefined` where no release named it. */
  readonly releaseNumber: number | undefined;
  readonly securityVersion: number | undefined;
}

export interface FlashReport {
  readonly partitions: readonly Partition[];
  readonly slots: readonly SlotReport[];
  readonly quarantine: readonly string[];
  readonly history: History;
  /** `undefined` where the partition table has no journal. */
  readonly journal: JournalHealth | undefined;
  /** Nothing was ever written to the journal. */
  readonly isJournalBlank: boolean;
}

/** Reads a flash file. Throws `corrupt` where there is no partition table. */
export function inspectFlash(file: string): FlashReport {
  return inspectSnapshot(readFileSync(file));
}

/** Reads a flash's bytes. */
export function inspectSnapshot(bytes: Uint8Array): FlashReport {
  const flash = NorFlash.from(bytes);
  const partitions = readPartitions(flash);
  const storage = openFlashStorage({ flash, partitions });
  const journal = partitions.find(({ label }) => label === "journal");
  const isJournalBlank = isBlank(flash, journal); // Opened, it is formatted.
  const { history, health } = new BootLog(storage);
  const otadata = otadataOf(partitions);
  const entries = otadata ? [0, 1].map((index) => readOtaEntry(flash.read(otadata.offset + index * 4096, 32))) : [];
  const slots = [0, 1].map((slot) => {
    const found = reportSlot(flash, otaSlotsOf(partitions)[slot], slot);
    const entry = entries.find((candidate) => namesSlot(candidate, slot));
    const release = history.releases.of(found.stated?.imageId);
    const { sequenceNumber: releaseNumber, securityVersion } = release ?? {};
    return { ...found, state: entry && otaStateName(entry.state), releaseNumber, securityVersion };
  });
  const quarantine = history.quarantine.images.map(({ imageId }) => imageId);
  return { partitions, slots, quarantine, history, journal: health, isJournalBlank };
}

type FoundImage = Omit<SlotReport, "state" | "releaseNumber" | "securityVersion">;

function reportSlot(flash: NorFlash, partition: Partition | undefined, slot: number): FoundImage {
  const none = { slot, version: undefined, imageId: undefined, stated: undefined, fault: undefined };
  if (!partition) return none;
  const bytes = flash.read(partition.offset, partition.size);
  if (bytes[0] === ERASED) return none;
  const stated = statedBy(bytes);
  try {
    const { hash } = verifyImage({ source: imageSourceOf(bytes), sizeBytesMax: partition.size, Digest });
    return { ...none, version: stated?.version, imageId: imageIdOf(hash), stated };
  } catch (error) {
    return { ...none, stated, fault: messageOf(error) };
  }
}

/** By the header, without a look at the rest. */
function statedBy(bytes: Uint8Array): SlotReport["stated"] {
  try {
    const { descriptor } = parseImageHead(bytes);
    return { version: descriptor.version, imageId: readImageId(imageSourceOf(bytes), bytes.length) };
  } catch (error) {
    if (errorCodeOf(error) !== "corrupt") throw error;
    return undefined;
  }
}

function isBlank(flash: NorFlash, partition: Partition | undefined): boolean {
  return partition !== undefined && flash.read(partition.offset, partition.size).every((byte) => byte === ERASED);
}

/** INVALID and ABORTED entries name their slot too. */
function namesSlot(entry: OtaEntry, slot: number): boolean {
  const hasRightCrc = isValidOtaEntry({ ...entry, state: 2 });
  return hasRightCrc && slotOfSequence(entry.sequence, 2) === slot;
}
