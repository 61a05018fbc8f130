/**
 * otadata: the two entries in flash by which the ESP-IDF bootloader chooses the slot that it boots.
 *
 * Pure bytes and rules, no flash: the boot authority, the bootloader's model and the command share this one reading of the
 * format. The checksum covers the sequence number only, so a state may be torn where the checksum is right; whoever writes an
 * entry has to order its writes accordingly. Bytes: docs/spec/otadata.md; what the bootloader does: docs/design/bootloader.md.
 */
import { assert } from "../assert.js";
import { crc32 } from "../data/crc32.js";
import { FirmwareError } from "../errors.js";

/** One entry; it stands at the start of a 4 KiB sector of its own. */
export const OTA_ENTRY_SIZE_BYTES = 32;

const STATE_OFFSET = 24;
const CRC_OFFSET = 28;
const ERASED = 0xffffffff;

/** `ota_state` as ESP-IDF numbers it. A number outside this table is not refused by the bootloader. */
export const OtaState = Object.freeze({ new: 0, pendingVerify: 1, valid: 2, invalid: 3, aborted: 4, undefined: ERASED });

export type OtaStateName = keyof typeof OtaState;

/** An entry as it stands in flash, right or wrong. All three are unsigned 32-bit numbers; `seq_label` is unused by ESP-IDF. */
export interface OtaEntry {
  sequence: number;
  state: number;
  crc: number;
}

/** Reads 32 bytes at `offset`. Total: every content is an entry, its checksum is the caller's to judge. */
export function readOtaEntry(bytes: Uint8Array, offset = 0): OtaEntry {
  assert(offset >= 0 && offset + OTA_ENTRY_SIZE_BYTES <= bytes.length, "readOtaEntry: 32 bytes at offset");
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, OTA_ENTRY_SIZE_BYTES);
  return {
    sequence: view.getUint32(0, true),
    state: view.getUint32(STATE_OFFSET, true),
    crc: view.getUint32(CRC_OFFSET, true),
  };
}

/** The 32 bytes of an entry with the right checksum; `seq_label` is left erased (0xFF). Both arguments are uint32. */
export function encodeOtaEntry(sequence: number, state: number): Uint8Array {
  assert(isUint32(sequence), "encodeOtaEntry: sequence is a uint32");
  assert(isUint32(state), "encodeOtaEntry: state is a uint32");
  const bytes = new Uint8Array(OTA_ENTRY_SIZE_BYTES).fill(0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, sequence, true);
  view.setUint32(STATE_OFFSET, state, true);
  view.setUint32(CRC_OFFSET, otaSequenceCrc(sequence), true);
  return bytes;
}

/** The checksum that belongs to `sequence`: ESP-IDF's `crc32_le(0xFFFFFFFF, …)` over its four little-endian bytes. */
export function otaSequenceCrc(sequence: number): number {
  assert(isUint32(sequence), "otaSequenceCrc: sequence is a uint32");
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, sequence, true);
  return crc32(bytes, 0, 4, ERASED);
}

/** The word for a state in logs and reports. */
export function otaStateName(state: number): OtaStateName | "unknown" {
  switch (state) {
    case OtaState.new:
      return "new";
    case OtaState.pendingVerify:
      return "pendingVerify";
    case OtaState.valid:
      return "valid";
    case OtaState.invalid:
      return "invalid";
    case OtaState.aborted:
      return "aborted";
    case OtaState.undefined:
      return "undefined";
    default:
      return "unknown";
  }
}

/** Whether the entry was never written or is erased. Like the bootloader, it looks at the sequence number only. */
export function isBlankOtaEntry(entry: OtaEntry): boolean {
  return entry.sequence === ERASED;
}

/**
 * Whether the bootloader would consider the entry at all: not blank, neither INVALID nor ABORTED. Unknown states are usable.
 */
export function isUsableOtaEntry(entry: OtaEntry): boolean {
  return !isBlankOtaEntry(entry) && entry.state !== OtaState.invalid && entry.state !== OtaState.aborted;
}

/** Whether the bootloader may boot by the entry: usable, and its checksum is right. */
export function isValidOtaEntry(entry: OtaEntry): boolean {
  return isUsableOtaEntry(entry) && entry.crc === otaSequenceCrc(entry.sequence);
}

/**
 * The slot that a sequence number stands for: (sequence − 1) mod slotCount, in unsigned 32-bit arithmetic, so that sequence 0
 * stands for 0xFFFFFFFF mod slotCount as it does in the bootloader. `slotCount` is 1 … 16.
 */
export function slotOfSequence(sequence: number, slotCount: number): number {
  assert(isUint32(sequence), "slotOfSequence: sequence is a uint32");
  assert(Number.isInteger(slotCount) && slotCount >= 1 && slotCount <= 16, "slotOfSequence: slotCount is 1 … 16");
  return ((sequence - 1) >>> 0) % slotCount;
}

/**
 * Which of the two entries the bootloader follows: the greatest valid sequence, entry 0 on a tie, `undefined` where none is
 * valid.
 */
export function selectOtaEntry(entries: readonly OtaEntry[]): 0 | 1 | undefined {
  assert(entries.length === 2, "selectOtaEntry: two entries");
  const first = entries[0]!;
  const second = entries[1]!;
  const firstValid = isValidOtaEntry(first);
  if (isValidOtaEntry(second) && (!firstValid || second.sequence > first.sequence)) return 1;
  return firstValid ? 0 : undefined;
}

/**
 * The smallest sequence number above `afterSequence` that stands for `slot`. Throws `full` at the end of the numbers
 * (0xFFFFFFFE; a device that updates every minute reaches it after some 8,000 years, a damaged entry at once).
 */
export function nextSequence(afterSequence: number, slot: number, slotCount: number): number {
  assert(isUint32(afterSequence), "nextSequence: afterSequence is a uint32");
  assert(Number.isInteger(slot) && slot >= 0 && slot < slotCount, "nextSequence: slot is 0 … slotCount − 1");
  for (let sequence = afterSequence + 1; sequence <= afterSequence + slotCount && sequence < ERASED; sequence++) {
    if (slotOfSequence(sequence, slotCount) === slot) return sequence;
  }
  throw new FirmwareError("full", "otadata: no sequence number is left above the present one");
}

function isUint32(value: number): boolean {
  return value >>> 0 === value;
}
