/**
 * The task behind the Task interface: its options, its place in a queue, its grid of periods and its counts.
 *
 * Plain fields instead of private ones, because the heap and the dispatcher work on them at every run; whoever uses a task sees
 * only the interface. Grid points are computed as origin + n × period, never by adding a period to the last one: a period of
 * 33.3 ms would drift by its rounding errors. See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import { checkDelay, checkPeriod } from "./duration.js";
import type { Overrun, Priority, Task, TaskOptions } from "./task.js";
import type { HeapEntry } from "./task-heap.js";

/** What a task asks of the scheduler that made it. */
export interface TaskOwner {
  nowMs(): number;
  /** Puts the task into the queue of those that wait for `dueMs`, out of wherever it was. */
  arm(task: ScheduledTask, dueMs: number, nowMs: number): void;
  /** Takes the task out of the queue that it is in. */
  disarm(task: ScheduledTask): void;
  /** Takes the place of a task that is not armed. */
  release(task: ScheduledTask): void;
}

/** idle: not armed · waiting: its time is to come · ready: due, to be run by priority · closed: for good. */
export type TaskState = "idle" | "waiting" | "ready" | "closed";

/** From the highest priority to the lowest; a task's rank is an index into it. */
const PRIORITIES: readonly Priority[] = Object.freeze(["high", "normal", "low"] as const);
const OVERRUNS: readonly Overrun[] = Object.freeze(["skip", "catchUp", "coalesce"] as const);

/** Runs that a catchUp task may owe: enough for a stall of several periods, too few for a burst that blocks the others. */
export const CATCH_UP_COUNT_MAX = 8;

export class ScheduledTask implements Task, HeapEntry {
  readonly name: string;
  readonly overrun: Overrun;
  readonly run: (this: unknown, task: Task) => void;
  readonly target: unknown;
  readonly owner: TaskOwner;

  readonly rank: number;
  state: TaskState = "idle";
  keyMs = 0;
  order = 0;
  heapIndex = 0;

  /** 0 for a one-shot. */
  periodMs = 0;
  originMs = 0;
  /** n of the grid point originMs + n × periodMs that the next run on the grid is for. */
  gridIndex = 0;

  runCount = 0;
  missedCount = 0;
  dueCount = 0;
  latenessMaxMs = 0;

  /** Throws `invalid` for an option that cannot be used. */
  constructor(owner: TaskOwner, options: TaskOptions) {
    const { name, priority = "normal", overrun = "skip", run } = options;
    const rank = PRIORITIES.indexOf(priority);
    if (typeof name !== "string" || name === "") throw invalid("a task has no name; expected a string that is not empty");
    if (rank < 0) throw invalid("a priority is unknown; expected high, normal or low");
    if (!OVERRUNS.includes(overrun)) throw invalid("an overrun policy is unknown; expected skip, catchUp or coalesce");
    if (typeof run !== "function") throw invalid("a task has nothing to run; expected a function");
    this.owner = owner;
    this.name = name;
    this.rank = rank;
    this.overrun = overrun;
    this.run = run;
    this.target = options.target;
  }

  get priority(): Priority {
    return PRIORITIES[this.rank]!;
  }

  get isPending(): boolean {
    return this.state === "waiting" || this.state === "ready";
  }

  get dueMs(): number | undefined {
    return this.isPending ? this.keyMs : undefined;
  }

  runAfter(delayMs: number): void {
    checkDelay(delayMs);
    this.#checkOpen();
    const nowMs = this.owner.nowMs();
    this.periodMs = 0;
    this.owner.arm(this, nowMs + delayMs, nowMs);
  }

  runEvery(periodMs: number, phaseMs = 0): void {
    checkPeriod(periodMs);
    checkDelay(phaseMs);
    this.#checkOpen();
    const nowMs = this.owner.nowMs();
    this.periodMs = periodMs;
    this.originMs = nowMs + phaseMs;
    this.gridIndex = 0;
    this.owner.arm(this, this.originMs, nowMs);
  }

  post(): void {
    if (this.state === "closed" || this.state === "ready") return;
    const nowMs = this.owner.nowMs();
    if (this.state === "waiting" && this.keyMs <= nowMs) return;
    this.owner.arm(this, nowMs, nowMs);
  }

  cancel(): void {
    this.periodMs = 0;
    if (this.isPending) this.owner.disarm(this);
  }

  close(): void {
    if (this.state === "closed") return;
    this.cancel();
    this.owner.release(this);
    this.state = "closed";
  }

  /**
   * Accounts for the run that begins at `nowMs` and, for a periodic task, moves to the grid point of the next one. Gives that
   * point's time, which only catchUp leaves in the past; `undefined` for a one-shot.
   */
  begin(nowMs: number): number | undefined {
    const latenessMs = nowMs - this.keyMs;
    assert(latenessMs >= 0, "scheduler: a task begins when it is due");
    if (latenessMs > this.latenessMaxMs) this.latenessMaxMs = latenessMs;
    this.runCount++;
    this.dueCount = 1;
    if (this.periodMs === 0) return undefined;

    const owedCount = this.#lastIndexAt(nowMs) - this.gridIndex + 1;
    if (owedCount <= 0)
      this.dueCount = 0; // Posted between two grid points: the grid stays as it is.
    else if (this.overrun === "catchUp") this.#catchUp(owedCount);
    else {
      if (this.overrun === "coalesce") this.dueCount = owedCount;
      this.missedCount += owedCount - 1;
      this.gridIndex += owedCount;
    }
    return this.originMs + this.gridIndex * this.periodMs;
  }

  /** This run is for the oldest grid point that is still owed; the rest stays due. */
  #catchUp(owedCount: number): void {
    const droppedCount = owedCount > CATCH_UP_COUNT_MAX ? owedCount - CATCH_UP_COUNT_MAX : 0;
    this.missedCount += droppedCount;
    this.gridIndex += droppedCount + 1;
  }

  /** n of the last grid point that is not after `nowMs`; negative before the grid begins. */
  #lastIndexAt(nowMs: number): number {
    const index = Math.floor((nowMs - this.originMs) / this.periodMs);
    // The division rounds: a quotient just below a whole number may come out as that number, and the other way round.
    if (this.originMs + index * this.periodMs > nowMs) return index - 1;
    if (this.originMs + (index + 1) * this.periodMs <= nowMs) return index + 1;
    return index;
  }

  #checkOpen(): void {
    if (this.state === "closed") throw new FirmwareError("closed", "scheduler: the task was closed; expected an open one");
  }
}

function invalid(message: string): FirmwareError {
  return new FirmwareError("invalid", `scheduler: ${message}`);
}
