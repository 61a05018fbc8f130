/** The time axis of a timeline: ticks at round times, never too many, whatever the window. */
import { durationWords, ticksOf } from "../../../cli/timeline/time-axis.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const HOUR_MS = 3_600_000;

function labels(fromMs: number, toMs: number): string[] {
  return ticksOf(fromMs, toMs, 6).map(({ label }) => label);
}

describe("timeline: the axis", () => {
  it("counts in the unit that fits", () => {
    equal(labels(0, 10), ["0 ms", "2 ms", "4 ms", "6 ms", "8 ms", "10 ms"]);
    equal(labels(1.2, 1.4), ["1200 µs", "1250 µs", "1300 µs", "1350 µs", "1400 µs"]);
    equal(labels(990, 3300), ["1000 ms", "1500 ms", "2000 ms", "2500 ms", "3000 ms"]);
    equal(labels(0, 12_000), ["0 s", "5 s", "10 s"]);
    equal(labels(0, 2 * HOUR_MS), ["0 min", "30 min", "60 min", "90 min", "120 min"]);
    equal(labels(0, 240 * HOUR_MS), ["0 d", "2 d", "4 d", "6 d", "8 d", "10 d"]);
  });

  it("late in a device's life a point keeps the digits readable", () => {
    equal(labels(24 * HOUR_MS, 24 * HOUR_MS + 20), ["86400.000 s", "86400.005 s", "86400.010 s", "86400.015 s", "86400.020 s"]);
  });

  it("has 2 to the most that was asked for, in order and within the window, from microseconds to ages", () => {
    for (let power = -2; power < 16; power++) {
      for (const fromMs of [0, 1234.5678, 10 ** power / 3, -5]) {
        const toMs = fromMs + 1.7 * 10 ** power;
        if (toMs - fromMs < 0.01) continue; // As numbers they are nearer than a tick.
        const ticks = ticksOf(fromMs, toMs, 10);
        const isInOrder = ticks.every(({ atMs }, index) => index === 0 || atMs > ticks[index - 1]!.atMs);
        ok(ticks.length >= 2 && ticks.length <= 10 && isInOrder, `${fromMs} to ${toMs}: ${ticks.length} ticks`);
        const slackMs = (toMs - fromMs) * 1e-9; // Far less than a pixel.
        ok(
          ticks.every(({ atMs }) => atMs >= fromMs - slackMs && atMs <= toMs + slackMs),
          `${fromMs} to ${toMs}`,
        );
      }
    }
  });

  it("a duration has three digits", () => {
    const durations = [0, 0.0004, 0.01234, 1.2345, 999.4, 1500, 90_000];
    equal(durations.map(durationWords), ["0 µs", "0.4 µs", "12.3 µs", "1.23 ms", "999 ms", "1.5 s", "1.5 min"]);
  });
});
