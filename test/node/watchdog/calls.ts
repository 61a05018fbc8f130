/** Who is called by the watchdog, how often, in which order and from where. */
import sinon from "sinon";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { Watchdog } from "../../../src/watchdog/watchdog.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";

function opened() {
  const time = new ManualTime();
  const scheduler = new Scheduler({ ...time, taskCountMax: 4 });
  const timer = { feed: sinon.spy(), close: sinon.spy() };
  const retained = { sizeBytes: 32, read: sinon.stub().returns(new Uint8Array(32)), write: sinon.spy() };
  const onLate = sinon.spy();
  const watchdog = new Watchdog({
    ...{ timer, timeoutMs: 1000, clock: time.clock, scheduler, retained, onLate },
    ...{ channelCountMax: 2, checkPeriodMs: 100 },
  });
  scheduler.start();
  return { time, scheduler, timer, retained, onLate, watchdog };
}

describe("watchdog: its calls", () => {
  it("feeds from no other place than its task", () => {
    const { timer, watchdog, time } = opened();
    const channel = watchdog.open({ name: "radio", kind: "alive", maxMs: 1000 });
    watchdog.start();
    watchdog.report(channel);
    watchdog.isHealthy();
    watchdog.close(channel);
    sinon.assert.notCalled(timer.feed);
    time.advance(0);
    sinon.assert.calledOnceWithExactly(timer.feed);
  });

  it("writes the record before it tells, and both before the feed of that turn", () => {
    const { timer, watchdog, time, retained, onLate } = opened();
    const channel = watchdog.open({ name: "radio", kind: "alive", maxMs: 1000 });
    watchdog.start();
    time.advance(790);
    timer.feed.resetHistory();
    time.advance(10);
    sinon.assert.callOrder(retained.write, onLate, timer.feed);
    sinon.assert.calledOnceWithExactly(onLate, channel);
    sinon.assert.notCalled(retained.read); // Reading is the next boot's.
  });

  it("never tells from within a report, an early one included", () => {
    const { watchdog, time, onLate } = opened();
    const channel = watchdog.open({ name: "loop", kind: "alive", maxMs: 1000, minMs: 100 });
    watchdog.start();
    time.advance(50);
    watchdog.report(channel);
    watchdog.report(channel);
    sinon.assert.notCalled(onLate);
    time.advance(0);
    sinon.assert.calledOnceWithExactly(onLate, channel);
  });

  it("does not close the hardware's timer: a watchdog that is stopped has to bite", () => {
    const { timer, watchdog, time } = opened();
    watchdog.start();
    time.advance(100);
    watchdog.stop();
    time.advance(10_000);
    sinon.assert.notCalled(timer.close);
    sinon.assert.calledTwice(timer.feed);
  });

  it("goes on feeding after a feed that threw", () => {
    const { time, scheduler } = opened();
    const feed = sinon.stub();
    feed.onFirstCall().throws(new Error("bus"));
    const onFault = sinon.spy();
    const other = new Scheduler({ ...time, taskCountMax: 2, onFault });
    const options = { timeoutMs: 1000, clock: time.clock, channelCountMax: 1, checkPeriodMs: 100 };
    const watchdog = new Watchdog({ ...options, timer: { feed, close() {} }, scheduler: other });
    scheduler.stop();
    other.start();
    watchdog.start();
    time.advance(200);
    sinon.assert.calledOnce(onFault);
    sinon.assert.calledThrice(feed);
  });
});
