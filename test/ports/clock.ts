/**
 * The law of the Clock port: what src/ports/clock.ts demands, one obligation for each MUST. See docs/design/ports.md.
 */
import type { Clock } from "../../src/ports/clock.js";
import { ok } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface ClockSubject {
  readonly clock: Clock;
  /** Lets `durationMs` pass on the clock, without sleeping. */
  advance(durationMs: number): void | Promise<void>;
}

/** More than the 49.7 days at which a 32-bit counter of milliseconds starts anew. */
const WRAP_MS = 2 ** 32;

export const clockObligations: readonly Obligation<ClockSubject>[] = [
  {
    must: "answer a finite number of milliseconds ≥ 0, at every call",
    async check(subject) {
      for (let count = 0; count < 100; count++) {
        const nowMs = subject.clock.now();
        ok(Number.isFinite(nowMs) && nowMs >= 0, `answer ${count} is ${nowMs}`);
        await subject.advance(7);
      }
    },
  },
  {
    must: "never go back",
    async check(subject) {
      let earlierMs = subject.clock.now();
      for (let count = 0; count < 200; count++) {
        if (count % 10 === 0) await subject.advance(count);
        const nowMs = subject.clock.now();
        ok(nowMs >= earlierMs, `${nowMs} after ${earlierMs}`);
        earlierMs = nowMs;
      }
    },
  },
  {
    must: "count milliseconds",
    async check(subject) {
      const startMs = subject.clock.now();
      await subject.advance(1000);
      const passedMs = subject.clock.now() - startMs;
      // A real clock runs on while the test does; half as much again would be another unit.
      ok(passedMs >= 1000 && passedMs < 1500, `1000 ms were counted as ${passedMs}`);
    },
  },
  {
    must: "not wrap at 32 bits",
    async check(subject) {
      const startMs = subject.clock.now();
      await subject.advance(WRAP_MS);
      await subject.advance(1);
      ok(subject.clock.now() - startMs > WRAP_MS, `${WRAP_MS + 1} ms after ${startMs} it is ${subject.clock.now()}`);
    },
  },
];
