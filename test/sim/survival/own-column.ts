/**
 * Holdfast's column of the survival table: the peers' rows, lived by the shipped code in the chaos.
 *
 * The same faults, the same four devices (either slot runs, images validated or not, a bootloader with rollback), the words of
 * peers/survival.ts. What a life has to keep besides is the chaos's business. See docs/design/peers.md.
 */
import { type Fault, isCut, type OperationFault } from "../../../hosts/node/chaos/fault.js";
import { createSeededChance } from "../../../hosts/node/random.js";
import { CONFIGURATIONS } from "../chaos/configuration.js";
import { runLife } from "../chaos/life.js";
import type { LifeReport, SeenOperation } from "../chaos/life-report.js";
import {
  isIn,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  prepareScenario,
  type Scenario,
  SECTOR_SIZE_BYTES,
} from "../chaos/scenario.js";
import { badEndOf, type Story } from "../chaos/story.js";
import { cutsBehind, faultsOf } from "../peers/run-peers.js";
import type { LifeFacts } from "../peers/survival.js";

/** By number: slot 0 and 1 validated, slot 0 and 1 not, all with rollback, plain flash, a journal with room. */
const CHOSEN: readonly number[] = Object.freeze([0, 1, 9, 11]);
const PAIR_COUNT = 250;
const RESET_COUNT_MAX = 5;
const TRIAL_MS = 150;
const CRC_OFFSET = 28;
const BAD_STORIES: Readonly<Record<string, Story>> = Object.freeze({
  panics: "crashAtStart",
  hangs: "hangInTask",
  unhealthy: "unhealthy",
});

type Add = (row: string, facts: LifeFacts) => void;

/** Lives them all. `add` is told each life under the name of its row. */
export function liveOwnColumn(options: {
  readonly seed: number;
  readonly add: Add;
  readonly onProgress: (text: string) => void;
}): void {
  for (const number of CHOSEN) {
    new Explorer(prepareScenario(CONFIGURATIONS[number]!), options.seed, options.add).explore();
    options.onProgress(`Holdfast: configuration ${number}`);
  }
}

class Explorer {
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #add: Add;
  #lifeCount = 0;

  constructor(scenario: Scenario, seed: number, add: Add) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#add = add;
  }

  explore(): void {
    const { operations } = this.#live("nothing", "good", []);
    const cuts: { readonly fault: OperationFault; readonly seed: number; readonly after: readonly SeenOperation[] }[] = [];
    for (const fault of faultsOf(operations)) {
      const row = isCut(fault) ? "one cut" : `one ${fault.mode === "error" ? "error" : "silent failure"}`;
      const seed = this.#nextSeed();
      const after = this.#live(row, "good", [fault], seed).operations;
      if (isCut(fault)) cuts.push({ fault, seed, after });
    }
    for (const { fault } of cuts) this.#turnEntries(fault);
    for (const { fault, seed, after } of cuts.filter((cut) => isAtOtadata(operations, cut.fault))) {
      for (const second of cutsBehind({ fault, after }).filter((cut) => isAtOtadata(after, cut))) {
        this.#live("two cuts at otadata, all pairs", "good", [fault, second], seed);
      }
    }
    const below = createSeededChance(this.#seed);
    for (let count = 0; count < PAIR_COUNT; count++) {
      const { fault, seed, after } = cuts[below(cuts.length)]!;
      const seconds = cutsBehind({ fault, after });
      if (seconds.length > 0) this.#live("two cuts, by chance", "good", [fault, seconds[below(seconds.length)]!], seed);
    }
    for (let count = 1; count <= RESET_COUNT_MAX; count++) this.#live("1 … 5 resets on trial", "good", resetsOnTrial(count));
    for (const [name, story] of Object.entries(BAD_STORIES)) {
      this.#live(`an image that ${name === "unhealthy" ? "is unhealthy" : name}`, story, []);
      this.#live(`an image that ${name === "unhealthy" ? "is unhealthy" : name}, a reset on trial`, story, resetsOnTrial(1));
    }
  }

  /** Which entry the bootloader follows at the cut, a life does not say: either has its turn. */
  #turnEntries(fault: OperationFault): void {
    for (const sector of [0, 1]) {
      const offset = OTADATA_OFFSET + sector * SECTOR_SIZE_BYTES + CRC_OFFSET;
      const bit: Fault = { kind: "bit", operation: fault.operation + 1, offset, bit: 0 };
      this.#live("one cut, and a bit of otadata turned", "good", [fault, bit]);
    }
  }

  #live(row: string, story: Story, faults: readonly Fault[], seed = this.#nextSeed()): LifeReport {
    const report = runLife({ scenario: this.#scenario, story, faults, seed });
    this.#add(row, factsOf(report, this.#scenario, story, faults));
    return report;
  }

  #nextSeed(): number {
    return (this.#seed + this.#lifeCount++) >>> 0;
  }
}

/** A life of the chaos in the words that every scheme is asked. */
function factsOf(report: LifeReport, scenario: Scenario, story: Story, faults: readonly Fault[]): LifeFacts {
  const { outcome, violations, lines, fetchedBytes } = report;
  const isNew = outcome === "updated" || (outcome === "damaged" && lines.at(-1)?.startsWith(scenario.newVersion) === true);
  const newStartCount = lines.filter((line) => line.startsWith(`${scenario.newVersion} boots`)).length;
  return {
    isImageBad: badEndOf(story) !== undefined,
    boots: outcome === "dead" ? undefined : isNew ? "new" : "old",
    hasBootedPartial: outcome === "damaged" || violations.some((what) => what.startsWith("2:")),
    wasTold: lines.some((line) => line.includes("update succeeded")),
    hasGoneBack: outcome === "kept",
    newStartCount,
    disturbanceCount: faults.length,
    fetchedBytes,
    imageSizeBytes: scenario.images[scenario.newVersion]!.length,
  };
}

function resetsOnTrial(count: number): Fault[] {
  // The old image comes between two trials.
  return Array.from({ length: count }, (_, nth) => ({ kind: "timed", start: 2 + 2 * nth, atMs: TRIAL_MS, reason: "brownOut" }));
}

function isAtOtadata(operations: readonly SeenOperation[], { operation }: OperationFault): boolean {
  return isIn(operations[operation]!.offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES);
}
