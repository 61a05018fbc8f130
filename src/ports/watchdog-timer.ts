/** The hardware watchdog: a counter outside the program that restarts the chip when nobody feeds it. */
export interface WatchdogTimer {
  /** Starts the count anew. Never throws while open, allocates nothing. Throws `closed` after close. */
  feed(): void;
  /**
   * Stops the watchdog where the hardware can be stopped; else it is fed by nobody and bites. A second close does nothing.
   */
  close(): void;
}

export interface WatchdogTimerOptions {
  /** The chip restarts with the reason `watchdog` if it is unfed for this long. 100 … 120,000 ms. Throws `invalid` outside. */
  readonly timeoutMs: number;
}

/** One instance at a time: a second one throws `busy`. Construction takes over a watchdog that the bootloader left running. */
export type WatchdogTimerConstructor = new (options: WatchdogTimerOptions) => WatchdogTimer;
