/** The journal's records of numbers and keys that updates leave behind, and what their bytes mean. */
import { type JournalRecord, NO_IMAGE, RecordType } from "./journal-record.js";

/** Bytes of the next key's digest that a record has room for: enough that nobody finds another key with them. */
export const NEXT_KEY_SIZE_BYTES = 16;
const IMAGE_ID_DIGIT_COUNT = 16;

/** What a FLOOR is a floor of, in the byte `detail`. The numbers are on flash. */
export const FloorKind = Object.freeze({ release: 1, deployment: 2, security: 3, time: 4 });
export type FloorKindName = keyof typeof FloorKind;

/** What the journal is told of it. */
export type FloorRecord = Pick<JournalRecord, "type" | "detail" | "imageId" | "first" | "second">;

export function floorRecord(kind: FloorKindName, value: number): FloorRecord {
  return { type: RecordType.floor, detail: FloorKind[kind], imageId: NO_IMAGE, first: value, second: 0 };
}

/** `key`: 32 hexadecimal digits. `detail`: of a PENDING KEY, whose it is: the last byte of the image's id. */
export function keyRecord(type: number, key: string, detail = 0): FloorRecord {
  const wordAt = (digit: number): number => Number.parseInt(key.substring(digit, digit + 8), 16);
  return { type, detail, imageId: key.substring(0, IMAGE_ID_DIGIT_COUNT), first: wordAt(16), second: wordAt(24) };
}

/** The key's digits in such a record. */
export function keyOf({ imageId, first, second }: JournalRecord): string {
  return imageId + hexOf(first) + hexOf(second);
}

/** The digits that are kept of a key's digest. */
export function digitsOf(digest: Uint8Array): string {
  let digits = "";
  for (let index = 0; index < NEXT_KEY_SIZE_BYTES; index++) digits += digest[index]!.toString(16).padStart(2, "0");
  return digits;
}

/** Such digits as bytes. */
export function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(digits.substring(2 * index, 2 * index + 2), 16);
  return bytes;
}

function hexOf(word: number): string {
  return word.toString(16).padStart(8, "0");
}
