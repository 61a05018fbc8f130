/**
 * The law of the WatchdogTimer port: what src/ports/watchdog-timer.ts demands, one obligation for each MUST. Its subject
 * counts the bites from outside the chip that is bitten. See docs/design/ports.md.
 */
import type { WatchdogTimerConstructor } from "../../src/ports/watchdog-timer.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface WatchdogTimerSubject {
  readonly WatchdogTimer: WatchdogTimerConstructor;
  /** Whether close() can stop the hardware. */
  readonly canStop: boolean;
  /** How often the chip was restarted with the reason `watchdog`. */
  readonly biteCount: () => number;
  /** Lets `durationMs` pass on the chip, without sleeping. */
  readonly advance: (durationMs: number) => void | Promise<void>;
}

const TIMEOUT_MS = 1000;

const counting: readonly Obligation<WatchdogTimerSubject>[] = [
  {
    must: "restart the chip once it is unfed for the timeout, and not earlier",
    async check({ WatchdogTimer, biteCount, advance }) {
      new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
      await advance(TIMEOUT_MS - 1);
      equal(biteCount(), 0, "bites just before the timeout");
      await advance(1);
      equal(biteCount(), 1, "bites at the timeout");
      await advance(10 * TIMEOUT_MS);
      equal(biteCount(), 1, "bites long after it");
    },
  },
  {
    must: "start the count anew when fed",
    async check({ WatchdogTimer, biteCount, advance }) {
      const watchdog = new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
      for (let count = 0; count < 20; count++) {
        await advance(0.9 * TIMEOUT_MS);
        watchdog.feed();
      }
      equal(biteCount(), 0, "bites while it is fed");
      await advance(0.9 * TIMEOUT_MS);
      equal(biteCount(), 0, "bites within the timeout after the last feed");
      await advance(TIMEOUT_MS);
      equal(biteCount(), 1, "bites once it is unfed");
    },
  },
  {
    must: "take timeouts of 100 and 120,000 ms",
    async check({ WatchdogTimer, biteCount, advance }) {
      const longest = new WatchdogTimer({ timeoutMs: 120_000 });
      await advance(119_999);
      equal(biteCount(), 0, "bites within the longest timeout");
      longest.feed();
      longest.close();
      new WatchdogTimer({ timeoutMs: 100 });
      await advance(100);
      equal(biteCount(), 1, "bites at the shortest timeout");
    },
  },
];

const opening: readonly Obligation<WatchdogTimerSubject>[] = [
  {
    must: "throw invalid for a timeout out of bounds, and start nothing",
    async check({ WatchdogTimer, biteCount, advance }) {
      for (const timeoutMs of [99, 120_001, 0, -1000, Number.NaN, Number.POSITIVE_INFINITY]) {
        throws(() => new WatchdogTimer({ timeoutMs }), "invalid");
      }
      await advance(200_000);
      equal(biteCount(), 0, "bites");
      new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
    },
  },
  {
    must: "throw busy for a second instance, and leave the first alone",
    async check({ WatchdogTimer, biteCount, advance }) {
      const first = new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
      await advance(0.6 * TIMEOUT_MS);
      throws(() => new WatchdogTimer({ timeoutMs: 10 * TIMEOUT_MS }), "busy");
      first.feed();
      await advance(0.6 * TIMEOUT_MS);
      equal(biteCount(), 0, "bites while the first is fed");
      throws(() => new WatchdogTimer({ timeoutMs: 10 * TIMEOUT_MS }), "busy");
      await advance(0.4 * TIMEOUT_MS);
      equal(biteCount(), 1, "bites at the timeout of the first");
    },
  },
  {
    must: "open again after close",
    async check({ WatchdogTimer, biteCount, advance }) {
      new WatchdogTimer({ timeoutMs: TIMEOUT_MS }).close();
      const second = new WatchdogTimer({ timeoutMs: 2 * TIMEOUT_MS });
      await advance(1.9 * TIMEOUT_MS);
      equal(biteCount(), 0, "bites before the second timeout");
      second.feed();
      await advance(2 * TIMEOUT_MS);
      equal(biteCount(), 1, "bites at the second timeout");
    },
  },
  {
    must: "take frozen options, leave open ones as they are and not look at them later",
    async check({ WatchdogTimer, biteCount, advance }) {
      new WatchdogTimer(Object.freeze({ timeoutMs: TIMEOUT_MS })).close();
      const options = { timeoutMs: TIMEOUT_MS };
      const watchdog = new WatchdogTimer(options);
      ok(Object.keys(options).length === 1 && options.timeoutMs === TIMEOUT_MS, "the options were modified");
      options.timeoutMs = 100 * TIMEOUT_MS;
      watchdog.feed();
      await advance(TIMEOUT_MS);
      equal(biteCount(), 1, "bites at the timeout that was given");
    },
  },
];

const closing: readonly Obligation<WatchdogTimerSubject>[] = [
  {
    must: "stop at close, or bite where the hardware cannot be stopped",
    async check({ WatchdogTimer, biteCount, advance, canStop }) {
      new WatchdogTimer({ timeoutMs: TIMEOUT_MS }).close();
      await advance(100 * TIMEOUT_MS);
      equal(biteCount(), canStop ? 0 : 1, "bites after close");
    },
  },
  {
    must: "throw closed at feed after close",
    check({ WatchdogTimer }) {
      const watchdog = new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
      watchdog.close();
      throws(() => watchdog.feed(), "closed");
    },
  },
  {
    must: "do nothing at a second close, least of all to the next instance",
    async check({ WatchdogTimer, biteCount, advance }) {
      const first = new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
      first.close();
      first.close();
      new WatchdogTimer({ timeoutMs: TIMEOUT_MS });
      first.close();
      await advance(TIMEOUT_MS);
      equal(biteCount(), 1, "bites");
    },
  },
];

export const watchdogTimerObligations: readonly Obligation<WatchdogTimerSubject>[] = [...counting, ...opening, ...closing];
