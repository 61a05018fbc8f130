/**
 * The scene of the guide's drawing: a sensor node whose flash takes far too long once, told to a trace ring.
 *
 * The real scheduler dispatches, in virtual time; what it would tell of each run is told here by hand. Run by itself, this file
 * draws docs/drawings/timeline.svg anew.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawTrace } from "../../../cli/timeline/drawing.js";
import { parseTrace } from "../../../cli/timeline/trace-file.js";
import { chromeTrace } from "../../../src/scheduler/chrome-trace.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Priority } from "../../../src/scheduler/task.js";
import { TraceRing } from "../../../src/scheduler/trace-ring.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";

export const DRAWING = fileURLToPath(new URL("../../../docs/drawings/timeline.svg", import.meta.url));
const DURATION_MS = 300;
const BUDGET_MS = 30;

interface Part {
  readonly name: string;
  readonly priority: Priority;
  readonly periodMs: number;
  readonly phaseMs: number;
  readonly deadlineMs: number;
  /** Of the run number `count`, from 1. */
  runMs(count: number): number;
}

const PARTS: readonly Part[] = [
  { name: "control", priority: "high", periodMs: 20, phaseMs: 2, deadlineMs: 20, runMs: (count) => 2 + (count % 3) / 2 },
  { name: "sample", priority: "high", periodMs: 50, phaseMs: 10, deadlineMs: 25, runMs: () => 4 },
  { name: "display", priority: "normal", periodMs: 60, phaseMs: 14, deadlineMs: 60, runMs: (count) => 7 + (count % 2) * 3 },
  {
    name: "telemetry",
    priority: "normal",
    periodMs: 100,
    phaseMs: 30,
    deadlineMs: 100,
    runMs: (count) => (count === 3 ? 3 : 13),
  },
  { name: "flash", priority: "low", periodMs: 120, phaseMs: 26, deadlineMs: 120, runMs: (count) => (count === 2 ? 64 : 9) },
];

/** The scene as a Chrome trace. */
export function sceneTrace(): string {
  const time = new ManualTime();
  const ring = new TraceRing({ recordCountMax: 256 });
  const scheduler = new Scheduler({ ...time, taskCountMax: PARTS.length, onFault: () => undefined });
  for (const { name, priority, periodMs, phaseMs, deadlineMs, runMs } of PARTS) {
    let missedCount = 0;
    scheduler.every({
      ...{ name, priority, periodMs, phaseMs },
      run(task) {
        const missed = task.missedCount - missedCount;
        missedCount = task.missedCount;
        const dueMs = task.dueMs! - periodMs * (1 + missed);
        if (missed > 0) ring.note("missed", name, time.nowMs, missed);
        ring.begin(name, priority, dueMs, time.nowMs);
        time.busy(runMs(task.runCount));
        const isBroken = name === "telemetry" && task.runCount === 3;
        if (isBroken) ring.note("fault", name, time.nowMs, 0);
        ring.end(time.nowMs);
        const takenMs = runMs(task.runCount);
        if (takenMs > BUDGET_MS) ring.note("budget", name, time.nowMs, takenMs - BUDGET_MS);
        const lateMs = time.nowMs - dueMs - deadlineMs;
        if (lateMs > 0) ring.note("deadline", name, time.nowMs, lateMs);
        if (isBroken) throw new Error("the server hung up");
      },
    });
  }
  scheduler.start();
  time.advance(DURATION_MS);
  return chromeTrace(ring, { processName: "sensor-node" });
}

/** The drawing of the guide. */
export function sceneDrawing(): string {
  return drawTrace(parseTrace(sceneTrace()), { fromMs: 0, toMs: DURATION_MS }, "scene");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DRAWING, sceneDrawing());
