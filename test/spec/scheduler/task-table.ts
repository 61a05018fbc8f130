/** The table of tasks has a fixed size, unique names and refuses what it cannot use before anything changes. */
import { AssertionError } from "../../../src/assert.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Overrun, Priority, TaskOptions } from "../../../src/scheduler/task.js";
import type { Delays } from "../../../src/statechart/delays.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(taskCountMax = 3): { time: ManualTime; scheduler: Scheduler } {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax });
  scheduler.start();
  return { time, scheduler };
}
const run = () => {};

describe("scheduler: table of tasks", () => {
  it("refuses a task too many as full, and close gives the place and the name back", () => {
    const { time, scheduler } = opened();
    const [first] = ["a", "b", "c"].map((name) => scheduler.every({ name, periodMs: 10, run }));
    equal(scheduler.taskCount, 3);
    throws(() => scheduler.task({ name: "d", run }), "full", /taskCountMax/);
    throws(() => scheduler.every({ name: "d", periodMs: 1, run }), "full");
    throws(() => scheduler.after({ name: "d", delayMs: 1, run }), "full");
    first!.close();
    first!.close();
    equal(scheduler.taskCount, 2);
    const again = scheduler.every({ name: "a", periodMs: 10, run });
    equal(scheduler.taskCount, 3);
    time.advance(25);
    equal([first!.runCount, again.runCount], [0, 3]);
  });

  it("refuses the name of an open task, and says which", () => {
    const { scheduler } = opened();
    scheduler.task({ name: "sample", run });
    throws(() => scheduler.task({ name: "sample", run }), "invalid", /sample.*expected another name/);
    equal(scheduler.taskCount, 1);
  });

  it("refuses options that it cannot use, and opens nothing", () => {
    const { time, scheduler } = opened();
    const bad: [string, TaskOptions][] = [
      ["empty name", { name: "", run }],
      ["no name", { name: undefined as unknown as string, run }],
      ["priority", { name: "x", priority: "urgent" as Priority, run }],
      ["overrun", { name: "x", overrun: "burst" as Overrun, run }],
      ["run", { name: "x", run: undefined as unknown as () => void }],
    ];
    for (const [why, options] of bad) {
      const error = throws(() => scheduler.task(options), "invalid");
      ok(/expected/.test((error as Error).message), why);
    }
    equal([scheduler.taskCount, time.armedDelaysMs], [0, []]);
  });

  it("refuses periods, phases and delays that are no usable time", () => {
    const { time, scheduler } = opened();
    const notTimes = [-1, -0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "10" as unknown as number];
    for (const value of [...notTimes, 0, 0.5]) {
      throws(() => scheduler.every({ name: "x", periodMs: value, run }), "invalid", /period.*expected 1 to/);
    }
    for (const value of notTimes) {
      throws(() => scheduler.every({ name: "x", periodMs: 10, phaseMs: value, run }), "invalid", /phase.*expected 0 to/);
      throws(() => scheduler.after({ name: "x", delayMs: value, run }), "invalid", /delay.*expected 0 to/);
    }
    equal([scheduler.taskCount, scheduler.nextWakeMs()], [0, undefined]);

    const task = scheduler.every({ name: "x", periodMs: 10, phaseMs: 10, run });
    for (const value of notTimes) {
      throws(() => task.runAfter(value), "invalid");
      throws(() => task.runEvery(value), "invalid");
      throws(() => task.runEvery(5, value), "invalid");
    }
    time.advance(30);
    equal(task.runCount, 3, "a refused arming leaves the earlier one");
  });

  it("asserts its own bounds", () => {
    const time = new ManualTime();
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      ok(throws(() => new Scheduler({ ...time, taskCountMax: value })) instanceof AssertionError);
      ok(throws(() => new Scheduler({ ...time, taskCountMax: 1, dispatchCountMax: value })) instanceof AssertionError);
    }
  });

  it("takes frozen options, fills in the defaults and calls run with its target", () => {
    const { time, scheduler } = opened();
    const seen: unknown[] = [];
    const target = { name: "target" };
    const options = Object.freeze({
      name: "sample",
      delayMs: 1,
      target,
      run(this: unknown, ...given: unknown[]) {
        seen.push(this, ...given);
      },
    });
    const task = scheduler.after(options);
    equal([task.name, task.priority, task.overrun, task.runCount, task.missedCount], ["sample", "normal", "skip", 0, 0]);
    time.advance(1);
    equal(seen.length, 2);
    ok(seen[0] === target && seen[1] === task);
  });

  it("is what a statechart asks of a source of delays", () => {
    const { time, scheduler } = opened();
    const delays: Delays = scheduler;
    let count = 0;
    const task = delays.task({ name: "delay", run: () => void count++ });
    task.runAfter(5);
    time.advance(5);
    task.close();
    equal([count, scheduler.taskCount], [1, 0]);
  });
});
