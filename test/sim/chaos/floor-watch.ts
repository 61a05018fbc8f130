/**
 * The floors that a device reads from its journal, start after start: they do not sink, and are not above what is confirmed.
 */
import { FloorKind } from "../../../src/ota/floor-record.js";
import { type JournalRecord, RecordType } from "../../../src/ota/journal-record.js";
import type { UpdateMemory } from "../../../src/ota/update-judge.js";
import type { ReleaseNumbers } from "./scenario.js";

export class FloorWatch {
  /** Of release, deployment, security version and time, the greatest that were read. */
  #floors: readonly number[] = [0, 0, 0, 0];
  /** The greatest FLOOR of release and security version that was written. */
  readonly #kept = { release: 0, security: 0 };

  /** A record stands in the journal. */
  keep({ type, detail, first }: JournalRecord): void {
    if (type !== RecordType.floor) return;
    if (detail === FloorKind.release) this.#kept.release = Math.max(this.#kept.release, first);
    if (detail === FloorKind.security) this.#kept.security = Math.max(this.#kept.security, first);
  }

  /**
   * What a start reads; gives what is wrong with it. `isWayBack`: the image before runs again, and what the one after it came
   * with does not bind, unless it was written as a floor.
   */
  follow({ releaseFloor, deploymentFloor, securityFloor, timeFloorS }: UpdateMemory, isWayBack: boolean): string | undefined {
    const floors = [releaseFloor, deploymentFloor, securityFloor, timeFloorS];
    const [, deployment, , time] = this.#floors;
    const least = isWayBack ? [this.#kept.release, deployment!, this.#kept.security, time!] : this.#floors;
    this.#floors = floors.map((floor, index) => Math.max(floor, this.#floors[index]!));
    if (floors.every((floor, index) => floor >= least[index]!)) return undefined;
    return `6: floors sank from ${least} to ${floors}`;
  }
}

/** 7: floors that are more than what any of the confirmed releases came with. */
export function problemsAbove(found: ReleaseNumbersFound, confirmed: readonly (ReleaseNumbers | undefined)[]): string[] {
  const release = Math.max(0, ...confirmed.map((numbers) => numbers?.sequenceNumber ?? 0));
  const security = Math.max(0, ...confirmed.map((numbers) => numbers?.securityVersion ?? 0));
  const problems: string[] = [];
  if (found.release > release) problems.push(`7: the release floor is ${found.release}, and ${release} is confirmed`);
  if (found.security > security) problems.push(`7: the security floor is ${found.security}, and ${security} is confirmed`);
  return problems;
}

/** Floors as they were read. */
interface ReleaseNumbersFound {
  readonly release: number;
  readonly security: number;
}
