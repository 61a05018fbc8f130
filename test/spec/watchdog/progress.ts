/**
 * A progress channel is content with nothing but work done: the calls of a loop that turns without effect do not count.
 *
 * The hang that this kind is for: the loop runs, the queue is stuck, and an `alive` channel would be reported for ever.
 */
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Watched } from "./watched.js";

function opened(minMs = 0) {
  const watched = new Watched();
  const channel = watched.watchdog.open({ name: "uploads", kind: "progress", maxMs: 1000, minMs });
  watched.watchdog.start();
  return { watched, channel };
}

describe("watchdog: a progress channel", () => {
  it("is not satisfied by calls without growth", () => {
    const { watched, channel } = opened();
    for (let count = 0; count < 40; count++) {
      watched.watchdog.progress(channel, Math.min(count, 4));
      watched.time.advance(100);
    }
    // The count grew for the last time at 400 ms.
    equal(watched.log, ["1200 late: uploads (silent)"]);
    equal(watched.lastFeedMs, 1300);
  });

  it("is satisfied by growth of any size", () => {
    const { watched, channel } = opened();
    for (let count = 1; count <= 40; count++) {
      watched.watchdog.progress(channel, count * count);
      watched.time.advance(700);
    }
    equal([watched.log, watched.lastFeedMs], [[], 28_000]);
  });

  it("compares with the highest count ever: going back and forth is no work", () => {
    const { watched, channel } = opened();
    watched.watchdog.progress(channel, 10);
    for (let count = 0; count < 20; count++) {
      watched.time.advance(50);
      watched.watchdog.progress(channel, count % 2 === 0 ? 9 : 10);
    }
    equal(watched.watchdog.isHealthy(), false);
  });

  it("takes zero for no work: a counter begins there", () => {
    const { watched, channel } = opened();
    watched.time.advance(500);
    watched.watchdog.progress(channel, 0);
    watched.time.advance(500);
    equal(channel.status, "expired");
  });

  it("is early only by growth", () => {
    const { watched, channel } = opened(100);
    watched.watchdog.progress(channel, 1);
    watched.time.advance(10);
    watched.watchdog.progress(channel, 1);
    equal(channel.status, "onTime", "a look without growth");
    watched.watchdog.progress(channel, 2);
    equal([channel.status, channel.cause], ["late", "early"], "work at ten times the pace");
  });

  it("refuses report(), as an alive channel refuses progress(), and what is no count", () => {
    const { watched, channel } = opened();
    const alive = watched.alive("loop", 1000);
    throws(() => watched.watchdog.report(channel), /progress/);
    throws(() => watched.watchdog.progress(alive, 1), /report/);
    throws(() => watched.watchdog.progress(channel, Number.NaN), /number/);
    throws(() => watched.watchdog.progress(channel, -1), /number/);
  });
});
