/**
 * The Timer port over Moddable's `timer`.
 *
 * A one-shot of Moddable's is freed behind its callback and cannot be armed again, so each Timer keeps one that repeats after
 * 24.8 days, moves it with `schedule`, and lets a firing pass that nobody armed. What is due in one turn of Moddable's loop is
 * marked at its beginning, and only a timer that is silenced loses its mark: one that another's callback merely moves fires at
 * once. So arming silences first. It allocates nothing. See docs/design/esp32-host.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../src/ports/timer.js";

const DELAY_MAX_MS = 0x7fff_ffff;

/** One timer of Moddable's: only handed back. */
export type ModdableTimer = object;

/** What is used of the module `timer`. Times in whole milliseconds below 2^31. */
export interface ModdableTimerModule {
  /** Calls back after `delay`, then every `repeat`. */
  set(callback: () => void, delay: number, repeat: number): ModdableTimer;
  /** With times: moves the timer. Without: it is silent until it is moved again, also where it was due in this turn. */
  schedule(timer: ModdableTimer, delay?: number, repeat?: number): void;
  clear(timer: ModdableTimer): void;
}

class ESP32Timer implements Timer {
  readonly #module: ModdableTimerModule;
  readonly #onExpire: TimerOptions["onExpire"];
  #timer: ModdableTimer | undefined;
  #isArmed = false;

  constructor(module: ModdableTimerModule, options: TimerOptions) {
    const { onExpire } = options;
    if (typeof onExpire !== "function") throw new FirmwareError("invalid", "Timer: no onExpire, expected a function");
    this.#module = module;
    this.#onExpire = onExpire;
    this.#timer = module.set(() => this.#fire(), DELAY_MAX_MS, DELAY_MAX_MS);
    module.schedule(this.#timer);
  }

  arm(delayMs: number): void {
    const timer = this.#open();
    if (!(delayMs >= 0 && delayMs <= DELAY_MAX_MS)) {
      throw new FirmwareError("invalid", `Timer: a delay of ${delayMs} ms, expected 0 … ${DELAY_MAX_MS}`);
    }
    this.#isArmed = true;
    this.#module.schedule(timer);
    this.#module.schedule(timer, Math.ceil(delayMs), DELAY_MAX_MS);
  }

  disarm(): void {
    const timer = this.#open();
    if (!this.#isArmed) return;
    this.#isArmed = false;
    this.#module.schedule(timer);
  }

  close(): void {
    if (this.#timer === undefined) return;
    this.#isArmed = false;
    this.#module.clear(this.#timer);
    this.#timer = undefined;
  }

  #open(): ModdableTimer {
    if (this.#timer === undefined) throw new FirmwareError("closed", "Timer: used after close()");
    return this.#timer;
  }

  #fire(): void {
    if (!this.#isArmed) return;
    this.#isArmed = false;
    this.#onExpire.call(this);
  }
}

/** The class over Moddable's module. */
export function createTimer(options: { readonly timer: ModdableTimerModule }): TimerConstructor {
  return class extends ESP32Timer {
    constructor(timerOptions: TimerOptions) {
      super(options.timer, timerOptions);
    }
  };
}
