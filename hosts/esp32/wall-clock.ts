/**
 * The WallClock port over the system's date, which ESP-IDF keeps through every reset but the loss of power.
 *
 * A chip that has just been powered counts from 1970. So a date that is not before this firmware was built was set by somebody,
 * before a restart: a lower bound, no more. Moddable sets whole seconds in 32 bits; what that lacks is added here, until the
 * restart. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { WallClock, WallClockQuality } from "../../src/ports/wall-clock.js";

/** From the least to the most trusted. */
const QUALITIES: readonly WallClockQuality[] = Object.freeze(["none", "persisted", "network", "rtc"] as const);
/** Nothing of this package ran before: 2026-01-01. */
const EARLIEST_MS = 1_767_225_600_000;
const SECOND_MS = 1000;

/** What is used of the module `time`: sets the system's date, in whole seconds since 1970. */
export interface ModdableTimeSetter {
  set(seconds: number): void;
}

class ESP32WallClock implements WallClock {
  readonly #time: ModdableTimeSetter;
  readonly #date: () => number;
  #quality: WallClockQuality;
  /** What the system's date, in whole seconds when it is set, lacks. */
  #offsetMs = 0;

  constructor(options: WallClockOptions) {
    this.#time = options.time;
    this.#date = options.date;
    this.#quality = options.date() >= EARLIEST_MS ? "persisted" : "none";
  }

  get quality(): WallClockQuality {
    return this.#quality;
  }

  now(): number {
    return this.#quality === "none" ? 0 : Math.floor(this.#date() + this.#offsetMs);
  }

  set(options: { readonly nowMs: number; readonly quality: WallClockQuality }): void {
    const { nowMs, quality } = options;
    if (!(Number.isFinite(nowMs) && nowMs >= 0)) {
      throw new FirmwareError("invalid", `WallClock: nowMs is ${nowMs}, expected a finite number ≥ 0`);
    }
    const rank = QUALITIES.indexOf(quality);
    if (rank < 0) {
      throw new FirmwareError("invalid", `WallClock: quality is ${quality}, expected one of ${QUALITIES.join(", ")}`);
    }
    // A date that nobody trusts is not kept either: after a restart it would look like a bound.
    if (rank === 0 || rank < QUALITIES.indexOf(this.#quality)) return;
    this.#quality = quality;
    this.#time.set(Math.floor(nowMs / SECOND_MS));
    this.#offsetMs = nowMs - this.#date();
  }
}

export interface WallClockOptions {
  readonly time: ModdableTimeSetter;
  /** The system's date in milliseconds since 1970, as `Date.now()` gives it. */
  readonly date: () => number;
}

/** The clock of the system. */
export function createWallClock(options: WallClockOptions): WallClock {
  return new ESP32WallClock(options);
}
