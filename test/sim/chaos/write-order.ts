/**
 * What every single flash operation owes to the cut that may come behind it: what makes a thing count is written last.
 *
 * Most cuts that find a wrong order need a second misfortune beside them, which a thousand lives may not have. The order itself
 * is seen without any. Each function tells what is wrong with an operation that is about to be done, in the words of a promise
 * of docs/design/chaos.md, or nothing; none looks at an operation of the bootloader.
 */
import type { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import type { Operation } from "../../../hosts/node/chaos/fault.js";
import { IMAGE_MAGIC } from "../../../src/image/application-image.js";
import { isValidOtaEntry, readOtaEntry } from "../../../src/image/otadata.js";
import { RECORD_BODY_SIZE_BYTES, RECORD_SIZE_BYTES } from "../../../src/ota/journal-record.js";
import {
  isIn,
  JOURNAL_OFFSET,
  JOURNAL_SIZE_BYTES,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  type Scenario,
  SECTOR_SIZE_BYTES,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
} from "./scenario.js";

/** 14: commit word and CRC are an operation of their own, behind all else of the record or the entry. */
export function lastWordProblem(
  { offset, byteLength }: Operation,
  bytes: Uint8Array,
  flash: ChaosFlash,
  { encrypted }: Scenario,
): string | undefined {
  const isEntry = isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES) && encrypted.length === 0;
  if (!isEntry && !isIn(offset, JOURNAL_OFFSET, JOURNAL_SIZE_BYTES)) return undefined;
  const within = offset % RECORD_SIZE_BYTES;
  if (within + byteLength < RECORD_SIZE_BYTES) return undefined;
  const body = flash.read(offset - within, RECORD_BODY_SIZE_BYTES);
  const what = isEntry ? "an entry" : "a record";
  if (within > 0 && body.every((byte) => byte === 0xff))
    return `14: the last word of ${what} is programmed before the rest of it`;
  const isSame = bytes.every((byte, index) => within + index >= RECORD_BODY_SIZE_BYTES || byte === body[within + index]);
  return isSame ? undefined : `14: the last word of ${what} is programmed together with the rest of it`;
}

/** 5: behind the beginning of an image nothing is written any more. */
export function slotProblem({ kind, offset }: Operation, flash: ChaosFlash): string | undefined {
  const slot = SLOT_OFFSETS.findIndex((start) => offset > start && isIn(offset, start, SLOT_SIZE_BYTES));
  if (slot < 0 || flash.read(SLOT_OFFSETS[slot]!, 1)[0] !== IMAGE_MAGIC) return undefined;
  return `5: ${kind} in slot ${slot}, which begins as an image does`;
}

/** 5: the word that makes an image of a slot is written behind all the others. */
export function imageProblem(
  { kind, offset, byteLength }: Operation,
  flash: ChaosFlash,
  { images }: Scenario,
): string | undefined {
  const slot = SLOT_OFFSETS.indexOf(offset);
  if (slot < 0 || kind === "erase") return undefined;
  const start = SLOT_OFFSETS[slot]!;
  const isRestThere = Object.values(images).some((image) => {
    const rest = image.subarray(byteLength);
    return Buffer.compare(flash.read(start + byteLength, rest.length), rest) === 0;
  });
  return isRestThere ? undefined : `5: slot ${slot} gets the beginning of an image before the rest is there`;
}

/** 12: where one entry is all that names a slot, it is not erased. */
export function onlyEntryProblem({ kind, offset }: Operation, flash: ChaosFlash): string | undefined {
  if (kind !== "erase" || !isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES)) return undefined;
  const isValid = [0, 1].map((sector) => {
    return isValidOtaEntry(readOtaEntry(flash.read(OTADATA_OFFSET + sector * SECTOR_SIZE_BYTES, RECORD_SIZE_BYTES)));
  });
  const erased = (offset - OTADATA_OFFSET) / SECTOR_SIZE_BYTES;
  return isValid[erased] && !isValid[1 - erased] ? "12: the only entry to boot by is erased" : undefined;
}
