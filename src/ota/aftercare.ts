/**
 * What a start still owes when everything runs: an image's next attempt, the end of a lower level, a release's floors.
 *
 * None of it may happen at boot: an attempt that follows a brown-out at once meets the next one, and an image has proved little
 * in its first minute. It is one task with a few times, made only where there is something to wait for: on most starts there is
 * not. See docs/design/ota.md.
 */
import { assert } from "../assert.js";
import { errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import type { Task } from "../scheduler/task.js";
import type { PlannedCauseName } from "./journal-record.js";
import { retryWaitMs } from "./ladder.js";
import { PROMPT_ATTEMPT_COUNT } from "./situation.js";
import type { Slots } from "./slots.js";

/** Calm starts after which an image has soaked, however short they are: a device that sleeps never runs for a day. */
export const SOAK_BOOT_COUNT = 48;
/** Each further attempt waits so many times longer than the one before. */
const REARM_WAIT_FACTOR = 4;

export interface AftercareTimes {
  /** A start that has run in full for so long was a healthy one. */
  readonly healthyUptimeMs: number;
  /** A confirmed image that has run for so long has soaked. */
  readonly soakUptimeMs: number;
  /** The wait before the third attempt of an image; four times longer before each further one. */
  readonly rearmWaitMs: number;
  /** The wait in a lower level before everything is tried again, after three unhealthy starts; doubled with each further. */
  readonly retryWaitMs: number;
}

export interface AftercareOptions extends AftercareTimes {
  readonly scheduler: Pick<Scheduler, "task">;
  readonly clock: Clock;
  readonly slots: Slots;
  /** Has to restart the device in order. */
  readonly onRestart: (cause: PlannedCauseName) => void;
}

/** Something that is done once, at an uptime. */
interface Duty {
  readonly atMs: number;
  readonly run: () => void;
}

export class Aftercare {
  readonly #options: AftercareOptions;
  readonly #duties: Duty[] = [];
  #task: Task | undefined;

  constructor(options: AftercareOptions) {
    assert(
      options.healthyUptimeMs > 0 && options.soakUptimeMs > 0 && options.rearmWaitMs > 0 && options.retryWaitMs > 0,
      "aftercare: its times are positive",
    );
    this.#options = options;
  }

  /** Begins to wait for whatever this start owes. False where it owes nothing: it took no task, and can be forgotten. */
  start(): boolean {
    const { slots, clock, scheduler } = this.#options;
    const { mode, level, crashCount, attemptCount, fault } = slots.report;
    if (fault !== undefined) return false;
    const nowMs = clock.now();
    if (mode === "waiting") this.#add(nowMs + this.#rearmWaitMs(attemptCount), () => this.#rearm());
    if (level !== "full") {
      this.#add(nowMs + retryWaitMs(crashCount, this.#options.retryWaitMs), () => this.#options.onRestart("retry"));
    } else if (crashCount > 0 && !slots.isTrial) {
      this.#add(this.#options.healthyUptimeMs, () => slots.tenure.recordHealthy());
    }
    if (slots.isTrial) {
      // By then it is confirmed, or gone; one that is tried once more was confirmed before, and its verdict is still to come.
      this.#add(this.#options.soakUptimeMs, () => {
        if (!slots.isTrial) slots.tenure.soak();
      });
    } else if (slots.tenure.isSoaking) {
      const isSoaked = slots.tenure.calmBootCount >= SOAK_BOOT_COUNT;
      this.#add(isSoaked ? this.#options.healthyUptimeMs : this.#options.soakUptimeMs, () => slots.tenure.soak());
    }
    if (this.#duties.length === 0) return false;
    this.#task ??= scheduler.task({ name: "aftercare", priority: "low", run: () => this.#work() });
    this.#wait();
    return true;
  }

  /** Nothing more is waited for. */
  stop(): void {
    this.#duties.length = 0;
    this.#task?.close();
    this.#task = undefined;
  }

  #add(atMs: number, run: () => void): void {
    this.#duties.push({ atMs, run });
  }

  /** What is due. A journal that takes no record now may take it at the next start. */
  #work(): void {
    const nowMs = this.#options.clock.now();
    for (let index = this.#duties.length - 1; index >= 0; index--) {
      const duty = this.#duties[index]!;
      if (duty.atMs > nowMs) continue;
      this.#duties.splice(index, 1);
      try {
        duty.run();
      } catch (error) {
        if (errorCodeOf(error) !== "io") throw error;
      }
      if (this.#task === undefined) return;
    }
    this.#wait();
  }

  #wait(): void {
    let atMs = Number.POSITIVE_INFINITY;
    for (const duty of this.#duties) atMs = Math.min(atMs, duty.atMs);
    if (atMs < Number.POSITIVE_INFINITY) this.#task?.runAfter(Math.max(0, atMs - this.#options.clock.now()));
    else this.stop();
  }

  #rearmWaitMs(attemptCount: number): number {
    return this.#options.rearmWaitMs * REARM_WAIT_FACTOR ** Math.max(0, attemptCount - PROMPT_ATTEMPT_COUNT);
  }

  #rearm(): void {
    if (this.#options.slots.rearm()) this.#options.onRestart("update");
  }
}
