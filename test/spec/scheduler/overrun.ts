/** What a task does about periods that it missed, by exact counts. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Overrun, Task } from "../../../src/scheduler/task.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

/** A task of period 10 and its log of "clock time/periods it stands for". */
function opened(overrun: Overrun): { time: ManualTime; task: Task; log: string[] } {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
  const log: string[] = [];
  const run = (task: Task) => void log.push(`${time.nowMs}/${task.dueCount}`);
  const task = scheduler.every({ name: "sample", periodMs: 10, phaseMs: 10, overrun, run });
  scheduler.start();
  return { time, task, log };
}

describe("scheduler: overrun", () => {
  it("skip: runs once, drops the rest, is back on the grid", () => {
    const { time, task, log } = opened("skip");
    time.busy(47); // 10, 20, 30 and 40 have begun.
    time.advance(0);
    equal(log, ["47/1"]);
    equal([task.runCount, task.missedCount, task.latenessMaxMs, task.dueMs], [1, 3, 37, 50]);
    time.advance(13);
    equal(log, ["47/1", "50/1", "60/1"]);
    equal(task.missedCount, 3);
  });

  it("catchUp: runs once for each, in a row, and is back on the grid", () => {
    const { time, task, log } = opened("catchUp");
    time.busy(47);
    time.advance(0);
    equal(log, ["47/1", "47/1", "47/1", "47/1"]);
    equal([task.runCount, task.missedCount, task.latenessMaxMs, task.dueMs], [4, 0, 37, 50]);
    time.advance(3);
    equal(log.slice(4), ["50/1"]);
  });

  it("catchUp: owes at most 8 runs; the oldest beyond that are missed", () => {
    const { time, task, log } = opened("catchUp");
    time.busy(125); // 10 … 120: 12 periods
    time.advance(0);
    equal(log.length, 8);
    equal([task.runCount, task.missedCount, task.dueMs], [8, 4, 130]);
    time.busy(80); // 130 … 200: 8 periods, just what may be owed
    time.advance(0);
    equal([task.runCount, task.missedCount, task.dueMs], [16, 4, 210]);
  });

  it("catchUp: periods that begin during the runs are owed too, within the same bound", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const task = scheduler.every({ name: "slow", periodMs: 10, overrun: "catchUp", run: () => time.busy(15) });
    scheduler.start();
    time.advance(0);
    // One turn of 32 runs of 15 ms. Run n begins at 15n − 15 for the grid point n − 1, 5n − 5 ms ago, until 8 are owed.
    equal(task.runCount, 32);
    equal(time.nowMs, 480);
    // The last run began at 465, owing the grid points 390 … 460; it was for 390.
    equal([task.dueMs, task.missedCount], [400, 39 + 1 - 32]);
  });

  it("coalesce: runs once and is told how many periods it stands for", () => {
    const { time, task, log } = opened("coalesce");
    time.advance(10);
    time.busy(37);
    time.advance(0);
    equal(log, ["10/1", "47/3"]);
    equal([task.runCount, task.missedCount, task.dueMs], [2, 2, 50]);
    time.advance(3);
    equal(log[2], "50/1");
  });

  it("counts a point as reached at its very time", () => {
    for (const overrun of ["skip", "catchUp", "coalesce"] as const) {
      const { time, task } = opened(overrun);
      time.busy(30);
      time.advance(0);
      equal(task.dueMs, 40, overrun);
      equal(task.runCount + task.missedCount, 3, overrun);
    }
  });

  it("every period is either run or missed, over a long and uneven load", () => {
    for (const overrun of ["skip", "catchUp", "coalesce"] as const) {
      const { time, task } = opened(overrun);
      for (let count = 0; count < 500; count++) {
        time.busy((count * count * 7) % 131);
        time.advance((count * 13) % 29);
      }
      const reachedCount = Math.floor(time.nowMs / 10);
      equal(task.runCount + task.missedCount, reachedCount, overrun);
      equal(task.dueMs, (reachedCount + 1) * 10, overrun);
    }
  });
});
