/**
 * Puts known bugs into a copy of the tree, one at a time, and says which of them the chaos finds.
 *
 *     npm run chaos:plants -- [--only NAME] [--lives 400] [--seed N] [--table]
 *
 * A proof that never failed proves nothing. A plant counts as found where a life breaks a promise that the very same life keeps
 * on the tree as it is. It is looked for in the kinds of life that should show it, and in all of them where these do not.
 * `--table` prints what docs/design/chaos.md has. Exits 1 where one is missed.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatLifeName, type LifeName } from "./life-name.js";
import type { Plant } from "./plant.js";
import { PLANTS_OF_JUDGEMENT } from "./plants-of-judgement.js";
import { PLANTS_OF_WRITING } from "./plants-of-writing.js";
import { liveOne } from "./worker.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const FOLDERS: readonly string[] = Object.freeze(["src", "hosts", "test/harness", "test/node", "test/sim", "test/spec"]);
const FILES: readonly string[] = Object.freeze(["package.json", "tsconfig.json", "tsconfig.base.json"]);
/** Lives of the tree as it is that break a promise too, and are left out: more of them would be another matter. */
const EXCEPT_COUNT_MAX = 20;
const TIMEOUT_MS = 1_200_000;

interface Finding {
  readonly what: string;
  /** `undefined`: before any fault. */
  readonly life: LifeName | undefined;
  readonly lifeCount: number;
}

/** What of the chaos is run. */
interface Sample {
  readonly kinds: string;
  readonly configurations: string;
  readonly every: number;
}

/** A copy of what the chaos needs, its packages by a link. */
function copyTree(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-plants-"));
  for (const path of [...FOLDERS, ...FILES]) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Does it to the copy. Gives what undoes it. */
function plantInto(folder: string, { name, edits }: Plant): () => void {
  const undo: (() => void)[] = [];
  for (const { file, find, replace } of edits) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (text.split(find).length !== 2) throw new Error(`${name}: ${file} has no such place, or several`);
    undo.unshift(() => writeFileSync(path, text));
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return () => {
    for (const restore of undo) restore();
  };
}

/** The first life that breaks a promise in the copy and none in the tree as it is; where there is none, how many were lived. */
function look(folder: string, sample: Sample): Finding | number {
  const except: string[] = [];
  for (;;) {
    const report = run(folder, sample, except);
    if (typeof report === "number" || report.life === undefined) return report;
    if (liveOne(report.life).violations.length === 0) return report;
    except.push(formatLifeName(report.life));
    if (except.length > EXCEPT_COUNT_MAX) throw new Error(`the tree as it is breaks promises: ${except.join(" ")}`);
  }
}

function run(folder: string, { kinds, configurations, every }: Sample, except: readonly string[]): Finding | number {
  const args = ["--import", "tsx/esm", "test/sim/chaos/chaos.ts", "--until-first", "--json", "--jobs", "1"];
  args.push("--lives", values.lives, "--seed", values.seed, "--every", String(every), "--except", except.join(";"));
  args.push("--kinds", kinds, "--configurations", configurations);
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: TIMEOUT_MS,
  });
  try {
    const { lifeCount, violations } = JSON.parse(stdout) as {
      lifeCount: number;
      violations: { what: string; life: LifeName }[];
    };
    const [first] = violations;
    return first ? { ...first, lifeCount } : lifeCount;
  } catch {
    // It may not come as far as its first fault; a plant that does not even run would be found by anybody.
    const what = /without a fault: (\d+: [^;\n]*)/.exec(stderr)?.[1] ?? /chaos: (no [\d.]+ at rest)/.exec(stderr)?.[1];
    if (what === undefined) throw new Error(`the planted tree does not run: ${stderr.trim()}`);
    return { what, life: undefined, lifeCount: 0 };
  }
}

/** Where it should be seen, and then everywhere. */
function find(folder: string, { kinds, configurations = "", every = 1 }: Plant): Finding | number {
  const found = look(folder, { kinds, configurations, every });
  if (typeof found !== "number") return found;
  const wider = look(folder, { kinds: "", configurations: "", every: 1 });
  return typeof wider === "number" ? found + wider : { ...wider, lifeCount: found + wider.lifeCount };
}

/** As a row of the document. */
function rowOf(name: string, found: Finding | number): string {
  if (typeof found === "number") return `| ${name} | not, in ${found.toLocaleString("en-US")} lives | |`;
  const lives = found.life === undefined ? "without a fault" : found.lifeCount.toLocaleString("en-US");
  const life = found.life === undefined ? "" : `, \`${formatLifeName(found.life)}\``;
  return `| ${name} | ${found.what.replace(/^(\d+): /, "$1: ")}${life} | ${lives} |`;
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    lives: { type: "string", default: "800" },
    seed: { type: "string", default: "1" },
    table: { type: "boolean", default: false },
  },
});
const plants = [...PLANTS_OF_WRITING, ...PLANTS_OF_JUDGEMENT];
const chosen = plants.filter(({ name }) => values.only === undefined || name.includes(values.only));
const folder = copyTree();
const rows: string[] = [];
let missedCount = 0;
try {
  for (const one of chosen) {
    const undo = plantInto(folder, one);
    const found = find(folder, one);
    undo();
    if (typeof found === "number") missedCount++;
    rows.push(rowOf(one.name, found));
    const told = typeof found === "number" ? `nothing (${found} lives)` : `${found.what} (${found.lifeCount} lives)`;
    console.log(`${typeof found === "number" ? "MISSED" : "found "}  ${one.name}: ${told}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.table) console.log(`\n| planted bug | found by | lives |\n| --- | --- | --: |\n${rows.join("\n")}`);
console.log(`${chosen.length - missedCount} passed, ${missedCount} failed`);
process.exitCode = missedCount === 0 ? 0 : 1;
