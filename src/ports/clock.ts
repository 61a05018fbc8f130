/** Monotonic time: the only time that the core measures with. */
export interface Clock {
  /**
   * Milliseconds since this device started, fractions allowed. MUST be monotonic (never less than an earlier answer), MUST
   * never wrap within the life of the device, and MUST never throw. Deep sleep and a restart may set it back to zero.
   */
  now(): number;
}
