/**
 * What a flash holds, read from outside by the same code that the device uses: for stories, tests and people.
 *
 * Works on a copy, so looking never writes, and may look at a file that a running chip holds.
 */
import { readFileSync } from "node:fs";
import { messageOf } from "../../../src/errors.js";
import { parseImageHead } from "../../../src/image/application-image.js";
import { verifyImage } from "../../../src/image/image-verifier.js";
import { isValidOtaEntry, type OtaEntry, otaStateName, readOtaEntry, slotOfSequence } from "../../../src/image/otadata.js";
import type { Partition } from "../../../src/image/partition.js";
import type { History } from "../../../src/ota/history.js";
import { Journal } from "../../../src/ota/journal.js";
import { imageIdOf } from "../../../src/ota/journal-record.js";
import { openFlashStorage } from "../../simulated/flash.js";
import { Digest } from "../digest.js";
import { NorFlash } from "../nor-flash.js";
import { readPartitions } from "../open-host.js";

/** One slot as the bootloader and a person see it. */
export interface SlotReport {
  readonly slot: number;
  /** From the application descriptor; `undefined` where there is no image. */
  readonly version: string | undefined;
  readonly imageId: string | undefined;
  /** Why the image would not boot; `undefined` where it is whole or absent. */
  readonly fault: string | undefined;
  /** The state in the slot's otadata entry; `undefined` where no valid checksum names the slot. */
  readonly state: string | undefined;
}

export interface FlashReport {
  readonly slots: readonly SlotReport[];
  readonly quarantine: readonly string[];
  readonly history: History;
}

/** Reads a flash file. Throws `corrupt` where there is no partition table. */
export function inspectFlash(file: string): FlashReport {
  return inspectSnapshot(readFileSync(file));
}

/** Reads a flash's bytes. */
export function inspectSnapshot(bytes: Uint8Array): FlashReport {
  const flash = NorFlash.from(bytes);
  const partitions = readPartitions(flash);
  const otadata = partitions.find((partition) => partition.label === "otadata");
  const entries = otadata ? [0, 1].map((index) => readOtaEntry(flash.read(otadata.offset + index * 4096, 32))) : [];
  const journal = new Journal({ flash: openFlashStorage({ flash, partitions }) });
  const slots = [0, 1].map((slot) => reportSlot(flash, partitions, entries, slot));
  return { slots, quarantine: journal.history.quarantine.images.map(({ imageId }) => imageId), history: journal.history };
}

function reportSlot(flash: NorFlash, partitions: readonly Partition[], entries: readonly OtaEntry[], slot: number): SlotReport {
  const partition = partitions.find(({ label }) => label === `ota_${slot}`);
  const entry = entries.find((candidate) => namesSlot(candidate, slot));
  const state = entry && otaStateName(entry.state);
  const none = { slot, version: undefined, imageId: undefined, fault: undefined, state };
  if (!partition) return none;
  const bytes = flash.read(partition.offset, partition.size);
  if (bytes[0] === 0xff) return none;
  try {
    const { descriptor } = parseImageHead(bytes);
    const source = {
      read(buffer: Uint8Array, offset: number): number {
        buffer.set(bytes.subarray(offset, offset + buffer.length));
        return buffer.length;
      },
    };
    const { hash } = verifyImage({ source, sizeBytesMax: partition.size, Digest });
    return { ...none, version: descriptor.version, imageId: imageIdOf(hash) };
  } catch (error) {
    return { ...none, fault: messageOf(error) };
  }
}

/** INVALID and ABORTED entries name their slot too. */
function namesSlot(entry: OtaEntry, slot: number): boolean {
  const hasRightCrc = isValidOtaEntry({ ...entry, state: 2 });
  return hasRightCrc && slotOfSequence(entry.sequence, 2) === slot;
}
