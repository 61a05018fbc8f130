/**
 * A scheduler without cleverness, for comparison: a flat list that is searched anew for every run.
 *
 * It says in the plainest way which task runs when and what it is told, and shares no code with the real one: periods are
 * walked one by one, what runs next is found by sorting. Whole milliseconds only.
 */
import type { Overrun, Priority } from "../../../src/scheduler/task.js";

export interface ModelTask {
  readonly name: string;
  readonly priority: Priority;
  readonly overrun: Overrun;
  dueMs: number | undefined;
  armedAs: number;
  periodMs: number | undefined;
  gridMs: number;
  runCount: number;
  missedCount: number;
  dueCount: number;
  latenessMaxMs: number;
}

const RANKS = { high: 0, normal: 1, low: 2 };

export class NaiveModel {
  nowMs = 0;
  readonly tasks: ModelTask[] = [];
  readonly #dispatchCountMax: number;
  readonly #onRun: (task: ModelTask) => void;
  #armings = 0;

  constructor(dispatchCountMax: number, onRun: (task: ModelTask) => void) {
    this.#dispatchCountMax = dispatchCountMax;
    this.#onRun = onRun;
  }

  open(name: string, priority: Priority, overrun: Overrun): ModelTask {
    const counts = { runCount: 0, missedCount: 0, dueCount: 0, latenessMaxMs: 0 };
    const task = { name, priority, overrun, dueMs: undefined, armedAs: 0, periodMs: undefined, gridMs: 0, ...counts };
    this.tasks.push(task);
    return task;
  }

  runAfter(task: ModelTask, delayMs: number): void {
    task.periodMs = undefined;
    this.#arm(task, this.nowMs + delayMs);
  }

  runEvery(task: ModelTask, periodMs: number, phaseMs: number): void {
    task.periodMs = periodMs;
    task.gridMs = this.nowMs + phaseMs;
    this.#arm(task, task.gridMs);
  }

  post(task: ModelTask): void {
    if (task.dueMs === undefined || task.dueMs > this.nowMs) this.#arm(task, this.nowMs);
  }

  cancel(task: ModelTask): void {
    task.dueMs = undefined;
    task.periodMs = undefined;
  }

  /** Time passes as in ManualTime: a turn begins no later than the end, however far the runs of the one before went. */
  advance(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const dueMs = this.nextDueMs();
      if (dueMs === undefined || Math.max(dueMs, this.nowMs) > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      for (let count = 0; count < this.#dispatchCountMax && this.nextDueMs()! <= this.nowMs; count++) this.#runDue();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  nextDueMs(): number | undefined {
    return this.#sorted((left, right) => left.dueMs! - right.dueMs!)[0]?.dueMs;
  }

  #arm(task: ModelTask, dueMs: number): void {
    task.dueMs = dueMs;
    task.armedAs = ++this.#armings;
  }

  #sorted(order: (left: ModelTask, right: ModelTask) => number): ModelTask[] {
    return this.tasks.filter((task) => task.dueMs !== undefined).sort(order);
  }

  #runDue(): void {
    const due = this.#sorted(
      (left, right) =>
        RANKS[left.priority] - RANKS[right.priority] || left.dueMs! - right.dueMs! || left.armedAs - right.armedAs,
    ).filter((task) => task.dueMs! <= this.nowMs);
    const task = due[0]!;
    task.latenessMaxMs = Math.max(task.latenessMaxMs, this.nowMs - task.dueMs!);
    task.runCount++;
    task.dueCount = 1;
    task.dueMs = undefined;
    if (task.periodMs !== undefined) this.#nextPeriod(task, task.periodMs);
    this.#onRun(task);
  }

  #nextPeriod(task: ModelTask, periodMs: number): void {
    const owed: number[] = [];
    for (let pointMs = task.gridMs; pointMs <= this.nowMs; pointMs += periodMs) owed.push(pointMs);
    if (owed.length === 0) task.dueCount = 0;
    else if (task.overrun === "catchUp") {
      while (owed.length > 8) {
        owed.shift();
        task.missedCount++;
      }
      task.gridMs = owed[0]! + periodMs;
    } else {
      task.missedCount += owed.length - 1;
      if (task.overrun === "coalesce") task.dueCount = owed.length;
      task.gridMs = owed[owed.length - 1]! + periodMs;
    }
    task.dueMs = task.gridMs;
  }
}
