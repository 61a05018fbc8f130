/** Who is called by the supervisor, with what, and in which order. */
import sinon from "sinon";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { Supervisor } from "../../../src/supervisor/supervisor.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";

function opened(restartCountMax: number) {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 8 });
  const onEscalate = sinon.spy();
  const onChildFault = sinon.spy();
  const supervisor = new Supervisor({
    ...{ clock: time.clock, scheduler, childCountMax: 2, intensity: { restartCountMax, periodMs: 1000 } },
    ...{ onEscalate, onChildFault },
  });
  scheduler.start();
  return { time, scheduler, supervisor, onEscalate, onChildFault };
}

describe("supervisor: its calls", () => {
  it("hands on the very error and the very child", () => {
    const { time, supervisor, onEscalate, onChildFault } = opened(0);
    const child = supervisor.add({ name: "child", restart: "permanent", start() {} });
    const error = new Error("broken");
    supervisor.start();
    supervisor.fault("child", error);
    sinon.assert.notCalled(onChildFault);
    time.advance(0);
    sinon.assert.calledOnceWithExactly(onChildFault, child, error);
    sinon.assert.calledOnceWithExactly(onEscalate, child, error);
  });

  it("tells, stops, starts: in this order, each once, and gives each start a scope of its own", () => {
    const { time, supervisor, onEscalate, onChildFault } = opened(1);
    const undo = sinon.spy();
    const start = sinon.stub().returns(undo);
    const stop = sinon.spy();
    supervisor.add({ name: "child", restart: "permanent", start, stop });
    supervisor.start();
    sinon.assert.calledOnce(start);
    start.resetHistory();
    supervisor.fault("child", new Error("broken"));
    time.advance(0);
    sinon.assert.callOrder(onChildFault, stop, undo, start);
    for (const spy of [onChildFault, stop, undo, start]) sinon.assert.calledOnce(spy);
    sinon.assert.notCalled(onEscalate);
    equal(start.firstCall.args[0].isOpen, true);
  });

  it("is the scheduler's onFault only for tasks of its children", () => {
    const { supervisor, scheduler, onChildFault } = opened(1);
    const strange = scheduler.task({ name: "strange", run() {} });
    equal(supervisor.onTaskFault(strange, new Error("not mine")), false);
    sinon.assert.notCalled(onChildFault);
  });
});
