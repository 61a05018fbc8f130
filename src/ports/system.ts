/** The chip as a whole: why it started, which image runs, and how to start again. */

/**
 * What a chip can tell. On the ESP32 the EN pin looks like powerOn, and XS ends memory-full and an unhandled exception by a
 * restart that looks like `software`: only the journal tells those from a wanted restart.
 */
export type ResetReason = "powerOn" | "brownOut" | "software" | "panic" | "watchdog" | "deepSleep" | "unknown";

export interface System {
  /** Why the chip started this time. Constant until the next restart. */
  readonly resetReason: ResetReason;
  /**
   * The application slot whose image is running (0 for ota_0 …), as the bootloader chose it; `undefined` where the host cannot
   * know. MUST come from the boot itself, never from a later look at otadata. Constant until the next restart.
   */
  readonly runningSlot: number | undefined;
  /**
   * Restarts the chip; the next reset reason is `software`. The caller MUST return to the event loop at once; nothing is
   * called back after this call.
   */
  restart(): void;
  /**
   * Deep sleep for `durationMs` (≥ 0), then a start with the reset reason `deepSleep`. RAM is lost, retained memory is kept.
   * Throws `unsupported` where the chip cannot. As with restart, nothing is called back after it.
   */
  sleep(durationMs: number): void;
}
