/** Tasks that never rest leave the event loop its turn: after dispatchCountMax runs the timer is armed with 0. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Task } from "../../../src/scheduler/task.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

/** A driver's callback in the event loop: a timer of its own that records how many runs there were between two of its calls. */
function driver(time: ManualTime, count: () => number): number[] {
  const seen: number[] = [];
  const timer = new time.Timer({
    onExpire() {
      seen.push(count());
      if (seen.length < 4) this.arm(0);
    },
  });
  timer.arm(0);
  return seen;
}

describe("scheduler: fairness", () => {
  for (const [given, bound] of [
    [undefined, 32],
    [1, 1],
    [5, 5],
  ] as const) {
    it(`lets I/O in after ${bound} runs${given === undefined ? ", the default" : ""}`, () => {
      const time = new ManualTime();
      const scheduler = new Scheduler({
        ...time,
        taskCountMax: 1,
        ...(given === undefined ? {} : { dispatchCountMax: given }),
      });
      const task: Task = scheduler.task({
        name: "restless",
        run: (task) => {
          if (task.runCount < 1000) task.post();
        },
      });
      task.post();
      scheduler.start();
      const seen = driver(time, () => task.runCount);
      time.advance(0);
      equal(seen, [bound, 2 * bound, 3 * bound, 4 * bound]);
      equal(task.runCount, 1000);
      equal(time.armedDelaysMs[0], 0);
      equal(
        time.armedDelaysMs.every((delayMs) => delayMs === 0),
        true,
      );
    });
  }

  it("a turn that ends by the bound forgets nobody, and the order holds across it", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 8, dispatchCountMax: 2 });
    const log: string[] = [];
    for (let index = 0; index < 6; index++) {
      const priority = index % 2 === 0 ? "low" : "high";
      scheduler.after({ name: `${priority} ${index}`, priority, delayMs: 10, run: (task) => void log.push(task.name) });
    }
    scheduler.start();
    time.advance(10);
    equal(log, ["high 1", "high 3", "high 5", "low 0", "low 2", "low 4"]);
  });

  it("does not push back a timer that is about to expire", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 4 });
    const tasks = ["a", "b", "c"].map((name) => scheduler.task({ name, run() {} }));
    scheduler.start();
    for (const task of tasks) {
      task.post();
      time.busy(1);
    }
    equal(time.armedDelaysMs, [0]);
    tasks[0]!.cancel();
    equal(time.armedDelaysMs, [0], "the head changed, the expiry is due anyway");
    time.advance(0);
    equal(
      tasks.map((task) => task.runCount),
      [0, 1, 1],
    );
  });
});
