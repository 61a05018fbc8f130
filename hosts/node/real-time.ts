/**
 * The real clock and timers of a Node process, for a simulated device that runs at the pace of the world.
 *
 * Node's setTimeout counts in whole milliseconds of a cached loop time, so by the monotonic clock it can fire up to a
 * millisecond early, and it takes a delay above 2^31 − 1 for 1. The port promises neither, so each expiry is compared with
 * the clock and waits on where it came too early. Timers keep the process alive: a device runs until it is cut.
 * See docs/design/ports.md.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type { Clock } from "../../src/ports/clock.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../src/ports/timer.js";

/** The longest delay that setTimeout keeps, 2^31 − 1. */
const SLICE_MAX_MS = 0x7fffffff;

class RealTimer implements Timer {
  readonly #clock: Clock;
  readonly #onExpire: (this: Timer) => void;
  /** Made once, so that arming makes no closure. */
  readonly #onTimeout = (): void => this.#expireOrWait();
  #handle: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #closed = false;

  constructor(clock: Clock, options: TimerOptions) {
    assert(typeof options.onExpire === "function", "Timer: onExpire is no function");
    this.#clock = clock;
    this.#onExpire = options.onExpire;
  }

  arm(delayMs: number): void {
    this.#assertOpen();
    if (!(delayMs >= 0 && Number.isFinite(delayMs))) {
      throw new FirmwareError("invalid", `Timer: delay of ${delayMs} ms, expected a finite number ≥ 0`);
    }
    clearTimeout(this.#handle);
    this.#dueMs = this.#clock.now() + Math.ceil(delayMs);
    this.#wait();
  }

  disarm(): void {
    this.#assertOpen();
    this.#clear();
  }

  close(): void {
    this.#closed = true;
    this.#clear();
  }

  #expireOrWait(): void {
    if (this.#clock.now() < this.#dueMs) {
      this.#wait();
      return;
    }
    this.#handle = undefined; // Before the call: it may arm again.
    this.#onExpire.call(this);
  }

  #wait(): void {
    const restMs = Math.ceil(this.#dueMs - this.#clock.now());
    this.#handle = setTimeout(this.#onTimeout, Math.min(restMs, SLICE_MAX_MS));
  }

  #clear(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  #assertOpen(): void {
    if (this.#closed) throw new FirmwareError("closed", "Timer: used after close()");
  }
}

/** The clock counts from the construction. */
export class RealTime {
  readonly clock: Clock;
  /** Takes any finite delay ≥ 0, more than the port asks for: the tools around a device wait longer than a device. */
  readonly Timer: TimerConstructor;

  constructor() {
    const startMs = performance.now();
    const clock = Object.freeze({ now: () => performance.now() - startMs });
    this.clock = clock;
    this.Timer = class extends RealTimer {
      constructor(options: TimerOptions) {
        super(clock, options);
      }
    };
  }
}
