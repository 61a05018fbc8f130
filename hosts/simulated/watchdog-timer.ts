/**
 * The WatchdogTimer port over a Chip, which counts outside the program.
 *
 * One at a time, as the chip has one: a second owner would feed for the first, and an unfed task would go unnoticed. The owner
 * is kept per chip and not in a module variable, so that one process can hold many devices. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { WatchdogTimer, WatchdogTimerConstructor, WatchdogTimerOptions } from "../../src/ports/watchdog-timer.js";
import type { Chip } from "./chip.js";

const TIMEOUT_MIN_MS = 100;
const TIMEOUT_MAX_MS = 120_000;

/** The chip's watchdog and who has it. */
interface Ownership {
  readonly chip: Chip;
  owner: WatchdogTimer | undefined;
}

class ChipWatchdogTimer implements WatchdogTimer {
  readonly #ownership: Ownership;
  readonly #timeoutMs: number;

  constructor(ownership: Ownership, options: WatchdogTimerOptions) {
    const { timeoutMs } = options;
    if (!(timeoutMs >= TIMEOUT_MIN_MS && timeoutMs <= TIMEOUT_MAX_MS)) {
      const expected = `${TIMEOUT_MIN_MS} … ${TIMEOUT_MAX_MS}`;
      throw new FirmwareError("invalid", `WatchdogTimer: timeout of ${timeoutMs} ms, expected ${expected}`);
    }
    if (ownership.owner !== undefined) throw new FirmwareError("busy", "WatchdogTimer: one is open, expected none");
    this.#ownership = ownership;
    this.#timeoutMs = timeoutMs;
    ownership.chip.armWatchdog(timeoutMs);
    ownership.owner = this;
  }

  feed(): void {
    if (this.#ownership.owner !== this) throw new FirmwareError("closed", "WatchdogTimer: fed after close()");
    this.#ownership.chip.armWatchdog(this.#timeoutMs);
  }

  close(): void {
    if (this.#ownership.owner !== this) return;
    this.#ownership.owner = undefined;
    this.#ownership.chip.disarmWatchdog();
  }
}

/** The watchdog class of one chip. */
export function createWatchdogTimer(chip: Chip): WatchdogTimerConstructor {
  const ownership: Ownership = { chip, owner: undefined };
  return class extends ChipWatchdogTimer {
    constructor(options: WatchdogTimerOptions) {
      super(ownership, options);
    }
  };
}
