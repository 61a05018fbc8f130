/**
 * An indexed binary heap of tasks by due time: the first of n is at hand, adding and taking out any one costs O(log n).
 *
 * Times and tasks are in two plain arrays side by side: to compare takes one array alone, and nothing of the tasks. On XS plain
 * arrays beat a sorted list from 32 tasks, and typed arrays and timer wheels at every size below about 1,000. Each entry knows
 * its own index, so that cancelling does not search. There is a place for each open task, made when it is opened: nothing is
 * allocated later. See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";

/** What the heap reads and writes of a task. */
export interface HeapEntry {
  /** Counts up with every arming; breaks ties. Constant while the task is in a heap. */
  readonly order: number;
  /** How much later than due it may leave. */
  readonly slackMs: number;
  /** Its place in the arrays. Without meaning outside a heap. */
  heapIndex: number;
}

const NEVER_MS = Number.POSITIVE_INFINITY;

export class TaskHeap<Entry extends HeapEntry> {
  readonly #entries: (Entry | undefined)[] = [];
  /** When each is due; NEVER_MS in a free place. */
  readonly #dueMs: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The entry that comes before all others. */
  get first(): Entry | undefined {
    return this.#entries[0];
  }

  /** When the first one is due; infinite where there is none. */
  get firstDueMs(): number {
    return this.#count === 0 ? NEVER_MS : this.#dueMs[0]!;
  }

  /** By its place in the arrays: the children of i are at 2i + 1 and 2i + 2. `undefined` where none is. */
  at(index: number): Entry | undefined {
    return this.#entries[index];
  }

  /** When an entry that is in this heap is due. */
  dueMsOf(entry: Entry): number {
    return this.#dueMs[entry.heapIndex]!;
  }

  /** Makes sure of so many places. */
  reserve(entryCount: number): void {
    while (this.#entries.length < entryCount) {
      this.#entries.push(undefined);
      this.#dueMs.push(NEVER_MS);
    }
  }

  /** Adds an entry that is in no heap. There is a place for every task. */
  push(entry: Entry, dueMs: number): void {
    assert(this.#count < this.#entries.length, "heap: a place is free for every task");
    this.#count++;
    this.#siftUp(this.#count - 1, entry, dueMs);
  }

  /** Takes out an entry that is in this heap. */
  remove(entry: Entry): void {
    const index = entry.heapIndex;
    assert(this.#entries[index] === entry, "heap: the entry is in this heap");
    const lastIndex = --this.#count;
    const last = this.#entries[lastIndex]!;
    const lastMs = this.#dueMs[lastIndex]!;
    this.#entries[lastIndex] = undefined;
    this.#dueMs[lastIndex] = NEVER_MS;
    if (last === entry) return;
    // The last one fills the gap. It comes from another branch, so it may belong above or below.
    if (index > 0 && this.#isBefore(last, lastMs, (index - 1) >>> 1)) this.#siftUp(index, last, lastMs);
    else this.#siftDown(index, last, lastMs);
  }

  /** An entry that is in this heap is due at another time, not before the one that it had. */
  delay(entry: Entry, dueMs: number): void {
    const index = entry.heapIndex;
    assert(dueMs >= this.#dueMs[index]!, "heap: an entry is delayed and not brought forward");
    this.#siftDown(index, entry, dueMs);
  }

  /**
   * The latest time, up to `boundMs`, at which none has waited for longer than its slack allows. A branch whose first one is
   * due behind the best time so far cannot have a better one.
   */
  latestMs(boundMs: number, index = 0): number {
    if (index >= this.#count) return boundMs;
    const dueMs = this.#dueMs[index]!;
    if (dueMs >= boundMs) return boundMs;
    const ownMs = Math.min(boundMs, dueMs + this.#entries[index]!.slackMs);
    return this.latestMs(this.latestMs(ownMs, 2 * index + 1), 2 * index + 2);
  }

  /** By due time, then by order of arming. */
  #isBefore(entry: Entry, dueMs: number, index: number): boolean {
    const otherMs = this.#dueMs[index]!;
    return dueMs < otherMs || (dueMs === otherMs && entry.order < this.#entries[index]!.order);
  }

  /** Moves the hole at `index` towards the root until `entry` fits, and fills it: one write a level instead of a swap. */
  #siftUp(index: number, entry: Entry, dueMs: number): void {
    let hole = index;
    while (hole > 0) {
      const parentIndex = (hole - 1) >>> 1;
      if (!this.#isBefore(entry, dueMs, parentIndex)) break;
      this.#move(parentIndex, hole);
      hole = parentIndex;
    }
    this.#put(hole, entry, dueMs);
  }

  /** Moves the hole at `index` towards the leaves until `entry` fits, and fills it. */
  #siftDown(index: number, entry: Entry, dueMs: number): void {
    const dueTimesMs = this.#dueMs;
    const count = this.#count;
    let hole = index;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= count) break;
      if (child + 1 < count) {
        const leftMs = dueTimesMs[child]!;
        const rightMs = dueTimesMs[child + 1]!;
        if (rightMs < leftMs || (rightMs === leftMs && this.#entries[child + 1]!.order < this.#entries[child]!.order)) child++;
      }
      const childMs = dueTimesMs[child]!;
      if (dueMs < childMs || (dueMs === childMs && entry.order < this.#entries[child]!.order)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, entry, dueMs);
  }

  #move(from: number, to: number): void {
    const entry = this.#entries[from]!;
    this.#entries[to] = entry;
    this.#dueMs[to] = this.#dueMs[from]!;
    entry.heapIndex = to;
  }

  #put(index: number, entry: Entry, dueMs: number): void {
    this.#entries[index] = entry;
    this.#dueMs[index] = dueMs;
    entry.heapIndex = index;
  }
}
