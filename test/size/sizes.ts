/**
 * The sizes of the framework and its budgets of memory: `npm run size`, after `npm run build`.
 *
 * Bytes of each part's source, then slots and chunk bytes on the real engine, exact counts and no estimates. Exits 1 where a
 * budget is exceeded. With `--write` the tables go into docs/sizes.md.
 */
import { fileURLToPath } from "node:url";
import { loadShipped } from "../sim/shipped.js";
import { BUDGETS, IDLE_HEAP_BYTES_MAX } from "./budgets.js";
import type { Reading } from "./firmware/reading.js";
import { deviceHeap, difference, type HeapUse, heapBytes, type IdleHeap, judgeBudgets, judgeIdleHeap } from "./judgement.js";
import { renderModuleSizes } from "./module-sizes.js";
import { renderTable, writeSection } from "./page.js";
import { measureModules, measureOnXS } from "./xs-run.js";

const PAGE = "docs/sizes.md";
const RELEASE = fileURLToPath(new URL("../../examples/sensor-node/releases/1.0.0.ts", import.meta.url));
const EMPTY = fileURLToPath(new URL("firmware/empty.ts", import.meta.url));

function renderBudgets(readings: readonly Reading[]): string {
  const rows = BUDGETS.map(({ name, slotsMax, chunkBytesMax, why }) => {
    const reading = readings.find((candidate) => candidate.name === name);
    if (reading === undefined) return [name, "?", slotsMax, "?", chunkBytesMax, why];
    return [name, reading.slots / reading.count, slotsMax, reading.chunkBytes / reading.count, chunkBytesMax, why];
  });
  return renderTable(["each", "slots:", "at most:", "chunk bytes:", "at most:", "why this limit"], rows);
}

/** The parts, their sum, and what only the simulator has. */
function renderIdleHeap(heap: IdleHeap, total: Reading): string {
  const sum = deviceHeap(heap);
  const row = (what: string, { slots, chunkBytes }: HeapUse, limit: number | string): readonly (string | number)[] => [
    what,
    slots,
    chunkBytes,
    heapBytes({ slots, chunkBytes }),
    limit,
  ];
  return renderTable(
    ["heap", "slots:", "chunk bytes:", "bytes:", "at most:"],
    [
      row("a machine that runs nothing", heap.machine, ""),
      row("the sensor node's modules, evaluated", heap.modules, ""),
      row("what its start makes and keeps", heap.start, ""),
      row("**the sensor node, idle**", sum, IDLE_HEAP_BYTES_MAX),
      row("beside it: the simulator's adapters", difference(total, sum), ""),
    ],
  );
}

async function measureIdleHeap(): Promise<{ heap: IdleHeap; total: Reading }> {
  const machine = await measureModules(EMPTY);
  const modules = difference(await measureModules(RELEASE), machine);
  const readings = await measureOnXS("sensor-node");
  const total = find(readings, "sensor node, idle");
  return { heap: { machine, modules, start: difference(total, find(readings, "sensor node, before its start")) }, total };
}

function find(readings: readonly Reading[], name: string): Reading {
  const reading = readings.find((candidate) => candidate.name === name);
  if (reading === undefined) throw new Error(`${name}: not measured; expected the firmware to tell it`);
  return reading;
}

async function main(): Promise<number> {
  const { xsProcessor } = await loadShipped();
  const engine = await xsProcessor({ log: (line) => console.error(line) });
  const sizes = await renderModuleSizes(engine.command);
  console.log(`${sizes}\n`);
  const readings = await measureOnXS("costs");
  const { heap, total } = await measureIdleHeap();
  const budgets = renderBudgets(readings);
  const idleHeap = renderIdleHeap(heap, total);
  console.log(`${budgets}\n\n${idleHeap}\n`);
  const complaints = [...judgeBudgets(readings, BUDGETS), ...judgeIdleHeap(heap)];
  for (const complaint of complaints) console.error(`size: ${complaint}`);
  if (process.argv.includes("--write")) {
    writeSection(PAGE, "sizes", sizes);
    writeSection(PAGE, "budgets", budgets);
    writeSection(PAGE, "idle heap", idleHeap);
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
