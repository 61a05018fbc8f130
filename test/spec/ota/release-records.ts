/** Records of releases and verdicts, as the specs of floors write them. */
import { type JournalRecord, NO_IMAGE, RecordType } from "../../../src/ota/journal-record.js";

export const NONE = { releaseFloor: 0, deploymentFloor: 0, securityFloor: 0, timeFloorS: 0, nextKeyDigest: undefined };
export const X = "00000000000000aa";
export const Y = "00000000000000bb";

type Fields = Partial<Omit<JournalRecord, "type">>;

export function record(type: keyof typeof RecordType, fields: Fields = {}): JournalRecord {
  return { type: RecordType[type], detail: 0, sequence: 0, imageId: NO_IMAGE, first: 0, second: 0, ...fields };
}

export const pending = (imageId: string, first: number, second: number): JournalRecord =>
  record("pending", { imageId, first, second });
export const confirmed = (imageId: string): JournalRecord => record("confirmed", { imageId, second: 1 });
/** The key `digits` times sixteen; a pending one belongs to X unless it is said whose it is. */
export const keyOf = (type: "nextKey" | "pendingKey", digits: string, imageId = X): JournalRecord =>
  record(type, {
    detail: type === "nextKey" ? 0 : Number.parseInt(imageId.substring(14), 16),
    imageId: digits.repeat(8),
    first: Number.parseInt(digits.repeat(4), 16),
    second: 0x01020304,
  });
export const digestOf = (digits: string): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, index) => (index < 12 ? Number.parseInt(digits, 16) : index - 11));
