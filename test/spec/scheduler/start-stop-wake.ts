/** start, stop and nextWakeMs: when the scheduler runs, and when it will want to run next. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(): { time: ManualTime; scheduler: Scheduler } {
  const time = new ManualTime();
  return { time, scheduler: new Scheduler({ ...time, taskCountMax: 8 }) };
}

describe("scheduler: start and stop", () => {
  it("runs nothing before start, and what was armed then is due from its arming", () => {
    const { time, scheduler } = opened();
    const task = scheduler.every({ name: "sample", periodMs: 10, phaseMs: 10, run() {} });
    time.advance(35);
    equal([task.runCount, time.armedCount], [0, 0]);
    scheduler.start();
    scheduler.start();
    time.advance(0);
    equal([task.runCount, task.missedCount, task.dueMs], [1, 2, 40]);
  });

  it("stop keeps tasks armed; the next start accounts for what was missed", () => {
    const { time, scheduler } = opened();
    const periodic = scheduler.every({ name: "periodic", periodMs: 10, phaseMs: 10, run() {} });
    const once = scheduler.after({ name: "once", delayMs: 30, run() {} });
    scheduler.start();
    time.advance(15);
    scheduler.stop();
    scheduler.stop();
    equal(time.armedCount, 0);
    time.advance(40);
    equal([periodic.runCount, once.runCount, once.isPending], [1, 0, true]);
    scheduler.start();
    time.advance(0);
    equal([periodic.runCount, periodic.missedCount, periodic.dueMs, once.runCount], [2, 3, 60, 1]);
  });

  it("stop within a run lets no further task run, and start within a run goes on", () => {
    const { time, scheduler } = opened();
    const log: string[] = [];
    scheduler.after({ name: "stop", delayMs: 5, run: () => scheduler.stop() });
    scheduler.after({ name: "next", delayMs: 5, run: (task) => void log.push(`${task.name} ${time.nowMs}`) });
    scheduler.start();
    time.advance(50);
    equal([log, time.armedCount], [[], 0]);
    scheduler.start();
    time.advance(0);
    equal(log, ["next 50"]);

    scheduler.after({
      name: "both",
      delayMs: 5,
      run() {
        scheduler.stop();
        scheduler.start();
      },
    });
    scheduler.after({ name: "last", delayMs: 5, run: (task) => void log.push(task.name) });
    time.advance(5);
    equal([log, time.armedCount], [["next 50", "last"], 0]);
  });
});

describe("scheduler: nextWakeMs", () => {
  it("is the due time of the next task, and undefined where none is armed", () => {
    const { time, scheduler } = opened();
    equal(scheduler.nextWakeMs(), undefined);
    time.busy(100);
    const late = scheduler.after({ name: "late", delayMs: 30, run() {} });
    equal(scheduler.nextWakeMs(), 130, "also before start");
    scheduler.start();
    const early = scheduler.after({ name: "early", priority: "low", delayMs: 10, run() {} });
    equal(scheduler.nextWakeMs(), 110);
    early.cancel();
    equal(scheduler.nextWakeMs(), 130);
    early.post();
    equal(scheduler.nextWakeMs(), 100);
    time.advance(0);
    equal(scheduler.nextWakeMs(), 130);
    late.close();
    equal(scheduler.nextWakeMs(), undefined);
  });

  it("is not in the future while a task waits for its turn, seen from within a run", () => {
    const { time, scheduler } = opened();
    const seen: (number | undefined)[] = [];
    const run = () => void seen.push(scheduler.nextWakeMs());
    scheduler.after({ name: "first", delayMs: 10, run });
    scheduler.after({ name: "second", delayMs: 10, run });
    scheduler.after({ name: "third", delayMs: 25, run });
    scheduler.start();
    time.advance(30);
    equal(seen, [10, 25, undefined]);
  });

  it("a turn sets the timer once, at its end", () => {
    const { time, scheduler } = opened();
    scheduler.start();
    const tasks = ["a", "b", "c"].map((name) =>
      scheduler.every({ name, periodMs: 10, phaseMs: 10, run: () => tasks[3]!.post() }),
    );
    tasks.push(scheduler.task({ name: "d", run: (task) => task.runAfter(4) }));
    time.armedDelaysMs.length = 0;
    time.advance(10);
    equal(time.armedDelaysMs, [4]);
    equal(
      tasks.map((task) => task.runCount),
      [1, 1, 1, 1],
    );
  });

  it("the timer is armed for the head only, and follows it", () => {
    const { time, scheduler } = opened();
    scheduler.start();
    const far = scheduler.after({ name: "far", delayMs: 1000, run() {} });
    const near = scheduler.after({ name: "near", delayMs: 10, run() {} });
    scheduler.after({ name: "farther", delayMs: 2000, run() {} });
    equal(time.armedDelaysMs, [1000, 10], "a task behind the head does not touch the timer");
    near.cancel();
    far.runAfter(3000);
    equal([time.armedDelaysMs, time.armedCount], [[1000, 10, 1000, 2000], 1]);
  });
});
