/**
 * Time that stands still until a spec moves it: a clock and its timers, driven by hand.
 *
 * The specs of everything that waits use it, on every engine. It keeps the law of the Timer port (test/node/scheduler proves
 * it) and adds what a spec about lateness needs: a busy program, for which time passes while no timer can expire.
 */
import { FirmwareError } from "../../../src/errors.js";
import type { Clock } from "../../../src/ports/clock.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../../src/ports/timer.js";

/** Expiries in one advance, beyond which the program under test is taken to run in circles. */
const EXPIRY_COUNT_MAX = 1_000_000;

export class ManualTime {
  /** The present, in ms. */
  nowMs = 0;
  /** Delays that were asked for, in order; a spec may empty it. */
  readonly armedDelaysMs: number[] = [];
  readonly clock: Clock;
  readonly Timer: TimerConstructor;
  readonly #timers: ManualTimer[] = [];
  #order = 0;

  constructor() {
    const time = this;
    this.clock = { now: () => time.nowMs };
    this.Timer = class extends ManualTimer {
      constructor(options: TimerOptions) {
        super(time, options);
        time.#timers.push(this);
      }
    };
  }

  /** Lets `durationMs` pass; what is due by then expires in order of time, then of arming, at its own time. */
  advance(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (let count = 0; ; count++) {
      const timer = this.#earliest();
      if (timer === undefined || timer.expiryMs! > endMs) break;
      if (count === EXPIRY_COUNT_MAX) throw new Error("timers expire without end");
      this.nowMs = Math.max(this.nowMs, timer.expiryMs!);
      timer.expire();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  /** The program is busy for `durationMs`: time passes, and no timer expires before the next advance. */
  busy(durationMs: number): void {
    this.nowMs += durationMs;
  }

  /** Timers that will expire. */
  get armedCount(): number {
    return this.#timers.filter((timer) => timer.expiryMs !== undefined).length;
  }

  nextOrder(): number {
    return this.#order++;
  }

  #earliest(): ManualTimer | undefined {
    let earliest: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.expiryMs === undefined) continue;
      const isEarlier =
        earliest === undefined ||
        timer.expiryMs < earliest.expiryMs! ||
        (timer.expiryMs === earliest.expiryMs && timer.order < earliest.order);
      if (isEarlier) earliest = timer;
    }
    return earliest;
  }
}

class ManualTimer implements Timer {
  expiryMs: number | undefined;
  order = 0;
  readonly #time: ManualTime;
  readonly #onExpire: (this: Timer) => void;
  #isClosed = false;

  constructor(time: ManualTime, options: TimerOptions) {
    this.#time = time;
    this.#onExpire = options.onExpire;
  }

  arm(delayMs: number): void {
    this.#checkOpen();
    if (!(delayMs >= 0 && delayMs <= 2 ** 31 - 1)) throw new FirmwareError("invalid", "timer: expected 0 to 2^31 - 1 ms");
    this.#time.armedDelaysMs.push(delayMs);
    this.expiryMs = this.#time.nowMs + Math.ceil(delayMs);
    this.order = this.#time.nextOrder();
  }

  disarm(): void {
    this.#checkOpen();
    this.expiryMs = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.expiryMs = undefined;
  }

  expire(): void {
    this.expiryMs = undefined;
    this.#onExpire();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new FirmwareError("closed", "timer: it was closed; expected an open one");
  }
}
