/**
 * Lives a device through everything that can fail in an update, one fault at a time, in pairs and in rows, and looks for one
 * that breaks a promise.
 *
 *     npm run chaos -- [--seed N] [--lives 1000] [--pairs] [--jobs 2] [--json] [--replay CONFIGURATION:SEED:FAULTS]
 *
 * Every single fault in every configuration, with `--pairs` every pair of cuts among the records, and `--lives` rows of up to
 * ten cuts by chance. A violation is printed as it was found and as few faults as show it; `--replay` lives that one and tells
 * it. See docs/design/chaos.md.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Fault, type FaultMode, formatFaults } from "../../../hosts/node/chaos/fault.js";
import { runLife } from "./life.js";
import { randomCuts, recordCuts, singles } from "./plan.js";
import { CONFIGURATIONS, describeConfiguration, prepareScenario } from "./scenario.js";
import { type Outcome, shrink, type Violation, type Work } from "./worker.js";

const BATCH_SIZE = 40;
const PAIR_BATCH_SIZE = 2;
const RANDOM_CUT_COUNT_MAX = 10;

interface Totals {
  lifeCount: number;
  bootCount: number;
  updatedCount: number;
  readonly violations: Violation[];
}

/** A number of processes that take work as they are free. */
class Pool {
  readonly #workers: ChildProcess[];
  readonly totals: Totals = { lifeCount: 0, bootCount: 0, updatedCount: 0, violations: [] };

  readonly #isUntilFirst: boolean;

  constructor(count: number, isUntilFirst: boolean) {
    this.#isUntilFirst = isUntilFirst;
    const program = fileURLToPath(new URL("./worker.ts", import.meta.url));
    this.#workers = Array.from({ length: count }, () => fork(program, { execArgv: ["--import", "tsx/esm"] }));
  }

  /** Lives all of it. `onProgress` after each piece. */
  async run(works: readonly Work[], onProgress: (share: number) => void): Promise<void> {
    const queue = [...works];
    let doneCount = 0;
    const serve = async (worker: ChildProcess): Promise<void> => {
      for (let work = queue.shift(); work !== undefined; work = queue.shift()) {
        const outcome = await ask(worker, work);
        this.totals.lifeCount += outcome.lifeCount;
        this.totals.bootCount += outcome.bootCount;
        this.totals.updatedCount += outcome.updatedCount;
        this.totals.violations.push(...outcome.violations);
        onProgress(++doneCount / works.length);
        if (this.#isUntilFirst && this.totals.violations.length > 0) queue.length = 0;
      }
    };
    await Promise.all(this.#workers.map(serve));
  }

  close(): void {
    for (const worker of this.#workers) worker.kill();
  }
}

function ask(worker: ChildProcess, work: Work): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error("a process of the chaos ended; expected an outcome"));
    worker.once("exit", onExit);
    worker.once("message", (outcome) => {
      worker.off("exit", onExit);
      resolve(outcome as Outcome);
    });
    worker.send(work);
  });
}

function batches(configuration: number, all: readonly (readonly Fault[])[], seed: number, isFollowed: boolean): Work[] {
  const size = isFollowed ? PAIR_BATCH_SIZE : BATCH_SIZE;
  const works: Work[] = [];
  for (let from = 0; from < all.length; from += size) {
    const lives = all.slice(from, from + size).map((faults, index) => ({ faults, seed: (seed + from + index) >>> 0 }));
    works.push({ configuration, lives, isFollowed });
  }
  return works;
}

interface ExploreOptions {
  readonly seed: number;
  readonly lives: number;
  readonly pairs: boolean;
  readonly jobs: number;
  /** Ends where the first promise is broken. */
  readonly untilFirst: boolean;
}

async function explore(options: ExploreOptions, say: (text: string) => void) {
  const pool = new Pool(options.jobs, options.untilFirst);
  const kinds: { kind: string; lifeCount: number }[] = [];
  const step = async (kind: string, works: readonly Work[]): Promise<void> => {
    if (options.untilFirst && pool.totals.violations.length > 0) return;
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
    const operations = CONFIGURATIONS.map((configuration) => {
      const report = runLife({ scenario: prepareScenario(configuration), faults: [], seed: options.seed });
      if (report.violations.length > 0) throw new Error(`without a fault: ${report.violations.join("; ")}`);
      return report.operations;
    });
    const { seed } = options;
    await step(
      "single faults",
      operations.flatMap((all, index) => batches(index, singles(all), seed, false)),
    );
    if (options.pairs) {
      const first = operations.flatMap((all, index) =>
        batches(
          index,
          recordCuts(all).map((fault) => [fault]),
          seed,
          true,
        ),
      );
      await step("pairs of cuts among the records", first);
    }
    const rows = Array.from({ length: options.lives }, (_, index) => {
      const configuration = index % CONFIGURATIONS.length;
      return { configuration, faults: randomCuts(operations[configuration]!, RANDOM_CUT_COUNT_MAX, (seed + index) >>> 0) };
    });
    const works = CONFIGURATIONS.flatMap((_, configuration) => {
      const own = rows.filter((row) => row.configuration === configuration).map(({ faults }) => faults);
      return batches(configuration, own, seed, false);
    });
    await step(`rows of up to ${RANDOM_CUT_COUNT_MAX} cuts`, works);
  } finally {
    pool.close();
  }
  return { ...pool.totals, kinds };
}

/** One life, told. */
function replay(text: string): number {
  const [configuration, seed, ...rest] = text.split(":");
  const faults = rest
    .join(":")
    .split(",")
    .filter((part) => part !== "")
    .map((part): Fault => {
      const [operation, mode] = part.split(":");
      return { operation: Number(operation), mode: mode as FaultMode };
    });
  const scenario = prepareScenario(CONFIGURATIONS[Number(configuration)]!);
  const report = runLife({ scenario, faults, seed: Number(seed) });
  console.log(describeConfiguration(scenario.configuration));
  for (const { operation, mode } of faults) {
    const hit = report.operations[operation];
    console.log(
      `${operation} ${mode}: ${hit ? `${hit.kind} of ${hit.byteLength} at 0x${hit.offset.toString(16)}` : "not reached"}`,
    );
  }
  for (const line of report.lines) console.log(`  ${line}`);
  console.log(report.violations.length === 0 ? "nothing was violated" : report.violations.join("\n"));
  console.log(`${report.bootCount} starts, ${report.fetchedBytes} bytes fetched, trace ${report.trace}`);
  return report.violations.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Date.now() % 2 ** 32) },
      lives: { type: "string", default: "1000" },
      pairs: { type: "boolean", default: false },
      jobs: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
      "until-first": { type: "boolean", default: false },
      replay: { type: "string" },
    },
  });
  if (values.replay !== undefined) return replay(values.replay);
  const options = {
    seed: Number(values.seed),
    lives: Number(values.lives),
    pairs: values.pairs,
    jobs: Number(values.jobs),
    untilFirst: values["until-first"],
  };
  if (![options.seed, options.lives, options.jobs].every((value) => Number.isInteger(value) && value >= 0)) {
    throw new TypeError("chaos: expected whole numbers for --seed, --lives and --jobs");
  }
  const say = (text: string): void => void (values.json ? 0 : process.stdout.write(text));
  say(`seed ${options.seed}, ${options.jobs} processes\n`);
  const startedMs = performance.now();
  const report = await explore(options, say);
  const seconds = (performance.now() - startedMs) / 1000;
  const first = report.violations.slice(0, 10).map((violation) => ({ found: violation, shrunk: shrink(violation) }));
  if (values.json) console.log(JSON.stringify({ ...options, ...report, seconds: Math.round(seconds) }, undefined, 2));
  for (const { found, shrunk } of first) {
    const name = (violation: Violation): string =>
      `${violation.configuration}:${violation.seed}:${formatFaults(violation.faults)}`;
    say(`\n${found.what}\n  found as ${name(found)}\n  npm run chaos -- --replay ${name(shrunk)}\n`);
  }
  for (const { kind, lifeCount } of report.kinds) say(`${kind}: ${lifeCount} lives\n`);
  say(`${report.lifeCount} lives, ${report.bootCount} starts, ${report.updatedCount} updated, ${seconds.toFixed(0)} s\n`);
  say(`${report.lifeCount - report.violations.length} passed, ${report.violations.length} failed\n`);
  return report.violations.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`chaos: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
