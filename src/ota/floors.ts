/**
 * What a device remembers of signed updates, in the journal: numbers that only grow, and the key that signs from now on.
 *
 * They live beside the boot records because they must outlive every image, and because a floor that is lost is a rollback that
 * is possible again. A fold takes the greater value whatever the order, so a record that is written twice, or late, does no
 * harm. Bytes: docs/spec/journal.md.
 */
import {
  bytesOf,
  digitsOf,
  FloorKind,
  type FloorKindName,
  type FloorRecord,
  floorRecord,
  keyOf,
  keyRecord,
} from "./floor-record.js";
import { type JournalRecord, RecordType } from "./journal-record.js";
import type { ImageRelease } from "./releases.js";
import type { UpdateMemory } from "./update-judge.js";

const KINDS: readonly FloorKindName[] = Object.freeze(["release", "deployment", "security", "time"] as const);

export class Floors {
  readonly #floors: Record<FloorKindName, number> = { release: 0, deployment: 0, security: 0, time: 0 };
  /** 32 hexadecimal digits. */
  #nextKey: string | undefined;

  /** Takes FLOOR and NEXT KEY; of any other record, and of a kind that this version does not know, nothing. */
  fold(record: JournalRecord): void {
    if (record.type === RecordType.nextKey) this.#nextKey = keyOf(record);
    if (record.type !== RecordType.floor) return;
    const kind = KINDS.find((name) => FloorKind[name] === record.detail);
    if (kind !== undefined) this.#floors[kind] = Math.max(this.#floors[kind], record.first);
  }

  /** 32 hexadecimal digits of the key that an image asked for, and that holds from its CONFIRMED on. */
  setNextKey(key: string): void {
    this.#nextKey = key;
  }

  /**
   * All of it, as the judgement of an update takes it. `confirmed`: what the image last confirmed came with. Nothing older is
   * taken, though it is not a floor yet: the way back to the image before it has to stay open for a while.
   */
  memory(confirmed: ImageRelease | undefined): UpdateMemory {
    const { release, deployment, security, time } = this.#floors;
    return {
      releaseFloor: Math.max(release, confirmed?.sequenceNumber ?? 0),
      deploymentFloor: deployment,
      securityFloor: Math.max(security, confirmed?.securityVersion ?? 0),
      timeFloorS: time,
      nextKeyDigest: this.#nextKey === undefined ? undefined : bytesOf(this.#nextKey),
    };
  }

  /** The least security version that may run here, whatever runs now. */
  get security(): number {
    return this.#floors.security;
  }

  /** The records by which `memory` is more than `known`; none where it is not. */
  growth(memory: UpdateMemory, known: UpdateMemory): FloorRecord[] {
    const records: FloorRecord[] = [];
    if (memory.releaseFloor > known.releaseFloor) records.push(floorRecord("release", memory.releaseFloor));
    if (memory.deploymentFloor > known.deploymentFloor) records.push(floorRecord("deployment", memory.deploymentFloor));
    if (memory.securityFloor > known.securityFloor) records.push(floorRecord("security", memory.securityFloor));
    if (memory.timeFloorS > known.timeFloorS) records.push(floorRecord("time", memory.timeFloorS));
    const key = memory.nextKeyDigest && digitsOf(memory.nextKeyDigest);
    if (key !== undefined && key !== this.#nextKey) records.push(keyRecord(RecordType.nextKey, key));
    return records;
  }

  /** The records by which the numbers of a release become floors; none where they are. */
  soaked({ sequenceNumber, securityVersion }: ImageRelease): FloorRecord[] {
    const records: FloorRecord[] = [];
    if (securityVersion > this.#floors.security) records.push(floorRecord("security", securityVersion));
    if (sequenceNumber > this.#floors.release) records.push(floorRecord("release", sequenceNumber));
    return records;
  }

  /** The records that fold to this. */
  live(): FloorRecord[] {
    const records: FloorRecord[] = [];
    for (const kind of KINDS) if (this.#floors[kind] > 0) records.push(floorRecord(kind, this.#floors[kind]));
    if (this.#nextKey !== undefined) records.push(keyRecord(RecordType.nextKey, this.#nextKey));
    return records;
  }
}
