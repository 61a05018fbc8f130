/**
 * `timer` and `time` as Moddable 8.2.3 behaves on the ESP32: one list of timers, of which a turn of the loop marks first what
 * is due and then calls it, a one-shot that is freed behind its callback, ticks of 32 bits, and a date that is set in seconds.
 */
import type { ModdableTicks } from "../../../../hosts/esp32/clock.js";
import type { ModdableTimer, ModdableTimerModule } from "../../../../hosts/esp32/timer.js";
import type { ModdableTimeSetter } from "../../../../hosts/esp32/wall-clock.js";

const SECONDS_MAX = 2 ** 32;

interface FakeTimer {
  callback: (() => void) | undefined;
  triggerMs: number;
  repeatMs: number;
  isScheduled: boolean;
  /** Marked in this turn: what only silencing takes back. */
  isDue: boolean;
}

export class FakeLoop {
  #nowMs: number;
  readonly #timers = new Set<FakeTimer>();
  /** How often `set` made one: what a device allocates for. */
  madeCount = 0;

  /** What the system's date is ahead of the tick count. The date of a chip that was powered now begins at 1970. */
  #dateOffsetMs: number;

  /** `startMs`: where the tick count stands. `dateMs`: the date that a restart left. */
  constructor(startMs = 0, dateMs = 0) {
    this.#nowMs = startMs;
    this.#dateOffsetMs = dateMs - startMs;
  }

  readonly time: ModdableTicks & ModdableTimeSetter = ((loop: FakeLoop) => ({
    /** A signed integer, as a count of 32 bits looks to a script. */
    get ticks(): number {
      return loop.#nowMs | 0;
    },
    set(seconds: number): void {
      loop.#dateOffsetMs = (Math.trunc(seconds) % SECONDS_MAX) * 1000 - loop.#nowMs;
    },
  }))(this);

  /** `Date.now()`. */
  readonly date = (): number => Math.floor(this.#nowMs + this.#dateOffsetMs);

  readonly timer: ModdableTimerModule = {
    set: (callback, delay, repeat) => {
      this.madeCount++;
      const timer = { callback, triggerMs: this.#nowMs + (delay | 0), repeatMs: repeat | 0, isScheduled: true, isDue: false };
      this.#timers.add(timer);
      return timer;
    },
    schedule: (handle: ModdableTimer, delay?: number, repeat?: number) => {
      const timer = handle as FakeTimer;
      if (!this.#timers.has(timer)) throw new SyntaxError("invalid timer");
      timer.isScheduled = delay !== undefined;
      if (delay === undefined) {
        timer.isDue = false;
        timer.repeatMs = -1;
        return;
      }
      timer.triggerMs = this.#nowMs + (delay | 0);
      timer.repeatMs = (repeat ?? 0) | 0;
    },
    clear: (handle: ModdableTimer) => void this.#timers.delete(handle as FakeTimer),
  };

  /** Lets time pass, from one due timer to the next. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.isScheduled && timer.triggerMs <= endMs);
      if (due.length === 0) break;
      this.#nowMs = Math.max(this.#nowMs, Math.min(...due.map((timer) => timer.triggerMs)));
      this.#turn();
    }
    this.#nowMs = endMs;
  }

  /** A turn: timers that are added meanwhile wait for the next one. */
  #turn(): void {
    for (const timer of this.#timers) timer.isDue ||= timer.isScheduled && timer.triggerMs <= this.#nowMs;
    for (const timer of [...this.#timers]) {
      if (!timer.isDue || !this.#timers.has(timer)) continue;
      timer.isDue = false;
      timer.triggerMs += timer.repeatMs;
      timer.callback?.();
      if (timer.repeatMs === 0) this.#timers.delete(timer);
    }
  }
}
