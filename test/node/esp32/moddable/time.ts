/**
 * `timer` and `time` as Moddable 8.2.3 behaves on the ESP32: one list of timers, looked at once a turn of the loop, a one-shot
 * that is freed behind its callback, and ticks of 32 bits.
 */
import type { ModdableTicks } from "../../../../hosts/esp32/clock.js";
import type { ModdableTimer, ModdableTimerModule } from "../../../../hosts/esp32/timer.js";

interface FakeTimer {
  callback: (() => void) | undefined;
  triggerMs: number;
  repeatMs: number;
  isScheduled: boolean;
}

export class FakeLoop {
  #nowMs: number;
  readonly #timers = new Set<FakeTimer>();
  /** How often `set` made one: what a device allocates for. */
  madeCount = 0;

  /** `startMs`: where the tick count stands. */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  readonly time: ModdableTicks = ((loop: FakeLoop) => ({
    /** A signed integer, as a count of 32 bits looks to a script. */
    get ticks(): number {
      return loop.#nowMs | 0;
    },
  }))(this);

  readonly timer: ModdableTimerModule = {
    set: (callback, delay, repeat) => {
      this.madeCount++;
      const timer = { callback, triggerMs: this.#nowMs + (delay | 0), repeatMs: repeat | 0, isScheduled: true };
      this.#timers.add(timer);
      return timer;
    },
    schedule: (handle: ModdableTimer, delay?: number, repeat?: number) => {
      const timer = handle as FakeTimer;
      if (!this.#timers.has(timer)) throw new SyntaxError("invalid timer");
      timer.isScheduled = delay !== undefined;
      if (delay === undefined) return;
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
    for (const timer of [...this.#timers]) {
      if (!timer.isScheduled || timer.triggerMs > this.#nowMs) continue;
      timer.triggerMs += timer.repeatMs;
      const { repeatMs } = timer;
      timer.callback?.();
      if (repeatMs === 0) this.#timers.delete(timer);
    }
  }
}
