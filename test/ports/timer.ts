/**
 * The law of the Timer port: what src/ports/timer.ts and the law of the ports demand, one obligation for each MUST.
 * See docs/design/ports.md.
 */
import type { Clock } from "../../src/ports/clock.js";
import type { Timer, TimerConstructor } from "../../src/ports/timer.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface TimerSubject {
  readonly Timer: TimerConstructor;
  readonly clock: Clock;
  /** Lets `durationMs` pass, so that what becomes due in it is called, without sleeping. */
  advance(durationMs: number): void | Promise<void>;
}

/** A timer and when it was called, by the clock. */
function opened(subject: TimerSubject): { timer: Timer; callsMs: number[] } {
  const callsMs: number[] = [];
  return { timer: new subject.Timer({ onExpire: () => void callsMs.push(subject.clock.now()) }), callsMs };
}

const expiry: readonly Obligation<TimerSubject>[] = [
  {
    must: "call onExpire once",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      timer.arm(10);
      await subject.advance(11);
      equal(callsMs.length, 1, "calls after the delay");
      await subject.advance(1000);
      equal(callsMs.length, 1, "calls long after the delay");
    },
  },
  {
    must: "not call before the delay has passed by the clock, fractions rounded up",
    async check(subject) {
      for (const delayMs of [0, 1, 2.25, 10, 999.5]) {
        const { timer, callsMs } = opened(subject);
        const armedMs = subject.clock.now();
        timer.arm(delayMs);
        for (let passedMs = 0; passedMs < delayMs + 2; passedMs++) await subject.advance(1);
        equal(callsMs.length, 1, `calls for a delay of ${delayMs} ms`);
        const waitedMs = callsMs[0]! - armedMs;
        ok(waitedMs >= delayMs, `a delay of ${delayMs} ms ended after ${waitedMs} ms`);
      }
    },
  },
  {
    must: "not call early for the longest delay, 2^31 − 1 ms",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      timer.arm(2 ** 31 - 1);
      await subject.advance(2 ** 31 - 10_000);
      equal(callsMs.length, 0, "calls ten seconds before the end");
      await subject.advance(10_000);
      equal(callsMs.length, 1, "calls after the end");
    },
  },
  {
    must: "not call from within arm",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      timer.arm(0);
      equal(callsMs.length, 0, "calls while arming");
      await subject.advance(2);
      equal(callsMs.length, 1, "calls after it");
    },
  },
  {
    must: "not call from within an arm inside onExpire, but later",
    async check(subject) {
      let depth = 0;
      let depthMax = 0;
      let count = 0;
      const timer = new subject.Timer({
        onExpire() {
          depthMax = Math.max(depthMax, ++depth);
          if (++count < 3) this.arm(0);
          depth--;
        },
      });
      timer.arm(0);
      for (let passedMs = 0; passedMs < 6; passedMs++) await subject.advance(1);
      equal(count, 3, "calls");
      equal(depthMax, 1, "calls inside one another");
    },
  },
  {
    must: "call onExpire with the timer as this",
    async check(subject) {
      const receivers: unknown[] = [];
      const timer = new subject.Timer({
        onExpire() {
          receivers.push(this);
        },
      });
      timer.arm(1);
      await subject.advance(2);
      ok(receivers.length === 1 && receivers[0] === timer, "this is another object");
    },
  },
];

const arming: readonly Obligation<TimerSubject>[] = [
  {
    must: "replace the earlier time when armed again",
    async check(subject) {
      const later = opened(subject);
      later.timer.arm(10);
      later.timer.arm(100);
      const sooner = opened(subject);
      sooner.timer.arm(100);
      sooner.timer.arm(10);
      await subject.advance(20);
      equal([later.callsMs.length, sooner.callsMs.length], [0, 1], "calls after the shorter time");
      await subject.advance(200);
      equal([later.callsMs.length, sooner.callsMs.length], [1, 1], "calls after the longer time");
    },
  },
  {
    must: "refuse a delay that is negative or no number, and keep the time that was armed",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      timer.arm(10);
      for (const delayMs of [-1, Number.NaN]) throws(() => timer.arm(delayMs));
      await subject.advance(5);
      equal(callsMs.length, 0, "calls before the armed time");
      await subject.advance(6);
      equal(callsMs.length, 1, "calls after the armed time");
    },
  },
  {
    must: "not call after disarm",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      timer.disarm();
      timer.arm(10);
      timer.disarm();
      timer.disarm();
      await subject.advance(100);
      equal(callsMs.length, 0, "calls");
    },
  },
  {
    must: "be armed again after disarm and after an expiry",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      for (let count = 1; count <= 3; count++) {
        timer.arm(10);
        timer.disarm();
        timer.arm(10);
        await subject.advance(11);
        equal(callsMs.length, count, "calls");
      }
    },
  },
];

const life: readonly Obligation<TimerSubject>[] = [
  {
    must: "take frozen options and leave open ones as they are",
    async check(subject) {
      let count = 0;
      const onExpire = () => void count++;
      const options = { onExpire };
      for (const timer of [new subject.Timer(Object.freeze({ onExpire })), new subject.Timer(options)]) timer.arm(1);
      await subject.advance(2);
      equal(count, 2, "calls");
      ok(Object.keys(options).length === 1 && options.onExpire === onExpire, "the options were modified");
    },
  },
  {
    must: "not call after close, even where it is closed inside onExpire",
    async check(subject) {
      const { timer, callsMs } = opened(subject);
      timer.arm(10);
      timer.close();
      let count = 0;
      const inside = new subject.Timer({
        onExpire() {
          count++;
          this.arm(1);
          this.close();
        },
      });
      inside.arm(1);
      await subject.advance(100);
      equal([callsMs.length, count], [0, 1], "calls");
    },
  },
  {
    must: "do nothing at a second close",
    check(subject) {
      const { timer } = opened(subject);
      timer.close();
      timer.close();
    },
  },
  {
    must: "throw closed at arm and disarm after close",
    check(subject) {
      const { timer } = opened(subject);
      timer.close();
      throws(() => timer.arm(1), "closed");
      throws(() => timer.disarm(), "closed");
    },
  },
];

export const timerObligations: readonly Obligation<TimerSubject>[] = [...expiry, ...arming, ...life];
