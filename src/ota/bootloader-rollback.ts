/** Whether the bootloader takes a trial back by itself, as far as a trial has shown, and how the journal keeps that. */
/**
 * Whether the bootloader that started this device takes a trial back by itself. missing: it booted a new image and left its
 * entry NEW, so a crash before the health gate's verdict is not followed by the old image · present: it marked the trial ·
 * unknown: nothing was ever on trial here.
 */
export type BootloaderRollback = "present" | "missing" | "unknown";

/** As the journal's CONFIRMED keeps it. The numbers are on flash. */
export const ROLLBACK_NUMBER: Readonly<Record<BootloaderRollback, number>> = Object.freeze({
  unknown: 0,
  present: 1,
  missing: 2,
});

/** Of a number that this version does not know, nothing is known. */
export function bootloaderRollbackOf(number: number): BootloaderRollback {
  if (number === ROLLBACK_NUMBER.present) return "present";
  return number === ROLLBACK_NUMBER.missing ? "missing" : "unknown";
}
