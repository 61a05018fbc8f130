/**
 * The law of the WallClock port: what src/ports/wall-clock.ts demands, one obligation for each MUST. See docs/design/ports.md.
 */
import type { WallClock, WallClockQuality } from "../../src/ports/wall-clock.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface WallClockSubject {
  /** One that was never set. */
  readonly wallClock: WallClock;
  /** Lets `durationMs` pass on the monotonic clock beneath, without sleeping. */
  readonly advance: (durationMs: number) => void | Promise<void>;
}

const RISING: readonly WallClockQuality[] = ["none", "persisted", "network", "rtc"];
const NOON_MS = Date.UTC(2026, 0, 1, 12);

export const wallClockObligations: readonly Obligation<WallClockSubject>[] = [
  {
    must: "know nothing before it is set: quality none, time 0",
    async check({ wallClock, advance }) {
      equal([wallClock.quality, wallClock.now()], ["none", 0]);
      await advance(5000);
      equal([wallClock.quality, wallClock.now()], ["none", 0], "after some time");
    },
  },
  {
    must: "answer 0 where a time is set with the quality none",
    check({ wallClock }) {
      wallClock.set({ nowMs: NOON_MS, quality: "none" });
      equal([wallClock.quality, wallClock.now()], ["none", 0]);
    },
  },
  {
    must: "answer the time and the quality that were set",
    check({ wallClock }) {
      for (const quality of RISING.slice(1)) {
        wallClock.set({ nowMs: NOON_MS, quality });
        equal(wallClock.quality, quality);
        const passedMs = wallClock.now() - NOON_MS;
        ok(passedMs >= 0 && passedMs < 500, `${passedMs} ms after it was set`);
      }
    },
  },
  {
    must: "go on with the monotonic clock",
    async check({ wallClock, advance }) {
      wallClock.set({ nowMs: NOON_MS, quality: "network" });
      await advance(60_000);
      const passedMs = wallClock.now() - NOON_MS;
      ok(passedMs >= 60_000 && passedMs < 60_500, `a minute was counted as ${passedMs} ms`);
    },
  },
  {
    must: "ignore a time of lower quality than the present one",
    check({ wallClock }) {
      for (let high = 1; high < RISING.length; high++) {
        wallClock.set({ nowMs: NOON_MS, quality: RISING[high]! });
        for (let low = 0; low < high; low++) wallClock.set({ nowMs: 2 * NOON_MS, quality: RISING[low]! });
        equal(wallClock.quality, RISING[high]);
        ok(wallClock.now() < NOON_MS + 1000, `quality ${RISING[high]} was overridden`);
      }
    },
  },
  {
    must: "take a time of equal quality, earlier or later",
    check({ wallClock }) {
      for (const quality of RISING.slice(1)) {
        for (const nowMs of [NOON_MS, 2 * NOON_MS, NOON_MS / 2]) {
          wallClock.set({ nowMs, quality });
          ok(Math.abs(wallClock.now() - nowMs) < 500, `set to ${nowMs}, it is ${wallClock.now()}`);
        }
      }
    },
  },
  {
    must: "throw invalid for a time that is not finite and ≥ 0, and keep what it has",
    check({ wallClock }) {
      wallClock.set({ nowMs: NOON_MS, quality: "persisted" });
      for (const nowMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        throws(() => wallClock.set({ nowMs, quality: "rtc" }), "invalid");
      }
      equal(wallClock.quality, "persisted");
      ok(Math.abs(wallClock.now() - NOON_MS) < 500, `it is ${wallClock.now()}`);
    },
  },
  {
    must: "take frozen options and leave open ones as they are",
    check({ wallClock }) {
      wallClock.set(Object.freeze({ nowMs: NOON_MS, quality: "network" }));
      const options = { nowMs: NOON_MS + 0.25, quality: "network" as const };
      wallClock.set(options);
      equal(options, { nowMs: NOON_MS + 0.25, quality: "network" });
    },
  },
];
