/** Clocks with one fault each: what the suite of the Clock port must notice. Each wraps a right one. */
import type { Broken } from "../../harness/port-suite.js";
import type { ClockSubject } from "../clock.js";

/** `open` gives a right clock. */
export function brokenClocks(open: () => ClockSubject): readonly Broken<ClockSubject>[] {
  const withNow = (now: (rightMs: number) => number) => (): ClockSubject => {
    const right = open();
    return { clock: { now: () => now(right.clock.now()) }, advance: (durationMs) => right.advance(durationMs) };
  };
  return [
    {
      must: "answer a finite number of milliseconds ≥ 0, at every call",
      fault: "counts from a date that has not come yet",
      open: withNow((rightMs) => rightMs - 500),
    },
    {
      must: "never go back",
      fault: "is set back once, as a calendar is",
      open: () => {
        let count = 0;
        return withNow((rightMs) => (++count > 50 ? rightMs : rightMs + 3_600_000))();
      },
    },
    {
      must: "count milliseconds",
      fault: "counts microseconds",
      open: withNow((rightMs) => rightMs * 1000),
    },
    {
      must: "not wrap at 32 bits",
      fault: "keeps 32 bits",
      open: withNow((rightMs) => rightMs % 2 ** 32),
    },
  ];
}
