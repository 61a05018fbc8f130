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

/** What a release asks to be remembered once its image was confirmed. Not before: it could lock a device out that went back. */
export interface ReleaseFloors {
  readonly sequenceNumber: number;
  readonly securityVersion: number;
  /** 32 bytes; `undefined`: the key stays. */
  readonly nextKeyDigest: Uint8Array | undefined;
}

/** The same, of the image that is to be tried. */
interface Pending {
  readonly imageId: string;
  readonly release: number;
  readonly security: number;
  /** 32 hexadecimal digits. */
  readonly nextKey: string | undefined;
}

export class Floors {
  readonly #floors: Record<FloorKindName, number> = { release: 0, deployment: 0, security: 0, time: 0 };
  /** 32 hexadecimal digits. */
  #nextKey: string | undefined;
  #pending: Pending | undefined;

  /** Takes a record that is about floors; of any other, and of a kind that this version does not know, nothing. */
  fold(record: JournalRecord): void {
    const { type, imageId, first, second } = record;
    if (type === RecordType.nextKey) this.#nextKey = imageId + hexOf(first) + hexOf(second);
    if (type === RecordType.pending) this.#pending = { imageId, release: first, security: second, nextKey: undefined };
    if (type === RecordType.pendingKey && this.#pending) {
      this.#pending = { ...this.#pending, nextKey: imageId + hexOf(first) + hexOf(second) };
    }
    if (type !== RecordType.floor) return;
    const kind = KINDS.find((name) => FloorKind[name] === record.detail);
    if (kind !== undefined) this.#raise(kind, first);
  }

  /** The image was confirmed: what its release asked for holds from now on. One record does both, so no cut comes between. */
  foldConfirmed(imageId: string): void {
    const pending = this.#pending;
    if (pending?.imageId !== imageId) return;
    this.#raise("release", pending.release);
    this.#raise("security", pending.security);
    this.#nextKey = pending.nextKey ?? this.#nextKey;
    this.#pending = undefined;
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
    if (key !== undefined && key !== this.#nextKey) records.push(keyRecord(RecordType.nextKey, key));
    return records;
  }

  /** The records that say what the release of `imageId` asks for; none where they stand already. */
  pendingRecords(imageId: string, release: ReleaseFloors): FloorRecord[] {
    const nextKey = release.nextKeyDigest && digitsOf(release.nextKeyDigest.subarray(0, NEXT_KEY_SIZE_BYTES));
    const pending = { imageId, release: release.sequenceNumber, security: release.securityVersion, nextKey };
    return isSame(pending, this.#pending) ? [] : recordsOf(pending);
  }

  /** The records that fold to this, but for what is pending. */
  live(): FloorRecord[] {
    const records: FloorRecord[] = [];
    for (const kind of KINDS) if (this.#floors[kind] > 0) records.push(floorRecord(kind, this.#floors[kind]));
    if (this.#nextKey !== undefined) records.push(keyRecord(RecordType.nextKey, this.#nextKey));
    return records;
  }

  /** The records of what is pending. They come behind a CONFIRMED of the same image, which would settle them. */
  livePending(): FloorRecord[] {
    return this.#pending ? recordsOf(this.#pending) : [];
  }

  #raise(kind: FloorKindName, value: number): void {
    if (value > this.#floors[kind]) this.#floors[kind] = value;
  }
}

function isSame(first: Pending, second: Pending | undefined): boolean {
  return (
    first.imageId === second?.imageId &&
    first.release === second.release &&
    first.security === second.security &&
    first.nextKey === second.nextKey
  );
}

/** The key last: without it a cut leaves a pending release that asks for less, and its image is not armed. */
function recordsOf({ imageId, release, security, nextKey }: Pending): FloorRecord[] {
  const records: FloorRecord[] = [{ type: RecordType.pending, detail: 0, imageId, first: release, second: security }];
  if (nextKey !== undefined) records.push(keyRecord(RecordType.pendingKey, nextKey));
  return records;
}

function floorRecord(kind: FloorKindName, value: number): FloorRecord {
  return { type: RecordType.floor, detail: FloorKind[kind], imageId: NO_IMAGE, first: value, second: 0 };
}

function keyRecord(type: number, key: string): FloorRecord {
  const wordAt = (digit: number): number => Number.parseInt(key.substring(digit, digit + 8), 16);
  return { type, detail: 0, imageId: key.substring(0, IMAGE_ID_DIGIT_COUNT), first: wordAt(16), second: wordAt(24) };
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
