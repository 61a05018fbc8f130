/**
 * Clock and timers of the XS host: a list of timers over the one wake-up that the C part gives.
 *
 * The core owns one timer, tests a few; a list that is searched is the smallest thing that keeps the port's promises.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Clock } from "../../src/ports/clock.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../src/ports/timer.js";
import type { Native } from "./native.js";

const DELAY_MAX_MS = 2 ** 31 - 1;

class TimerList {
  readonly #native: Native;
  /** Every open timer, armed or not: arming then allocates nothing. */
  readonly #timers: XSTimer[] = [];

  constructor(native: Native) {
    this.#native = native;
  }

  open(timer: XSTimer): void {
    this.#timers.push(timer);
  }

  close(timer: XSTimer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
    this.#wakeForNext();
  }

  arm(timer: XSTimer, delayMs: number): void {
    timer.dueMs = this.#native.now() + delayMs;
    this.#wakeForNext();
  }

  disarm(timer: XSTimer): void {
    timer.dueMs = Number.POSITIVE_INFINITY;
    this.#wakeForNext();
  }

  /** Calls what is due now, the earliest first; what is armed on the way waits for the next turn. */
  expire(): void {
    const nowMs = this.#native.now();
    for (let timer = this.#next(); timer !== undefined && timer.dueMs <= nowMs; timer = this.#next()) {
      timer.dueMs = Number.POSITIVE_INFINITY;
      timer.expire();
    }
    this.#wakeForNext();
  }

  #next(): XSTimer | undefined {
    let next: XSTimer | undefined;
    for (let index = 0; index < this.#timers.length; index++) {
      const timer = this.#timers[index]!;
      if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    }
    return next;
  }

  #wakeForNext(): void {
    this.#native.wakeAt(this.#next()?.dueMs ?? Number.POSITIVE_INFINITY);
  }
}

class XSTimer implements Timer {
  /** When it expires, by the native clock; Infinity while it is not armed. */
  dueMs = Number.POSITIVE_INFINITY;
  readonly #list: TimerList;
  readonly #onExpire: (this: Timer) => void;
  #isClosed = false;

  constructor(list: TimerList, options: TimerOptions) {
    if (typeof options.onExpire !== "function") throw new FirmwareError("invalid", "Timer: onExpire is no function");
    this.#list = list;
    this.#onExpire = options.onExpire;
    list.open(this);
  }

  arm(delayMs: number): void {
    this.#assertOpen();
    if (!(delayMs >= 0 && delayMs <= DELAY_MAX_MS)) {
      throw new FirmwareError("invalid", `Timer: delay of ${delayMs} ms, expected 0 … ${DELAY_MAX_MS}`);
    }
    this.#list.arm(this, Math.ceil(delayMs));
  }

  disarm(): void {
    this.#assertOpen();
    this.#list.disarm(this);
  }

  close(): void {
    this.#isClosed = true;
    this.#list.close(this);
  }

  expire(): void {
    this.#onExpire.call(this);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new FirmwareError("closed", "Timer: used after close()");
  }
}

export class XSTime {
  readonly clock: Clock;
  readonly Timer: TimerConstructor;
  readonly #list: TimerList;

  constructor(native: Native) {
    const list = new TimerList(native);
    this.#list = list;
    this.clock = Object.freeze({ now: () => native.now() });
    this.Timer = class extends XSTimer {
      constructor(options: TimerOptions) {
        super(list, options);
      }
    };
  }

  /** For the C part's wake-up. */
  wake(): void {
    this.#list.expire();
  }
}
