/**
 * Time that stands still and a timer that expires when it is told to, both without allocating: what is measured around them is
 * the framework's own.
 */
import type { Clock, Timer, TimerConstructor, TimerOptions } from "holdfast";

class StandingTimer implements Timer {
  dueMs = 0;
  readonly onExpire: (this: Timer) => void;
  readonly #time: StandingTime;

  constructor(time: StandingTime, options: TimerOptions) {
    this.#time = time;
    this.onExpire = options.onExpire;
  }

  arm(delayMs: number): void {
    this.dueMs = this.#time.nowMs + delayMs;
  }

  disarm(): void {}

  close(): void {}
}

export class StandingTime {
  nowMs = 0;
  readonly clock: Clock;
  readonly Timer: TimerConstructor;
  #timer: StandingTimer | undefined;

  constructor() {
    const time = this;
    this.clock = { now: () => time.nowMs };
    this.Timer = class extends StandingTimer {
      constructor(options: TimerOptions) {
        super(time, options);
        time.#timer = this;
      }
    };
  }

  /** Goes to the time that the newest timer is armed for, and has it expire. */
  expire(): void {
    const timer = this.#timer!;
    this.nowMs = timer.dueMs;
    timer.onExpire();
  }
}
