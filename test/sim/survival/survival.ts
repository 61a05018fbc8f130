/**
 * The survival table: what becomes of an update under Holdfast and under ESP-IDF's own schemes, fault for fault.
 *
 *     npm run survival -- [--seed N] [--json] [--write]
 *
 * Ours is the shipped code, theirs are models (docs/design/peers.md). `--write` puts the table into that page and into the
 * README. Two processes: ours, and the peers'.
 */
import { execFileSync, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runPeers } from "../peers/run-peers.js";
import { describeCounts, type SurvivalRow, SurvivalTable } from "../peers/survival.js";
import { liveOwnColumn } from "./own-column.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const OPEN = "<!-- survival -->";
const CLOSE = "<!-- end of survival -->";
const PAGES: readonly string[] = Object.freeze(["docs/design/peers.md", "README.md"]);
/** The peers' rows by their own names, and ours. */
const ROWS: readonly (readonly [string, RegExp])[] = Object.freeze([
  ["nothing", /^no(thing| fault)$/],
  ["one cut", /^(one cut|before|after|words|bits|half|unstable)$/],
  ["one error", /^(one )?error$/],
  ["one silent failure", /^(one silent failure|silent)$/],
  ["two cuts at otadata, all pairs", /^two cuts at otadata/],
  ["two cuts, by chance", /^two cuts(,)? by chance/],
  ["1 … 5 resets on trial", /resets on trial(: \d)?$/],
  ["one cut, and a bit of otadata turned", /bit (of otadata turned|turned in otadata)$/],
  ["an image that panics", /^(an image that panics|bad image: panics)/],
  ["an image that is unhealthy", /^(an image that is unhealthy|bad image: unhealthy)/],
  ["an image that hangs", /^(an image that hangs|bad image: hangs)(?!.*only logs)/],
]);

interface NamedColumn {
  readonly name: string;
  readonly rows: readonly SurvivalRow[];
}

function ownColumn(seed: number, say: (text: string) => void): NamedColumn {
  const table = new SurvivalTable();
  liveOwnColumn({ seed, add: (row, facts) => table.add(row, facts), onProgress: say });
  return { name: "Holdfast", rows: table.rows() };
}

/** In a process of its own. */
function peerColumns(seed: number): Promise<readonly NamedColumn[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ["--peers", String(seed)], { execArgv: ["--import", "tsx/esm"] });
    child.once("message", (columns) => resolve(columns as NamedColumn[]));
    child.once("exit", (code) => reject(new Error(`the peers' process ended with ${code}, expected their columns`)));
  });
}

/** Rows of the same meaning as one. */
function joined(rows: readonly SurvivalRow[], pattern: RegExp): SurvivalRow | undefined {
  let sum: SurvivalRow | undefined;
  for (const row of rows.filter(({ name }) => pattern.test(name))) {
    const before = sum;
    sum = before === undefined ? row : { ...row, lifeCount: before.lifeCount + row.lifeCount, counts: added(before, row) };
  }
  return sum;
}

function added(first: SurvivalRow, second: SurvivalRow): SurvivalRow["counts"] {
  const counts = { ...first.counts };
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += second.counts[key];
  return counts;
}

function format(columns: readonly NamedColumn[], seed: number): string {
  const lifeCount = columns.reduce((sum, { rows }) => sum + rows.reduce((lives, row) => lives + row.lifeCount, 0), 0);
  const head = ["what was done", ...columns.map(({ name }) => name)];
  const lines = ROWS.map(([name, pattern]) => {
    const cells = columns.map(({ rows }) => {
      const row = joined(rows, pattern);
      return row === undefined ? "" : describeCounts(row).replace(/\d+/g, (digits) => Number(digits).toLocaleString("en-US"));
    });
    return [name, ...cells];
  });
  const table = [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const facts = `${lifeCount.toLocaleString("en-US")} lives, seed ${seed}, commit ${commitOf()}.`;
  return `${OPEN}\n\n${table}\n\n${facts}\n\n${CLOSE}`;
}

function commitOf(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function place(page: string, table: string): void {
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(OPEN), text.indexOf(CLOSE)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table; expected "${OPEN}" and "${CLOSE}"`);
  writeFileSync(page, text.slice(0, from) + table + text.slice(to + CLOSE.length));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      peers: { type: "string" },
    },
  });
  if (values.peers !== undefined) {
    process.send?.(runPeers({ seed: Number(values.peers) }).columns);
    return;
  }
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0) throw new TypeError("--seed: expected a whole number");
  const say = (text: string): void => void (values.json || console.error(text));
  const peers = peerColumns(seed);
  const columns = [ownColumn(seed, say), ...(await peers)];
  const table = format(columns, seed);
  console.log(values.json ? JSON.stringify({ seed, commit: commitOf(), columns }, undefined, 2) : table);
  if (values.write) for (const page of PAGES) place(join(ROOT, page), table);
}

try {
  await main();
} catch (error) {
  console.error(`survival: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
