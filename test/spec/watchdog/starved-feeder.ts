/**
 * Feeding has the lowest priority, so that a firmware that is busy with itself is unfed, however faithfully it reports.
 *
 * Looking has the highest: such a firmware still leaves a record, and the next boot can tell it from a brown-out, which chips
 * report as a watchdog reset as well.
 */
import type { Priority } from "../../../src/scheduler/task.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Watched } from "./watched.js";

/**
 * Runs a task that takes 10 ms and posts itself from 1000 ms until 4000 ms, and reports at each run. The record is of 3000
 * ms.
 */
function flood(priority: Priority) {
  const watched = new Watched();
  const channel = watched.alive("loop", 500);
  watched.watchdog.start();
  watched.reporting(channel, 100, 1000);
  const busy = watched.scheduler.task({
    name: "busy",
    priority,
    run(task) {
      watched.time.busy(10);
      watched.watchdog.report(channel);
      if (watched.time.nowMs < 4000) task.post();
    },
  });
  busy.post();
  watched.time.advance(0);
  while (watched.time.nowMs < 3000) watched.time.advance(0);
  const record = watched.record;
  while (watched.time.nowMs < 4000) watched.time.advance(0);
  return { watched, record };
}

describe("watchdog: starvation", () => {
  for (const priority of ["high", "normal"] as const) {
    it(`a busy task of ${priority} priority that reports on time leaves the hardware unfed`, () => {
      const { watched, record } = flood(priority);
      const between = watched.feedsMs.filter((atMs) => atMs > 1100 && atMs < 4000);
      equal(between, [], "feeds during the flood");
      equal(watched.log, [], "no channel was late");
      equal([record?.cause, record?.channel], ["starved", ""], "and yet there is a record");
      equal(Math.floor((record?.uptimeMs ?? 0) / 100), 18, "of the first look after 75 % of the timeout");
    });
  }

  it("a busy task of low priority shares its turns with the feeder", () => {
    const { watched, record } = flood("low");
    const between = watched.feedsMs.filter((atMs) => atMs > 1100 && atMs < 4000);
    equal([between.length >= 28, record], [true, undefined]);
  });

  it("is recorded at 75 % of the hardware's timeout, and forgotten when it passes", () => {
    const watched = new Watched();
    watched.watchdog.start();
    watched.time.advance(200);
    watched.scheduler.after({ name: "long", priority: "normal", delayMs: 50, run: () => watched.time.busy(740) });
    watched.time.advance(50);
    equal(watched.feedsMs, [0, 100, 200, 990], "fed late, once");
    equal(watched.record, { channel: "", cause: "starved", uptimeMs: 990 }, "790 ms after the last feed");
    watched.time.advance(100);
    equal(watched.record, undefined);
  });
});
