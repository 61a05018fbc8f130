/**
 * The WatchdogTimer port on the ESP32: task watchdog and RTC watchdog together, by the native part.
 *
 * Without it there is nothing that bites: the port's promises towards the caller are kept, so that a firmware runs the same at
 * both levels, and what stands still goes on standing. That the hardware is missing is for the host to say, once, at start.
 * See docs/design/esp32-host.md.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";
import type { WatchdogTimer, WatchdogTimerConstructor, WatchdogTimerOptions } from "../../src/ports/watchdog-timer.js";
import type { NativeChip } from "./native-chip.js";

const TIMEOUT_MIN_MS = 100;
const TIMEOUT_MAX_MS = 120_000;

/** The chip's watchdog and who has it. */
interface Ownership {
  readonly chip: NativeChip | undefined;
  owner: WatchdogTimer | undefined;
}

class ESP32WatchdogTimer implements WatchdogTimer {
  readonly #ownership: Ownership;

  /** Throws `io` where ESP-IDF refuses; then nothing is armed. A fraction of a millisecond counts as a whole one. */
  constructor(ownership: Ownership, options: WatchdogTimerOptions) {
    const { timeoutMs } = options;
    if (!(timeoutMs >= TIMEOUT_MIN_MS && timeoutMs <= TIMEOUT_MAX_MS)) {
      const expected = `${TIMEOUT_MIN_MS} … ${TIMEOUT_MAX_MS}`;
      throw new FirmwareError("invalid", `WatchdogTimer: timeout of ${timeoutMs} ms, expected ${expected}`);
    }
    if (ownership.owner !== undefined) throw new FirmwareError("busy", "WatchdogTimer: one is open, expected none");
    this.#ownership = ownership;
    try {
      ownership.chip?.watchdogOpen(Math.ceil(timeoutMs));
    } catch (error) {
      throw new FirmwareError("io", `WatchdogTimer: ${messageOf(error)}`);
    }
    ownership.owner = this;
  }

  /** What ESP-IDF refuses here was not fed, and the chip restarts: the port has no better word for it. */
  feed(): void {
    if (this.#ownership.owner !== this) throw new FirmwareError("closed", "WatchdogTimer: fed after close()");
    try {
      this.#ownership.chip?.watchdogFeed();
    } catch {
      // The RTC watchdog goes on counting.
    }
  }

  /** Throws `io` where ESP-IDF refuses a part of it; it is closed all the same. */
  close(): void {
    if (this.#ownership.owner !== this) return;
    this.#ownership.owner = undefined;
    try {
      this.#ownership.chip?.watchdogClose();
    } catch (error) {
      throw new FirmwareError("io", `WatchdogTimer: ${messageOf(error)}`);
    }
  }
}

/** The watchdog class of one chip; over no chip, one that never bites. */
export function createWatchdogTimer(options: { readonly chip: NativeChip | undefined }): WatchdogTimerConstructor {
  const ownership: Ownership = { chip: options.chip, owner: undefined };
  return class extends ESP32WatchdogTimer {
    constructor(timerOptions: WatchdogTimerOptions) {
      super(ownership, timerOptions);
    }
  };
}
