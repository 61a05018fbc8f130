/**
 * How the journal's two halves are read: which one is current, and what both of them say together.
 *
 * Nothing here touches flash. A record that stands in both is told once; one that a flipped bit took from one half is told by
 * the other. Bytes: docs/spec/journal.md.
 */
import {
  decodeRecord,
  isBlankRecord,
  isKeptTwice,
  type JournalRecord,
  RECORD_SIZE_BYTES,
  RecordType,
} from "./journal-record.js";

const TYPE_OFFSET = 2;
const SEQUENCE_OFFSET = 4;

/** What reading both halves showed, beside the records. */
export interface MergedHalves {
  readonly nextSequence: number;
  /** Places of the current half that are neither blank nor whole. */
  readonly tornCount: number;
  /** A record that has to stand in both halves stands in one. */
  readonly isCopyOwed: boolean;
}

/** The half with the younger head; without any head, the one with the younger record; `undefined` where there is neither. */
export function chooseHalf(halves: readonly [Uint8Array, Uint8Array]): 0 | 1 | undefined {
  const generation0 = generationOf(halves[0]);
  const generation1 = generationOf(halves[1]);
  if (generation0 !== undefined && generation1 !== undefined) return isLater(generation1, generation0) ? 1 : 0;
  if (generation0 !== undefined) return 0;
  if (generation1 !== undefined) return 1;
  const sequence0 = lastSequenceOf(halves[0]);
  const sequence1 = lastSequenceOf(halves[1]);
  if (sequence0 !== undefined && sequence1 !== undefined) return isLater(sequence1, sequence0) ? 1 : 0;
  if (sequence0 !== undefined) return 0;
  return sequence1 !== undefined ? 1 : undefined;
}

/** By the head, or by its copy behind it. */
export function generationOf(half: Uint8Array): number | undefined {
  return headOf(half)?.first;
}

/** A copy of the whole record at `offset`; `undefined` where there is none. */
export function recordBytes(half: Uint8Array, offset: number): Uint8Array | undefined {
  if (decodeRecord(half, offset) === undefined) return undefined;
  return half.slice(offset, offset + RECORD_SIZE_BYTES);
}

/** Behind the last place that is not blank; `firstOffset` where all are. By words: it is most of what a start reads. */
export function nextPlace(half: Uint8Array, firstOffset: number): number {
  const words = new Uint32Array(half.buffer, half.byteOffset, half.length / 4);
  const first = firstOffset / 4;
  for (let index = words.length - 1; index >= first; index--) {
    if (words[index] !== 0xffffffff) return firstOffset + RECORD_SIZE_BYTES * (1 + Math.floor((index - first) / 8));
  }
  return firstOffset;
}

/**
 * Tells every whole record of `own`, and of `other` those of the types that stand in both halves, in the order of their
 * sequence numbers, each once. `other`: `undefined` where it is not the half before this one.
 */
export function mergeHalves(
  own: Uint8Array,
  other: Uint8Array | undefined,
  onRecord: (record: JournalRecord) => void,
): MergedHalves {
  const liveCount = headOf(own)?.second ?? 0;
  let [ownCount, tornCount, nextSequence] = [0, 0, 0];
  let isCopyOwed = false;
  let copyOffset = other === undefined ? -1 : nextKept(other, 0);
  const tellUntil = (sequence: number | undefined): boolean => {
    while (other !== undefined && copyOffset >= 0) {
      const copied = sequenceAt(other, copyOffset);
      if (sequence !== undefined && isLater(copied, sequence)) return false;
      const isSame = copied === sequence;
      if (!isSame) {
        onRecord(decodeRecord(other, copyOffset)!);
        nextSequence = (copied + 1) >>> 0;
      }
      copyOffset = nextKept(other, copyOffset + RECORD_SIZE_BYTES);
      if (isSame) return true;
    }
    return false;
  };
  const end = nextPlace(own, RECORD_SIZE_BYTES);
  for (let offset = RECORD_SIZE_BYTES; offset < end; offset += RECORD_SIZE_BYTES) {
    if (own[offset] === 0xff && isBlankRecord(own, offset)) continue;
    const record = decodeRecord(own, offset);
    if (record === undefined) tornCount++;
    if (record === undefined || record.type === RecordType.head) continue;
    const isCopied = tellUntil(record.sequence);
    if (++ownCount > liveCount && !isCopied && isKeptTwice(record.type)) isCopyOwed = true;
    onRecord(record);
    nextSequence = (record.sequence + 1) >>> 0;
  }
  tellUntil(undefined);
  return { nextSequence, tornCount, isCopyOwed };
}

/** The next whole record of a type that stands in both halves, from `offset` on; -1 where there is none. */
function nextKept(half: Uint8Array, offset: number): number {
  for (let at = offset; at < half.length; at += RECORD_SIZE_BYTES) {
    if (isKeptTwice(half[at + TYPE_OFFSET]!) && decodeRecord(half, at) !== undefined) return at;
  }
  return -1;
}

function headOf(half: Uint8Array): JournalRecord | undefined {
  const head = decodeRecord(half, 0);
  if (head?.type === RecordType.head) return head;
  const copy = decodeRecord(half, RECORD_SIZE_BYTES);
  return copy?.type === RecordType.head ? copy : undefined;
}

function sequenceAt(half: Uint8Array, offset: number): number {
  return new DataView(half.buffer, half.byteOffset + offset, RECORD_SIZE_BYTES).getUint32(SEQUENCE_OFFSET, true);
}

function lastSequenceOf(half: Uint8Array): number | undefined {
  let last: number | undefined;
  for (let offset = RECORD_SIZE_BYTES; offset < half.length; offset += RECORD_SIZE_BYTES) {
    last = decodeRecord(half, offset)?.sequence ?? last;
  }
  return last;
}

/** Whether `a` comes after `b`, over the wrap of 32 bits. */
function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}
