/**
 * The System port over a Chip: why it started, what runs, and how to start again.
 *
 * A restart is asked for once. A second one, or a sleep after it, comes from code that has not returned yet and does nothing,
 * as on a chip whose reset is already under way. See docs/design/ports.md.
 */
import { errorCodeOf, FirmwareError } from "../../src/errors.js";
import type { ResetReason, System } from "../../src/ports/system.js";
import type { Chip } from "./chip.js";

class ChipSystem implements System {
  readonly resetReason: ResetReason;
  readonly runningSlot: number | undefined;
  readonly #chip: Chip;
  #ending = false;

  constructor(chip: Chip) {
    this.#chip = chip;
    this.resetReason = chip.resetReason;
    this.runningSlot = chip.runningSlot;
  }

  restart(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#chip.restart();
  }

  /** Throws `invalid` unless `durationMs` is a finite number ≥ 0, `unsupported` where the chip does; then nothing has ended. */
  sleep(durationMs: number): void {
    if (!(Number.isFinite(durationMs) && durationMs >= 0)) {
      throw new FirmwareError("invalid", `System: sleep of ${durationMs} ms, expected a finite number ≥ 0`);
    }
    if (this.#ending) return;
    this.#ending = true;
    try {
      this.#chip.sleep(durationMs);
    } catch (error) {
      if (errorCodeOf(error) === "unsupported") this.#ending = false;
      throw error;
    }
  }
}

/** Reads reset reason and slot once: they are facts of this boot. */
export function createSystem(chip: Chip): System {
  return new ChipSystem(chip);
}
