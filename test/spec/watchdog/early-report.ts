/** Signs of life that come faster than the minimum are those of a loop that has run away: late at once. */
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Watched } from "./watched.js";

function opened() {
  const watched = new Watched();
  const channel = watched.alive("loop", 1000, 200);
  watched.watchdog.start();
  return { watched, channel };
}

describe("watchdog: an early report", () => {
  it("is told and recorded at once, by a task and not from within the report", () => {
    const { watched, channel } = opened();
    watched.time.advance(30);
    watched.watchdog.report(channel);
    watched.time.advance(199);
    watched.watchdog.report(channel);
    equal([channel.status, channel.cause, watched.log], ["late", "early", []], "noted, not told");
    watched.time.advance(0);
    equal(watched.log, ["229 late: loop (early)"]);
    equal(watched.record, { channel: "loop", cause: "early", uptimeMs: 229 });
  });

  it("is no longer one at exactly the minimum", () => {
    const { watched, channel } = opened();
    watched.reporting(channel, 200, 4000);
    equal([watched.log, watched.watchdog.isHealthy()], [[], true]);
  });

  it("cannot be the first one: before it there is no pace", () => {
    const { watched, channel } = opened();
    watched.watchdog.report(channel);
    watched.time.advance(500);
    equal([watched.log, channel.status], [[], "onTime"]);
  });

  it("does not count as a sign: a loop that runs on is unfed at 100 % of its last good one", () => {
    const { watched, channel } = opened();
    watched.reporting(channel, 10, 5000); // The first, at 0, is good.
    equal([watched.log, channel.status], [["10 late: loop (early)"], "expired"]);
    equal(watched.lastFeedMs, 900);
    equal(watched.record?.cause, "early", "the record keeps the first cause");
  });

  it("is forgiven by a report at the right pace, and told again the next time", () => {
    const { watched, channel } = opened();
    watched.watchdog.report(channel);
    watched.time.advance(50);
    watched.watchdog.report(channel); // Early.
    watched.time.advance(250);
    watched.watchdog.report(channel); // 250 ms after the one before: good.
    equal([channel.status, watched.watchdog.lateChannel], ["onTime", undefined]);
    watched.time.advance(100);
    equal(watched.record, undefined);
    watched.watchdog.report(channel); // Early.
    watched.time.advance(0);
    equal(watched.log, ["50 late: loop (early)", "400 late: loop (early)"]);
  });

  it("is recorded with the time of the latest, also where no check has seen the good one between two", () => {
    const watched = new Watched();
    const channel = watched.alive("loop", 1000, 20);
    watched.watchdog.start();
    for (const atMs of [105, 110, 140, 145]) {
      watched.time.advance(atMs - watched.time.nowMs);
      watched.watchdog.report(channel); // Good, early, good, early.
    }
    watched.time.advance(0);
    equal(watched.log, ["110 late: loop (early)", "145 late: loop (early)"]);
    equal(watched.record?.uptimeMs, 145);
  });
});
