/** Random reports on random channels: the hardware is fed exactly while a naive model of the promises says so. */
import fc from "fast-check";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { CHECK_PERIOD_MS, Watched } from "../../spec/watchdog/watched.js";

interface Promised {
  readonly maxMs: number;
  readonly minMs: number;
}

const promises = fc.array(fc.record({ maxMs: fc.integer({ min: 400, max: 1500 }), minMs: fc.constantFrom(0, 0, 50, 200) }), {
  minLength: 1,
  maxLength: 3,
});
/** After `waitMs`, a report on the channel with this index modulo their number. */
const reports = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 400 }), index: fc.nat(2) }), { maxLength: 60 });

/** The earliest time at which some channel had gone its maximum without a good report, with all reports known. */
function modelExpiryMs(channels: readonly Promised[], signsMs: readonly (readonly number[])[]): number {
  let earliestMs = Number.POSITIVE_INFINITY;
  channels.forEach(({ maxMs, minMs }, index) => {
    let goodMs = 0;
    let anyMs = Number.NEGATIVE_INFINITY;
    for (const signMs of signsMs[index] ?? []) {
      if (signMs - goodMs >= maxMs) break;
      if (signMs - anyMs >= minMs) goodMs = signMs;
      anyMs = signMs;
    }
    earliestMs = Math.min(earliestMs, goodMs + maxMs);
  });
  return earliestMs;
}

describe("watchdog: random reports", () => {
  it("are fed iff all are within their maximum", () => {
    fc.assert(
      fc.property(promises, reports, (channels, sequence) => {
        const watched = new Watched();
        const opened = channels.map(({ maxMs, minMs }, index) => watched.alive(`channel ${index}`, maxMs, minMs));
        const signsMs: number[][] = channels.map(() => []);
        watched.watchdog.start();
        for (const { waitMs, index } of sequence) {
          watched.time.advance(waitMs);
          watched.watchdog.report(opened[index % opened.length]!);
          signsMs[index % opened.length]!.push(watched.time.nowMs);
        }
        watched.time.advance(50);
        const expiryMs = modelExpiryMs(channels, signsMs);
        const expected: number[] = [];
        for (let atMs = 0; atMs <= watched.time.nowMs; atMs += CHECK_PERIOD_MS) if (atMs < expiryMs) expected.push(atMs);
        equal(watched.feedsMs, expected);
        equal(watched.watchdog.isHealthy(), watched.time.nowMs < expiryMs);
        watched.time.advance(CHECK_PERIOD_MS - (watched.time.nowMs % CHECK_PERIOD_MS)); // To the next check.
        equal(watched.record?.channel, watched.watchdog.lateChannel?.name, "the record is of who is late, if anybody is");
      }),
      { numRuns: 300 },
    );
  });

  it("never make a record that a flip of up to three bits leaves readable", () => {
    const { watchdog, time, retained } = new Watched();
    watchdog.open({ name: "radio", kind: "alive", maxMs: 400 });
    watchdog.start();
    time.advance(400);
    const whole = retained.read(0, 32);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 3 }), (bits) => {
        const watched = new Watched();
        const flipped = whole.slice();
        for (const bit of bits) flipped[bit >> 3]! ^= 1 << (bit & 7);
        watched.retained.write(0, flipped);
        equal(watched.record, undefined);
      }),
    );
  });
});
