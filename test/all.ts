/**
 * All specs, on Node and on XS, as many jobs at a time as there are processors: the engine is built once, while others run.
 *
 * A job is one program after another, such as the engine's: it is built by the first that asks, and by nobody else meanwhile.
 * The jobs of mocha leave out what another one has, by the same patterns, so that each spec is in exactly one of them; mocha
 * alone (`npx mocha`) still runs all. What the first job says goes through at once; the others' words are held back until all
 * before them are done, and end in closing lines of their own.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const MOCHA = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
/** Specs that start the engine. */
const ENGINE_SPECS: readonly string[] = Object.freeze(["test/node/engine/*.ts", "test/node/esp32/native-chip.ts"]);
/** Whole updates, with each fault at each step: near a half of the time of all specs. By letters, in two halves of it. */
const UPDATE_SPECS: readonly string[] = Object.freeze(["test/node/ota/[a-c]*.ts", "test/node/ota/[!a-c]*.ts"]);
const JOB_COUNT_MIN = 2;

/** Programs of Node, by their arguments. */
type Job = readonly (readonly string[])[];

/** Of these specs; all else as .mocharc.json has it. */
function mochaOf(...patterns: readonly string[]): readonly string[] {
  const options = ["--no-config", "--import=tsx/esm", "--reporter=test/harness/reporter.cjs", "--timeout=20000"];
  return [MOCHA, ...options, ...patterns];
}

/** Of all specs but these. */
function mochaWithout(...patterns: readonly string[]): readonly string[] {
  return [MOCHA, ...patterns.flatMap((pattern) => ["--ignore", pattern])];
}

const JOBS: readonly Job[] = Object.freeze([
  [mochaWithout(...ENGINE_SPECS, ...UPDATE_SPECS)],
  [["--import", "tsx/esm", "test/xs/run.ts"], mochaOf(...ENGINE_SPECS)],
  ...UPDATE_SPECS.map((pattern) => [mochaOf(pattern)]),
]);

/** Runs a program of Node and gives its exit code; its output goes through at once, or to `held`. */
function run(args: readonly string[], held: string[] | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: held ? ["ignore", "pipe", "pipe"] : "inherit" });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => held?.push(text));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Whether all of its programs ended well; each is run, also behind one that did not. */
async function runJob(job: Job, held: string[] | undefined): Promise<boolean> {
  let isGood = true;
  for (const args of job) isGood = (await run(args, held)) === 0 && isGood;
  return isGood;
}

/** Starts them in order, and gives their ends. */
function runAll(jobs: readonly Job[], told: readonly string[][]): readonly Promise<boolean>[] {
  let freeCount = Math.max(JOB_COUNT_MIN, availableParallelism());
  const waiting: (() => void)[] = [];
  return jobs.map(async (job, index) => {
    if (freeCount === 0) await new Promise<void>((resolve) => void waiting.push(resolve));
    else freeCount--;
    try {
      return await runJob(job, index === 0 ? undefined : told[index]);
    } finally {
      const next = waiting.shift();
      if (next === undefined) freeCount++;
      else next();
    }
  });
}

const told = JOBS.map((): string[] => []);
let isGood = true;
for (const [index, end] of runAll(JOBS, told).entries()) {
  isGood = (await end) && isGood;
  process.stdout.write(told[index]!.join(""));
}
process.exitCode = isGood ? 0 : 1;
