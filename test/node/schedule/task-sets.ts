/**
 * Random task sets, and the real scheduler that lives through them in virtual time: what the analysis is held against.
 *
 * Periods divide 120 ms, so that a schedule repeats itself and a few hundred milliseconds show all of it. Times are multiples
 * of 1/8 ms, which are exact in binary, so that no verdict hangs on a rounding.
 */
import type { TaskRow } from "../../../cli/schedule/task-table.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Overrun, Priority } from "../../../src/scheduler/task.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";

/** A whole number of 0 … limit − 1. */
export type Chance = (limit: number) => number;

export const HYPERPERIOD_MS = 120;
const PERIODS_MS: readonly number[] = [3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 60, 120];
const PRIORITIES: readonly Priority[] = ["high", "normal", "low"];
const OVERRUNS: readonly Overrun[] = ["skip", "catchUp", "coalesce"];
const GRAINS = 8;
/** The last task of a set may be due this long after the first. */
const PHASE_MAX_MS = HYPERPERIOD_MS;

/** 1 to 7 tasks that want 15 to 100 % of the time; half of the sets have priorities by period, as a person would give them. */
export function drawTasks(below: Chance): TaskRow[] {
  const count = 1 + below(7);
  const wanted = 0.15 + below(86) / 100;
  const shares = Array.from({ length: count }, () => 1 + below(100));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const isByPeriod = below(2) === 0;
  return shares.map((share, index) => {
    const periodMs = PERIODS_MS[below(PERIODS_MS.length)]!;
    const grainCount = Math.min(Math.max(Math.round(((wanted * share) / whole) * periodMs * GRAINS), 1), periodMs * GRAINS);
    const rank = isByPeriod ? (periodMs <= 8 ? 0 : periodMs <= 24 ? 1 : 2) : below(PRIORITIES.length);
    const spareCount = periodMs * GRAINS - grainCount;
    const deadlineMs = below(2) === 0 ? periodMs : periodMs - below(Math.floor(spareCount / 2) + 1) / GRAINS;
    return { name: `task ${index}`, priority: PRIORITIES[rank]!, periodMs, runMs: grainCount / GRAINS, deadlineMs };
  });
}

/** One life of a set. */
export interface Scene {
  readonly phasesMs: readonly number[];
  /** How long a run takes, of at most `runMs`. */
  readonly drawRunMs: (runMs: number) => number;
}

/** All at once, at whole milliseconds, at any eighth; with runs of full length, or mostly so, or of any length. */
export function drawScenes(tasks: readonly TaskRow[], below: Chance): Scene[] {
  const full = (runMs: number): number => runMs;
  const any = (runMs: number): number => (1 + below(runMs * GRAINS)) / GRAINS;
  const mostlyFull = (runMs: number): number => (below(4) === 0 ? any(runMs) : runMs);
  const phases = (draw: () => number): number[] => tasks.map(draw);
  const whole = () => below(PHASE_MAX_MS);
  const eighths = () => below(PHASE_MAX_MS * GRAINS) / GRAINS;
  // The long runs first, all else an eighth later: what blocks has just begun.
  const behind = (priority: Priority): number[] => tasks.map((task) => (task.priority === priority ? 0 : 1 / GRAINS));
  return [
    { phasesMs: phases(() => 0), drawRunMs: full },
    { phasesMs: phases(() => 0), drawRunMs: mostlyFull },
    { phasesMs: behind("low"), drawRunMs: full },
    { phasesMs: behind("normal"), drawRunMs: full },
    { phasesMs: phases(whole), drawRunMs: full },
    { phasesMs: phases(eighths), drawRunMs: full },
    { phasesMs: phases(eighths), drawRunMs: mostlyFull },
    { phasesMs: phases(eighths), drawRunMs: any },
  ];
}

/** What a task did at worst. */
export interface Witness {
  /** The longest time from a due time to the end of its run. */
  responseMs: number;
  /** Periods without a run. */
  missedCount: number;
}

/** Lives a scene, each task with an overrun policy of its own, and gives what happened to each, in the order of the tasks. */
export function live(tasks: readonly TaskRow[], scene: Scene, below: Chance): Witness[] {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: tasks.length });
  const witnesses = tasks.map(({ name, priority, periodMs, runMs }, index) => {
    const witness: Witness = { responseMs: 0, missedCount: 0 };
    const overrun = OVERRUNS[below(OVERRUNS.length)]!;
    scheduler.every({
      ...{ name, priority, overrun, periodMs, phaseMs: scene.phasesMs[index]! },
      run: (task) => {
        const dueMs = task.dueMs! - periodMs; // It is armed for its next period already.
        time.busy(scene.drawRunMs(runMs));
        witness.responseMs = Math.max(witness.responseMs, time.nowMs - dueMs);
        witness.missedCount = task.missedCount;
      },
    });
    return witness;
  });
  scheduler.start();
  time.advance(PHASE_MAX_MS + 3 * HYPERPERIOD_MS);
  return witnesses;
}
