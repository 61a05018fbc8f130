/** A run may cancel, close and arm any task, its own included, and the schedule follows at once. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Task } from "../../../src/scheduler/task.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(): { time: ManualTime; scheduler: Scheduler; log: string[] } {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 8 });
  scheduler.start();
  return { time, scheduler, log: [] };
}

describe("scheduler: cancelling", () => {
  it("a cancelled task does not run, and the timer rests where it was the only one", () => {
    const { time, scheduler, log } = opened();
    const task = scheduler.after({ name: "once", delayMs: 10, run: () => void log.push("ran") });
    equal([task.isPending, task.dueMs, time.armedCount], [true, 10, 1]);
    task.cancel();
    equal([task.isPending, task.dueMs, time.armedCount], [false, undefined, 0]);
    time.advance(100);
    equal(log, []);
    task.runAfter(5);
    time.advance(5);
    equal(log, ["ran"], "cancel is not for good");
  });

  it("cancel forgets the period: a later post runs once", () => {
    const { time, scheduler } = opened();
    const task = scheduler.every({ name: "sample", periodMs: 10, run() {} });
    time.advance(15);
    task.cancel();
    task.post();
    time.advance(100);
    equal([task.runCount, task.dueCount, task.isPending], [3, 1, false]);
  });

  it("a periodic task ends itself from within its run", () => {
    const { time, scheduler } = opened();
    const task = scheduler.every({
      name: "thrice",
      periodMs: 10,
      run: (task) => {
        if (task.runCount === 3) task.cancel();
      },
    });
    time.advance(1000);
    equal([task.runCount, task.isPending], [3, false]);
  });

  it("a periodic task closes itself from within its run", () => {
    const { time, scheduler } = opened();
    let runCount = 0;
    const task = scheduler.every({
      name: "once",
      periodMs: 10,
      run: (task) => {
        runCount++;
        task.close();
      },
    });
    time.advance(1000);
    equal([runCount, scheduler.taskCount], [1, 0]);
    equal([task.runCount, task.isPending, task.dueMs], [0, false, undefined], "its counts are gone with its place");
  });

  it("a run cancels or closes another that is due at the same time", () => {
    const { time, scheduler, log } = opened();
    const others: Task[] = [];
    scheduler.after({
      name: "first",
      priority: "high",
      delayMs: 10,
      run() {
        others[0]!.cancel();
        others[1]!.close();
      },
    });
    for (const name of ["cancelled", "closed", "left"]) {
      others.push(scheduler.after({ name, delayMs: 10, run: (task) => void log.push(task.name) }));
    }
    time.advance(10);
    equal(log, ["left"]);
  });

  it("a one-shot arms itself again from within its run, never in the same run", () => {
    const { time, scheduler, log } = opened();
    let depth = 0;
    scheduler.after({
      name: "again",
      delayMs: 0,
      run(task) {
        equal([++depth, task.isPending], [1, false]);
        log.push(`${time.nowMs}`);
        if (task.runCount < 4) task.runAfter(task.runCount === 2 ? 7 : 0);
        depth--;
      },
    });
    time.advance(100);
    equal(log, ["0", "0", "7", "7"]);
  });

  it("a closed task refuses to be armed; post, cancel and close do nothing", () => {
    const { time, scheduler, log } = opened();
    const task = scheduler.task({ name: "closed", run: () => void log.push("ran") });
    task.close();
    throws(() => task.runAfter(1), "closed", /expected an open one/);
    throws(() => task.runEvery(1), "closed");
    task.post();
    task.cancel();
    task.close();
    time.advance(100);
    equal([log, task.isPending, scheduler.taskCount], [[], false, 0]);
  });
});
