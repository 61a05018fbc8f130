/** A time axis: ticks at times that people count in, a readable distance apart, with the unit that fits. */

export interface Tick {
  readonly atMs: number;
  /** With its unit, as in `12.5 ms`. */
  readonly label: string;
}

interface Unit {
  readonly name: string;
  readonly ms: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** From the largest on; a step is told in the largest unit that it fills. */
const UNITS: readonly Unit[] = Object.freeze([
  { name: "d", ms: DAY_MS },
  { name: "h", ms: HOUR_MS },
  { name: "min", ms: MINUTE_MS },
  { name: "s", ms: SECOND_MS },
  { name: "ms", ms: 1 },
  { name: "µs", ms: 0.001 },
]);
/** Of a step: 28 × 0.05 is a little more than 1.4. */
const ROUNDING = 1e-9;
/** From here on digits are hard to count, and seconds or milliseconds with a point are read instead. */
const COUNT_MAX = 100_000;
const STEPS_MS: readonly number[] = Object.freeze([
  ...[-3, -2, -1, 0, 1, 2, 3].flatMap((power) => [10 ** power, 2 * 10 ** power, 5 * 10 ** power]),
  ...[10, 20, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 6, 12].map((count) => count * HOUR_MS),
  ...[0, 1, 2, 3, 4].flatMap((power) => [10 ** power, 2 * 10 ** power, 5 * 10 ** power]).map((count) => count * DAY_MS),
]);

/** Ticks within a window, at most `tickCountMax`, which is 2 or more. */
export function ticksOf(fromMs: number, toMs: number, tickCountMax: number): readonly Tick[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= tickCountMax - 1) ?? (toMs - fromMs) / (tickCountMax - 1);
  const ticks: Tick[] = [];
  const slack = stepMs * ROUNDING;
  for (
    let index = Math.ceil((fromMs - slack) / stepMs);
    index * stepMs <= toMs + slack && ticks.length < tickCountMax;
    index++
  ) {
    ticks.push({ atMs: index * stepMs, label: timeWords(index * stepMs, stepMs) });
  }
  return ticks;
}

/** A time as exact as `resolutionMs`, a step of the axis: `1250 ms`, or late in a device's life `86401.250 s`. */
export function timeWords(atMs: number, resolutionMs: number): string {
  const place = UNITS.findIndex(({ ms }) => resolutionMs >= ms);
  const unit = UNITS[place] ?? UNITS.at(-1)!;
  const value = Math.round(atMs / unit.ms);
  if (unit.ms > 1 || Math.abs(value) < COUNT_MAX) return `${value} ${unit.name}`;
  const larger = UNITS[UNITS.indexOf(unit) - 1]!;
  return `${(atMs / larger.ms).toFixed(3)} ${larger.name}`;
}

/** A duration with three digits: `1.25 ms`, `340 µs`, `12.5 s`. */
export function durationWords(durationMs: number): string {
  const unit = UNITS.find(({ ms }) => Math.abs(durationMs) >= ms) ?? UNITS.at(-1)!;
  return `${Number((durationMs / unit.ms).toPrecision(3))} ${unit.name}`;
}
