/**
 * The sizes of the framework and its budgets of memory: `npm run size`, after `npm run build`.
 *
 * Bytes of each part's source, then slots and chunk bytes on the real engine, exact counts and no estimates. Exits 1 where a
 * budget is exceeded. With `--write` the tables go into docs/sizes.md.
 */
import { BUDGETS, IDLE_HEAP_BYTES_MAX } from "./budgets.js";
import type { Reading } from "./firmware/reading.js";
import { heapBytes, judgeBudgets, judgeIdleHeap } from "./judgement.js";
import { renderModuleSizes } from "./module-sizes.js";
import { renderTable, writeSection } from "./page.js";
import { measureOnXS } from "./xs-run.js";

const PAGE = "docs/sizes.md";

function renderBudgets(readings: readonly Reading[]): string {
  const rows = BUDGETS.map(({ name, slotsMax, chunkBytesMax, why }) => {
    const reading = readings.find((candidate) => candidate.name === name);
    if (reading === undefined) return [name, "?", slotsMax, "?", chunkBytesMax, why];
    return [name, reading.slots / reading.count, slotsMax, reading.chunkBytes / reading.count, chunkBytesMax, why];
  });
  return renderTable(["each", "slots:", "at most:", "chunk bytes:", "at most:", "why this limit"], rows);
}

function renderIdleHeap(idle: Reading, loaded: Reading, bare: Reading): string {
  const row = (what: string, from: Reading, to: Reading | undefined, limit: number | string): readonly (string | number)[] => [
    what,
    from.slots - (to?.slots ?? 0),
    from.chunkBytes - (to?.chunkBytes ?? 0),
    heapBytes(from) - (to ? heapBytes(to) : 0),
    limit,
  ];
  return renderTable(
    ["heap", "slots:", "chunk bytes:", "bytes:", "at most:"],
    [
      row("the sensor node's modules, evaluated", loaded, bare, ""),
      row("what its start makes and keeps", idle, loaded, ""),
      row("**the sensor node, idle**", idle, bare, IDLE_HEAP_BYTES_MAX),
      row("beside it: an empty machine and this host's adapters", bare, undefined, ""),
    ],
  );
}

function find(readings: readonly Reading[], name: string): Reading {
  const reading = readings.find((candidate) => candidate.name === name);
  if (reading === undefined) throw new Error(`${name}: not measured; expected the firmware to tell it`);
  return reading;
}

async function main(): Promise<number> {
  const sizes = await renderModuleSizes();
  console.log(`${sizes}\n`);
  const readings = await measureOnXS("costs");
  const bare = find(await measureOnXS("bare"), "bare host");
  const node = await measureOnXS("sensor-node");
  const idle = find(node, "sensor node, idle");
  const budgets = renderBudgets(readings);
  const heap = renderIdleHeap(idle, find(node, "sensor node, before its start"), bare);
  console.log(`${budgets}\n\n${heap}\n`);
  const complaints = [...judgeBudgets(readings, BUDGETS), ...judgeIdleHeap(idle, bare)];
  for (const complaint of complaints) console.error(`size: ${complaint}`);
  if (process.argv.includes("--write")) {
    writeSection(PAGE, "sizes", sizes);
    writeSection(PAGE, "budgets", budgets);
    writeSection(PAGE, "idle heap", heap);
  }
  console.log(`size: ${BUDGETS.length + 1} budgets, ${complaints.length} exceeded`);
  return complaints.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
