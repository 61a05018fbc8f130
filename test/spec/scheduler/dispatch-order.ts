/** Which task runs first: the higher priority, then the earlier due time, then the earlier arming. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Priority, Task } from "../../../src/scheduler/task.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(): { time: ManualTime; scheduler: Scheduler; log: string[]; add(name: string, priority: Priority): Task } {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 16 });
  const log: string[] = [];
  const add = (name: string, priority: Priority) =>
    scheduler.task({ name, priority, run: (task) => void log.push(`${task.name} ${time.nowMs}`) });
  scheduler.start();
  return { time, scheduler, log, add };
}

describe("scheduler: order of dispatch", () => {
  it("runs tasks at their times whatever their priority", () => {
    const { time, log, add } = opened();
    add("high", "high").runAfter(30);
    add("low", "low").runAfter(10);
    add("normal", "normal").runAfter(20);
    time.advance(30);
    equal(log, ["low 10", "normal 20", "high 30"]);
  });

  it("among tasks due at one time the higher priority is first, then the order of arming", () => {
    const { time, log, add } = opened();
    for (const name of ["low 1", "low 2"]) add(name, "low").runAfter(5);
    for (const name of ["normal 1", "normal 2"]) add(name, "normal").runAfter(5);
    for (const name of ["high 1", "high 2"]) add(name, "high").runAfter(5);
    time.advance(5);
    equal(log, ["high 1 5", "high 2 5", "normal 1 5", "normal 2 5", "low 1 5", "low 2 5"]);
  });

  it("among late tasks the priority comes before the due time", () => {
    const { time, log, add } = opened();
    add("low", "low").runAfter(1);
    add("normal late", "normal").runAfter(3);
    add("normal early", "normal").runAfter(2);
    add("high", "high").runAfter(4);
    time.busy(10);
    time.advance(0);
    equal(log, ["high 10", "normal early 10", "normal late 10", "low 10"]);
  });

  it("arming again moves a task behind its equals", () => {
    const { time, log, add } = opened();
    const first = add("first", "normal");
    first.runAfter(5);
    add("second", "normal").runAfter(5);
    first.runAfter(5);
    time.advance(5);
    equal(log, ["second 5", "first 5"]);
  });

  it("periodic tasks keep the order of their arming at every common point", () => {
    const { time, scheduler, log } = opened();
    const run = (task: Task) => void log.push(task.name);
    scheduler.every({ name: "a", periodMs: 20, phaseMs: 20, run });
    scheduler.every({ name: "b", periodMs: 10, phaseMs: 20, run });
    time.advance(40);
    equal(log, ["a", "b", "b", "a", "b"]);
  });

  it("what becomes due during a run has its say before the next one", () => {
    const { time, scheduler, log, add } = opened();
    scheduler.after({ name: "long", priority: "low", delayMs: 0, run: () => time.busy(10) });
    add("waiting", "low").runAfter(0);
    add("urgent", "high").runAfter(7);
    time.advance(0);
    equal(log, ["urgent 10", "waiting 10"]);
  });

  it("a catchUp task gives way to what was due before its next period", () => {
    const { time, scheduler, log, add } = opened();
    const run = (task: Task) => void log.push(task.name);
    scheduler.every({ name: "every 10", periodMs: 10, phaseMs: 10, overrun: "catchUp", run });
    add("at 15", "normal").runAfter(15);
    time.busy(25);
    time.advance(0);
    equal(log, ["every 10", "at 15 25", "every 10"]);
  });
});
