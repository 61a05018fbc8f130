/**
 * What becomes of a device whose update was disturbed, in nine words, and how often each: the cells of the survival table.
 *
 * The words are decided from facts that can be seen from outside, so that any update scheme can be asked the same question:
 * which image boots at the end, how many bytes were fetched, what the server was told. See docs/design/peers.md.
 */
import { assert } from "../../../src/assert.js";

/**
 * updated: the new image runs · refetched: it does, and a whole image more than needed was fetched · stranded: the old one
 * runs, and the update is not coming · sentBack: a bad image was given up, the old one runs · retried: the bad image is fetched
 * and tried again without end · badKept: the bad image is what boots · confirmedLost: the server was told that the new one
 * runs, and the old one does · partialBooted: at some start an image that was not whole ran · unbootable: nothing boots.
 */
export const OUTCOMES = Object.freeze([
  "updated",
  "refetched",
  "stranded",
  "sentBack",
  "retried",
  "badKept",
  "confirmedLost",
  "partialBooted",
  "unbootable",
] as const);
export type Outcome = (typeof OUTCOMES)[number];

/** What was seen of a life, which ends with two power cycles without a fault. */
export interface LifeFacts {
  /** Whether the new image is one that nobody should keep. */
  readonly isImageBad: boolean;
  /** What boots at the end; `undefined` where nothing does. */
  readonly boots: "old" | "new" | undefined;
  /** Whether at any start the running slot held anything but one of the images that there are, byte for byte. */
  readonly hasBootedPartial: boolean;
  /** Whether the server was told at any time that the new image runs. */
  readonly wasTold: boolean;
  /** Whether the old image ran after the new one had, before anybody pulled the plug. */
  readonly hasGoneBack: boolean;
  /** Starts of the new image. */
  readonly newStartCount: number;
  /** Faults and resets that came from outside. */
  readonly disturbanceCount: number;
  readonly fetchedBytes: number;
  readonly imageSizeBytes: number;
}

/** Of a bad image: a hang that leaves no trace may be the supply's, and gets a second start. */
const START_COUNT_MAX = 2;

export function outcomeOf(facts: LifeFacts): Outcome {
  if (facts.hasBootedPartial) return "partialBooted";
  if (facts.boots === undefined) return "unbootable";
  if (facts.isImageBad) {
    if (facts.newStartCount > 0 && !facts.hasGoneBack) return "badKept";
    return facts.newStartCount > START_COUNT_MAX + facts.disturbanceCount ? "retried" : "sentBack";
  }
  if (facts.boots === "old") return facts.wasTold ? "confirmedLost" : "stranded";
  return againBytes(facts) >= facts.imageSizeBytes ? "refetched" : "updated";
}

/** Bytes that were fetched beyond one image. */
export function againBytes({ fetchedBytes, imageSizeBytes }: LifeFacts): number {
  return Math.max(0, fetchedBytes - imageSizeBytes);
}

/** Lives that were disturbed in one way. */
export interface SurvivalRow {
  readonly name: string;
  readonly lifeCount: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** In images, over all lives, and of the worst of them. */
  readonly againImages: number;
  readonly againImagesMax: number;
}

/** Rows by name, in the order in which the names came up. */
export class SurvivalTable {
  readonly #rows = new Map<string, LifeFacts[]>();

  add(name: string, facts: LifeFacts): void {
    const row = this.#rows.get(name);
    if (row === undefined) this.#rows.set(name, [facts]);
    else row.push(facts);
  }

  rows(): SurvivalRow[] {
    return [...this.#rows].map(([name, lives]) => rowOf(name, lives));
  }
}

function rowOf(name: string, lives: readonly LifeFacts[]): SurvivalRow {
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  let [againImages, againImagesMax] = [0, 0];
  for (const facts of lives) {
    counts[outcomeOf(facts)]++;
    const images = againBytes(facts) / facts.imageSizeBytes;
    againImages += images;
    againImagesMax = Math.max(againImagesMax, images);
  }
  return { name, lifeCount: lives.length, counts, againImages, againImagesMax };
}

/** One row and one column after another, as "updated 80, refetched 4"; what did not happen is left out. */
export function describeCounts({ counts, lifeCount }: SurvivalRow): string {
  const seen = OUTCOMES.filter((outcome) => counts[outcome] > 0);
  assert(seen.reduce((sum, outcome) => sum + counts[outcome], 0) === lifeCount, "survival: every life has one outcome");
  return seen.map((outcome) => `${outcome} ${counts[outcome]}`).join(", ");
}
