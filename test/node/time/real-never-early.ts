/** The timers of real time over Node's: never early, long delays in slices, silent once disarmed or closed. */
import sinon from "sinon";
import { RealTime } from "../../../hosts/node/real-time.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";

/** The longest delay that setTimeout keeps. */
const SLICE_MS = 2 ** 31 - 1;

describe("real time", () => {
  let fake: sinon.SinonFakeTimers;
  /** What the monotonic clock says; the fake timers do not move it. */
  let clockMs: number;
  let delaysMs: unknown[];
  let calls: number[];

  beforeEach(() => {
    fake = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    clockMs = 5000.25;
    sinon.stub(performance, "now").callsFake(() => clockMs);
    delaysMs = [];
    const setFakeTimeout = globalThis.setTimeout;
    sinon.stub(globalThis, "setTimeout").callsFake(((callback: () => void, delayMs: number) => {
      delaysMs.push(delayMs);
      return setFakeTimeout(callback, delayMs);
    }) as typeof setTimeout);
    calls = [];
  });
  afterEach(() => sinon.restore());

  /** Lets `timerMs` pass for Node's timers and `byClockMs` for the clock. */
  function pass(timerMs: number, byClockMs = timerMs): void {
    clockMs += byClockMs;
    fake.tick(timerMs);
  }

  function opened() {
    const time = new RealTime();
    return { time, timer: new time.Timer({ onExpire: () => void calls.push(time.clock.now()) }) };
  }

  it("counts from its construction", () => {
    const time = new RealTime();
    equal(time.clock.now(), 0);
    clockMs += 12.5;
    equal(time.clock.now(), 12.5);
  });

  it("waits on where Node fires before the clock is there", () => {
    const { timer } = opened();
    timer.arm(10);
    pass(10, 9.375);
    equal(calls, [], "0.625 ms early");
    equal(delaysMs, [10, 1]);
    pass(1, 0.5);
    equal(calls, [], "0.125 ms early");
    pass(1, 1);
    equal(calls, [10.875]);
    pass(100);
    equal(calls.length, 1, "once");
  });

  it("rounds up the delay", () => {
    const { timer } = opened();
    timer.arm(1.01);
    equal(delaysMs, [2]);
    pass(2);
    equal(calls, [2]);
  });

  it("cuts a delay that setTimeout does not keep into slices that it does", () => {
    const { timer } = opened();
    timer.arm(2 * SLICE_MS + 7000);
    pass(SLICE_MS);
    pass(SLICE_MS);
    equal(calls, []);
    equal(delaysMs, [SLICE_MS, SLICE_MS, 7000]);
    pass(6999);
    equal(calls, []);
    pass(1);
    equal(calls, [2 * SLICE_MS + 7000]);
  });

  it("does not call from within arm, nor after it in the same turn", () => {
    const { timer } = opened();
    timer.arm(0);
    equal(calls, []);
    fake.tick(0);
    clockMs += 1;
    fake.tick(1);
    equal(calls.length, 1);
  });

  it("disarms between slices and between a call that came early and the next", () => {
    const { timer } = opened();
    timer.arm(2 * SLICE_MS);
    pass(SLICE_MS);
    timer.disarm();
    timer.arm(10);
    pass(10, 9);
    timer.disarm();
    pass(100);
    equal(calls, []);
    equal(fake.countTimers(), 0, "timers left with Node");
  });

  it("leaves Node no timer after close, and refuses what comes", () => {
    const { timer } = opened();
    timer.arm(10);
    timer.close();
    timer.close();
    equal(fake.countTimers(), 0);
    throws(() => timer.arm(1), "closed");
    throws(() => timer.disarm(), "closed");
    pass(100);
    equal(calls, []);
  });

  it("has one timer with Node, however often it is armed", () => {
    const { timer } = opened();
    for (let delayMs = 1; delayMs <= 100; delayMs++) timer.arm(delayMs);
    equal(fake.countTimers(), 1);
  });
});

describe("real time, with Node's own timers", () => {
  it("keeps the process alive while armed, and no longer", () => {
    const set = sinon.spy(globalThis, "setTimeout");
    try {
      const timer = new new RealTime().Timer({ onExpire: () => {} });
      timer.arm(60_000);
      const handle: unknown = set.firstCall.returnValue;
      ok((handle as NodeJS.Timeout).hasRef());
      timer.close();
    } finally {
      set.restore();
    }
  });
});
