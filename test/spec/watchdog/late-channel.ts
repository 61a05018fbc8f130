/** At 75 % of its maximum a channel is late: the record is written, and the culprit can be restarted before the device is. */

import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Channel } from "../../../src/watchdog/channel.js";
import { Watchdog } from "../../../src/watchdog/watchdog.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../scheduler/manual-time.js";
import { RetainedBytes, Watched } from "./watched.js";

describe("watchdog: a late channel", () => {
  it("is told once at 75 %, with its record, while feeding goes on", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(700);
    equal([watched.log, watched.record, watched.watchdog.lateChannel], [[], undefined, undefined], "before");
    watched.time.advance(100);
    equal(watched.log, ["800 late: radio (silent)"], "at the first look after 750 ms");
    equal(watched.record, { channel: "radio", cause: "silent", uptimeMs: 800 });
    equal([channel.status, watched.watchdog.lateChannel, watched.watchdog.isHealthy()], ["late", channel, true]);
    watched.time.advance(5000);
    equal(watched.log.length, 1, "once");
    equal(watched.lastFeedMs, 900, "fed until 100 %");
    equal(watched.record, { channel: "radio", cause: "silent", uptimeMs: 800 }, "the record stays for the next boot");
    equal(watched.retained.writeCount, 1, "and was written once");
  });

  it("is told again after it has recovered, and its record goes meanwhile", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(850);
    watched.watchdog.report(channel);
    equal([channel.status, watched.watchdog.lateChannel], ["onTime", undefined]);
    watched.time.advance(50);
    equal(watched.record, undefined, "a record must not outlive its cause");
    watched.time.advance(5000);
    equal(watched.log, ["800 late: radio (silent)", "1600 late: radio (silent)"]);
    equal(watched.record, { channel: "radio", cause: "silent", uptimeMs: 1600 });
    equal([watched.lastFeedMs, channel.lateCount], [1800, 2]);
  });

  it("that reports by itself before anybody looked is left alone", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(790);
    watched.watchdog.report(channel);
    watched.time.advance(500);
    equal([watched.log, watched.retained.writeCount, channel.lateCount], [[], 0, 1]);
  });

  it("that is closed and opened again, as a restart of its owner does, begins anew", () => {
    const watched: Watched = new Watched({
      onLate: (channel) => {
        watched.watchdog.close(channel);
        watched.alive(channel.name, 1000);
      },
    });
    watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(3000);
    equal(watched.log, ["800 late: radio (silent)", "1600 late: radio (silent)", "2400 late: radio (silent)"]);
    equal(watched.lastFeedMs, 3000, "the device itself is never restarted");
  });

  it("is gone from the record once it is closed", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(800);
    watched.watchdog.close(channel);
    watched.time.advance(100);
    equal([watched.record, watched.watchdog.lateChannel, watched.lastFeedMs], [undefined, undefined, 900]);
  });

  it("does not hide another one: each is told, the first stays in the record until it recovers", () => {
    const watched = new Watched();
    const second = watched.alive("second", 1200);
    const first = watched.alive("first", 1000);
    watched.watchdog.start();
    watched.time.advance(900);
    equal(watched.log, ["800 late: first (silent)", "900 late: second (silent)"]);
    equal([watched.record?.channel, watched.watchdog.lateChannel], ["first", first]);
    watched.watchdog.report(first);
    watched.time.advance(100);
    equal([watched.record?.channel, watched.watchdog.lateChannel], ["second", second]);
  });

  it("is told even where the handler of another one closes it or throws", () => {
    const opened: Channel[] = [];
    const watched: Watched = new Watched({
      onLate: (channel) => {
        watched.watchdog.close(channel);
        if (channel === opened[0]) throw new Error("handler");
      },
    });
    for (const name of ["a", "b", "c"]) opened.push(watched.alive(name, 1000));
    watched.watchdog.start();
    watched.time.advance(900);
    equal(watched.log, [
      "800 late: a (silent)",
      "800 fault in watchdog.check: handler", // The scheduler's onFault; the schedule of the checks goes on.
      "900 late: b (silent)",
      "900 late: c (silent)",
    ]);
  });

  it("is unfed all the same without retained memory and without a handler", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 2 });
    const feedsMs: number[] = [];
    const timer = { feed: () => void feedsMs.push(time.nowMs), close() {} };
    for (const retained of [undefined, new RetainedBytes(31)]) {
      feedsMs.length = 0;
      const watchdog = new Watchdog({
        ...{ timer, clock: time.clock, scheduler, channelCountMax: 1, timeoutMs: 1000, checkPeriodMs: 100 },
        ...(retained === undefined ? {} : { retained }),
      });
      const startMs = time.nowMs;
      watchdog.open({ name: "radio", kind: "alive", maxMs: 1000 });
      watchdog.start();
      scheduler.start();
      time.advance(3000);
      equal([feedsMs.length, feedsMs[9]! - startMs, retained?.writeCount ?? 0], [10, 900, 0]);
      watchdog.stop();
    }
  });

  it("leaves what lies behind the record in retained memory alone", () => {
    const watched = new Watched();
    const channel = watched.alive("radio", 1000);
    watched.watchdog.start();
    watched.time.advance(800);
    watched.watchdog.report(channel);
    watched.time.advance(100);
    equal(watched.retained.writeCount, 2, "written and cleared");
    equal(watched.retained.bytes.subarray(32), new Uint8Array(32).fill(0xa5));
  });
});
