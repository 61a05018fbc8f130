/** The chip, but for sleep during a trial: the start after it would be the bootloader's way back to the old image. */
import { FirmwareError } from "../errors.js";
import type { System } from "../ports/system.js";

/** Stands in front of the host's own from the boot on. */
export class WakefulSystem implements System {
  readonly #system: System;
  readonly #slots: { readonly isTrial: boolean };

  constructor(system: System, slots: { readonly isTrial: boolean }) {
    this.#system = system;
    this.#slots = slots;
  }

  get resetReason() {
    return this.#system.resetReason;
  }

  get runningSlot() {
    return this.#system.runningSlot;
  }

  restart(): void {
    this.#system.restart();
  }

  sleep(durationMs: number): void {
    if (this.#slots.isTrial) {
      throw new FirmwareError("refused", "system: no sleep while the image is on trial; expected its verdict first");
    }
    this.#system.sleep(durationMs);
  }
}
