/**
 * The task behind the Task interface: its options, its place in a queue, its grid of periods and its counts.
 *
 * Few fields, and plain ones: the heap and the dispatcher work on them at every run, whoever uses a task sees only the
 * interface, and each costs 16 bytes a task on a device. Numbers that are used once a run are in the owner's columns
 * (columns.ts), in the task's row. Grid points are computed as origin + n × period, never by adding a period to the last one: a
 * period of 33.3 ms would drift by its rounding errors. See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import {
  BUDGET_MS,
  BUDGET_OVERRUN_COUNT,
  COLUMN_COUNT,
  DEADLINE_MISS_COUNT,
  DEADLINE_MS,
  DUE_COUNT,
  GRID_INDEX,
  LATENESS_MAX_MS,
  MISSED_COUNT,
  MODE,
  ORDER,
  ORIGIN_MS,
  OVERRUN_MASK,
  OVERRUN_SHIFT,
  PENDING_BIT,
  PERIOD_MS,
  RANK_MASK,
  RUN_COUNT,
  SLACK_MS,
  TIMED_BIT,
} from "./columns.js";
import { checkDelay, checkLimit, checkPeriod } from "./duration.js";
import { checkHistogram } from "./histogram.js";
import type { Overrun, Priority, Task, TaskOptions } from "./task.js";
import type { HeapEntry } from "./task-heap.js";

/** What a task asks of the scheduler that made it. */
export interface TaskOwner {
  /** The columns of all tasks. */
  readonly values: Float64Array;
  nowMs(): number;
  /** Of a task that is pending. */
  dueMsOf(task: ScheduledTask): number;
  /** Puts the task into the queue of those that wait for `dueMs`, out of wherever it was. */
  arm(task: ScheduledTask, dueMs: number, nowMs: number): void;
  /** Takes the task out of the queue that it is in. */
  disarm(task: ScheduledTask): void;
  /** Takes the place and the row of a task that is not armed. */
  release(task: ScheduledTask): void;
  shouldYield(task: ScheduledTask, sliceMs: number): boolean;
}

/** From the highest priority to the lowest; a task's rank is an index into it. */
const PRIORITIES: readonly Priority[] = Object.freeze(["high", "normal", "low"] as const);
export const PRIORITY_COUNT = 3;
const OVERRUNS: readonly Overrun[] = Object.freeze(["skip", "catchUp", "coalesce"] as const);
const CATCH_UP = 1;
const COALESCE = 2;

/** Runs that a catchUp task may owe: enough for a stall of several periods, too few for a burst that blocks the others. */
export const CATCH_UP_COUNT_MAX = 8;

/** The row of a task that was closed. */
const NOWHERE = -1;

export class ScheduledTask implements Task, HeapEntry {
  readonly name: string;
  readonly run: (this: unknown, task: Task) => void;
  readonly target: unknown;
  readonly owner: TaskOwner;
  /** Where its row begins in the columns. */
  row: number;
  heapIndex = 0;

  /** The options were checked. Fills its row. */
  constructor(owner: TaskOwner, row: number, options: TaskOptions) {
    this.owner = owner;
    this.row = row;
    this.name = options.name;
    this.run = options.run;
    this.target = options.target;
    const { priority = "normal", overrun = "skip", deadlineMs = 0, budgetMs = 0, slackMs = 0 } = options;
    const isTimed = deadlineMs > 0 || budgetMs > 0 || options.histogram !== undefined;
    const { values } = owner;
    values.fill(0, row, row + COLUMN_COUNT);
    values[row + MODE] =
      PRIORITIES.indexOf(priority) | (OVERRUNS.indexOf(overrun) << OVERRUN_SHIFT) | (isTimed ? TIMED_BIT : 0);
    values[row + DEADLINE_MS] = deadlineMs;
    values[row + BUDGET_MS] = budgetMs;
    values[row + SLACK_MS] = slackMs;
  }

  get isOpen(): boolean {
    return this.row !== NOWHERE;
  }

  get rank(): number {
    return this.#get(MODE) & RANK_MASK;
  }

  get order(): number {
    return this.#get(ORDER);
  }

  get slackMs(): number {
    return this.#get(SLACK_MS);
  }

  get priority(): Priority {
    return PRIORITIES[this.rank]!;
  }

  get overrun(): Overrun {
    return OVERRUNS[(this.#get(MODE) >> OVERRUN_SHIFT) & OVERRUN_MASK]!;
  }

  get isPending(): boolean {
    return (this.#get(MODE) & PENDING_BIT) !== 0;
  }

  get dueMs(): number | undefined {
    return this.isPending ? this.owner.dueMsOf(this) : undefined;
  }

  get dueCount(): number {
    return this.#get(DUE_COUNT);
  }

  get runCount(): number {
    return this.#get(RUN_COUNT);
  }

  get missedCount(): number {
    return this.#get(MISSED_COUNT);
  }

  get latenessMaxMs(): number {
    return this.#get(LATENESS_MAX_MS);
  }

  get deadlineMissCount(): number {
    return this.#get(DEADLINE_MISS_COUNT);
  }

  get budgetOverrunCount(): number {
    return this.#get(BUDGET_OVERRUN_COUNT);
  }

  runAfter(delayMs: number): void {
    checkDelay(delayMs);
    this.#checkOpen();
    const { owner } = this;
    const nowMs = owner.nowMs();
    owner.values[this.row + PERIOD_MS] = 0;
    owner.arm(this, nowMs + delayMs, nowMs);
  }

  runEvery(periodMs: number, phaseMs = 0): void {
    checkGrid(periodMs, phaseMs, this.#get(DEADLINE_MS), this.slackMs);
    this.#checkOpen();
    const { owner, row } = this;
    const { values } = owner;
    const nowMs = owner.nowMs();
    values[row + PERIOD_MS] = periodMs;
    values[row + ORIGIN_MS] = nowMs + phaseMs;
    values[row + GRID_INDEX] = 0;
    owner.arm(this, nowMs + phaseMs, nowMs);
  }

  post(): void {
    if (this.row === NOWHERE) return;
    const nowMs = this.owner.nowMs();
    if (this.isPending && this.owner.dueMsOf(this) <= nowMs) return;
    this.owner.arm(this, nowMs, nowMs);
  }

  cancel(): void {
    if (this.row === NOWHERE) return;
    this.owner.values[this.row + PERIOD_MS] = 0;
    if (this.isPending) this.owner.disarm(this);
  }

  close(): void {
    if (this.row === NOWHERE) return;
    this.cancel();
    this.owner.release(this);
    this.row = NOWHERE;
  }

  shouldYield(sliceMs: number): boolean {
    return this.owner.shouldYield(this, sliceMs);
  }

  /**
   * Accounts for the run that begins at `nowMs`, was due at `dueMs`, and, for a periodic task, moves to the grid point of the
   * next one. Gives that point's time, which only catchUp leaves in the past; `undefined` for a one-shot.
   */
  begin(nowMs: number, dueMs: number): number | undefined {
    const { values } = this.owner;
    const { row } = this;
    const latenessMs = nowMs - dueMs;
    assert(latenessMs >= 0, "scheduler: a task begins when it is due");
    if (latenessMs > values[row + LATENESS_MAX_MS]!) values[row + LATENESS_MAX_MS] = latenessMs;
    values[row + RUN_COUNT] = values[row + RUN_COUNT]! + 1;
    values[row + DUE_COUNT] = 1;
    const periodMs = values[row + PERIOD_MS]!;
    if (periodMs === 0) return undefined;
    const originMs = values[row + ORIGIN_MS]!;
    const gridIndex = values[row + GRID_INDEX]!;
    const nextMs = originMs + (gridIndex + 1) * periodMs;
    if (nextMs > nowMs && originMs + gridIndex * periodMs <= nowMs) {
      values[row + GRID_INDEX] = gridIndex + 1;
      return nextMs;
    }
    this.#owe(lastIndexAt(nowMs, originMs, periodMs) - gridIndex + 1);
    return originMs + values[row + GRID_INDEX]! * periodMs;
  }

  /** The run is for another number of periods than one. */
  #owe(owedCount: number): void {
    const { values } = this.owner;
    const { row } = this;
    if (owedCount <= 0) {
      values[row + DUE_COUNT] = 0; // Posted between two grid points: the grid stays as it is.
      return;
    }
    const policy = (values[row + MODE]! >> OVERRUN_SHIFT) & OVERRUN_MASK;
    let takenCount = owedCount;
    let missedCount = owedCount - 1;
    if (policy === CATCH_UP) {
      // This run is for the oldest grid point that is still owed; the rest stays due.
      missedCount = Math.max(0, owedCount - CATCH_UP_COUNT_MAX);
      takenCount = missedCount + 1;
    }
    if (policy === COALESCE) values[row + DUE_COUNT] = owedCount;
    values[row + MISSED_COUNT] = values[row + MISSED_COUNT]! + missedCount;
    values[row + GRID_INDEX] = values[row + GRID_INDEX]! + takenCount;
  }

  /** One more in a column; nothing once it is closed. */
  count(column: number): void {
    if (this.row !== NOWHERE) this.owner.values[this.row + column] = this.#get(column) + 1;
  }

  #get(column: number): number {
    return this.row === NOWHERE ? 0 : this.owner.values[this.row + column]!;
  }

  #checkOpen(): void {
    if (this.row !== NOWHERE) return;
    throw new FirmwareError("closed", "scheduler: the task was closed; expected an open one");
  }
}

/** Throws `invalid` for an option that cannot be used. */
export function checkTaskOptions(options: TaskOptions): void {
  const { name, priority = "normal", overrun = "skip", run, deadlineMs, slackMs = 0 } = options;
  if (typeof name !== "string" || name === "") throw invalid("a task has no name; expected a string that is not empty");
  if (!PRIORITIES.includes(priority)) throw invalid("a priority is unknown; expected high, normal or low");
  if (!OVERRUNS.includes(overrun)) throw invalid("an overrun policy is unknown; expected skip, catchUp or coalesce");
  if (typeof run !== "function") throw invalid("a task has nothing to run; expected a function");
  checkLimit(deadlineMs);
  checkLimit(options.budgetMs);
  checkDelay(slackMs);
  checkHistogram(options.histogram);
  if (deadlineMs !== undefined && slackMs >= deadlineMs) throw invalid("a slack is wrong; expected less than the deadline");
  if (options.signal?.aborted === true) throw invalid("a signal has aborted; expected one that has not");
}

/** Throws `invalid` for a period and a phase outside their bounds, and where deadline (0: none) or slack do not fit in. */
export function checkGrid(periodMs: number, phaseMs: number, deadlineMs: number, slackMs: number): void {
  checkPeriod(periodMs);
  checkDelay(phaseMs);
  if (deadlineMs > periodMs) throw invalid("a deadline is longer than its period; expected at most the period");
  if (slackMs >= periodMs) throw invalid("a slack is as long as its period; expected less");
}

/** n of the last grid point that is not after `nowMs`; negative before the grid begins. */
function lastIndexAt(nowMs: number, originMs: number, periodMs: number): number {
  const index = Math.floor((nowMs - originMs) / periodMs);
  // The division rounds: a quotient just below a whole number may come out as that number, and the other way round.
  if (originMs + index * periodMs > nowMs) return index - 1;
  if (originMs + (index + 1) * periodMs <= nowMs) return index + 1;
  return index;
}

function invalid(message: string): FirmwareError {
  return new FirmwareError("invalid", `scheduler: ${message}`);
}
