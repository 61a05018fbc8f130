/**
 * The Clock port over Moddable's `time`: its 32-bit count of milliseconds, put together to one that does not wrap.
 *
 * The count wraps every 49.7 days, and a wrap is seen by whoever reads it in time. A firmware's watchdog reads it many times a
 * second; so that no firmware has to, a timer of this clock reads it every 24 days.
 */
import type { Clock } from "../../src/ports/clock.js";
import type { Timer, TimerConstructor } from "../../src/ports/timer.js";

/** Half of the wrap, less than the longest delay of a timer. */
const KEEPER_PERIOD_MS = 24 * 24 * 3_600_000;

/** What is used of the module `time`: milliseconds since the start, as 32 bits, with or without a sign. */
export interface ModdableTicks {
  readonly ticks: number;
}

class TicksClock implements Clock {
  readonly #time: ModdableTicks;
  #lastTicks: number;
  #nowMs = 0;

  constructor(time: ModdableTicks) {
    this.#time = time;
    this.#lastTicks = time.ticks >>> 0;
  }

  /** Whole milliseconds since this clock was made. */
  now(): number {
    const ticks = this.#time.ticks >>> 0;
    this.#nowMs += (ticks - this.#lastTicks) >>> 0;
    this.#lastTicks = ticks;
    return this.#nowMs;
  }
}

/** A clock, and the timer that keeps it from missing a wrap. */
export function createClock(options: { readonly time: ModdableTicks; readonly Timer: TimerConstructor }): Clock {
  const clock = new TicksClock(options.time);
  const keeper: Timer = new options.Timer({
    onExpire() {
      clock.now();
      this.arm(KEEPER_PERIOD_MS);
    },
  });
  keeper.arm(KEEPER_PERIOD_MS);
  return clock;
}
