/**
 * How many requests one controller may make in a period, and how long it has to wait when they are used up.
 *
 * A window that opens with the first request, not a bucket that refills drop by drop: what is allowed can be said in one
 * sentence, and Retry-After is when all of it is allowed again.
 */
import { assert } from "../../../src/assert.js";

export interface RateLimitOptions {
  readonly countMax: number;
  readonly periodMs: number;
  /** Milliseconds. A clock that was set back opens a new window. */
  readonly now: () => number;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  #startMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(options: RateLimitOptions) {
    assert(options.countMax > 0 && options.periodMs > 0, "rate-limit: expected a count and a period above 0");
    this.#options = options;
  }

  /** Counts one. Gives 0, or the milliseconds until there is room again, and then it is not counted. */
  take(): number {
    const { countMax, periodMs, now } = this.#options;
    const nowMs = now();
    const ageMs = nowMs - this.#startMs;
    if (ageMs < 0 || ageMs >= periodMs) {
      this.#startMs = nowMs;
      this.#count = 0;
    }
    if (this.#count === countMax) return this.#startMs + periodMs - nowMs;
    this.#count += 1;
    return 0;
  }
}
