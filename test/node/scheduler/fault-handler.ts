/** How onFault is called: once for each throw, with the task and what it threw, in the order of the runs. */
import sinon from "sinon";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Task } from "../../../src/scheduler/task.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";

type OnFault = (task: Task, error: unknown) => void;

describe("scheduler: calls of onFault", () => {
  afterEach(() => sinon.restore());

  it("once for each throw, with task and error, after the run and before the next", () => {
    const time = new ManualTime();
    const onFault = sinon.spy<OnFault>(() => {});
    const scheduler = new Scheduler({ ...time, taskCountMax: 2, onFault });
    const error = new Error("no sensor");
    const bad = sinon.stub().throws(error);
    const good = sinon.spy();
    const task = scheduler.every({ name: "bad", periodMs: 10, run: bad });
    scheduler.every({ name: "good", periodMs: 10, run: good });
    scheduler.start();
    time.advance(20);
    equal([bad.callCount, good.callCount, onFault.callCount], [3, 3, 3]);
    ok(onFault.alwaysCalledWithExactly(task, error));
    sinon.assert.callOrder(bad, onFault, good, bad, onFault, good, bad, onFault, good);
  });

  it("never where no task throws", () => {
    const time = new ManualTime();
    const onFault = sinon.spy<OnFault>(() => {});
    const scheduler = new Scheduler({ ...time, taskCountMax: 1, onFault });
    scheduler.every({ name: "good", periodMs: 1, run() {} });
    scheduler.start();
    time.advance(1000);
    sinon.assert.notCalled(onFault);
  });

  it("not again for what it throws itself, and no more for a task that it stopped by that", () => {
    const time = new ManualTime();
    const handlerError = new Error("handler");
    const onFault = sinon.stub<Parameters<OnFault>, void>().throws(handlerError);
    const scheduler = new Scheduler({ ...time, taskCountMax: 1, onFault });
    const error = new Error("task");
    const task = scheduler.every({ name: "bad", periodMs: 10, run: sinon.stub().throws(error) });
    scheduler.start();
    time.advance(100);
    sinon.assert.calledOnceWithExactly(onFault, task, error);
    const fault = scheduler.lastFault;
    ok(fault?.task === task && fault.error === error && fault.handlerError === handlerError);
  });

  it("the driver that posts, the clock and the timer never see an exception", () => {
    const time = new ManualTime();
    const arm = sinon.spy(time.clock, "now");
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const task = scheduler.task({ name: "bad", run: sinon.stub().throws(new Error("lost")) });
    scheduler.start();
    const driver = sinon.spy(() => task.post());
    const timer = new time.Timer({ onExpire: driver });
    timer.arm(5);
    time.advance(10);
    ok(driver.calledOnce && driver.exceptions.every((thrown) => thrown === undefined));
    ok(arm.exceptions.every((thrown) => thrown === undefined));
    equal(task.runCount, 1);
    task.close();
    timer.arm(5);
    time.advance(10);
    ok(driver.calledTwice && driver.exceptions.every((thrown) => thrown === undefined), "a late callback posts a closed task");
  });
});
