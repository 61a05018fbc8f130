/** Watchdog and supervisor together: a silent child is restarted at 75 %; only where that does not help is the device. */
import { Watchdog } from "../../../src/watchdog/watchdog.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised, type SupervisedOptions } from "./supervised.js";

/** A child that reports every 100 ms, until it hangs 500 ms after each of its first `hangCount` starts. */
function opened(hangCount: number, options: SupervisedOptions = {}) {
  let stopFeeding = (): void => {};
  const supervised = new Supervised({ ...options, onEscalate: () => stopFeeding() });
  const { time, scheduler, supervisor } = supervised;
  const feedsMs: number[] = [];
  const watchdog = new Watchdog({
    timer: { feed: () => void feedsMs.push(time.nowMs), close() {} },
    timeoutMs: 1000,
    clock: time.clock,
    scheduler,
    channelCountMax: 2,
    checkPeriodMs: 50,
    onLate: (channel) => supervisor.fault(channel.name, new Error("late")),
  });
  stopFeeding = () => watchdog.stop();
  let startCount = 0;
  supervised.add("radio", "permanent", (scope) => {
    const hangs = ++startCount <= hangCount;
    const startMs = time.nowMs;
    const channel = watchdog.open({ name: "radio", kind: "alive", maxMs: 400 });
    scope.onStop(() => watchdog.close(channel));
    const report = () => {
      if (!hangs || time.nowMs <= startMs + 500) watchdog.report(channel);
    };
    scope.every({ name: "radio.task", periodMs: 100, run: report });
  });
  watchdog.start();
  supervisor.start();
  return { supervised, feedsMs };
}

describe("watchdog and supervisor: a child that hangs", () => {
  it("is restarted and the device is not", () => {
    const { supervised, feedsMs } = opened(1);
    supervised.time.advance(10_000);
    equal(supervised.trace(), [
      "0 start radio",
      "800 fault radio: late", // Last report at 500, 75 % of 400 ms later.
      "800 stop radio",
      "800 start radio",
    ]);
    equal(feedsMs.length, 201, "fed all the time");
  });

  it("again and again ends in an escalation, and the hardware is left unfed", () => {
    const { supervised, feedsMs } = opened(100, { restartCountMax: 2, periodMs: 60_000 });
    supervised.time.advance(10_000);
    const trace = supervised.trace();
    equal(trace[trace.length - 1], "2400 escalate radio: late");
    equal(feedsMs[feedsMs.length - 1], 2350);
  });
});
