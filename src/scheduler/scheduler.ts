/**
 * Scheduler: runs named tasks in time and by priority, on one timer and behind one try/catch.
 *
 * An engine's own timers know no priority, no overrun policy and no name, and an exception that leaves one restarts the chip.
 * Here a table of fixed size holds every task, and nothing that one task does stops the others; a run that never returns is
 * the watchdog's. This file is the front: it checks what it is given and makes tasks. When they run is the dispatcher's
 * (dispatcher.ts). See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { TimerConstructor } from "../ports/timer.js";
import { Dispatcher, type Fault } from "./dispatcher.js";
import { checkDelay } from "./duration.js";
import { checkGrid, checkTaskOptions, type ScheduledTask } from "./scheduled-task.js";
import type { Task, TaskOptions } from "./task.js";
import type { SchedulerTrace, TimingKind } from "./trace.js";

export interface SchedulerOptions {
  readonly clock: Clock;
  /** One timer is made of it, at construction. */
  readonly Timer: TimerConstructor;
  /** Places for open tasks, at least 1. */
  readonly taskCountMax: number;
  /** Runs in one turn before the event loop gets its own, at least 1. Default 32. */
  readonly dispatchCountMax?: number;
  /**
   * A task threw. Its periodic schedule goes on unless this cancels it. Without onFault, or where it throws itself, the task is
   * cancelled and `lastFault` tells.
   */
  readonly onFault?: (task: Task, error: unknown) => void;
  /**
   * Told of a run behind its deadline (`ms` after it was due it has ended), of one beyond its budget (`ms` it took), and of a
   * task that is due and does not get its turn (`ms` it has waited, once a wait). What it throws is a fault of the task.
   */
  readonly onTiming?: (kind: TimingKind, task: Task, ms: number) => void;
  /** From so many ms on a task that is due is starved. Default 1000. */
  readonly starvedAfterMs?: number;
  /** Told of everything that happens. */
  readonly trace?: SchedulerTrace;
}

const DISPATCH_COUNT_MAX_DEFAULT = 32;
const STARVED_AFTER_MS_DEFAULT = 1000;

export class Scheduler {
  readonly #dispatcher: Dispatcher;

  /** Asserts its bounds: they are literals of the composition root. */
  constructor(options: SchedulerOptions) {
    const { taskCountMax, dispatchCountMax = DISPATCH_COUNT_MAX_DEFAULT } = options;
    assert(Number.isSafeInteger(taskCountMax) && taskCountMax > 0, "scheduler: taskCountMax is a whole number above 0");
    assert(
      Number.isSafeInteger(dispatchCountMax) && dispatchCountMax > 0,
      "scheduler: dispatchCountMax is a whole number above 0",
    );
    const { starvedAfterMs = STARVED_AFTER_MS_DEFAULT } = options;
    assert(starvedAfterMs > 0, "scheduler: starvedAfterMs is above 0");
    this.#dispatcher = new Dispatcher({
      clock: options.clock,
      Timer: options.Timer,
      taskCountMax,
      dispatchCountMax,
      starvedAfterMs,
      onFault: options.onFault,
      onTiming: options.onTiming,
      trace: options.trace,
    });
  }

  /**
   * Opens a task that does not run before it is armed. Throws, before any effect, `invalid` for an option that cannot be used
   * or the name of an open task, and `full` when `taskCountMax` tasks are open.
   */
  task(options: TaskOptions): Task {
    return this.#open(options);
  }

  /** Opens a task and arms it with `runEvery(periodMs, phaseMs)`. Throws as both do, before any effect. */
  every(options: TaskOptions & { readonly periodMs: number; readonly phaseMs?: number }): Task {
    const { periodMs, phaseMs = 0 } = options;
    checkGrid(periodMs, phaseMs, options.deadlineMs ?? 0, options.slackMs ?? 0);
    const task = this.#open(options);
    task.runEvery(periodMs, phaseMs);
    return task;
  }

  /** Opens a task and arms it with `runAfter(delayMs)`. Throws as both do, before any effect. */
  after(options: TaskOptions & { readonly delayMs: number }): Task {
    checkDelay(options.delayMs);
    const task = this.#open(options);
    task.runAfter(options.delayMs);
    return task;
  }

  /** Begins to run tasks. Those armed before were due from when they were armed. A second start does nothing. */
  start(): void {
    this.#dispatcher.start();
  }

  /** Runs nothing more after the run that is under way. Tasks stay armed for the next start. A second stop does nothing. */
  stop(): void {
    this.#dispatcher.stop();
  }

  /**
   * Clock time of the next run: until then the device may sleep. In the past where one waits; with slack, the latest time at
   * which nobody waits for longer than it may; `undefined` when none is armed.
   */
  nextWakeMs(): number | undefined {
    return this.#dispatcher.nextWakeMs();
  }

  /** Open tasks. */
  get taskCount(): number {
    return this.#dispatcher.table.count;
  }

  /** The latest fault that nobody handled; `undefined` where there was none. */
  get lastFault(): Fault | undefined {
    return this.#dispatcher.lastFault;
  }

  #open(options: TaskOptions): ScheduledTask {
    const { table } = this.#dispatcher;
    checkTaskOptions(options);
    if (table.has(options.name)) {
      throw new FirmwareError("invalid", `scheduler: a task named ${options.name} is open; expected another name`);
    }
    if (table.isFull) {
      throw new FirmwareError("full", "scheduler: all places are taken; expected at most taskCountMax open tasks");
    }
    return this.#dispatcher.open(options);
  }
}
