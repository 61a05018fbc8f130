/** When the next poll comes: its exact bounds, at the two ends of what chance can say. */
import { AssertionError } from "../../../src/assert.js";
import { PollWait } from "../../../src/updater/poll-wait.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const PERIOD_MS = 60_000;
const PERIOD_MAX_MS = 1_000_000;

/** A wait whose chance is always the same byte: 0 is its least, 255 its most. */
function waitBy(byte: number, periodMs = PERIOD_MS, periodMaxMs = PERIOD_MAX_MS): PollWait {
  return new PollWait({ random: { fill: (bytes) => bytes.fill(byte) }, periodMs, periodMaxMs });
}

/** What `read` gives at both ends of chance, in whole ms. */
function ends(read: (wait: PollWait) => number): [least: number, most: number] {
  return [Math.round(read(waitBy(0))), Math.round(read(waitBy(255)))];
}

describe("the wait for the next poll", () => {
  it("is within a tenth of the period after a start: a fleet that got its power back does not come at once", () => {
    equal(
      ends((wait) => wait.first),
      [0, 6000],
    );
  });

  it("is the period after an answer, a tenth less or more", () => {
    equal(
      ends((wait) => wait.next),
      [54_000, 66_000],
    );
  });

  it("is drawn anew each time, from two bytes of chance", () => {
    let count = 0;
    const random = {
      fill: (bytes: Uint8Array) => {
        equal(bytes.length, 2);
        bytes[0] = count === 0 ? 0x80 : 0;
        bytes[1] = count++ === 0 ? 0 : 0x80;
      },
    };
    const wait = new PollWait({ random, periodMs: 65_535, periodMaxMs: 65_535 });
    equal([wait.first, wait.first], [0.1 * 0x8000, 0.1 * 0x80]);
    equal(count, 2);
  });

  it("doubles with each failure in a row, in the second half of what it could be, up to the longest", () => {
    const waits = [0, 255].map((byte) => {
      const wait = waitBy(byte);
      return Array.from({ length: 8 }, () => Math.round(wait.fail()));
    });
    equal(waits[0], [30_000, 60_000, 120_000, 240_000, 480_000, 500_000, 500_000, 500_000]);
    equal(waits[1], [60_000, 120_000, 240_000, 480_000, 960_000, 1_000_000, 1_000_000, 1_000_000]);
  });

  it("stays at the longest over a year of failures", () => {
    const wait = waitBy(255);
    for (let count = 0; count < 40_000; count++) ok(wait.fail() <= PERIOD_MAX_MS);
    equal([wait.fail(), Math.round(waitBy(255).fail())], [PERIOD_MAX_MS, PERIOD_MS]);
  });

  it("begins its row anew once all is well, and not by an answer alone", () => {
    const wait = waitBy(255);
    equal([wait.fail(), wait.fail()].map(Math.round), [60_000, 120_000]);
    equal(Math.round(wait.next), 66_000);
    equal(Math.round(wait.fail()), 240_000, "a download that fails again and again is tried less and less");
    wait.recover();
    equal([wait.fail(), wait.fail()].map(Math.round), [60_000, 120_000]);
  });

  it("goes by the server's period where it names one, up to the longest, and by its own again where it does not", () => {
    const told = (periodMs: number | undefined) => (wait: PollWait) => {
      wait.serverPeriodMs = 5;
      wait.serverPeriodMs = periodMs;
      return wait.next;
    };
    equal(ends(told(200_000)), [180_000, 220_000]);
    equal(ends(told(10_000)), [9000, 11_000], "a shorter one as well");
    equal(ends(told(undefined)), [54_000, 66_000]);
    equal(ends(told(10 * PERIOD_MAX_MS)), [900_000, 1_100_000], "a tenth around the longest");
    const failing = waitBy(255);
    failing.serverPeriodMs = 200_000;
    equal(
      [failing.first, failing.fail(), failing.fail(), failing.fail(), failing.fail()].map(Math.round),
      [20_000, 200_000, 400_000, 800_000, 1_000_000],
    );
  });

  it("is as long as a server asks to be left alone after a failure, and no longer than the longest", () => {
    equal(
      ends((wait) => wait.fail(90_000)),
      [90_000, 90_000],
    );
    equal(
      ends((wait) => wait.fail(40_000)),
      [40_000, 60_000],
      "what it would be anyway, where that is longer",
    );
    equal(
      ends((wait) => wait.fail(Number.MAX_SAFE_INTEGER)),
      [PERIOD_MAX_MS, PERIOD_MAX_MS],
    );
    equal(
      ends((wait) => wait.fail(0)),
      [30_000, 60_000],
    );
    const wait = waitBy(255);
    equal([wait.fail(900_000), wait.fail()].map(Math.round), [900_000, 120_000], "which is no failure less in the row");
  });

  it("asserts that its periods are in order", () => {
    for (const [periodMs, periodMaxMs] of [
      [0, 1],
      [-1, 1],
      [2, 1],
      [Number.NaN, 1],
      [1, Number.NaN],
    ] as const)
      ok(throws(() => waitBy(0, periodMs, periodMaxMs)) instanceof AssertionError, `${periodMs} ${periodMaxMs}`);
    equal(waitBy(0, 1, 1).first, 0);
  });
});
