/** The hardware is fed at one place, once a check period, and only while every channel keeps its promise. */
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { CHECK_PERIOD_MS, Watched } from "./watched.js";

describe("watchdog: feeding", () => {
  it("feeds once a check period, from start() on", () => {
    const { time, watchdog, feedsMs } = new Watched();
    time.advance(250);
    equal(feedsMs, [], "not before start()");
    watchdog.start();
    equal(feedsMs, [], "not from within start()");
    time.advance(300);
    equal(feedsMs, [250, 350, 450, 550]);
  });

  it("feeds without any channel: nothing is expected then", () => {
    const watched = new Watched();
    watched.watchdog.start();
    watched.time.advance(10_000);
    equal(watched.lastFeedMs, 10_000);
    equal(watched.watchdog.isHealthy(), true);
  });

  it("goes on for as long as every channel reports", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.reporting(channel, 700, 7000);
    equal(watched.feedsMs.length, 7000 / CHECK_PERIOD_MS + 1);
    equal(watched.log, [], "nobody was late");
  });

  it("ends at 100 % of the maximum, to the millisecond", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 950);
    watched.watchdog.start();
    watched.time.advance(949);
    equal([watched.watchdog.isHealthy(), channel.status], [true, "late"], "one ms before");
    watched.time.advance(1);
    equal([watched.watchdog.isHealthy(), channel.status], [false, "expired"], "at the maximum");
    watched.time.advance(5000);
    equal(watched.lastFeedMs, 900, "the last feed was before the maximum");
  });

  it("is not kept up by the other channels", () => {
    const watched = new Watched();
    const radio = watched.alive("radio", 1000);
    const dead = watched.alive("dead", 2000);
    watched.watchdog.start();
    watched.reporting(radio, 500, 6000);
    equal(watched.lastFeedMs, 1900);
    equal(watched.watchdog.lateChannel, dead);
  });

  it("never begins again, whoever reports, closes or opens afterwards", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(1000);
    watched.watchdog.report(channel);
    equal([channel.status, watched.watchdog.isHealthy()], ["expired", false], "too late is for good");
    watched.watchdog.close(channel);
    watched.alive("radio", 1000);
    watched.time.advance(500);
    equal([watched.watchdog.isHealthy(), watched.lastFeedMs], [false, 900]);
    equal(watched.watchdog.lateChannel, channel, "the culprit stays known");
  });

  it("ends too when nobody looked in time: a report after the maximum does not hide it", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 500);
    watched.watchdog.start();
    watched.time.advance(100);
    watched.time.busy(600); // One long run, and its last act is the report.
    watched.watchdog.report(channel);
    watched.time.advance(1000);
    equal([watched.lastFeedMs, watched.record?.channel, watched.log], [100, "radio", ["700 late: radio (silent)"]]);
  });

  it("nor does closing the channel after its maximum", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 500);
    watched.watchdog.start();
    watched.time.busy(500);
    watched.watchdog.close(channel);
    watched.time.advance(1000);
    equal(watched.feedsMs, []);
  });

  it("names the channel whose time was up first, of several found at once", () => {
    const watched = new Watched();
    const slow = watched.alive("slow", 600);
    const quick = watched.alive("quick", 400);
    watched.watchdog.start();
    watched.time.busy(700);
    watched.time.advance(0);
    equal([slow.status, quick.status], ["expired", "expired"]);
    equal([watched.watchdog.lateChannel, watched.record?.channel], [quick, "quick"]);
  });

  it("counts a channel's time from start(), and from opening where that is later", () => {
    const watched = new Watched();
    const early = watched.alive("early", 1000);
    watched.time.advance(5000);
    watched.watchdog.start();
    watched.time.advance(500);
    const later = watched.alive("later", 1000);
    watched.time.advance(499);
    equal([early.status, later.status], ["late", "onTime"]);
    watched.watchdog.close(early);
    watched.time.advance(500);
    equal([later.status, watched.watchdog.isHealthy()], ["late", true]);
    watched.time.advance(1);
    equal(watched.watchdog.isHealthy(), false);
  });

  it("takes no notice of a report before start()", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000, 500);
    watched.time.advance(1500);
    watched.watchdog.report(channel);
    watched.watchdog.report(channel);
    watched.watchdog.start();
    watched.time.advance(700);
    equal([channel.status, watched.log, watched.watchdog.isHealthy()], ["onTime", [], true]);
  });
});

describe("watchdog: stop", () => {
  it("never feeds again: a planned restart that hangs is ended by the hardware", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(250);
    watched.watchdog.stop();
    watched.reporting(channel, 100, 5000);
    equal(watched.feedsMs, [0, 100, 200]);
    equal(watched.watchdog.isHealthy(), false);
    equal(watched.log, [], "and nobody is called late, nor is the hardware's timer closed");
    watched.watchdog.stop();
  });

  it("gives its tasks back and is for good", () => {
    const watched = new Watched();
    watched.watchdog.start();
    equal(watched.scheduler.taskCount, 2);
    watched.watchdog.stop();
    equal(watched.scheduler.taskCount, 0);
    throws(() => watched.watchdog.start(), /started once/);
  });

  it("leaves the record of a channel that is late at that moment", () => {
    const watched = new Watched();
    watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(800);
    watched.watchdog.stop();
    watched.time.advance(5000);
    equal(watched.record, { channel: "radio", cause: "silent", uptimeMs: 800 });
  });

  it("from within onLate tells nobody else", () => {
    const watched: Watched = new Watched({ onLate: () => watched.watchdog.stop() });
    watched.alive("radio", 1000);
    watched.alive("other", 1000);
    watched.watchdog.start();
    watched.time.advance(5000);
    equal([watched.log, watched.lastFeedMs], [["800 late: radio (silent)"], 700]);
  });
});
