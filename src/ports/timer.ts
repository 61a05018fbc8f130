/** One one-shot timer. The scheduler owns exactly one and arms it for its next task; nothing else in the core waits. */
export interface Timer {
  /**
   * Calls `onExpire` once, no earlier than `delayMs` from now (0 … 2^31 − 1; fractions are rounded up) and never from within
   * this call. Arming again replaces the earlier time. Allocates nothing that it keeps. Throws `closed` after close.
   */
  arm(delayMs: number): void;
  /** The pending call, if any, will not come. Throws `closed` after close. */
  disarm(): void;
  /** Disarms for good. A second close does nothing. */
  close(): void;
}

export interface TimerOptions {
  /** Called with the timer as `this`. */
  readonly onExpire: (this: Timer) => void;
}

export type TimerConstructor = new (options: TimerOptions) => Timer;
