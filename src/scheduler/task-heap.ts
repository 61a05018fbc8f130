/**
 * An indexed binary heap of tasks: the first of n is at hand, adding and taking out any one costs O(log n).
 *
 * A plain array of objects, because on XS that beats a sorted list from 32 tasks, and typed arrays and timer wheels at every
 * size below about 1,000. Each entry knows its own index, so that cancelling does not search. The array has its full length
 * from the start and never changes it: nothing is allocated later. See docs/design/scheduler.md.
 */
import { assert } from "../assert.js";

/** What the heap reads and writes of a task. All but the index is constant while the task is in a heap. */
export interface HeapEntry {
  /** The due time. */
  keyMs: number;
  /** 0 is the highest priority. */
  readonly rank: number;
  /** Counts up with every arming; breaks ties. */
  order: number;
  /** Its place in the array. Without meaning outside a heap. */
  heapIndex: number;
}

/** Whether `left` leaves the heap before `right`. */
export type HeapOrder = (left: HeapEntry, right: HeapEntry) => boolean;

/** For tasks that wait: by due time alone, because all that are due leave together and are then sorted by priority. */
export function isDueBefore(left: HeapEntry, right: HeapEntry): boolean {
  return left.keyMs < right.keyMs;
}

/** For tasks that are due: by priority, then due time, then order of arming. */
export function ranksBefore(left: HeapEntry, right: HeapEntry): boolean {
  if (left.rank !== right.rank) return left.rank < right.rank;
  if (left.keyMs !== right.keyMs) return left.keyMs < right.keyMs;
  return left.order < right.order;
}

export class TaskHeap<Entry extends HeapEntry> {
  readonly #entries: (Entry | undefined)[];
  readonly #comesBefore: HeapOrder;
  #count = 0;

  constructor(entryCountMax: number, comesBefore: HeapOrder) {
    assert(entryCountMax > 0, "heap: entryCountMax is above 0");
    this.#entries = new Array<Entry | undefined>(entryCountMax).fill(undefined);
    this.#comesBefore = comesBefore;
  }

  get count(): number {
    return this.#count;
  }

  /** The entry that comes before all others. */
  get first(): Entry | undefined {
    return this.#entries[0];
  }

  /** Adds an entry that is in no heap. The number of places is the number of tasks, so one is always free. */
  push(entry: Entry): void {
    assert(this.#count < this.#entries.length, "heap: a place is free for every task");
    this.#count++;
    this.#siftUp(this.#count - 1, entry);
  }

  /** Takes out an entry that is in this heap. */
  remove(entry: Entry): void {
    const index = entry.heapIndex;
    assert(this.#entries[index] === entry, "heap: the entry is in this heap");
    this.#count--;
    const last = this.#entries[this.#count]!;
    this.#entries[this.#count] = undefined;
    if (last === entry) return;
    // The last one fills the gap. It comes from another branch, so it may belong above or below.
    if (index > 0 && this.#comesBefore(last, this.#entries[(index - 1) >>> 1]!)) this.#siftUp(index, last);
    else this.#siftDown(index, last);
  }

  /** Moves the hole at `index` towards the root until `entry` fits, and fills it: one write a level instead of a swap. */
  #siftUp(index: number, entry: Entry): void {
    const entries = this.#entries;
    while (index > 0) {
      const parentIndex = (index - 1) >>> 1;
      const parent = entries[parentIndex]!;
      if (!this.#comesBefore(entry, parent)) break;
      entries[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }

  /** Moves the hole at `index` towards the leaves until `entry` fits, and fills it. */
  #siftDown(index: number, entry: Entry): void {
    const entries = this.#entries;
    const count = this.#count;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= count) break;
      let child = entries[childIndex]!;
      const right = childIndex + 1 < count ? entries[childIndex + 1]! : child;
      if (this.#comesBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!this.#comesBefore(child, entry)) break;
      entries[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }
}
