/**
 * The open tasks of a scheduler: a place and a row of the columns for each, and what only few of them have.
 *
 * Its size is fixed from the start, so that a firmware that opens one task too many fails on the developer's desk and not when
 * the heap is full. Histograms and signals are in a list of their own that is made for the first task that has one.
 */
import { assert } from "../assert.js";
import { COLUMN_COUNT, SLACK_MS } from "./columns.js";
import { PRIORITY_COUNT, type ScheduledTask } from "./scheduled-task.js";
import type { AbortSignalLike, TaskOptions } from "./task.js";
import { TaskHeap } from "./task-heap.js";

/** Rows that are made at a time, and an eighth of those that there are: few are left over, and few are copied. */
const ROWS_PER_GROWTH = 2;

/** What few tasks have. */
interface Extra {
  readonly histogram: Uint32Array | undefined;
  readonly signal: AbortSignalLike | undefined;
  readonly onAbort: () => void;
}

export class TaskTable {
  /** A row of COLUMN_COUNT numbers each. Another array once more tasks are opened than ever before. */
  values = new Float64Array(0);
  /** Those that are pending, by due time: a heap a priority, the highest first. */
  readonly heaps: readonly TaskHeap<ScheduledTask>[];
  readonly #tasks: (ScheduledTask | undefined)[];
  #extras: (Extra | undefined)[] | undefined;
  #count = 0;
  #slackCount = 0;

  constructor(taskCountMax: number) {
    this.heaps = Array.from({ length: PRIORITY_COUNT }, () => new TaskHeap<ScheduledTask>());
    this.#tasks = new Array<ScheduledTask | undefined>(taskCountMax).fill(undefined);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#tasks.length;
  }

  /** Whether any open task has slack. */
  get hasSlack(): boolean {
    return this.#slackCount > 0;
  }

  /** Where the row of the next task begins, made where there is none yet. A place is free. */
  takeRow(): number {
    const index = this.#tasks.indexOf(undefined);
    assert(index >= 0, "scheduler: a place is free");
    const row = index * COLUMN_COUNT;
    if (row === this.values.length) {
      const { values } = this;
      const rowCount = Math.min(index + ROWS_PER_GROWTH + (index >>> 3), this.#tasks.length);
      this.values = new Float64Array(rowCount * COLUMN_COUNT);
      this.values.set(values);
    }
    return row;
  }

  /** Whether an open task has this name. */
  has(name: string): boolean {
    for (let index = 0; index < this.#tasks.length; index++) {
      if (this.#tasks[index]?.name === name) return true;
    }
    return false;
  }

  /** Gives a place to a task that was just made for the free row, with what else there is of its options. */
  open(task: ScheduledTask, { histogram, signal }: TaskOptions): void {
    const index = task.row / COLUMN_COUNT;
    this.#tasks[index] = task;
    this.#count++;
    this.heaps[task.rank]!.reserve(this.#countOf(task.rank));
    if (this.values[task.row + SLACK_MS]! > 0) this.#slackCount++;
    if (histogram === undefined && signal === undefined) return;
    const extra: Extra = { histogram, signal, onAbort: () => task.close() };
    this.#extras ??= new Array<Extra | undefined>(this.#tasks.length).fill(undefined);
    this.#extras[index] = extra;
    signal?.addEventListener("abort", extra.onAbort);
  }

  /** Of a task that is open still. */
  release(task: ScheduledTask): void {
    const index = task.row / COLUMN_COUNT;
    assert(this.#tasks[index] === task, "scheduler: an open task has a place");
    this.#tasks[index] = undefined;
    this.#count--;
    if (this.values[task.row + SLACK_MS]! > 0) this.#slackCount--;
    const extra = this.#extras?.[index];
    if (extra === undefined) return;
    this.#extras![index] = undefined;
    extra.signal?.removeEventListener("abort", extra.onAbort);
  }

  #countOf(rank: number): number {
    let count = 0;
    for (let index = 0; index < this.#tasks.length; index++) if (this.#tasks[index]?.rank === rank) count++;
    return count;
  }

  histogramOf(task: ScheduledTask): Uint32Array | undefined {
    return this.#extras?.[task.row / COLUMN_COUNT]?.histogram;
  }
}
