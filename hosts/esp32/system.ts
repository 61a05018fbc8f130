/**
 * The System port on the ESP32: why it started and what runs come from the native part, the restart from Moddable.
 *
 * Without the native part nobody can say why the chip started. Guessing was rejected: the core takes "unknown" as what it is,
 * and a wrong word would blame an image, or excuse one. See docs/design/esp32-host.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { ResetReason, System } from "../../src/ports/system.js";
import type { NativeChip } from "./native-chip.js";

/**
 * By ESP-IDF's esp_reset_reason_t, v5.1 … v6.2. A pin, SDIO, USB and a debugger's JTAG are a hand from outside, as the EN pin
 * is, which the chip takes for power-on. A glitch of the supply is a brown-out that was shorter. A broken eFuse and what a
 * later version adds are nobody's fault that we know of.
 */
const REASONS: readonly ResetReason[] = Object.freeze([
  "unknown", // UNKNOWN
  "powerOn", // POWERON
  "powerOn", // EXT
  "software", // SW
  "panic", // PANIC
  "watchdog", // INT_WDT
  "watchdog", // TASK_WDT
  "watchdog", // WDT: the RTC watchdog, and the others
  "deepSleep", // DEEPSLEEP
  "brownOut", // BROWNOUT
  "powerOn", // SDIO
  "powerOn", // USB
  "powerOn", // JTAG
  "unknown", // EFUSE
  "brownOut", // PWR_GLITCH
  "panic", // CPU_LOCKUP
]);

export interface SystemOptions {
  /** Undefined at the basic level. */
  readonly chip: NativeChip | undefined;
  /** Restarts the chip. Called once. */
  readonly restart: () => void;
  /** The slot as far as it could be deduced, for a host without `chip`. */
  readonly runningSlot?: number | undefined;
}

class ESP32System implements System {
  readonly resetReason: ResetReason;
  readonly runningSlot: number | undefined;
  readonly #restart: () => void;
  #ending = false;

  constructor(options: SystemOptions) {
    const { chip, restart, runningSlot } = options;
    this.resetReason = (chip === undefined ? undefined : REASONS[chip.resetReason()]) ?? "unknown";
    this.runningSlot = chip === undefined ? runningSlot : chip.runningSlot();
    this.#restart = restart;
  }

  restart(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#restart();
  }

  /** Throws `invalid` unless `durationMs` is a finite number ≥ 0, and `unsupported` for every other. */
  sleep(durationMs: number): void {
    if (!(Number.isFinite(durationMs) && durationMs >= 0)) {
      throw new FirmwareError("invalid", `System: sleep of ${durationMs} ms, expected a finite number ≥ 0`);
    }
    throw new FirmwareError("unsupported", "System: sleep on the ESP32, expected restart()");
  }
}

/** Reads reset reason and slot once: they are facts of this boot. */
export function createSystem(options: SystemOptions): System {
  return new ESP32System(options);
}
