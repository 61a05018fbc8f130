/**
 * Calendar time and how far to trust it. It never sorts records, it only dates them: it jumps, and after a power loss it
 * may know nothing. Order comes from sequence numbers and the monotonic clock.
 */

/** none: never set · persisted: a lower bound kept over a restart · network: told by a server · rtc: a battery-backed clock. */
export type WallClockQuality = "none" | "persisted" | "network" | "rtc";

export interface WallClock {
  /** Milliseconds since 1970-01-01T00:00:00Z; 0 while the quality is `none`. */
  now(): number;
  readonly quality: WallClockQuality;
  /**
   * Sets the time. A time of lower quality than the present one is ignored, so that a persisted bound never overrides what a
   * server said. Throws `invalid` unless `nowMs` is a finite number ≥ 0.
   */
  set(options: { readonly nowMs: number; readonly quality: WallClockQuality }): void;
}
