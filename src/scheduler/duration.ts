/**
 * The durations that a task accepts, checked in one place before anything changes.
 *
 * NaN passes every comparison unnoticed and would sink into the heap for ever, and an infinite time never comes; both are
 * refused with the sentence that says what was expected. The messages are constants and stay in flash.
 */
import { FirmwareError } from "../errors.js";

/** Whole milliseconds are exact up to here: 285,000 years. */
const DURATION_MAX_MS = Number.MAX_SAFE_INTEGER;

/** The resolution of the Timer port; a task with a shorter period would be late at every single one. */
const PERIOD_MIN_MS = 1;

/** Throws `invalid` unless `delayMs` is 0 … 2^53 − 1. Also for a phase and a slack. */
export function checkDelay(delayMs: number): void {
  if (typeof delayMs === "number" && delayMs >= 0 && delayMs <= DURATION_MAX_MS) return;
  throw new FirmwareError("invalid", "scheduler: a delay, phase or slack is wrong; expected 0 to 2^53 - 1 ms");
}

/** Throws `invalid` unless `periodMs` is 1 … 2^53 − 1. */
export function checkPeriod(periodMs: number): void {
  if (typeof periodMs === "number" && periodMs >= PERIOD_MIN_MS && periodMs <= DURATION_MAX_MS) return;
  throw new FirmwareError("invalid", "scheduler: a period is wrong; expected 1 to 2^53 - 1 ms");
}

/** Throws `invalid` unless a deadline or a budget is absent or above 0, finite. */
export function checkLimit(limitMs: number | undefined): void {
  if (limitMs === undefined || (typeof limitMs === "number" && limitMs > 0 && limitMs <= DURATION_MAX_MS)) return;
  throw new FirmwareError("invalid", "scheduler: a deadline or budget is wrong; expected more than 0 and at most 2^53 - 1 ms");
}
