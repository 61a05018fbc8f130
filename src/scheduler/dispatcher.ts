/**
 * Dispatcher: the one place where a task's code is entered, and the one timer that leads there.
 *
 * Tasks that wait are in a heap by due time, one for each priority, and what runs next is the first of the highest heap whose
 * first one is due. One heap for all was rejected: among late tasks the highest priority is then found only by looking at all
 * of them; so was a second one for those that are due, which every run would go through. Nothing here allocates between start
 * and a fault. See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";
import type { Clock } from "../ports/clock.js";
import type { Timer, TimerConstructor } from "../ports/timer.js";
import {
  BUDGET_MS,
  BUDGET_OVERRUN_COUNT,
  DEADLINE_MISS_COUNT,
  DEADLINE_MS,
  MISSED_COUNT,
  MODE,
  ORDER,
  PENDING_BIT,
  STARVED_BIT,
  TIMED_BIT,
} from "./columns.js";
import { countRun } from "./histogram.js";
import { PRIORITY_COUNT, ScheduledTask, type TaskOwner } from "./scheduled-task.js";
import type { Task, TaskOptions } from "./task.js";
import type { TaskHeap } from "./task-heap.js";
import { TaskTable } from "./task-table.js";
import type { SchedulerTrace, TimingKind } from "./trace.js";

/** A task that threw where nobody handled it. */
export interface Fault {
  readonly task: Task;
  /** What the task threw. */
  readonly error: unknown;
  /** What onFault threw while handling it; `undefined` where there is no onFault. */
  readonly handlerError: unknown;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly Timer: TimerConstructor;
  readonly taskCountMax: number;
  readonly dispatchCountMax: number;
  readonly starvedAfterMs: number;
  readonly onFault: ((task: Task, error: unknown) => void) | undefined;
  readonly onTiming: ((kind: TimingKind, task: Task, ms: number) => void) | undefined;
  readonly trace: SchedulerTrace | undefined;
}

/** The longest delay of the Timer port. What is further away is reached in several steps. */
const TIMER_DELAY_MAX_MS = 2 ** 31 - 1;

export class Dispatcher implements TaskOwner {
  readonly table: TaskTable;
  /** The table's. */
  values: Float64Array;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #options: DispatcherOptions;
  readonly #trace: SchedulerTrace | undefined;
  readonly #heaps: readonly TaskHeap<ScheduledTask>[];
  /** 2^53 armings at a million a second are 285 years; as a double it never wraps. */
  #order = 0;

  #isRunning = false;
  #isDispatching = false;
  /** What runs now, and since when. */
  #running: ScheduledTask | undefined;
  #startedMs = 0;
  /** The time that the timer is armed for. */
  #armedMs: number | undefined;
  #lastFault: Fault | undefined;

  constructor(options: DispatcherOptions) {
    const { taskCountMax } = options;
    this.#options = options;
    this.#clock = options.clock;
    this.#trace = options.trace;
    this.table = new TaskTable(taskCountMax);
    this.values = this.table.values;
    this.#heaps = this.table.heaps;
    this.#timer = new options.Timer({ onExpire: () => this.#turn() });
  }

  get lastFault(): Fault | undefined {
    return this.#lastFault;
  }

  /** Opens a task that is not armed. There is a place. */
  open(options: TaskOptions): ScheduledTask {
    const row = this.table.takeRow();
    this.values = this.table.values;
    const task = new ScheduledTask(this, row, options);
    this.table.open(task, options);
    return task;
  }

  nowMs(): number {
    return this.#clock.now();
  }

  dueMsOf(task: ScheduledTask): number {
    return this.#heaps[task.rank]!.dueMsOf(task);
  }

  arm(task: ScheduledTask, dueMs: number, nowMs: number): void {
    this.#leaveHeap(task);
    this.values[task.row + ORDER] = ++this.#order;
    this.#heaps[task.rank]!.push(task, dueMs);
    this.values[task.row + MODE]! |= PENDING_BIT;
    this.#setTimer(nowMs);
  }

  disarm(task: ScheduledTask): void {
    this.#leaveHeap(task);
    this.#setTimer(this.#clock.now());
  }

  release(task: ScheduledTask): void {
    assert(!task.isPending, "scheduler: a task is cancelled before it gives its place back");
    this.table.release(task);
  }

  /** Of the task that runs now; another one has nothing to yield. */
  shouldYield(task: ScheduledTask, sliceMs: number): boolean {
    if (this.#running !== task) return false;
    const nowMs = this.#clock.now();
    return nowMs - this.#startedMs >= sliceMs || this.#firstDue(nowMs, task.rank) !== undefined;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#setTimer(this.#clock.now());
  }

  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#armedMs = undefined;
    this.#timer.disarm();
  }

  /** With slack the latest time at which everybody's is kept. */
  nextWakeMs(): number | undefined {
    let wakeMs = Number.POSITIVE_INFINITY;
    const { hasSlack } = this.table;
    for (let rank = 0; rank < PRIORITY_COUNT; rank++) {
      const heap = this.#heaps[rank]!;
      if (hasSlack) wakeMs = heap.latestMs(wakeMs);
      else if (heap.firstDueMs < wakeMs) wakeMs = heap.firstDueMs;
    }
    return wakeMs === Number.POSITIVE_INFINITY ? undefined : wakeMs;
  }

  /** The timer expired: runs what is due, up to the bound, and sets the timer for what is left. */
  #turn(): void {
    assert(!this.#isDispatching, "scheduler: the timer never expires within a run");
    assert(this.#isRunning, "scheduler: a disarmed timer never expires");
    this.#armedMs = undefined;
    this.#isDispatching = true;
    // Read after every run, and so before the next one: what became due during the last one has its say.
    let nowMs = this.#clock.now();
    this.#trace?.note("wake", "", nowMs, 0);
    const { dispatchCountMax } = this.#options;
    for (let count = 0; count < dispatchCountMax && this.#isRunning; count++) {
      const heap = this.#firstDue(nowMs, PRIORITY_COUNT - 1);
      if (heap === undefined) break;
      nowMs = this.#run(heap, heap.first!, nowMs);
    }
    if (this.#firstDue(nowMs, PRIORITY_COUNT - 1) !== undefined) this.#reportStarved(nowMs);
    this.#isDispatching = false;
    this.#setTimer(nowMs);
  }

  /** The highest heap, down to a rank, whose first one is due. */
  #firstDue(nowMs: number, rankMax: number): TaskHeap<ScheduledTask> | undefined {
    for (let rank = 0; rank <= rankMax; rank++) {
      const heap = this.#heaps[rank]!;
      if (heap.firstDueMs <= nowMs) return heap;
    }
    return undefined;
  }

  /**
   * The dispatch point. The task is armed for its next period before it runs, so that the run may change its mind. Gives the
   * time at which the run has ended.
   */
  #run(heap: TaskHeap<ScheduledTask>, task: ScheduledTask, nowMs: number): number {
    const { row } = task;
    const { values } = this;
    const dueMs = heap.firstDueMs;
    const isTimed = (values[row + MODE]! & TIMED_BIT) !== 0;
    const deadlineMs = isTimed ? values[row + DEADLINE_MS]! : 0;
    const budgetMs = isTimed ? values[row + BUDGET_MS]! : 0;
    const histogram = isTimed ? this.table.histogramOf(task) : undefined;
    this.#begin(heap, task, dueMs, nowMs);
    this.#running = task;
    this.#startedMs = nowMs;
    try {
      task.run.call(task.target, task);
    } catch (error) {
      this.#fault(task, error);
    }
    this.#running = undefined;
    const endMs = this.#clock.now();
    this.#trace?.end(endMs);
    if (histogram !== undefined) countRun(histogram, nowMs - dueMs, endMs - nowMs);
    if (deadlineMs > 0 && endMs - dueMs > deadlineMs) {
      this.#tell("deadline", task, endMs - dueMs);
      task.count(DEADLINE_MISS_COUNT);
    }
    if (budgetMs > 0 && endMs - nowMs > budgetMs) {
      this.#tell("budget", task, endMs - nowMs);
      task.count(BUDGET_OVERRUN_COUNT);
    }
    return endMs;
  }

  /** Counts the run, and moves the task to where it waits for the next one. */
  #begin(heap: TaskHeap<ScheduledTask>, task: ScheduledTask, dueMs: number, nowMs: number): void {
    const { row } = task;
    const { values } = this;
    const missedCount = values[row + MISSED_COUNT]!;
    const nextMs = task.begin(nowMs, dueMs);
    if ((values[row + MODE]! & STARVED_BIT) !== 0) values[row + MODE]! &= ~STARVED_BIT;
    // With the order of its arming: among equals the first armed stays the first.
    if (nextMs === undefined) this.#leaveHeap(task);
    else heap.delay(task, nextMs);
    const trace = this.#trace;
    if (trace === undefined) return;
    const newMissedCount = values[row + MISSED_COUNT]! - missedCount;
    if (newMissedCount > 0) trace.note("missed", task.name, nowMs, newMissedCount);
    trace.begin(task.name, task.priority, dueMs, nowMs);
  }

  /** Tells onFault; where that fails, the task stops, because nobody else can decide to go on. */
  #fault(task: ScheduledTask, error: unknown): void {
    this.#trace?.note("fault", task.name, this.#clock.now(), 0);
    const { onFault } = this.#options; // Called without a receiver: the dispatcher is nobody's business.
    let handlerError: unknown;
    if (onFault !== undefined) {
      try {
        onFault(task, error);
        return;
      } catch (thrown) {
        handlerError = thrown;
      }
    }
    task.cancel();
    this.#lastFault = { task, error, handlerError };
  }

  /** Those that are due for long and do not get their turn. Each is told once a wait. */
  #reportStarved(nowMs: number): void {
    const { starvedAfterMs } = this.#options;
    for (let rank = 0; rank < PRIORITY_COUNT; rank++) this.#reportBranch(this.#heaps[rank]!, 0, nowMs - starvedAfterMs, nowMs);
  }

  /** What is due behind the first one of a branch has waited for less. */
  #reportBranch(heap: TaskHeap<ScheduledTask>, index: number, boundMs: number, nowMs: number): void {
    const task = heap.at(index);
    if (task === undefined || heap.dueMsOf(task) > boundMs) return;
    if ((this.values[task.row + MODE]! & STARVED_BIT) === 0) {
      this.values[task.row + MODE]! |= STARVED_BIT;
      this.#tell("starved", task, nowMs - heap.dueMsOf(task));
    }
    this.#reportBranch(heap, 2 * index + 1, boundMs, nowMs);
    this.#reportBranch(heap, 2 * index + 2, boundMs, nowMs);
  }

  /** What the listener throws is a fault of the task that it was told of. */
  #tell(kind: TimingKind, task: ScheduledTask, ms: number): void {
    this.#trace?.note(kind, task.name, this.#clock.now(), ms);
    const { onTiming } = this.#options;
    try {
      onTiming?.(kind, task, ms);
    } catch (error) {
      this.#fault(task, error);
    }
  }

  #leaveHeap(task: ScheduledTask): void {
    if (!task.isPending) return;
    this.#heaps[task.rank]!.remove(task);
    this.values[task.row + MODE]! &= ~PENDING_BIT;
  }

  /** Has the timer expire when the next task is to run. A turn does it once, at its end. */
  #setTimer(nowMs: number): void {
    if (!this.#isRunning || this.#isDispatching) return;
    const wakeMs = this.nextWakeMs();
    if (wakeMs === undefined) {
      if (this.#armedMs !== undefined) this.#timer.disarm();
      this.#armedMs = undefined;
      return;
    }
    if (this.#armedMs === wakeMs) return;
    // On its way already: to arm it again with 0 could put it behind other events, over and over.
    if (this.#armedMs !== undefined && this.#armedMs <= nowMs && wakeMs <= nowMs) return;
    this.#armedMs = wakeMs;
    this.#timer.arm(Math.min(Math.max(wakeMs - nowMs, 0), TIMER_DELAY_MAX_MS));
  }
}
