/** The heap gives its entries in order whatever is taken out of its middle, and every entry knows its place. */
import { isDueBefore, ranksBefore, TaskHeap } from "../../../src/scheduler/task-heap.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

interface Entry {
  keyMs: number;
  rank: number;
  order: number;
  heapIndex: number;
}

let nextOrder = 0;
function entry(keyMs: number, rank = 0): Entry {
  return { keyMs, rank, order: nextOrder++, heapIndex: 0 };
}

function drain(heap: TaskHeap<Entry>): Entry[] {
  const entries: Entry[] = [];
  for (let first = heap.first; first !== undefined; first = heap.first) {
    entries.push(first);
    heap.remove(first);
  }
  equal(heap.count, 0);
  return entries;
}

describe("scheduler: heap", () => {
  it("an entry that fills a gap may belong above it", () => {
    // The last one, 5, fills the place of 11. It has to rise above 10, or 10 would be given before it.
    //                 1
    //         10              2
    //     11      12      3       4
    //   13  14  15  16  20  21  22  5
    const heap = new TaskHeap<Entry>(15, isDueBefore);
    const entries = [1, 10, 2, 11, 12, 3, 4, 13, 14, 15, 16, 20, 21, 22, 5].map((keyMs) => entry(keyMs));
    for (const each of entries) heap.push(each);
    heap.remove(entries[3]!);
    equal(
      drain(heap).map((each) => each.keyMs),
      [1, 2, 3, 4, 5, 10, 12, 13, 14, 15, 16, 20, 21, 22],
    );
  });

  it("sorts by priority, then due time, then order of arming", () => {
    const heap = new TaskHeap<Entry>(6, ranksBefore);
    const sorted = [entry(9, 0), entry(1, 1), entry(2, 1), entry(2, 1), entry(0, 2), entry(5, 2)];
    for (const index of [4, 3, 0, 5, 2, 1]) heap.push(sorted[index]!);
    equal(
      drain(heap).map((each) => sorted.indexOf(each)),
      [0, 1, 2, 3, 4, 5],
    );
  });

  it("gives what is left in order after random pushes and removals", () => {
    let seed = 1;
    const random = (bound: number) => {
      seed = (seed * 48271) % 2147483647; // Park and Miller's generator: the same sequence on every engine.
      return Math.floor((seed / 2147483647) * bound);
    };
    const heap = new TaskHeap<Entry>(60, ranksBefore);
    for (let round = 0; round < 200; round++) {
      const inside: Entry[] = [];
      const count = 1 + random(60);
      while (inside.length < count) {
        const added = entry(random(50), random(3));
        inside.push(added);
        heap.push(added);
      }
      for (let removeCount = random(count); removeCount > 0; removeCount--) {
        heap.remove(inside.splice(random(inside.length), 1)[0]!);
      }
      inside.sort((left, right) => (ranksBefore(left, right) ? -1 : 1));
      equal([heap.count, heap.first?.order], [inside.length, inside[0]?.order]);
      equal(
        drain(heap).map((each) => each.order),
        inside.map((each) => each.order),
      );
    }
  });

  it("asserts that it holds what is taken out, and that a place is free", () => {
    const heap = new TaskHeap<Entry>(1, isDueBefore);
    throws(() => heap.remove(entry(1)), /in this heap/);
    heap.push(entry(1));
    throws(() => heap.push(entry(2)), /place is free/);
    throws(() => heap.remove(entry(1)), /in this heap/);
    equal(heap.count, 1);
  });
});
