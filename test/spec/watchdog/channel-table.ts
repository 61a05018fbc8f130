/** The table of channels has a size and unique names; an option outside its bounds is refused before any effect. */
import type { ChannelOptions } from "../../../src/watchdog/channel.js";
import { Watchdog } from "../../../src/watchdog/watchdog.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { CHECK_PERIOD_MS, TIMEOUT_MS, Watched } from "./watched.js";

describe("watchdog: the table of channels", () => {
  it("refuses one too many with `full`, and has room again after a close", () => {
    const watched = new Watched({ channelCountMax: 2 });
    const first = watched.alive("a", 1000);
    watched.alive("b", 1000);
    throws(() => watched.alive("c", 1000), "full", /channelCountMax/);
    watched.watchdog.close(first);
    watched.alive("c", 1000);
    throws(() => watched.alive("d", 1000), "full");
  });

  it("refuses the name of an open channel, and takes it again after a close", () => {
    const watched = new Watched();
    const first = watched.alive("radio", 1000);
    throws(() => watched.alive("radio", 2000), "invalid", /radio/);
    watched.watchdog.close(first);
    equal(watched.alive("radio", 2000).maxMs, 2000);
  });

  it("expects nothing of a closed channel, and refuses its reports", () => {
    const watched = new Watched();
    const radio = watched.alive("radio", 1000);
    const work = watched.watchdog.open({ name: "work", kind: "progress", maxMs: 1000 });
    watched.watchdog.start();
    watched.time.advance(100);
    watched.watchdog.close(radio);
    watched.watchdog.close(work);
    watched.watchdog.close(radio);
    watched.time.advance(5000);
    equal([watched.lastFeedMs, watched.log, radio.isOpen], [5100, [], false]);
    throws(() => watched.watchdog.report(radio), "closed");
    throws(() => watched.watchdog.progress(work, 1), "closed");
  });

  const refused: readonly (readonly [string, Partial<ChannelOptions>])[] = [
    ["an empty name", { name: "" }],
    ["a name of 17 characters", { name: "seventeen letters" }],
    ["a name beyond ASCII", { name: "größe" }],
    ["a name with a control character", { name: "a\nb" }],
    ["a maximum of zero", { maxMs: 0 }],
    ["a maximum that is not a number", { maxMs: Number.NaN }],
    ["an endless maximum", { maxMs: Number.POSITIVE_INFINITY }],
    ["a maximum of less than four check periods", { maxMs: 4 * CHECK_PERIOD_MS - 1 }],
    ["a negative minimum", { minMs: -1 }],
    ["a minimum of 75 % of the maximum", { minMs: 750 }],
    ["an unknown kind", { kind: "happy" as "alive" }],
  ];
  for (const [what, options] of refused) {
    it(`refuses ${what}`, () => {
      const watched = new Watched({ channelCountMax: 1 });
      const good: ChannelOptions = { name: "radio", kind: "alive", maxMs: 1000 };
      throws(() => watched.watchdog.open({ ...good, ...options }), "invalid");
      watched.watchdog.open(good); // No place was taken.
    });
  }

  it("takes the bounds themselves", () => {
    const watched = new Watched();
    watched.watchdog.open({ name: "sixteen letters!", kind: "alive", maxMs: 4 * CHECK_PERIOD_MS, minMs: 299 });
  });
});

describe("watchdog: its own bounds", () => {
  const { time, scheduler } = new Watched();
  const timer = { feed() {}, close() {} };
  const good = { timer, clock: time.clock, scheduler, channelCountMax: 1, timeoutMs: TIMEOUT_MS, checkPeriodMs: 500 };
  const bad = [
    ["no channels", { channelCountMax: 0 }],
    ["half a channel", { channelCountMax: 1.5 }],
    ["a check period below 1 ms", { checkPeriodMs: 0.5 }],
    ["a hardware timeout that one late feed would reach", { checkPeriodMs: 501 }],
    ["a check period as long as the timeout", { checkPeriodMs: TIMEOUT_MS }],
    ["a check period that is not a number", { checkPeriodMs: Number.NaN }],
  ] as const;
  for (const [what, options] of bad) {
    it(`asserts against ${what}`, () => {
      const error = throws(() => new Watchdog({ ...good, ...options }), /watchdog: /);
      equal((error as Error).name, "AssertionError");
      equal(scheduler.taskCount, 2, "and has taken no task");
    });
  }
});
