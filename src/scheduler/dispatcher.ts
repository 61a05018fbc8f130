/**
 * Dispatcher: the one place where a task's code is entered, and the one timer that leads there.
 *
 * Tasks that wait are in a heap by time; those that are due are in a heap by priority, from which one at a time is run. One
 * heap for both was rejected: among late tasks the highest priority is then found only by looking at all of them. Nothing
 * here allocates between start and a fault. See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";
import type { Clock } from "../ports/clock.js";
import type { Timer, TimerConstructor } from "../ports/timer.js";
import type { ScheduledTask, TaskOwner } from "./scheduled-task.js";
import type { Task } from "./task.js";
import { isDueBefore, ranksBefore, TaskHeap } from "./task-heap.js";

/** A task that threw where nobody handled it. */
export interface Fault {
  readonly task: Task;
  /** What the task threw. */
  readonly error: unknown;
  /** What onFault threw while handling it; `undefined` where there is no onFault. */
  readonly handlerError: unknown;
}

/** The longest delay of the Timer port. What is further away is reached in several steps. */
const TIMER_DELAY_MAX_MS = 2 ** 31 - 1;

export class Dispatcher implements TaskOwner {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #dispatchCountMax: number;
  readonly #onFault: ((task: Task, error: unknown) => void) | undefined;

  readonly #places: (ScheduledTask | undefined)[];
  readonly #waiting: TaskHeap<ScheduledTask>;
  readonly #ready: TaskHeap<ScheduledTask>;
  #taskCount = 0;
  /** 2^53 armings at a million a second are 285 years; as a double it never wraps. */
  #order = 0;

  #isRunning = false;
  #isDispatching = false;
  /** The due time that the timer is armed for. */
  #armedMs: number | undefined;
  #lastFault: Fault | undefined;

  constructor(
    clock: Clock,
    Timer: TimerConstructor,
    options: {
      readonly taskCountMax: number;
      readonly dispatchCountMax: number;
      readonly onFault: ((task: Task, error: unknown) => void) | undefined;
    },
  ) {
    this.#clock = clock;
    this.#dispatchCountMax = options.dispatchCountMax;
    this.#onFault = options.onFault;
    this.#places = new Array<ScheduledTask | undefined>(options.taskCountMax).fill(undefined);
    this.#waiting = new TaskHeap(options.taskCountMax, isDueBefore);
    this.#ready = new TaskHeap(options.taskCountMax, ranksBefore);
    this.#timer = new Timer({ onExpire: () => this.#turn() });
  }

  get taskCount(): number {
    return this.#taskCount;
  }

  get isFull(): boolean {
    return this.#taskCount === this.#places.length;
  }

  get lastFault(): Fault | undefined {
    return this.#lastFault;
  }

  /** Whether an open task has this name. */
  has(name: string): boolean {
    for (let index = 0; index < this.#taskCount; index++) {
      if (this.#places[index]!.name === name) return true;
    }
    return false;
  }

  /** Gives a place to a task that was just made. */
  open(task: ScheduledTask): void {
    assert(!this.isFull, "scheduler: a place is free");
    this.#places[this.#taskCount++] = task;
  }

  release(task: ScheduledTask): void {
    const index = this.#places.indexOf(task);
    assert(index >= 0 && !task.isPending, "scheduler: an open task has a place, and is cancelled before it gives it back");
    this.#taskCount--;
    this.#places[index] = this.#places[this.#taskCount];
    this.#places[this.#taskCount] = undefined;
  }

  nowMs(): number {
    return this.#clock.now();
  }

  arm(task: ScheduledTask, dueMs: number, nowMs: number): void {
    this.#leaveQueue(task);
    task.keyMs = dueMs;
    task.order = ++this.#order;
    this.#wait(task);
    this.#setTimer(nowMs);
  }

  disarm(task: ScheduledTask): void {
    this.#leaveQueue(task);
    this.#setTimer(this.#clock.now());
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

  nextWakeMs(): number | undefined {
    return this.#next()?.keyMs;
  }

  /** The timer expired: runs what is due, up to the bound, and sets the timer for what is left. */
  #turn(): void {
    assert(!this.#isDispatching, "scheduler: the timer never expires within a run");
    assert(this.#isRunning, "scheduler: a disarmed timer never expires");
    this.#armedMs = undefined;
    this.#isDispatching = true;
    for (let count = 0; count < this.#dispatchCountMax && this.#isRunning; count++) {
      const nowMs = this.#clock.now(); // Read for every run: what became due during the last one has its say.
      this.#collect(nowMs);
      const task = this.#ready.first;
      if (task === undefined) break;
      this.#run(task, nowMs);
    }
    this.#isDispatching = false;
    this.#setTimer(this.#clock.now());
  }

  /** Moves what has become due from the heap by time to the heap by priority. */
  #collect(nowMs: number): void {
    for (;;) {
      const task = this.#waiting.first;
      if (task === undefined || task.keyMs > nowMs) return;
      this.#waiting.remove(task);
      this.#ready.push(task);
      task.state = "ready";
    }
  }

  /** The dispatch point. The task is armed for its next period before it runs, so that the run may change its mind. */
  #run(task: ScheduledTask, nowMs: number): void {
    this.#leaveQueue(task);
    const nextMs = task.begin(nowMs);
    if (nextMs !== undefined) {
      task.keyMs = nextMs; // With the order of its arming: among equals the first armed stays the first.
      this.#wait(task);
    }
    try {
      task.run.call(task.target, task);
    } catch (error) {
      this.#fault(task, error);
    }
  }

  /** Tells onFault; where that fails, the task stops, because nobody else can decide to go on. */
  #fault(task: ScheduledTask, error: unknown): void {
    const onFault = this.#onFault; // Called without a receiver: the dispatcher is nobody's business.
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

  #wait(task: ScheduledTask): void {
    this.#waiting.push(task);
    task.state = "waiting";
  }

  #leaveQueue(task: ScheduledTask): void {
    if (task.state === "waiting") this.#waiting.remove(task);
    else if (task.state === "ready") this.#ready.remove(task);
    else return;
    task.state = "idle";
  }

  #next(): ScheduledTask | undefined {
    return this.#ready.first ?? this.#waiting.first;
  }

  /** Has the timer expire when the next task is due. A turn does it once, at its end. */
  #setTimer(nowMs: number): void {
    if (!this.#isRunning || this.#isDispatching) return;
    const task = this.#next();
    if (task === undefined) {
      if (this.#armedMs !== undefined) this.#timer.disarm();
      this.#armedMs = undefined;
      return;
    }
    const dueMs = task.keyMs;
    if (this.#armedMs === dueMs) return;
    // On its way already: to arm it again with 0 could put it behind other events, over and over.
    if (this.#armedMs !== undefined && this.#armedMs <= nowMs && dueMs <= nowMs) return;
    this.#armedMs = dueMs;
    this.#timer.arm(Math.min(Math.max(dueMs - nowMs, 0), TIMER_DELAY_MAX_MS));
  }
}
