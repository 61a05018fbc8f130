/**
 * What the esp_ota_* calls do to otadata, version by version of ESP-IDF, traps included.
 *
 * Pure rules over the two entries. They take "the active entry" by its sequence number for that of the running slot, which
 * after a fallback boot it is not: before 6.0 a selection then overwrites the entry of the slot that works (trap T1). Rules
 * tried on v5.1.7 and read in the sources of v5.5 and v6.0; the traps are those of docs/design/ota.md. The marks are alike in
 * all of them.
 */
import { assert } from "../../src/assert.js";
import {
  isBlankOtaEntry,
  isUsableOtaEntry,
  isValidOtaEntry,
  type OtaEntry,
  OtaState,
  otaSequenceCrc,
  selectOtaEntry,
  slotOfSequence,
} from "../../src/image/otadata.js";

/** The versions that differ. 5.1 stands for all before 5.5, 6.0 for all since. */
export type IDFVersion = "5.1" | "5.5" | "6.0";

export interface EspOtaRules {
  readonly idf: IDFVersion;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE. */
  readonly rollback: boolean;
  readonly slotCount: number;
}

type Entries = readonly [OtaEntry, OtaEntry];

/** An entry that is about to be written. */
export interface EntryChange {
  readonly index: 0 | 1;
  readonly sequence: number;
  readonly state: number;
}

/** Whether esp_ota_begin() refuses because the running image is on trial. Like IDF it believes the first entry of the slot. */
export function isOnTrial(entries: Entries, runningSlot: number, rules: EspOtaRules): boolean {
  if (!rules.rollback) return false;
  for (const entry of entries) {
    if (names(entry, runningSlot, rules)) return entry.state === OtaState.pendingVerify;
  }
  return false;
}

/** The entry that esp_ota_begin() erases after it has erased the slot, from 5.5 on; `undefined` where it erases none. */
export function entryErasedAtBegin(entries: Entries, runningSlot: number, rules: EspOtaRules): 0 | 1 | undefined {
  if (rules.idf === "5.1" || !rules.rollback) return undefined;
  const active = selectOtaEntry(entries);
  if (active === undefined) return undefined;
  const inactive = active === 0 ? 1 : 0;
  const entry = entries[inactive];
  if (isBlankOtaEntry(entry) || entry.crc !== otaSequenceCrc(entry.sequence)) return undefined;
  return names(entry, runningSlot, rules) ? undefined : inactive;
}

/** The entry that esp_ota_set_boot_partition(slot) writes, after its sector is erased. */
export function entryWrittenAtSelect(entries: Entries, slot: number, rules: EspOtaRules): EntryChange {
  assert(slot >= 0 && slot < rules.slotCount, "entryWrittenAtSelect: slot is 0 … slotCount − 1");
  const state = rules.rollback ? OtaState.new : OtaState.undefined;
  const active = selectOtaEntry(entries);
  if (active === undefined) return { index: 0, sequence: slot + 1, state };
  const activeSequence = entries[active].sequence;
  if (rules.idf === "6.0" && slotOfSequence(activeSequence, rules.slotCount) === slot) {
    return { index: active, sequence: activeSequence, state };
  }
  // The smallest number not below the active one: the same number again where the slot is the active one (T7).
  const lowest = (slot + 1) % rules.slotCount;
  const rounds = Math.max(0, Math.ceil((activeSequence - lowest) / rules.slotCount));
  return { index: active === 0 ? 1 : 0, sequence: (lowest + rounds * rules.slotCount) >>> 0, state };
}

/**
 * The entry that esp_ota_mark_app_valid_cancel_rollback() rewrites in place: the active one, whoever runs (T2). `undefined`
 * where there is none, or where it is VALID already.
 */
export function entryWrittenAtMarkValid(entries: Entries): EntryChange | undefined {
  const active = selectOtaEntry(entries);
  if (active === undefined || entries[active].state === OtaState.valid) return undefined;
  return { index: active, sequence: entries[active].sequence, state: OtaState.valid };
}

/** What esp_ota_mark_app_invalid_rollback() does, where the image in `slotBack` verifies. */
export interface InvalidMark {
  readonly change: EntryChange;
  /** The slot of the other entry, which will boot next. */
  readonly slotBack: number;
}

/** `undefined` where it refuses because nothing could boot instead. Of a chip without a factory partition. */
export function entryWrittenAtMarkInvalid(entries: Entries, rules: EspOtaRules): InvalidMark | undefined {
  const active = selectOtaEntry(entries);
  if (active === undefined) return undefined;
  const other = entries[active === 0 ? 1 : 0];
  if (!isValidOtaEntry(other)) return undefined;
  const change: EntryChange = { index: active, sequence: entries[active].sequence, state: OtaState.invalid };
  return { change, slotBack: slotOfSequence(other.sequence, rules.slotCount) };
}

/**
 * The slot that esp_ota_get_last_invalid_partition() means, where its image verifies: of an INVALID or ABORTED entry with a
 * right crc, of two the one with the smaller sequence number.
 */
export function lastInvalidSlot(entries: Entries, rules: EspOtaRules): number | undefined {
  let sequence: number | undefined;
  for (const entry of entries) {
    const isInvalid = !isBlankOtaEntry(entry) && !isUsableOtaEntry(entry) && entry.crc === otaSequenceCrc(entry.sequence);
    if (isInvalid) sequence = Math.min(sequence ?? entry.sequence, entry.sequence);
  }
  return sequence === undefined ? undefined : slotOfSequence(sequence, rules.slotCount);
}

/** As esp_ota_get_state_partition() compares: the crc has to be right, the state is not looked at. */
function names(entry: OtaEntry, slot: number, rules: EspOtaRules): boolean {
  return entry.crc === otaSequenceCrc(entry.sequence) && slotOfSequence(entry.sequence, rules.slotCount) === slot;
}
