/**
 * Counts restarts within a sliding period, to tell a fault that a restart cures from one that it does not.
 *
 * OTP's intensity: `restartCountMax` restarts within `periodMs` are let pass, one more is not; a restart exactly `periodMs`
 * ago still counts, as there. OTP keeps a list that it filters; a ring that is filled once allocates nothing.
 * See docs/design/supervisor.md.
 */
import { assert } from "../assert.js";

/** How many restarts are let pass within which time. */
export interface Intensity {
  /** 0 lets none pass. At most 1,000: each takes a place in a ring. */
  readonly restartCountMax: number;
  readonly periodMs: number;
}

const RESTART_COUNT_LIMIT = 1000;

export class RestartWindow {
  readonly #periodMs: number;
  /** The times of the last restarts; the oldest is at `#next`. */
  readonly #timesMs: number[];
  #next = 0;

  constructor(intensity: Intensity) {
    const { restartCountMax, periodMs } = intensity;
    assert(
      Number.isSafeInteger(restartCountMax) && restartCountMax >= 0 && restartCountMax <= RESTART_COUNT_LIMIT,
      "supervisor: restartCountMax is a whole number from 0 to 1,000",
    );
    assert(periodMs > 0 && periodMs < Number.POSITIVE_INFINITY, "supervisor: the intensity's period is finite and positive");
    this.#periodMs = periodMs;
    this.#timesMs = new Array<number>(restartCountMax).fill(Number.NEGATIVE_INFINITY);
  }

  /** Counts a restart at `nowMs`, never earlier than the one before; `false`, and not counted, where it is one too many. */
  admit(nowMs: number): boolean {
    if (this.#timesMs.length === 0) return false;
    if (nowMs - this.#timesMs[this.#next]! <= this.#periodMs) return false;
    this.#timesMs[this.#next] = nowMs;
    this.#next = (this.#next + 1) % this.#timesMs.length;
    return true;
  }
}
