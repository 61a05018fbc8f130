/**
 * What a restart says about the image that ran: nothing, that it was wanted, or that the image failed.
 *
 * A chip's reset reason alone cannot tell: on the ESP32 an unhandled exception, memory full and a wanted restart are all
 * `software`. So a software reset is benign only if the record just before this start is PLANNED.
 */
import type { ResetReason } from "../ports/system.js";

/** environment: power, not the image · planned: wanted · fault: the image failed · unknown: nobody can say. */
export type ResetClass = "environment" | "planned" | "fault" | "unknown";

/** The numbers stand in the byte `detail` of BOOT on flash. */
export const RESET_CLASS_NUMBER: Readonly<Record<ResetClass, number>> = Object.freeze({
  environment: 1,
  planned: 2,
  fault: 3,
  unknown: 4,
});

/** The class for a number from flash; `unknown` for a number that this version does not know. */
export function resetClassOf(number: number): ResetClass {
  if (number === RESET_CLASS_NUMBER.environment) return "environment";
  if (number === RESET_CLASS_NUMBER.planned) return "planned";
  return number === RESET_CLASS_NUMBER.fault ? "fault" : "unknown";
}

/** The numbers stand in the second number of BOOT on flash. */
export const RESET_REASON_NUMBER: Readonly<Record<ResetReason, number>> = Object.freeze({
  unknown: 0,
  powerOn: 1,
  brownOut: 2,
  software: 3,
  panic: 4,
  watchdog: 5,
  deepSleep: 6,
});

/** `wasPlanned`: the journal's last record before this start is PLANNED. */
export function classifyReset(reason: ResetReason, wasPlanned: boolean): ResetClass {
  switch (reason) {
    case "powerOn":
    case "brownOut":
      return "environment";
    case "deepSleep":
      return "planned";
    case "software":
      return wasPlanned ? "planned" : "fault";
    case "panic":
    case "watchdog":
      return "fault";
    default:
      return "unknown";
  }
}
