/**
 * The order in which the chaos lives its lives, and what it says on the way: one kind after another, the cheap proofs first.
 */
import { CONFIGURATIONS } from "./configuration.js";
import type { SeenOperation } from "./life.js";
import type { LifeName } from "./life-name.js";
import {
  badReleases,
  bitsAtRest,
  bitsOfRunningImage,
  lies,
  type PlannedLife,
  randomCuts,
  recordCuts,
  resets,
  singles,
} from "./plan.js";
import { Pool, repeatFreshly, type Totals } from "./pool.js";
import { liveOne, scenarioOf, type Work } from "./worker.js";

const BATCH_SIZE = 40;
const PAIR_BATCH_SIZE = 2;
export const RANDOM_CUT_COUNT_MAX = 10;

export interface ExploreOptions {
  readonly seed: number;
  /** Rows of cuts by chance. */
  readonly lives: number;
  /** Configurations in which every pair of cuts among the records is lived; which ones, the seed says. */
  readonly pairs: number;
  readonly jobs: number;
  /** Of what is planned, one life in so many is lived: for a quick look. 1: all. */
  readonly every: number;
  /** Ends where the first promise is broken. */
  readonly untilFirst: boolean;
}

export interface Exploration extends Omit<Totals, "traces"> {
  readonly kinds: readonly { readonly kind: string; readonly lifeCount: number }[];
  /** Lives that were lived once more in a process that was just started, and those of them that went another way. */
  readonly repeatedCount: number;
  readonly different: readonly LifeName[];
}

export async function explore(options: ExploreOptions, say: (text: string) => void): Promise<Exploration> {
  const { seed, untilFirst } = options;
  const pool = new Pool({ processCount: options.jobs, isUntilFirst: untilFirst });
  const kinds: { kind: string; lifeCount: number }[] = [];
  const step = async (kind: string, works: readonly Work[]): Promise<void> => {
    if (untilFirst && pool.totals.violations.length > 0) return;
    const before = pool.totals.lifeCount;
    let told = 0;
    await pool.run(works, (share) => {
      if (Math.floor(10 * share) <= told) return;
      told = Math.floor(10 * share);
      say(`${kind}: ${10 * told} %, ${pool.totals.lifeCount - before} lives, ${pool.totals.violations.length} violations\n`);
    });
    kinds.push({ kind, lifeCount: pool.totals.lifeCount - before });
  };
  try {
    const quiet = CONFIGURATIONS.map((_, configuration) => quietLife(configuration, seed));
    const inEach = (plan: (configuration: number, operations: readonly SeenOperation[]) => PlannedLife[]): Work[] => {
      return quiet.flatMap((operations, configuration) => {
        const planned = plan(configuration, operations).filter((_, index) => (index + seed) % options.every === 0);
        return worksOf(configuration, planned, seed);
      });
    };
    await step(
      "single faults",
      inEach((_, operations) => singles(operations)),
    );
    await step(
      "bits at rest",
      inEach((configuration, operations) => bitsAtRest(scenarioOf(configuration), operations, seed + configuration)),
    );
    await step(
      "bits of the image that runs",
      inEach((configuration) => bitsOfRunningImage(scenarioOf(configuration), seed + configuration)),
    );
    await step(
      "resets",
      inEach((_, operations) => resets(operations)),
    );
    await step(
      "bad releases",
      inEach((configuration, operations) => badReleases(configuration, CONFIGURATIONS[configuration]!, operations, seed)),
    );
    await step(
      "lying server",
      inEach((configuration, operations) => lies(configuration, operations, seed)),
    );
    await step(`rows of up to ${RANDOM_CUT_COUNT_MAX} cuts`, randomWorks(quiet, options));
    const chosen = chosenForPairs(options);
    if (chosen.length > 0)
      await step(`pairs of cuts among the records, configurations ${chosen}`, pairWorks(chosen, quiet, seed));
    const { traces, ...totals } = pool.totals;
    const different = await repeatFreshly(traces);
    return { ...totals, kinds, repeatedCount: traces.length, different };
  } finally {
    pool.close();
  }
}

/** The operations of a life in which nothing fails. */
function quietLife(configuration: number, seed: number): readonly SeenOperation[] {
  const report = liveOne({ configuration, story: "good", faults: [], seed });
  if (report.violations.length > 0) throw new Error(`without a fault: ${report.violations.join("; ")}`);
  return report.operations;
}

function worksOf(configuration: number, planned: readonly PlannedLife[], seed: number): Work[] {
  const works: Work[] = [];
  for (let from = 0; from < planned.length; from += BATCH_SIZE) {
    const lives = planned.slice(from, from + BATCH_SIZE).map(({ story, faults }, index): LifeName => {
      return { configuration, story, faults, seed: (seed + from + index) >>> 0 };
    });
    works.push({ lives, isFollowed: false });
  }
  return works;
}

/** No row twice. */
function randomWorks(quiet: readonly (readonly SeenOperation[])[], { lives, seed }: ExploreOptions): Work[] {
  const seen = new Set<string>();
  const byConfiguration = quiet.map((): PlannedLife[] => []);
  for (let index = 0, count = 0; count < lives && index < 2 * lives; index++) {
    const configuration = index % quiet.length;
    const row = randomCuts(quiet[configuration]!, RANDOM_CUT_COUNT_MAX, (seed + index) >>> 0);
    const name = JSON.stringify([configuration, row]);
    if (seen.has(name)) continue;
    seen.add(name);
    byConfiguration[configuration]!.push(row);
    count++;
  }
  return byConfiguration.flatMap((rows, configuration) => worksOf(configuration, rows, seed));
}

function chosenForPairs({ pairs, seed }: ExploreOptions): number[] {
  const count = Math.min(pairs, CONFIGURATIONS.length);
  // Neighbours in the list differ in much.
  return Array.from({ length: count }, (_, index) => (seed + index) % CONFIGURATIONS.length);
}

function pairWorks(chosen: readonly number[], quiet: readonly (readonly SeenOperation[])[], seed: number): Work[] {
  return chosen.flatMap((configuration) => {
    const first = recordCuts(quiet[configuration]!).map((cut): LifeName => {
      return { configuration, story: "good", faults: [cut], seed };
    });
    const works: Work[] = [];
    for (let from = 0; from < first.length; from += PAIR_BATCH_SIZE) {
      works.push({ lives: first.slice(from, from + PAIR_BATCH_SIZE), isFollowed: true });
    }
    return works;
  });
}
