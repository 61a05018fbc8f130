/**
 * Lives a device through everything that can fail in an update, one fault at a time, in pairs and in rows, and looks for one
 * that breaks a promise.
 *
 *     npm run chaos -- [--seed N] [--lives 1000] [--pairs 0] [--every 1] [--jobs 2] [--json]
 *         [--kinds single,bits,…] [--configurations 0,3] [--except LIFE;LIFE] [--until-first]
 *         [--table FILE] [--replay LIFE]
 *
 * Every single fault in every configuration, bits at rest, resets, bad releases, lying servers, storms, `--lives` rows of up to
 * ten cuts by chance, and every pair of cuts among the records in `--pairs` of the configurations. A violation is printed as it
 * was found and as few faults as show it; `--replay` lives that one and tells each operation and each start of it. `--table`
 * writes the survival table, into its place where FILE is a document that has one. See docs/design/chaos.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CONFIGURATIONS, describeConfiguration } from "./configuration.js";
import { type Exploration, type ExploreOptions, explore } from "./explore.js";
import { formatLifeName, parseLifeName } from "./life-name.js";
import { formatTable, placeTable } from "./survival-table.js";
import { liveOne, shrink, type Violation } from "./worker.js";

/** Kinds of violations that are told with a life each. */
const TOLD_COUNT_MAX = 20;

/** One life, told step by step. */
function replay(text: string): number {
  const name = parseLifeName(text);
  console.log(describeConfiguration(CONFIGURATIONS[name.configuration]!));
  const report = liveOne(name, (line) => console.log(line));
  console.log(report.isBeyond ? "a bit turned in the image that runs: nothing is promised" : "");
  console.log(report.violations.length === 0 ? "nothing was violated" : report.violations.join("\n"));
  console.log(`${report.outcome}: ${report.bootCount} starts, ${report.fetchedBytes} bytes fetched, trace ${report.trace}`);
  return report.violations.length === 0 ? 0 : 1;
}

/** The same promise broken in the same way, in whatever life, is one entry; its figures do not matter. */
function grouped(violations: readonly Violation[]): { readonly first: Violation; readonly count: number }[] {
  const groups = new Map<string, { first: Violation; count: number }>();
  for (const violation of violations) {
    const { story } = violation.life;
    const key = `${story} ${violation.what.slice(0, 3)}${violation.what.slice(3).replace(/[0-9a-f]{8,}|\d+/g, "#")}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { first: violation, count: 1 });
  }
  return [...groups.values()].sort((first, second) => second.count - first.count);
}

function commit(): string {
  try {
    const cwd = fileURLToPath(new URL(".", import.meta.url));
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown";
  }
}

function writeTable(file: string, { cells, lifeCount }: Exploration, { seed }: ExploreOptions): void {
  const facts = [`${lifeCount.toLocaleString("en-US")} lives`, `seed ${seed}`, `commit ${commit()}`];
  const table = formatTable([{ name: "Holdfast", cells }], facts);
  const document = existsSync(file) ? readFileSync(file, "utf8") : "";
  writeFileSync(file, document === "" ? table : placeTable(document, table));
}

function tellViolations(exploration: Exploration, say: (text: string) => void): void {
  const groups = grouped(exploration.violations);
  for (const { first, count } of groups.slice(0, TOLD_COUNT_MAX)) {
    const [found, shrunk] = [formatLifeName(first.life), formatLifeName(shrink(first).life)];
    say(`\n${first.what} (${count} such)\n  found as ${found}\n  npm run chaos -- --replay ${shrunk}\n`);
  }
  if (groups.length > TOLD_COUNT_MAX) say(`\nand ${groups.length - TOLD_COUNT_MAX} more kinds of violations\n`);
  for (const life of exploration.different) say(`\nin a fresh process ${formatLifeName(life)} goes another way\n`);
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new TypeError(`chaos: --${name} ${text}; expected a whole number`);
}

function configurationOf(text: string): number {
  const configuration = numberOf("configurations", text);
  if (configuration < CONFIGURATIONS.length) return configuration;
  throw new TypeError(`chaos: there is no configuration ${text}; expected 0 … ${CONFIGURATIONS.length - 1}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Date.now() % 2 ** 32) },
      lives: { type: "string", default: "1000" },
      pairs: { type: "string", default: "0" },
      every: { type: "string", default: "1" },
      jobs: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
      "until-first": { type: "boolean", default: false },
      kinds: { type: "string", default: "" },
      configurations: { type: "string", default: "" },
      except: { type: "string", default: "" },
      table: { type: "string" },
      replay: { type: "string" },
    },
  });
  if (values.replay !== undefined) return replay(values.replay);
  const options: ExploreOptions = {
    seed: numberOf("seed", values.seed),
    lives: numberOf("lives", values.lives),
    pairs: numberOf("pairs", values.pairs),
    every: Math.max(1, numberOf("every", values.every)),
    jobs: Math.max(1, numberOf("jobs", values.jobs)),
    untilFirst: values["until-first"],
    kinds: values.kinds.split(",").filter((word) => word !== ""),
    configurations: values.configurations
      .split(",")
      .filter((word) => word !== "")
      .map((word) => configurationOf(word)),
    except: values.except.split(";"),
  };
  const say = (text: string): void => void (values.json ? 0 : process.stdout.write(text));
  say(`seed ${options.seed}, ${options.jobs} processes, ${CONFIGURATIONS.length} configurations\n`);
  const startedMs = performance.now();
  const exploration = await explore(options, say);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  if (values.table !== undefined) writeTable(values.table, exploration, options);
  if (values.json) console.log(JSON.stringify({ ...options, commit: commit(), ...exploration, seconds }, undefined, 2));
  else tellViolations(exploration, say);
  const { violations, different, lifeCount, bootCount, repeatedCount } = exploration;
  for (const kind of exploration.kinds) say(`${kind.kind}: ${kind.lifeCount} lives\n`);
  say(`${repeatedCount} lives were lived again in fresh processes, ${different.length} went another way\n`);
  const failedCount = new Set(violations.map(({ life }) => formatLifeName(life))).size + different.length;
  say(`${lifeCount} lives, ${bootCount} starts, ${seconds} s\n`);
  say(`${lifeCount - failedCount} passed, ${failedCount} failed\n`);
  return failedCount === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`chaos: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
