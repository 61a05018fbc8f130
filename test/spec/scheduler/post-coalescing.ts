/** post(): one run as soon as possible, however often it is called before that run begins. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Overrun, Task } from "../../../src/scheduler/task.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(): { time: ManualTime; scheduler: Scheduler; log: string[]; run(task: Task): void } {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 8 });
  const log: string[] = [];
  scheduler.start();
  return { time, scheduler, log, run: (task) => void log.push(`${task.name} ${time.nowMs}`) };
}

describe("scheduler: post", () => {
  it("runs once for many posts, and not from within the call", () => {
    const { time, scheduler, log, run } = opened();
    const task = scheduler.task({ name: "mail", run });
    for (let count = 0; count < 100; count++) task.post();
    equal(log, []);
    equal(time.armedDelaysMs, [0], "one arming for a hundred posts");
    time.advance(0);
    equal(log, ["mail 0"]);
    task.post();
    time.advance(5);
    equal(log, ["mail 0", "mail 0"]);
  });

  it("a post from within the task's own run asks for one more", () => {
    const { time, scheduler, log } = opened();
    const task = scheduler.task({
      name: "mail",
      run(task) {
        log.push("ran");
        if (task.runCount > 1) return;
        task.post();
        task.post();
      },
    });
    task.post();
    time.advance(0);
    equal(log, ["ran", "ran"]);
  });

  it("brings a one-shot forward, which then does not run a second time", () => {
    const { time, scheduler, log, run } = opened();
    const task = scheduler.after({ name: "poll", delayMs: 1000, run });
    time.advance(10);
    task.post();
    time.advance(2000);
    equal(log, ["poll 10"]);
  });

  it("does not put a task that is late already behind others", () => {
    const { time, scheduler, log, run } = opened();
    const task = scheduler.after({ name: "late", delayMs: 5, run });
    scheduler.after({ name: "other", delayMs: 6, run });
    time.busy(10);
    task.post();
    time.advance(0);
    equal(log, ["late 10", "other 10"]);
    equal([task.runCount, task.latenessMaxMs], [1, 5]);
  });

  it("nor one that waits for its turn while others run", () => {
    const { time, scheduler, log, run } = opened();
    const tasks: Task[] = [];
    scheduler.after({ name: "first", priority: "high", delayMs: 1, run: () => tasks[0]!.post() });
    for (const [name, delayMs] of [
      ["early", 2],
      ["late", 3],
    ] as const) {
      tasks.push(scheduler.after({ name, delayMs, run }));
    }
    time.busy(10);
    time.advance(0);
    equal(log, ["early 10", "late 10"]);
    equal(tasks[0]!.latenessMaxMs, 8);
  });

  it("gives a periodic task a run between two points, which leaves its grid and its counts alone", () => {
    for (const overrun of ["skip", "catchUp", "coalesce"] as const satisfies readonly Overrun[]) {
      const { time, scheduler } = opened();
      const runs: string[] = [];
      const task = scheduler.every({
        name: "sample",
        periodMs: 10,
        overrun,
        run: (task) => void runs.push(`${time.nowMs}/${task.dueCount}`),
      });
      time.advance(13);
      task.post();
      task.post();
      time.advance(17);
      equal(runs, ["0/1", "10/1", "13/0", "20/1", "30/1"], overrun);
      equal(task.missedCount, 0, overrun);
    }
  });

  it("a posted run that begins after the next point is that point's run too", () => {
    const { time, scheduler } = opened();
    const task = scheduler.every({ name: "sample", periodMs: 10, phaseMs: 10, run() {} });
    time.advance(8);
    task.post();
    time.busy(5);
    time.advance(0);
    equal([task.runCount, task.dueCount, task.missedCount, task.dueMs, task.latenessMaxMs], [1, 1, 0, 20, 5]);
  });

  it("posts made before start are kept", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const task = scheduler.task({ name: "early", run() {} });
    task.post();
    time.advance(10);
    equal([task.runCount, time.armedDelaysMs], [0, []]);
    scheduler.start();
    time.advance(0);
    equal([task.runCount, task.latenessMaxMs], [1, 10]);
  });
});
