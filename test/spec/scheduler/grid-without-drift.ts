/** A period is a grid fixed at the arming: no late run, no stall and no rounding moves it. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

describe("scheduler: periods on a grid", () => {
  it("runs at arming + phase + n × period", () => {
    const time = new ManualTime();
    time.busy(7);
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const runsMs: number[] = [];
    scheduler.every({ name: "sample", periodMs: 10, phaseMs: 4, run: () => void runsMs.push(time.nowMs) });
    scheduler.start();
    time.advance(40);
    equal(runsMs, [11, 21, 31, 41]);
  });

  it("runs at once without a phase, and after one period with a phase of one period", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 2 });
    const log: string[] = [];
    scheduler.every({ name: "now", periodMs: 10, run: (task) => void log.push(`${task.name} ${time.nowMs}`) });
    scheduler.every({ name: "later", periodMs: 10, phaseMs: 10, run: (task) => void log.push(`${task.name} ${time.nowMs}`) });
    equal(log, [], "nothing runs from within the call that arms");
    scheduler.start();
    equal(log, [], "nothing runs from within start");
    time.advance(10);
    equal(log, ["now 0", "now 10", "later 10"]);
  });

  it("does not drift where every run is late by a different time", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const gridMs: (number | undefined)[] = [];
    const task = scheduler.every({ name: "sample", periodMs: 100, phaseMs: 100, run: (task) => void gridMs.push(task.dueMs) });
    scheduler.start();
    for (let count = 1; count <= 200; count++) {
      time.busy(task.dueMs! - time.nowMs + ((count * 37) % 99)); // 0 … 98 ms late
      time.advance(0);
      equal(gridMs[count - 1], 100 * (count + 1), "the next due time, seen from within the run");
    }
    equal([task.runCount, task.missedCount, task.latenessMaxMs], [200, 0, 98]);
  });

  it("does not add up the rounding errors of a fractional period", () => {
    // 33.3 has no exact binary form: a sum of 100,000 of it ends 4.8e-6 ms beside 100,000 × 33.3.
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const task = scheduler.every({ name: "sample", periodMs: 33.3, run() {} });
    scheduler.start();
    time.advance(0);
    while (task.runCount < 100_000) {
      time.nowMs = task.dueMs! + 1; // The timer rounds up, by less than 1 ms.
      time.advance(0);
    }
    equal([task.dueMs, task.missedCount], [100_000 * 33.3, 0]);
  });

  it("tells the last moment before a point from the point, where the division by the period rounds", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const task = scheduler.every({ name: "sample", periodMs: 33.3, run() {} });
    scheduler.start();
    time.advance(0);
    for (let index = 1; index <= 1000; index++) {
      const pointMs = index * 33.3;
      time.nowMs = pointMs - 2 ** (Math.floor(Math.log2(pointMs)) - 52); // The number just below.
      task.post();
      time.advance(0);
      equal([task.dueCount, task.dueMs], [0, pointMs], "before the point");
      time.nowMs = pointMs;
      task.post(); // At the point: it is late by 0, and the run is due at once whatever the timer rounds.
      equal(task.dueMs, pointMs);
      time.nowMs += 1;
      time.advance(0);
      equal([task.dueCount, task.dueMs], [1, (index + 1) * 33.3], "from the point on");
    }
    equal([task.runCount, task.missedCount], [2001, 0]);
  });

  it("takes up a new grid when armed again, also from within the run", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const runsMs: number[] = [];
    const task = scheduler.every({
      name: "sample",
      periodMs: 10,
      run(task) {
        runsMs.push(time.nowMs);
        if (task.runCount === 2) task.runEvery(25, 5);
      },
    });
    scheduler.start();
    time.advance(50);
    equal(runsMs, [0, 10, 15, 40]);
    task.runAfter(3);
    time.advance(1000);
    equal(runsMs, [0, 10, 15, 40, 53], "a one-shot replaces the period");
    equal([task.isPending, task.dueMs], [false, undefined]);
  });

  it("waits longer than the longest delay of a timer, in steps", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const delayMs = 2 ** 32 + 5; // 49.7 days
    const runsMs: number[] = [];
    scheduler.after({ name: "far", delayMs, run: () => void runsMs.push(time.nowMs) });
    scheduler.start();
    time.advance(delayMs - 1);
    equal(runsMs, []);
    time.advance(1);
    equal(runsMs, [delayMs]);
    equal(time.armedDelaysMs, [2 ** 31 - 1, 2 ** 31 - 1, 7]);
  });
});
