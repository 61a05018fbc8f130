/**
 * The order in which the chaos lives its lives, and what it says on the way: one kind after another, the cheap proofs first.
 */
import { CONFIGURATIONS } from "./configuration.js";
import { formatLifeName, type LifeName } from "./life-name.js";
import type { SeenOperation } from "./life-report.js";
import {
  badReleases,
  bitsAtRest,
  bitsOfCutDownload,
  bitsOfRunningImage,
  ladders,
  lies,
  type PlannedLife,
  randomCuts,
  recordCuts,
  resets,
  singles,
  storms,
  successions,
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
  /** Beginnings of the kinds that are lived, as "single"; none: all. */
  readonly kinds: readonly string[];
  /** Which ones; none: all. */
  readonly configurations: readonly number[];
  /** Names of lives that are left out. */
  readonly except: readonly string[];
}

/** A kind of life: what is lived of it in a configuration. */
interface Kind {
  readonly name: string;
  readonly plan: (configuration: number, operations: readonly SeenOperation[]) => readonly PlannedLife[];
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
    const quiet = quietLives(options);
    const isChosen = (kind: string): boolean =>
      options.kinds.length === 0 || options.kinds.some((word) => kind.startsWith(word));
    for (const { name, plan } of kindsOf(seed).filter((kind) => isChosen(kind.name))) {
      const works = [...quiet].flatMap(([configuration, operations]) => {
        const planned = plan(configuration, operations).filter((_, index) => (index + seed) % options.every === 0);
        return worksOf(configuration, planned, options);
      });
      await step(name, works);
    }
    if (isChosen("rows")) await step(`rows of up to ${RANDOM_CUT_COUNT_MAX} cuts`, randomWorks(quiet, options));
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

/** The planned ones, in their order. */
function kindsOf(seed: number): Kind[] {
  return [
    { name: "single faults", plan: (_, operations) => singles(operations) },
    { name: "bits at rest", plan: (index, operations) => bitsAtRest(scenarioOf(index), operations, seed + index) },
    {
      name: "bits of a cut download",
      plan: (index, operations) => bitsOfCutDownload(scenarioOf(index), operations, seed + index),
    },
    { name: "bits of the image that runs", plan: (index) => bitsOfRunningImage(scenarioOf(index), seed + index) },
    { name: "resets", plan: (_, operations) => resets(operations) },
    {
      name: "bad releases",
      plan: (index, operations) => badReleases(index, CONFIGURATIONS[index]!, operations, seed),
    },
    { name: "the ladder behind a bad release", plan: (index) => ladders(CONFIGURATIONS[index]!) },
    { name: "two updates", plan: (index, operations) => successions(index, CONFIGURATIONS[index]!, operations, seed) },
    { name: "lying server", plan: (index, operations) => lies(index, operations, seed) },
    { name: "storms at one operation", plan: () => storms() },
  ];
}

type QuietLives = ReadonlyMap<number, readonly SeenOperation[]>;

/** By configuration, of those that are wanted. */
function quietLives({ configurations, seed }: ExploreOptions): QuietLives {
  const wanted = configurations.length > 0 ? configurations : [...CONFIGURATIONS.keys()];
  return new Map(wanted.map((configuration) => [configuration, quietLife(configuration, seed)]));
}

/** The operations of a life in which nothing fails. */
function quietLife(configuration: number, seed: number): readonly SeenOperation[] {
  const report = liveOne({ configuration, story: "good", faults: [], seed });
  if (report.violations.length > 0) throw new Error(`without a fault: ${report.violations.join("; ")}`);
  return report.operations;
}

function worksOf(configuration: number, planned: readonly PlannedLife[], { seed, except }: ExploreOptions): Work[] {
  const works: Work[] = [];
  for (let from = 0; from < planned.length; from += BATCH_SIZE) {
    const lives = planned.slice(from, from + BATCH_SIZE).map(({ story, faults }, index): LifeName => {
      return { configuration, story, faults, seed: (seed + from + index) >>> 0 };
    });
    works.push({ lives: lives.filter((life) => !except.includes(formatLifeName(life))), isFollowed: false });
  }
  return works;
}

/** No row twice. */
function randomWorks(quiet: QuietLives, options: ExploreOptions): Work[] {
  const { lives, seed } = options;
  const seen = new Set<string>();
  const wanted = [...quiet.keys()];
  const byConfiguration = new Map(wanted.map((configuration): [number, PlannedLife[]] => [configuration, []]));
  for (let index = 0, count = 0; count < lives && index < 2 * lives; index++) {
    const configuration = wanted[index % wanted.length]!;
    const row = randomCuts(quiet.get(configuration)!, RANDOM_CUT_COUNT_MAX, (seed + index) >>> 0);
    const name = JSON.stringify([configuration, row]);
    if (seen.has(name)) continue;
    seen.add(name);
    byConfiguration.get(configuration)!.push(row);
    count++;
  }
  return [...byConfiguration].flatMap(([configuration, rows]) => worksOf(configuration, rows, options));
}

function chosenForPairs({ pairs, seed, configurations }: ExploreOptions): number[] {
  const count = configurations.length > 0 ? 0 : Math.min(pairs, CONFIGURATIONS.length);
  // Neighbours in the list differ in much.
  return Array.from({ length: count }, (_, index) => (seed + index) % CONFIGURATIONS.length);
}

function pairWorks(chosen: readonly number[], quiet: QuietLives, seed: number): Work[] {
  return chosen.flatMap((configuration) => {
    const first = recordCuts(quiet.get(configuration)!).map((cut): LifeName => {
      return { configuration, story: "good", faults: [cut], seed };
    });
    const works: Work[] = [];
    for (let from = 0; from < first.length; from += PAIR_BATCH_SIZE) {
      works.push({ lives: first.slice(from, from + PAIR_BATCH_SIZE), isFollowed: true });
    }
    return works;
  });
}
