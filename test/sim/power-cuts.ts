/**
 * Kills a simulated device with SIGKILL at flash steps of an update drawn at random, and lets each of them come back.
 *
 *     npx tsx test/sim/power-cuts.ts [--cuts 200] [--seed N] [--only K] [--jobs 2] [--where otadata,journal] [--json]
 *
 * It passes if each device boots after its cut and completes the update, and at least half of the cuts tore an operation.
 * Real processes and the shipped code; a cut in virtual time at every single step is the business of the specs.
 */
import { parseArgs } from "node:util";
import { type CutOutcome, type MeasuredStep, PowerCutRig } from "./power-cut-rig.js";
import { loadShipped, type Shipped } from "./shipped.js";

interface Options {
  readonly cutCount: number;
  readonly seed: number;
  /** Only this one of the row, from 1. */
  readonly only: number | undefined;
  readonly jobCount: number;
  /** Partitions whose steps the cuts are drawn from; `undefined`: from all there are. */
  readonly where: readonly string[] | undefined;
  readonly isJson: boolean;
}

interface Report {
  readonly seed: number;
  /** Flash steps of an undisturbed update: the cuts are drawn from 1 … stepCount. */
  readonly stepCount: number;
  readonly insideCount: number;
  readonly passedCount: number;
  readonly failedCount: number;
  readonly cutsByPartition: Readonly<Record<string, number>>;
  readonly durationMs: number;
  readonly outcomes: readonly CutOutcome[];
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      cuts: { type: "string", default: "200" },
      seed: { type: "string", default: String(Date.now() % 2 ** 32) },
      only: { type: "string" },
      jobs: { type: "string", default: "2" },
      where: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const cutCount = whole("cuts", values.cuts, 1, 100_000);
  return {
    cutCount,
    seed: whole("seed", values.seed, 0, 2 ** 32 - 1),
    only: values.only === undefined ? undefined : whole("only", values.only, 1, cutCount),
    jobCount: whole("jobs", values.jobs, 1, 64),
    where: values.where?.split(","),
    isJson: values.json,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`--${name} ${text}: expected a whole number of ${min} … ${max}`);
}

/** The row of cuts: each step as likely as any other. The K-th is the same however many there are. */
function drawSteps(shipped: Shipped, options: Options, measured: readonly MeasuredStep[]): readonly number[] {
  const { where, seed, cutCount } = options;
  const steps = where === undefined ? measured : measured.filter(({ partition }) => where.includes(partition));
  if (steps.length === 0) throw new TypeError(`--where ${where?.join(",")}: no flash step of the update is there`);
  const random = shipped.createSeededRandom(seed);
  const view = new DataView(new ArrayBuffer(4));
  return Array.from({ length: cutCount }, () => {
    random.fill(new Uint8Array(view.buffer));
    return steps[Math.floor((view.getUint32(0) / 2 ** 32) * steps.length)]!.step;
  });
}

async function run(shipped: Shipped, options: Options, say: (text: string) => void): Promise<Report> {
  const startedMs = performance.now();
  const rig = new PowerCutRig(shipped);
  try {
    await rig.prepare();
    const measured = await rig.measure();
    say(`seed ${options.seed}: ${options.cutCount} cuts, drawn from the ${measured.length} flash steps of an update\n`);
    const steps = drawSteps(shipped, options, measured);
    const numbers = options.only === undefined ? steps.map((_, index) => index + 1) : [options.only];
    const outcomes: CutOutcome[] = [];
    const work = async (): Promise<void> => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const outcome = await rig.cut(number, steps[number - 1]!);
        outcomes.push(outcome);
        say(lineOf(outcome, outcomes.length, options));
      }
    };
    await Promise.all(Array.from({ length: options.jobCount }, work));
    return reportOf(options.seed, measured.length, outcomes, Math.round(performance.now() - startedMs));
  } finally {
    await rig.close();
  }
}

/** A dot for a cut that passed; for one that failed, what happened and how to see it again. */
function lineOf(outcome: CutOutcome, doneCount: number, options: Options): string {
  const { number, step, partition, because } = outcome;
  if (because !== undefined) {
    const from = options.where === undefined ? "" : ` --where ${options.where.join(",")}`;
    const again = `npx tsx test/sim/power-cuts.ts --cuts ${options.cutCount} --seed ${options.seed}${from} --only ${number}`;
    return `\ncut ${number} at step ${step} (${partition || "nowhere"}) failed: ${because}\n  again: ${again}\n`;
  }
  return doneCount % 50 === 0 ? `. ${doneCount}\n` : ".";
}

function reportOf(seed: number, stepCount: number, outcomes: readonly CutOutcome[], durationMs: number): Report {
  const cutsByPartition: Record<string, number> = {};
  for (const { partition } of outcomes) cutsByPartition[partition] = (cutsByPartition[partition] ?? 0) + 1;
  const failedCount = outcomes.filter(({ because }) => because !== undefined).length;
  return {
    seed,
    stepCount,
    insideCount: outcomes.filter(({ isInside }) => isInside).length,
    passedCount: outcomes.length - failedCount,
    failedCount,
    cutsByPartition,
    durationMs,
    outcomes: [...outcomes].sort((left, right) => left.number - right.number),
  };
}

async function main(): Promise<number> {
  const options = readOptions();
  const report = await run(await loadShipped(), options, (text) => {
    if (!options.isJson) process.stdout.write(text);
  });
  const isEnough = options.only !== undefined || report.insideCount * 2 >= report.outcomes.length;
  if (options.isJson) {
    console.log(JSON.stringify(report, undefined, 2));
  } else {
    const where = Object.entries(report.cutsByPartition).map(([partition, count]) => `${partition} ${count}`);
    console.log(
      `\n${report.insideCount} inside an operation${isEnough ? "" : "; expected at least half"}; ${where.join(", ")}`,
    );
    console.log(`${(report.durationMs / 1000).toFixed(1)} s`);
    console.log(`${report.passedCount} passed, ${report.failedCount} failed`);
  }
  return report.failedCount === 0 && isEnough ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`power-cuts: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
