/**
 * Calendar time over the monotonic clock: what was last set, plus the time since.
 *
 * It does not read the computer's own date. A device has none after a power loss, and a firmware that was only ever run with a
 * right date fails in the field; whoever wants the real one sets it. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Clock } from "../../src/ports/clock.js";
import type { WallClock, WallClockQuality } from "../../src/ports/wall-clock.js";

/** From the least to the most trusted. */
const QUALITIES: readonly WallClockQuality[] = Object.freeze(["none", "persisted", "network", "rtc"] as const);

class NodeWallClock implements WallClock {
  readonly #clock: Clock;
  #quality: WallClockQuality = "none";
  /** What was set, and when by the monotonic clock: kept apart, because a difference of the two would round. */
  #setMs = 0;
  #setAtMs = 0;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  get quality(): WallClockQuality {
    return this.#quality;
  }

  /** Whole milliseconds, as Date counts them. */
  now(): number {
    return this.#quality === "none" ? 0 : Math.floor(this.#setMs + (this.#clock.now() - this.#setAtMs));
  }

  set(options: { readonly nowMs: number; readonly quality: WallClockQuality }): void {
    const { nowMs, quality } = options;
    if (!(Number.isFinite(nowMs) && nowMs >= 0)) {
      throw new FirmwareError("invalid", `WallClock: nowMs is ${nowMs}, expected a finite number ≥ 0`);
    }
    const rank = QUALITIES.indexOf(quality);
    if (rank < 0)
      throw new FirmwareError("invalid", `WallClock: quality is ${quality}, expected one of ${QUALITIES.join(", ")}`);
    if (rank < QUALITIES.indexOf(this.#quality)) return;
    this.#quality = quality;
    this.#setMs = nowMs;
    this.#setAtMs = this.#clock.now();
  }
}

/** A clock that knows nothing yet: quality `none`, time 0. */
export function createWallClock(options: { readonly clock: Clock }): WallClock {
  return new NodeWallClock(options);
}
