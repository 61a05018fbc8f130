/**
 * The one writer of otadata: arms, confirms and rejects slots in the format that the stock bootloader reads.
 *
 * ESP-IDF's own calls pick "the active entry" by its sequence number, which is the wrong one after a fallback boot and then
 * overwrites the entry of the good slot. Here the own entry is found by the running slot, a state is never changed without an
 * erase, and the CRC is the last word written, so that a torn entry is an entry that is not there. The traps are T1…T7 of
 * docs/design/ota.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import {
  encodeOtaEntry,
  isBlankOtaEntry,
  isUsableOtaEntry,
  isValidOtaEntry,
  nextSequence,
  OTA_ENTRY_SIZE_BYTES,
  type OtaEntry,
  OtaState,
  otaSequenceCrc,
  readOtaEntry,
  selectOtaEntry,
  slotOfSequence,
} from "../image/otadata.js";
import type { FlashPartition, FlashStorage } from "../ports/flash.js";
import type { OwnEntry } from "./decision.js";

/** The layout that the core supports: ota_0 and ota_1. */
export const SLOT_COUNT = 2;
const CRC_OFFSET = 28;

export class BootEntries {
  readonly #partition: FlashPartition;

  /** Opens `otadata`. Throws `invalid` unless it has the two sectors that ESP-IDF asks for. */
  constructor(flash: FlashStorage) {
    this.#partition = flash.open({ path: "otadata", mode: "r+" });
    if (this.#partition.status().blocks !== 2) {
      this.#partition.close();
      throw new FirmwareError("invalid", "otadata: expected two sectors");
    }
  }

  /** Both entries as they stand on flash. */
  read(): [OtaEntry, OtaEntry] {
    return [this.#readEntry(0), this.#readEntry(1)];
  }

  /** The entry with a right CRC that names the slot, whatever its state; `undefined` where there is none. */
  entryOf(slot: number): OtaEntry | undefined {
    const entries = this.read();
    const index = ownIndex(entries, slot);
    return index === undefined ? undefined : entries[index];
  }

  /** How the bootloader and the entries see the slot that runs. */
  classifyOwn(runningSlot: number): OwnEntry {
    const entries = this.read();
    const own = ownIndex(entries, runningSlot);
    if (own === undefined) return "unsettled";
    const entry = entries[own]!;
    if (!isUsableOtaEntry(entry) || selectOtaEntry(entries) !== own) return "unsettled";
    if (entry.state === OtaState.valid) return "confirmed";
    return entry.state === OtaState.pendingVerify ? "pending" : "unstated";
  }

  /**
   * Makes the running slot's entry VALID and the one that the bootloader follows; an entry that outranks it belongs to a slot
   * that did not boot and becomes INVALID. Writes nothing where all is so already. A cut inside leaves an entry to boot by
   * where there was one: the own one is rewritten in place only beside another valid one, else written anew beside itself (T4).
   */
  settle(runningSlot: number): void {
    const entries = this.read();
    let own = ownIndex(entries, runningSlot);
    if (own === undefined) {
      own = isValidOtaEntry(entries[0]) ? 1 : 0;
      this.#write(own, nextSequence(greatestValidSequence(entries), runningSlot, SLOT_COUNT), OtaState.valid);
    } else if (entries[own]!.state !== OtaState.valid) {
      let { sequence } = entries[own]!;
      if (!isValidOtaEntry(entries[1 - own]!)) {
        own = own === 0 ? 1 : 0;
        sequence = nextSequence(sequence, runningSlot, SLOT_COUNT);
      }
      this.#write(own, sequence, OtaState.valid);
    }
    const after = this.read();
    const other = after[1 - own]!;
    if (selectOtaEntry(after) !== own) this.#write(1 - own, other.sequence, OtaState.invalid);
  }

  /**
   * Programs the running slot's entry once more, as it reads. Where the power went in the very moment of its last word, it
   * reads right at this start, and as noise later on: what does not stay is seen now, and settled.
   */
  strengthen(runningSlot: number): void {
    const entries = this.read();
    const own = ownIndex(entries, runningSlot);
    if (own === undefined) return;
    const offset = own * this.#partition.status().blockLength;
    this.#partition.write(this.#partition.read(OTA_ENTRY_SIZE_BYTES, offset), offset);
  }

  /** Whether the running slot's entry is VALID and followed: only then may another slot be written or armed. */
  isSettled(runningSlot: number): boolean {
    return this.classifyOwn(runningSlot) === "confirmed";
  }

  /**
   * The bootloader boots `slot` once, as NEW. The new entry replaces the one that is not the running slot's, with the smallest
   * sequence above the own one, so the own entry is never touched. Asserts that the own entry is settled.
   */
  arm(slot: number, runningSlot: number): void {
    assert(slot !== runningSlot, "arm: the running slot is not armed");
    const entries = this.read();
    const own = ownIndex(entries, runningSlot);
    assert(own !== undefined && this.isSettled(runningSlot), "arm: the running slot's entry is confirmed first");
    this.#write(1 - own, nextSequence(entries[own]!.sequence, slot, SLOT_COUNT), OtaState.new);
  }

  /** Whether the bootloader would go to the other slot if the own entry were INVALID. */
  hasFallback(runningSlot: number): boolean {
    const entries = this.read();
    const own = ownIndex(entries, runningSlot);
    if (own === undefined) return false;
    const other = entries[1 - own]!;
    return isValidOtaEntry(other) && !names(other, runningSlot);
  }

  /** The running slot sends itself away. Asserts a fallback: else the bootloader would come back to it (T3). */
  reject(runningSlot: number): void {
    assert(this.hasFallback(runningSlot), "reject: the other slot has a valid entry");
    const entries = this.read();
    const own = ownIndex(entries, runningSlot)!;
    this.#write(own, entries[own]!.sequence, OtaState.invalid);
  }

  /** The other slot's entry can no longer be followed. Writes nothing where it cannot already. */
  invalidateOther(runningSlot: number): void {
    const entries = this.read();
    const own = ownIndex(entries, runningSlot);
    if (own === undefined) return;
    const other = entries[1 - own]!;
    if (isUsableOtaEntry(other)) this.#write(1 - own, other.sequence, OtaState.invalid);
  }

  close(): void {
    this.#partition.close();
  }

  #readEntry(index: 0 | 1): OtaEntry {
    const offset = index * this.#partition.status().blockLength;
    return readOtaEntry(new Uint8Array(this.#partition.read(OTA_ENTRY_SIZE_BYTES, offset)));
  }

  /**
   * Erase, all but the CRC, then the CRC: until its last word an entry is not valid (T5). Under encryption, 32 bytes at once.
   */
  #write(index: number, sequence: number, state: number): void {
    const status = this.#partition.status();
    const offset = index * status.blockLength;
    const bytes = encodeOtaEntry(sequence, state);
    this.#partition.eraseBlock(index);
    if (status.writeAlign > 4) {
      this.#partition.write(bytes, offset);
    } else {
      this.#partition.write(bytes.subarray(0, CRC_OFFSET), offset);
      this.#partition.write(bytes.subarray(CRC_OFFSET), offset + CRC_OFFSET);
    }
    const kept = this.#readEntry(index as 0 | 1);
    if (kept.sequence !== sequence || kept.state !== state || kept.crc !== otaSequenceCrc(sequence)) {
      throw new FirmwareError("io", "otadata: the flash did not keep an entry; expected to read back what was written");
    }
  }
}

/** The entry with a right CRC that names the running slot; of two, the one with the greater sequence (T2). */
function ownIndex(entries: readonly OtaEntry[], runningSlot: number): 0 | 1 | undefined {
  const first = names(entries[0]!, runningSlot);
  const second = names(entries[1]!, runningSlot);
  if (first && second) return entries[1]!.sequence > entries[0]!.sequence ? 1 : 0;
  if (first) return 0;
  return second ? 1 : undefined;
}

function names(entry: OtaEntry, slot: number): boolean {
  if (isBlankOtaEntry(entry) || entry.crc !== otaSequenceCrc(entry.sequence)) return false;
  return slotOfSequence(entry.sequence, SLOT_COUNT) === slot;
}

function greatestValidSequence(entries: readonly OtaEntry[]): number {
  let greatest = 0;
  for (const entry of entries) if (isValidOtaEntry(entry) && entry.sequence > greatest) greatest = entry.sequence;
  return greatest;
}
