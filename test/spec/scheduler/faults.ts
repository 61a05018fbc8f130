/** A task that throws stops no other task, and nothing that is thrown reaches the engine. */

import { AssertionError, assert } from "../../../src/assert.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Task } from "../../../src/scheduler/task.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(onFault?: (task: Task, error: unknown) => void): { time: ManualTime; scheduler: Scheduler } {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 8, ...(onFault === undefined ? {} : { onFault }) });
  scheduler.start();
  return { time, scheduler };
}

describe("scheduler: a task that throws", () => {
  it("stops no other task, whatever its priority and what it throws", () => {
    const log: string[] = [];
    const { time, scheduler } = opened((task, error) => void log.push(`fault ${task.name} ${String(error)}`));
    for (const [priority, thrown] of [
      ["high", "text"],
      ["normal", undefined],
      ["low", 42],
    ] as const) {
      const run = () => {
        throw thrown;
      };
      scheduler.after({ name: `bad ${priority}`, priority, delayMs: 10, run });
      scheduler.after({ name: `good ${priority}`, priority, delayMs: 10, run: (task) => void log.push(task.name) });
    }
    time.advance(10);
    equal(log, [
      "fault bad high text",
      "good high",
      "fault bad normal undefined",
      "good normal",
      "fault bad low 42",
      "good low",
    ]);
    equal(scheduler.lastFault, undefined, "handled");
  });

  it("goes on with its periods unless onFault cancels it", () => {
    const { time, scheduler } = opened((task) => {
      if (task.runCount === 3) task.cancel();
    });
    const task = scheduler.every({
      name: "bad",
      periodMs: 10,
      run() {
        throw new Error("again");
      },
    });
    const other = scheduler.every({ name: "good", periodMs: 10, run() {} });
    time.advance(15);
    equal([task.runCount, task.isPending, task.dueMs], [2, true, 20]);
    time.advance(35);
    equal([task.runCount, task.isPending, other.runCount, other.latenessMaxMs], [3, false, 6, 0]);
  });

  it("an assertion that fails within a run is that task's fault", () => {
    const errors: unknown[] = [];
    const { time, scheduler } = opened((_, error) => void errors.push(error));
    scheduler.after({ name: "bad", delayMs: 0, run: () => assert(false, "broken promise") });
    time.advance(0);
    equal(errors.length, 1);
    ok(errors[0] instanceof AssertionError);
  });

  it("without onFault is cancelled, keeps its place and is remembered", () => {
    const { time, scheduler } = opened();
    const error = new Error("first");
    const run = () => {
      throw error;
    };
    const bad = scheduler.every({ name: "bad", periodMs: 10, run });
    const good = scheduler.every({ name: "good", periodMs: 10, run() {} });
    time.advance(25);
    equal([bad.runCount, bad.isPending, good.runCount, scheduler.taskCount], [1, false, 3, 2]);
    const fault = scheduler.lastFault!;
    ok(fault.task === bad && fault.error === error && fault.handlerError === undefined);
  });

  it("where onFault throws too is cancelled, and both errors are remembered", () => {
    const { time, scheduler } = opened(() => {
      throw "handler";
    });
    const run = () => {
      throw "task";
    };
    const bad = scheduler.every({ name: "bad", periodMs: 10, run });
    const good = scheduler.every({ name: "good", periodMs: 10, run() {} });
    time.advance(25);
    equal([bad.runCount, bad.isPending, good.runCount], [1, false, 3]);
    const fault = scheduler.lastFault!;
    equal([fault.task.name, fault.error, fault.handlerError], ["bad", "task", "handler"]);
  });

  it("may close itself, or be closed and replaced by onFault", () => {
    const holder: { scheduler?: Scheduler } = {};
    const { time, scheduler } = opened((task) => {
      task.close();
      holder.scheduler!.every({ name: "restarted", periodMs: 10, phaseMs: 10, run() {} });
    });
    holder.scheduler = scheduler;
    scheduler.after({
      name: "bad",
      delayMs: 5,
      run(task) {
        task.close();
        throw new Error("after close");
      },
    });
    time.advance(25);
    equal([scheduler.taskCount, scheduler.nextWakeMs()], [1, 35]);
  });
});
