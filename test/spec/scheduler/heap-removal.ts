/** The heap gives its entries in order whatever is taken out of its middle, and every entry knows its place. */
import { TaskHeap } from "../../../src/scheduler/task-heap.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

interface Entry {
  readonly order: number;
  readonly slackMs: number;
  /** When it is due, as this spec knows it. */
  readonly dueMs: number;
  heapIndex: number;
}

let nextOrder = 0;
function entry(dueMs: number, slackMs = 0): Entry {
  return { order: nextOrder++, slackMs, dueMs, heapIndex: 0 };
}

function heapOf(entries: readonly Entry[]): TaskHeap<Entry> {
  const heap = new TaskHeap<Entry>();
  heap.reserve(entries.length);
  for (const each of entries) heap.push(each, each.dueMs);
  return heap;
}

function drain(heap: TaskHeap<Entry>): Entry[] {
  const entries: Entry[] = [];
  for (let first = heap.first; first !== undefined; first = heap.first) {
    equal([heap.firstDueMs, heap.dueMsOf(first)], [first.dueMs, first.dueMs]);
    entries.push(first);
    heap.remove(first);
  }
  equal([heap.count, heap.firstDueMs], [0, Number.POSITIVE_INFINITY]);
  return entries;
}

describe("scheduler: heap", () => {
  it("an entry that fills a gap may belong above it", () => {
    // The last one, 5, fills the place of 11. It has to rise above 10, or 10 would be given before it.
    //                 1
    //         10              2
    //     11      12      3       4
    //   13  14  15  16  20  21  22  5
    const entries = [1, 10, 2, 11, 12, 3, 4, 13, 14, 15, 16, 20, 21, 22, 5].map((dueMs) => entry(dueMs));
    const heap = heapOf(entries);
    heap.remove(entries[3]!);
    equal(
      drain(heap).map((each) => each.dueMs),
      [1, 2, 3, 4, 5, 10, 12, 13, 14, 15, 16, 20, 21, 22],
    );
  });

  it("sorts by due time, then order of arming", () => {
    const sorted = [entry(1), entry(2), entry(2), entry(2), entry(5), entry(9)];
    const heap = heapOf([4, 3, 0, 5, 2, 1].map((index) => sorted[index]!));
    equal(
      drain(heap).map((each) => sorted.indexOf(each)),
      [0, 1, 2, 3, 4, 5],
    );
  });

  it("delays an entry to where it belongs, and brings none forward", () => {
    const entries = [1, 3, 5, 7].map((dueMs) => entry(dueMs));
    const heap = heapOf(entries);
    heap.delay(entries[0]!, 6);
    equal([heap.first, heap.dueMsOf(entries[0]!)], [entries[1], 6]);
    throws(() => heap.delay(entries[0]!, 5), /delayed and not brought forward/);
  });

  it("knows the latest time at which nobody has waited longer than its slack allows", () => {
    equal(heapOf([]).latestMs(99), 99);
    equal(heapOf([entry(10, 5), entry(12), entry(30, 1)]).latestMs(99), 12);
    equal(heapOf([entry(10, 50), entry(12, 20), entry(30, 1), entry(31)]).latestMs(99), 31);
    equal(heapOf([entry(10, 50)]).latestMs(20), 20);
  });

  it("gives what is left in order after random pushes and removals", () => {
    let seed = 1;
    const random = (bound: number) => {
      seed = (seed * 48271) % 2147483647; // Park and Miller's generator: the same sequence on every engine.
      return Math.floor((seed / 2147483647) * bound);
    };
    for (let round = 0; round < 200; round++) {
      const inside: Entry[] = [];
      const count = 1 + random(60);
      while (inside.length < count) inside.push(entry(random(50)));
      const heap = heapOf(inside);
      for (let removeCount = random(count); removeCount > 0; removeCount--) {
        heap.remove(inside.splice(random(inside.length), 1)[0]!);
      }
      inside.sort((left, right) => left.dueMs - right.dueMs || left.order - right.order);
      equal([heap.count, heap.first?.order], [inside.length, inside[0]?.order]);
      equal(
        drain(heap).map((each) => each.order),
        inside.map((each) => each.order),
      );
    }
  });

  it("asserts that it holds what is taken out, and that a place is free", () => {
    const heap = heapOf([]);
    heap.reserve(1);
    throws(() => heap.remove(entry(1)), /in this heap/);
    heap.push(entry(1), 1);
    throws(() => heap.push(entry(2), 2), /place is free/);
    throws(() => heap.remove(entry(1)), /in this heap/);
    equal(heap.count, 1);
  });
});
