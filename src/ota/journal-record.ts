/**
 * One record of the boot journal: 32 bytes that say what happened to which image, and cannot be taken for whole when torn.
 *
 * Nothing here touches flash. The bytes are in docs/spec/journal.md, the meaning of each type in docs/design/ota.md.
 */
import { assert } from "../assert.js";
import { crc32 } from "../data/crc32.js";

export const RECORD_SIZE_BYTES = 32;
/** What is written first; the commit word follows as a write of its own. */
export const RECORD_BODY_SIZE_BYTES = 28;
/** Bytes of an image's SHA-256 that name it in the journal: 2^-32 chance of a clash among 65,000 images. */
export const IMAGE_ID_SIZE_BYTES = 8;

const MAGIC = 0xa7;
const VERSION = 1;
const CRC_OFFSET = 24;

/** The numbers are on flash: they never change, new ones are added. */
export const RecordType = Object.freeze({
  head: 1,
  boot: 2,
  planned: 3,
  fault: 4,
  armed: 5,
  confirmed: 6,
  rejected: 7,
  quarantine: 8,
  floor: 9,
  nextKey: 10,
  pending: 11,
  pendingKey: 12,
  progress: 13,
  healthy: 14,
});

/** Why a restart was wanted (PLANNED), in the byte `detail`. retry: from a lower level, to try everything again. */
export const PlannedCause = Object.freeze({ update: 1, user: 2, sleep: 3, retry: 4 });
export type PlannedCauseName = keyof typeof PlannedCause;

/** Why the firmware gave up (FAULT), in the byte `detail`. awake: it did not, but the chip did not sleep as planned. */
export const FaultCause = Object.freeze({ escalation: 1, watchdog: 2, memory: 3, awake: 4 });
export type FaultCauseName = keyof typeof FaultCause;

/** Why an image was sent away without being called bad (REJECTED), in the byte `detail`. */
export const RejectCause = Object.freeze({ inconclusive: 1, unhealthy: 2, exhausted: 3, missing: 4 });
export type RejectCauseName = keyof typeof RejectCause;

/** One record in memory. `first` and `second` are unsigned 32-bit numbers whose meaning depends on the type. */
export interface JournalRecord {
  type: number;
  detail: number;
  sequence: number;
  /** IMAGE_ID_SIZE_BYTES bytes as 16 hexadecimal digits; all zeros where no image is meant. */
  imageId: string;
  first: number;
  second: number;
}

/**
 * Whether a record of this type stands in both halves: verdicts, and what binds later updates. What only tells the present
 * attempt is lost with its half, and costs a download at the most.
 */
export function isKeptTwice(type: number): boolean {
  switch (type) {
    case RecordType.confirmed:
    case RecordType.rejected:
    case RecordType.quarantine:
    case RecordType.floor:
    case RecordType.nextKey:
    case RecordType.pending:
    case RecordType.pendingKey:
      return true;
    default:
      return false;
  }
}

/** No image. */
export const NO_IMAGE = "0000000000000000";

/** The first bytes of an image's hash as text, the form in which images are compared. */
export function imageIdOf(hash: Uint8Array, offset = 0): string {
  assert(hash.length >= offset + IMAGE_ID_SIZE_BYTES, "imageIdOf: a hash has at least 8 bytes");
  let id = "";
  for (let index = 0; index < IMAGE_ID_SIZE_BYTES; index++) {
    const byte = hash[offset + index]!;
    id += (byte >>> 4).toString(16) + (byte & 15).toString(16);
  }
  return id;
}

/** The first 32 bits of an image id, where a record has room for no more. */
export function shortImageId(imageId: string): number {
  return Number.parseInt(imageId.substring(0, 8), 16);
}

/** The whole record with its CRC; the last four bytes are the commit word, 0. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  assert(record.imageId.length === 2 * IMAGE_ID_SIZE_BYTES, "encodeRecord: an image id has 16 digits");
  const bytes = new Uint8Array(RECORD_SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC;
  bytes[1] = VERSION;
  bytes[2] = record.type;
  bytes[3] = record.detail;
  view.setUint32(4, record.sequence, true);
  for (let index = 0; index < IMAGE_ID_SIZE_BYTES; index++) {
    bytes[8 + index] = Number.parseInt(record.imageId.substring(2 * index, 2 * index + 2), 16);
  }
  view.setUint32(16, record.first, true);
  view.setUint32(20, record.second, true);
  view.setUint32(CRC_OFFSET, crc32(bytes, 0, CRC_OFFSET), true);
  return bytes;
}

/** The record at `offset`, or `undefined` where the bytes are torn, unfinished, foreign or of a newer version. */
export function decodeRecord(bytes: Uint8Array, offset: number): JournalRecord | undefined {
  if (bytes[offset] !== MAGIC || bytes[offset + 1] !== VERSION) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, RECORD_SIZE_BYTES);
  if (view.getUint32(RECORD_BODY_SIZE_BYTES, true) !== 0) return undefined;
  if (view.getUint32(CRC_OFFSET, true) !== crc32(bytes, offset, offset + CRC_OFFSET)) return undefined;
  return {
    type: bytes[offset + 2]!,
    detail: bytes[offset + 3]!,
    sequence: view.getUint32(4, true),
    imageId: imageIdOf(bytes, offset + 8),
    first: view.getUint32(16, true),
    second: view.getUint32(20, true),
  };
}

/** Whether a newer firmware wrote the 32 bytes at `offset`, in a version that this one cannot read. */
export function isNewerRecord(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] === MAGIC && bytes[offset + 1]! > VERSION && bytes[offset + 1] !== 0xff;
}

/** Whether nothing was ever written to the 32 bytes at `offset`. */
export function isBlankRecord(bytes: Uint8Array, offset: number): boolean {
  for (let index = offset; index < offset + RECORD_SIZE_BYTES; index++) if (bytes[index] !== 0xff) return false;
  return true;
}
