/**
 * Time that stands still until a test moves it: a month of firmware runs in milliseconds, and runs the same again.
 *
 * The clock and the timers share one queue, so nothing can happen between two timers that are due, and their order is that
 * of due time, then of arming. Not sinon's fake timers: those replace the globals of the process, which device code does not
 * have, and a callback that takes time would fire others from inside itself. See docs/design/ports.md.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type { Clock } from "../../src/ports/clock.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../src/ports/timer.js";

/** The port's bound, 2^31 − 1. Refused beyond, although nothing here needs it: a firmware must not depend on more. */
const DELAY_MAX_MS = 0x7fffffff;

/** So many callbacks without time moving are a loop that re-arms for now; a test shall see it rather than hang. */
const CALLBACKS_AT_ONE_INSTANT_MAX = 100_000;

/** What the timers of one VirtualTime share. The queue is short, so the next one is searched for, not kept sorted. */
class TimerQueue {
  nowMs = 0;
  /** Counts restarts: a timer of an earlier life never fires again. */
  life = 0;
  #armCount = 0;
  #armed: QueuedTimer[] = [];

  /** The armed timer with the earliest due time; of several, the one armed first. */
  next(): QueuedTimer | undefined {
    let next: QueuedTimer | undefined;
    for (const timer of this.#armed) {
      if (next === undefined || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order))
        next = timer;
    }
    return next;
  }

  add(timer: QueuedTimer, delayMs: number): void {
    timer.dueMs = this.nowMs + delayMs;
    timer.order = this.#armCount++;
    this.#armed.push(timer);
  }

  /** Does nothing where `timer` is not armed. */
  remove(timer: QueuedTimer): void {
    const index = this.#armed.indexOf(timer);
    if (index >= 0) this.#armed.splice(index, 1);
  }

  clear(): void {
    this.#armed = [];
    this.life++;
  }
}

class QueuedTimer implements Timer {
  /** The two are the queue's. */
  dueMs = 0;
  order = 0;
  readonly #queue: TimerQueue;
  readonly #life: number;
  readonly #onExpire: (this: Timer) => void;
  #closed = false;

  constructor(queue: TimerQueue, options: TimerOptions) {
    assert(typeof options.onExpire === "function", "Timer: onExpire is no function");
    this.#queue = queue;
    this.#life = queue.life;
    this.#onExpire = options.onExpire;
  }

  arm(delayMs: number): void {
    this.#assertOpen();
    if (!(delayMs >= 0 && delayMs <= DELAY_MAX_MS)) {
      throw new FirmwareError("invalid", `Timer: delay of ${delayMs} ms, expected 0 … ${DELAY_MAX_MS}`);
    }
    if (this.#life !== this.#queue.life) return; // The restart ended the program that owns this timer.
    this.#queue.remove(this);
    this.#queue.add(this, Math.ceil(delayMs));
  }

  disarm(): void {
    this.#assertOpen();
    this.#queue.remove(this);
  }

  close(): void {
    this.#closed = true;
    this.#queue.remove(this);
  }

  expire(): void {
    this.#onExpire.call(this);
  }

  #assertOpen(): void {
    if (this.#closed) throw new FirmwareError("closed", "Timer: used after close()");
  }
}

/** Starts at 0 ms. All durations are milliseconds ≥ 0, fractions allowed. */
export class VirtualTime {
  readonly clock: Clock;
  /** Refuses delays above 2^31 − 1 with `invalid`, as a device may. */
  readonly Timer: TimerConstructor;
  readonly #queue = new TimerQueue();
  #running = false;

  constructor() {
    const queue = this.#queue;
    this.clock = Object.freeze({ now: () => queue.nowMs });
    this.Timer = class extends QueuedTimer {
      constructor(options: TimerOptions) {
        super(queue, options);
      }
    };
  }

  get nowMs(): number {
    return this.#queue.nowMs;
  }

  /**
   * Moves the clock by `durationMs` and fires each timer due on the way at its due time, those armed on the way included.
   * Where callbacks spend more than the whole duration, what was due by its end still fires, late, and the clock is left where
   * they brought it. What a callback throws comes out here; a second call goes on from there.
   */
  advance(durationMs: number): void {
    assertDuration(durationMs);
    this.#run(this.nowMs + durationMs, () => false);
  }

  /**
   * Advances from timer to timer until `predicate` holds, asked first and after every callback, and says whether it does. Gives
   * up after `limitMs`, with the clock at the limit.
   */
  runUntil(predicate: () => boolean, limitMs: number): boolean {
    assertDuration(limitMs);
    return this.#run(this.nowMs + limitMs, predicate);
  }

  /** Moves the clock and fires nothing: the time that a callback takes. What became due fires late, in the next advance. */
  spend(durationMs: number): void {
    assertDuration(durationMs);
    this.#queue.nowMs += durationMs;
  }

  /**
   * A restart: forgets what is armed, and all timers made until now never fire again, even if left-over code arms them. The
   * clock goes on.
   */
  dropAll(): void {
    this.#queue.clear();
  }

  #run(endMs: number, isDone: () => boolean): boolean {
    assert(!this.#running, "VirtualTime: advanced from inside a callback, where spend() is meant");
    const queue = this.#queue;
    this.#running = true;
    try {
      let instantMs = queue.nowMs;
      let callbackCount = 0;
      while (!isDone()) {
        const timer = queue.next();
        if (timer === undefined || timer.dueMs > endMs) {
          queue.nowMs = Math.max(queue.nowMs, endMs);
          return isDone();
        }
        queue.nowMs = Math.max(queue.nowMs, timer.dueMs);
        callbackCount = queue.nowMs === instantMs ? callbackCount + 1 : 1;
        instantMs = queue.nowMs;
        assert(callbackCount <= CALLBACKS_AT_ONE_INSTANT_MAX, "VirtualTime: callbacks re-arm for now without end");
        queue.remove(timer);
        timer.expire();
      }
      return true;
    } finally {
      this.#running = false;
    }
  }
}

function assertDuration(durationMs: number): void {
  assert(durationMs >= 0 && Number.isFinite(durationMs), "VirtualTime: a duration is a finite number of ms ≥ 0");
}
