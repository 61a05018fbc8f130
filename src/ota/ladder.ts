/**
 * The ladder: what a firmware that starts unhealthily, time after time, still starts.
 *
 * An image that passed its gate can fail weeks later, by a bad record in its settings or a server's answer, and a restart then
 * ends in the next restart. Starts that nobody wanted are counted in BOOT, before any part of the firmware runs: three in a row
 * leave out the optional parts, five take the other image once, as a trial, eight leave what an update needs. A wanted restart
 * tries everything again; power neither counts nor heals. See docs/design/ota.md.
 */
import { isUnhealthy, type ResetClass } from "./reset-class.js";

/** Unhealthy starts in a row from which a rung holds. */
export const ESSENTIAL_CRASH_COUNT = 3;
export const FALLBACK_CRASH_COUNT = 5;
export const SAFE_CRASH_COUNT = 8;
/** The counter's end: it has a byte. */
const CRASH_COUNT_MAX = 255;
const DAY_MS = 86_400_000;

/** What of a firmware is started. full: everything · essential: nothing optional · safe: what an update needs. */
export type BootLevel = "full" | "essential" | "safe";
/**
 * Where a start stands. ground: fewer than three · probe: more, and this start was wanted · essential: three and more ·
 * fallback: five and more, and the other image was not yet taken · safe: eight and more.
 */
export type Rung = "ground" | "probe" | "essential" | "fallback" | "safe";

/** Unhealthy starts in a row, the present one included, as BOOT keeps them. */
export interface CrashStreak {
  /** 0 … 255. */
  readonly count: number;
  /** The other image was taken for this streak. */
  readonly isFallbackTaken: boolean;
  /** The start to which the count belongs ran in full. */
  readonly wasFull: boolean;
}

export const NO_STREAK: CrashStreak = Object.freeze({ count: 0, isFallbackTaken: false, wasFull: true });

/** The rung of a start: `streak` counts it already, `resetClass` is its own. */
export function rungOf({ count, isFallbackTaken }: CrashStreak, resetClass: ResetClass): Rung {
  if (count < ESSENTIAL_CRASH_COUNT) return "ground";
  if (resetClass === "planned") return "probe";
  if (count >= SAFE_CRASH_COUNT) return "safe";
  // Where nobody can tell a crash from a plug that was pulled, another image is not taken for it.
  if (resetClass === "unknown") return "essential";
  return count >= FALLBACK_CRASH_COUNT && !isFallbackTaken ? "fallback" : "essential";
}

/** What is started on a rung, where no trial runs. */
export function levelOf(rung: Rung): BootLevel {
  if (rung === "ground" || rung === "probe") return "full";
  return rung === "safe" ? "safe" : "essential";
}

/**
 * The streak with one more start of `resetClass`. `isOwn`: what failed is the image that runs now, and not one on trial.
 * A wanted end of a start that ran in full was a healthy one.
 */
export function streakAfter(streak: CrashStreak, resetClass: ResetClass, isOwn: boolean): CrashStreak {
  let { count, isFallbackTaken } = streak;
  if (isUnhealthy(resetClass)) count = isOwn ? Math.min(count + 1, CRASH_COUNT_MAX) : count;
  else if (resetClass === "planned" && streak.wasFull) count = 0;
  if (count === 0) isFallbackTaken = false;
  const wasFull = levelOf(rungOf({ count, isFallbackTaken, wasFull: true }, resetClass)) === "full";
  return { count, isFallbackTaken, wasFull };
}

/** The streak in bits 16 … 31 of BOOT's second number. */
export function encodeStreak({ count, isFallbackTaken, wasFull }: CrashStreak): number {
  return ((count << 16) | (isFallbackTaken ? 1 << 24 : 0) | (wasFull ? 0 : 1 << 25)) >>> 0;
}

/** The streak in a BOOT's second number; zeros, as an older firmware leaves them, are no streak. */
export function decodeStreak(second: number): CrashStreak {
  return { count: (second >>> 16) & 0xff, isFallbackTaken: (second & (1 << 24)) !== 0, wasFull: (second & (1 << 25)) === 0 };
}

/** The wait in a lower level: `baseMs` after three unhealthy starts, doubled with each further one, a day at the most. */
export function retryWaitMs(count: number, baseMs: number): number {
  return Math.min(DAY_MS, baseMs * 2 ** Math.min(16, Math.max(0, count - ESSENTIAL_CRASH_COUNT)));
}
