/**
 * Schedulability: for each task of a table, the longest that a run of it may end after its due time.
 *
 * Response-time analysis for fixed priorities without preemption, and in order of due times within a priority, as the scheduler
 * dispatches. Safe: a task that passes misses no deadline, whatever the phases and however short single runs are. The bound of
 * Liu and Layland alone was rejected: it knows neither runs that cannot be interrupted nor tasks that share a priority.
 * The argument is in docs/guide/schedulability.md, and a property test holds the result against the real scheduler.
 */
import type { Priority } from "../../src/scheduler/task.js";
import type { TaskRow, TaskTable } from "./task-table.js";

export interface TaskVerdict extends TaskRow {
  /** Part of the time that the task takes: run / period. */
  readonly utilisation: number;
  /** The longest wait for something less important that has begun already. */
  readonly blockedMs: number;
  /** Whose run that is; `undefined` where it is the timer. */
  readonly blockedBy: string | undefined;
  /** From the due time to the end, at worst; `undefined` where it has no bound. */
  readonly responseMs: number | undefined;
  readonly isMet: boolean;
}

export interface ScheduleVerdict {
  readonly tasks: readonly TaskVerdict[];
  readonly utilisation: number;
  /** n × (2^(1/n) − 1): below it, rate-monotonic priorities with preemption always work. A landmark, not the verdict. */
  readonly liuLaylandBound: number;
  readonly isMet: boolean;
}

/** A task in whole microseconds, in which sums and quotients are exact. */
interface Work {
  readonly periodUs: number;
  readonly runUs: number;
}

/** All tasks of one priority, and those above. */
interface Level {
  readonly above: readonly Work[];
  readonly equals: readonly Work[];
  readonly blockedUs: number;
}

/** From the most important on. */
const PRIORITIES: readonly Priority[] = Object.freeze(["high", "normal", "low"] as const);
const MICROSECONDS = 1000;
/** Noise of a number in decimal: 33.3 ms are 33,300 µs, not 33,299.999999999996. */
const ROUNDING = 2 ** -50;
/** Points in time that are looked at for one priority, and steps to a fixed point: beyond it, nothing is promised. */
const STEP_COUNT_MAX = 100_000;

/** Judges a table. Total: a set that needs more than all the time has no bounds, and is not met. */
export function analyse({ tasks, timerLatenessMs }: TaskTable): ScheduleVerdict {
  const verdicts = new Map<TaskRow, TaskVerdict>();
  for (const priority of PRIORITIES) {
    const rank = PRIORITIES.indexOf(priority);
    const equals = tasks.filter((task) => task.priority === priority);
    const above = tasks.filter((task) => PRIORITIES.indexOf(task.priority) < rank);
    const blocker = longestOf(tasks.filter((task) => PRIORITIES.indexOf(task.priority) > rank));
    // A run that has begun, or the timer that has not expired yet: when one holds a task up, the other is over.
    const isTimer = blocker === undefined || blocker.runMs < timerLatenessMs;
    const blockedMs = isTimer ? timerLatenessMs : blocker.runMs;
    const level = { above: above.map(workOf), equals: equals.map(workOf), blockedUs: upUs(blockedMs) };
    const busyUs = busyPeriodUs(level);
    for (const task of equals) {
      const responseUs = busyUs === undefined ? undefined : responseOf(level, equals.indexOf(task), busyUs);
      verdicts.set(task, {
        ...task,
        utilisation: task.runMs / task.periodMs,
        blockedMs,
        blockedBy: isTimer ? undefined : blocker.name,
        responseMs: responseUs === undefined ? undefined : responseUs / MICROSECONDS,
        isMet: responseUs !== undefined && responseUs <= downUs(task.deadlineMs),
      });
    }
  }
  const inOrder = tasks.map((task) => verdicts.get(task)!);
  return {
    tasks: inOrder,
    utilisation: inOrder.reduce((sum, { utilisation }) => sum + utilisation, 0),
    liuLaylandBound: tasks.length * (2 ** (1 / tasks.length) - 1),
    isMet: inOrder.every(({ isMet }) => isMet),
  };
}

function longestOf(tasks: readonly TaskRow[]): TaskRow | undefined {
  return tasks.reduce<TaskRow | undefined>(
    (longest, task) => (longest && longest.runMs >= task.runMs ? longest : task),
    undefined,
  );
}

/** Shorter periods and longer runs only make it worse, so that is the way to round. */
function workOf({ periodMs, runMs }: TaskRow): Work {
  return { periodUs: downUs(periodMs), runUs: upUs(runMs) };
}

function downUs(ms: number): number {
  return Math.floor(ms * MICROSECONDS * (1 + ROUNDING));
}

function upUs(ms: number): number {
  return Math.ceil(ms * MICROSECONDS * (1 - ROUNDING));
}

/**
 * The longest time without a pause in which runs of this priority and above are due: the least L > 0 with
 * L = blocked + Σ ceil(L / period) × run. `undefined` where there is none, or none within reason.
 */
function busyPeriodUs({ above, equals, blockedUs }: Level): number | undefined {
  const works = [...above, ...equals];
  let busyUs = blockedUs + works.reduce((sum, { runUs }) => sum + runUs, 0);
  for (let step = 0; step < STEP_COUNT_MAX; step++) {
    let nextUs = blockedUs;
    let jobCount = 0;
    for (const { periodUs, runUs } of works) {
      const count = Math.ceil(busyUs / periodUs);
      jobCount += count;
      nextUs += count * runUs;
    }
    if (jobCount > STEP_COUNT_MAX || nextUs > Number.MAX_SAFE_INTEGER) return undefined;
    if (nextUs === busyUs) return busyUs;
    busyUs = nextUs;
  }
  return undefined;
}

/** The worst response of one of the equals: over all jobs of it that may be due within the busy period. */
function responseOf(level: Level, taskIndex: number, busyUs: number): number | undefined {
  const own = level.equals[taskIndex]!;
  let responseUs = 0;
  let beginUs = 0;
  for (const dueUs of turningPoints(level.equals, busyUs)) {
    // Begins come in the order of due times, so each search goes on where the last one ended.
    const begin = beginOf(level, { taskIndex, dueUs, fromUs: beginUs });
    if (begin === undefined) return undefined;
    beginUs = begin;
    responseUs = Math.max(responseUs, Math.max(begin, dueUs) + own.runUs - dueUs);
  }
  return responseUs;
}

/**
 * The due times that can be the worst, in order: between two of them no run is added before a job's own, and a later due time
 * only shortens its wait.
 */
function turningPoints(equals: readonly Work[], busyUs: number): readonly number[] {
  const points = new Set<number>();
  for (const { periodUs } of equals) {
    for (let pointUs = 0; pointUs < busyUs; pointUs += periodUs) points.add(pointUs);
  }
  return [...points].sort((one, other) => one - other);
}

/**
 * When a job that is due at `dueUs` begins at the latest, counted from the begin of the busy period: behind what blocks it,
 * behind equals that are due no later, and behind everything above that is due by then. `fromUs` is no later than the answer.
 */
function beginOf(level: Level, job: { taskIndex: number; dueUs: number; fromUs: number }): number | undefined {
  const { taskIndex, dueUs, fromUs } = job;
  let beforeUs = level.blockedUs;
  level.equals.forEach(({ periodUs, runUs }, index) => {
    const earlierCount = Math.floor(dueUs / periodUs);
    beforeUs += (index === taskIndex ? earlierCount : earlierCount + 1) * runUs;
  });
  let beginUs = Math.max(fromUs, beforeUs);
  for (let step = 0; step < STEP_COUNT_MAX; step++) {
    let nextUs = beforeUs;
    for (const { periodUs, runUs } of level.above) nextUs += (Math.floor(beginUs / periodUs) + 1) * runUs;
    if (nextUs <= beginUs) return beginUs;
    beginUs = nextUs;
  }
  return undefined;
}
