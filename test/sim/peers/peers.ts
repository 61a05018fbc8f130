/**
 * What ESP-IDF's own update schemes make of the faults that the chaos has: prints the peers' columns of the survival table.
 *
 *     npx tsx test/sim/peers/peers.ts [--seed N] [--json]
 *
 * They are models, of what and from which source is in docs/design/peers.md.
 */
import { parseArgs } from "node:util";
import { type PeerReport, runPeers } from "./run-peers.js";
import { describeCounts } from "./survival.js";

const NAME_WIDTH = 42;

function print({ columns, lifeCount }: PeerReport, seconds: number): void {
  for (const { name, rows } of columns) {
    console.log(`\n${name}`);
    console.log(`  ${"".padEnd(NAME_WIDTH)} lives  images fetched again: mean, most`);
    for (const row of rows) {
      const again = `${(row.againImages / row.lifeCount).toFixed(2)}, ${row.againImagesMax.toFixed(2)}`;
      const lives = String(row.lifeCount).padStart(5);
      console.log(`  ${row.name.padEnd(NAME_WIDTH)} ${lives}  ${again.padEnd(12)} ${describeCounts(row)}`);
    }
  }
  console.log(`\n${lifeCount} lives, ${seconds.toFixed(0)} s`);
}

try {
  const { values } = parseArgs({
    options: { seed: { type: "string", default: "1" }, json: { type: "boolean", default: false } },
  });
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0) throw new TypeError("--seed: expected a whole number");
  const startedMs = performance.now();
  const onProgress = values.json ? undefined : (text: string): void => console.log(text);
  const report = runPeers({ seed, ...(onProgress ? { onProgress } : {}) });
  if (values.json) console.log(JSON.stringify(report, undefined, 2));
  else print(report, (performance.now() - startedMs) / 1000);
} catch (error) {
  console.error(`peers: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
