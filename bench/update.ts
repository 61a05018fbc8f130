/**
 * The figures of the update path, made anew by running the shipped code in the simulators: `npm run bench:update`, after
 * `npm run build`.
 *
 *     npx tsx bench/update.ts [--seed N] [--json] [--write]
 *
 * Downloads, trials, hangs, wear and heap, each beside its goal, and beside ESP-IDF's own schemes where these have the figure
 * (docs/design/peers.md). Exits 1 where a goal is missed, naming it. `--write` puts the tables into docs/figures.md, with seed
 * and commit. Nothing is judged by a clock; lives a second are information.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { complaintsOf, renderGroups, wrapped } from "./update/figure.js";
import { type Measurement, measureAll } from "./update/groups.js";

const PAGE = "docs/figures.md";
const SEED_MAX = 2 ** 32 - 1;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) {
    throw new TypeError(`--seed ${values.seed}: expected a whole number of 0 … ${SEED_MAX}`);
  }
  return { seed, isJson: values.json, isWrite: values.write };
}

/** The commit that was measured, and whether the tree differs from it. The page itself may. */
function commit(): string {
  const git = (...words: string[]): string => execFileSync("git", words, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", `:!${PAGE}`);
  return `${git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : ", with changes"}`;
}

function pageOf({ groups }: Measurement, seed: number, complaints: readonly string[]): string {
  const missed = complaints.length === 0 ? "No goal is missed." : `Missed: ${complaints.join("; ")}.`;
  const opening =
    "`npm run bench:update`, after `npm run build`, measures all of this anew by running the shipped code in the simulators, " +
    "and fails where a goal is missed; with `-- --write` it makes this page. " +
    `Seed ${seed}, commit ${commit()}. ${missed}`;
  const peers =
    "The peers are models of ESP-IDF's own update schemes on the same flash and with the same bootloader " +
    "([peers](design/peers.md)).";
  return `# Figures of the update path\n\n${wrapped(opening)}\n\n${wrapped(peers)}\n\n${renderGroups(groups)}\n`;
}

function speedOf({ livesPerSecond }: Measurement): string {
  const { holdfast, ...peers } = livesPerSecond;
  const ratios = Object.entries(peers).map(([name, speed]) => `${(holdfast / speed).toFixed(2)} of ${name}'s`);
  return `lives with cuts: ${holdfast.toFixed(0)} a second here and now, ${ratios.join(", ")}`;
}

async function main(): Promise<number> {
  const { seed, isJson, isWrite } = readOptions();
  const startedMs = performance.now();
  const measurement = await measureAll(seed, (line) => console.error(`bench: ${line}`));
  const complaints = complaintsOf(measurement.groups);
  if (isWrite) writeFileSync(PAGE, pageOf(measurement, seed, complaints));
  if (isJson) console.log(JSON.stringify({ seed, ...measurement, complaints }, undefined, 2));
  else console.log(`${renderGroups(measurement.groups)}\n\n${speedOf(measurement)}`);
  for (const complaint of complaints) console.error(`bench: ${complaint}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  console.error(`bench: seed ${seed}, ${complaints.length} goals missed, ${seconds} s`);
  return complaints.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
