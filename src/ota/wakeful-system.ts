/** The chip as a firmware gets it once the boot authority has run: its sleep is the authority's, which refuses it on trial. */
import type { System } from "../ports/system.js";

/** Stands in front of the host's own from the boot on. */
export class WakefulSystem implements System {
  readonly #system: System;
  readonly #slots: { sleep(durationMs: number): void };

  constructor(system: System, slots: { sleep(durationMs: number): void }) {
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
    this.#slots.sleep(durationMs);
  }
}
