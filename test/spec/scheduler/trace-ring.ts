/** The trace ring keeps the latest records in order, counts what it lost, and survives every order of being told. */

import { TraceRing } from "../../../src/scheduler/trace-ring.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** Each record in words: `run name priority due..end` or `kind name value`, with its time in front. */
function wordsOf(ring: TraceRing): string[] {
  const words: string[] = [];
  for (let index = 0; index < ring.count; index++) {
    const kind = ring.kindAt(index);
    const head = `${ring.atMsAt(index)} ${kind} ${ring.nameAt(index)}`;
    const run = `${ring.priorityAt(index)} ${ring.dueMsAt(index)}..${ring.endMsAt(index)}`;
    words.push(`${head} ${kind === "run" ? run : ring.valueAt(index)}`);
  }
  return words;
}

/** Runs that begin at 0, 10, 20 … and take 4 ms. */
function run(ring: TraceRing, count: number): void {
  for (let number = 0; number < count; number++) {
    ring.begin(`task ${number}`, "normal", 10 * number, 10 * number);
    ring.end(10 * number + 4);
  }
}

describe("scheduler: trace ring", () => {
  it("keeps a run with its priority, due time, begin and end", () => {
    const ring = new TraceRing({ recordCountMax: 4 });
    ring.begin("sample", "high", 9.5, 10.25);
    ring.end(12.75);
    ring.begin("send", "low", 10, 12.75);
    ring.end(20);
    equal(wordsOf(ring), ["10.25 run sample high 9.5..12.75", "12.75 run send low 10..20"]);
    equal([ring.valueAt(0), ring.count, ring.overwrittenCount], [undefined, 2, 0]);
  });

  it("keeps every kind of note with its value", () => {
    const ring = new TraceRing({ recordCountMax: 8 });
    ring.note("wake", "", 1, 0.5);
    ring.note("deadline", "a", 2, 3);
    ring.note("budget", "b", 3, 4);
    ring.note("starved", "c", 4, 5000);
    ring.note("missed", "d", 5, 7);
    ring.note("fault", "e", 6, 0);
    equal(wordsOf(ring), ["1 wake  0.5", "2 deadline a 3", "3 budget b 4", "4 starved c 5000", "5 missed d 7", "6 fault e 0"]);
    equal([ring.priorityAt(1), ring.dueMsAt(1), ring.endMsAt(1)], [undefined, undefined, undefined]);
  });

  it("overwrites the oldest and counts what it lost", () => {
    const ring = new TraceRing({ recordCountMax: 3 });
    run(ring, 3);
    equal([ring.count, ring.overwrittenCount, ring.nameAt(0)], [3, 0, "task 0"]);
    run(ring, 5);
    equal([ring.count, ring.overwrittenCount], [3, 5]);
    equal(wordsOf(ring), ["20 run task 2 normal 20..24", "30 run task 3 normal 30..34", "40 run task 4 normal 40..44"]);
  });

  it("a run that has not ended has no end", () => {
    const ring = new TraceRing({ recordCountMax: 3 });
    ring.begin("open", "normal", 0, 5);
    equal(ring.endMsAt(0), undefined);
    ring.note("fault", "open", 6, 0);
    equal(ring.endMsAt(0), undefined);
    ring.end(7);
    equal(ring.endMsAt(0), 7);
  });

  it("a run that began while another had not ended is the one that ends", () => {
    const ring = new TraceRing({ recordCountMax: 3 });
    ring.begin("lost", "normal", 0, 5);
    ring.begin("next", "normal", 0, 8);
    ring.end(9);
    equal([ring.endMsAt(0), ring.endMsAt(1)], [undefined, 9]);
  });

  it("the end of a run whose record was overwritten changes nothing", () => {
    const ring = new TraceRing({ recordCountMax: 2 });
    ring.begin("long", "low", 0, 0);
    ring.note("starved", "a", 1, 100);
    ring.note("starved", "b", 2, 200);
    ring.end(50);
    equal(wordsOf(ring), ["1 starved a 100", "2 starved b 200"]);
    run(ring, 1);
    equal([ring.endMsAt(1), ring.overwrittenCount], [4, 2]);
  });

  it("an end without a run changes nothing", () => {
    const ring = new TraceRing({ recordCountMax: 2 });
    ring.end(5);
    ring.note("budget", "a", 6, 1);
    ring.end(7);
    equal(wordsOf(ring), ["6 budget a 1"]);
  });

  it("a ring of one record holds the latest", () => {
    const ring = new TraceRing({ recordCountMax: 1 });
    run(ring, 7);
    equal([wordsOf(ring), ring.overwrittenCount], [["60 run task 6 normal 60..64"], 6]);
    ring.begin("open", "high", 70, 70);
    ring.note("fault", "open", 71, 0);
    ring.end(72);
    equal(wordsOf(ring), ["71 fault open 0"]);
  });

  it("clear forgets the records, the count of those lost, and the run that is under way", () => {
    const ring = new TraceRing({ recordCountMax: 3 });
    run(ring, 5);
    ring.begin("open", "normal", 50, 50);
    ring.clear();
    equal([ring.count, ring.overwrittenCount], [0, 0]);
    ring.end(51);
    equal(ring.count, 0);
    run(ring, 2);
    equal(wordsOf(ring), ["0 run task 0 normal 0..4", "10 run task 1 normal 10..14"]);
  });

  it("asserts an index that is no record's, and a size that is none", () => {
    const ring = new TraceRing({ recordCountMax: 4 });
    throws(() => ring.kindAt(0), /index is 0 to count - 1/);
    run(ring, 2);
    throws(() => ring.nameAt(2), /index is 0 to count - 1/);
    throws(() => ring.atMsAt(-1), /index is 0 to count - 1/);
    throws(() => ring.endMsAt(Number.NaN), /index is 0 to count - 1/);
    for (const recordCountMax of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new TraceRing({ recordCountMax }), /recordCountMax is a whole number above 0/);
    }
  });
});
