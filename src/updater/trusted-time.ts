/**
 * The time that an expiry is held against: a clock that is trusted, or nothing but a lower bound.
 *
 * A device has no right to call a date the present because somebody on the link said so. A clock counts where it is a
 * battery's, or a server's that TLS has proved; it leaves a bound in the journal, once a day, that is all a device without a
 * clock has after its next power-on. See docs/design/updater.md.
 */

import { UINT32_MAX } from "../ota/manifest-fields.js";
import type { Slots } from "../ota/slots.js";
import type { WallClock } from "../ports/wall-clock.js";

const SECOND_MS = 1000;
const DAY_S = 86_400;

export class TrustedTime {
  readonly #wallClock: WallClock;
  readonly #slots: Slots;

  constructor(options: { readonly wallClock: WallClock; readonly slots: Slots }) {
    this.#wallClock = options.wallClock;
    this.#slots = options.slots;
  }

  /** Gives the clock the bound, which it takes only where it knows nothing better. */
  start(): void {
    const { timeFloorS } = this.#slots.updateMemory;
    if (timeFloorS > 0) this.#wallClock.set({ nowMs: timeFloorS * SECOND_MS, quality: "persisted" });
  }

  /** Seconds since 1970; `undefined` without a clock that is trusted, and beyond 2106, which no journal can keep. */
  get nowS(): number | undefined {
    const { quality } = this.#wallClock;
    if (quality !== "network" && quality !== "rtc") return undefined;
    const nowS = Math.floor(this.#wallClock.now() / SECOND_MS);
    return nowS <= UINT32_MAX ? nowS : undefined;
  }

  /** Moves the bound, where it is more than a day behind and the journal takes it. */
  keep(): void {
    const { nowS } = this;
    const memory = this.#slots.updateMemory;
    if (nowS === undefined || nowS < memory.timeFloorS + DAY_S || this.#slots.report.fault !== undefined) return;
    this.#slots.remember({ ...memory, timeFloorS: nowS });
  }
}
