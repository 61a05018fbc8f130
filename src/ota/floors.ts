/**
 * What a device remembers of signed updates, in the journal: numbers that only grow, and the key that signs from now on.
 *
 * They live beside the boot records because they must outlive every image, and because a floor that is lost is a rollback that
 * is possible again. A fold takes the greater value whatever the order, so a record that is written twice, or late, does no
 * harm. Bytes: docs/spec/journal.md.
 */
import { type JournalRecord, NO_IMAGE, RecordType } from "./journal-record.js";
import type { UpdateMemory } from "./update-judge.js";

/** Bytes of the next key's digest that a record has room for: enough that nobody finds another key with them. */
export const NEXT_KEY_SIZE_BYTES = 16;
const IMAGE_ID_DIGIT_COUNT = 16;

/** What a FLOOR is a floor of, in the byte `detail`. The numbers are on flash. */
export const FloorKind = Object.freeze({ release: 1, deployment: 2, security: 3, time: 4 });
export type FloorKindName = keyof typeof FloorKind;

const KINDS: readonly FloorKindName[] = Object.freeze(["release", "deployment", "security", "time"] as const);

/** The records of a growth: what `remember` appends. */
export type FloorRecord = Pick<JournalRecord, "type" | "detail" | "imageId" | "first" | "second">;

export class Floors {
  readonly #floors: Record<FloorKindName, number> = { release: 0, deployment: 0, security: 0, time: 0 };
  /** 32 hexadecimal digits. */
  #nextKey: string | undefined;

  /** Takes a FLOOR or a NEXT KEY; of any other record, and of a kind that this version does not know, nothing. */
  fold(record: JournalRecord): void {
    if (record.type === RecordType.nextKey) this.#nextKey = record.imageId + hexOf(record.first) + hexOf(record.second);
    if (record.type !== RecordType.floor) return;
    const kind = KINDS.find((name) => FloorKind[name] === record.detail);
    if (kind !== undefined && record.first > this.#floors[kind]) this.#floors[kind] = record.first;
  }

  /** All of it, as the judgement of an update takes it. */
  get memory(): UpdateMemory {
    const { release, deployment, security, time } = this.#floors;
    return {
      releaseFloor: release,
      deploymentFloor: deployment,
      securityFloor: security,
      timeFloorS: time,
      nextKeyDigest: this.#nextKey === undefined ? undefined : bytesOf(this.#nextKey),
    };
  }

  /** The records by which `memory` is more than this; none where it is not. */
  growth(memory: UpdateMemory): FloorRecord[] {
    const { releaseFloor, deploymentFloor, securityFloor, timeFloorS, nextKeyDigest } = memory;
    const wanted = { release: releaseFloor, deployment: deploymentFloor, security: securityFloor, time: timeFloorS };
    const records: FloorRecord[] = [];
    for (const kind of KINDS) if (wanted[kind] > this.#floors[kind]) records.push(floorRecord(kind, wanted[kind]));
    const key = nextKeyDigest && digitsOf(nextKeyDigest.subarray(0, NEXT_KEY_SIZE_BYTES));
    if (key !== undefined && key !== this.#nextKey) records.push(keyRecord(key));
    return records;
  }

  /** The records that fold to this. */
  live(): FloorRecord[] {
    const records: FloorRecord[] = [];
    for (const kind of KINDS) if (this.#floors[kind] > 0) records.push(floorRecord(kind, this.#floors[kind]));
    if (this.#nextKey !== undefined) records.push(keyRecord(this.#nextKey));
    return records;
  }
}

function floorRecord(kind: FloorKindName, value: number): FloorRecord {
  return { type: RecordType.floor, detail: FloorKind[kind], imageId: NO_IMAGE, first: value, second: 0 };
}

function keyRecord(key: string): FloorRecord {
  const wordAt = (digit: number): number => Number.parseInt(key.substring(digit, digit + 8), 16);
  const imageId = key.substring(0, IMAGE_ID_DIGIT_COUNT);
  return { type: RecordType.nextKey, detail: 0, imageId, first: wordAt(16), second: wordAt(24) };
}

function hexOf(word: number): string {
  return word.toString(16).padStart(8, "0");
}

function digitsOf(bytes: Uint8Array): string {
  let digits = "";
  for (let index = 0; index < bytes.length; index++) digits += bytes[index]!.toString(16).padStart(2, "0");
  return digits;
}

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(digits.substring(2 * index, 2 * index + 2), 16);
  return bytes;
}
