/**
 * What a restart says about the image that ran: nothing, that it was wanted, or that the image failed.
 *
 * A chip's reset reason alone cannot tell: on the ESP32 an unhandled exception, memory full and a wanted restart are all
 * `software`, and a brown-out is reported as a watchdog's at times. So a software reset is benign only if the record just
 * before this start is PLANNED, and a watchdog's is the image's fault for certain only where our own watchdog left its record.
 */
import type { ResetReason } from "../ports/system.js";

/**
 * environment: power, not the image · planned: wanted · fault: the image failed · unproven: it seems so, and once is no proof ·
 * unknown: nobody can say.
 */
export type ResetClass = "environment" | "planned" | "fault" | "unproven" | "unknown";

/** The numbers stand in the byte `detail` of BOOT on flash. */
export const RESET_CLASS_NUMBER: Readonly<Record<ResetClass, number>> = Object.freeze({
  environment: 1,
  planned: 2,
  fault: 3,
  unknown: 4,
  unproven: 5,
});

/** The class for a number from flash; `unknown` for a number that this version does not know. */
export function resetClassOf(number: number): ResetClass {
  if (number === RESET_CLASS_NUMBER.environment) return "environment";
  if (number === RESET_CLASS_NUMBER.planned) return "planned";
  if (number === RESET_CLASS_NUMBER.unproven) return "unproven";
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

/** What is known of a reset beside the chip's reason. */
export interface ResetEvidence {
  /** The journal's last record before this start is PLANNED. */
  readonly isPlanned: boolean;
  /** Our watchdog left its record in retained memory: it was a part of the firmware that was late. */
  readonly isExplained: boolean;
  /**
   * An image was armed, never wrote its BOOT, and another image runs: whether it was started and died early, or the other one
   * ended before it came to that, nobody can say.
   */
  readonly isTrialLost: boolean;
}

/** `unknown` for a reason that a later host invents. */
export function classifyReset(reason: ResetReason, evidence: ResetEvidence): ResetClass {
  switch (reason) {
    case "powerOn":
    case "brownOut":
      return "environment";
    case "deepSleep":
      return "planned";
    case "software":
      if (evidence.isTrialLost) return "unproven";
      return evidence.isPlanned ? "planned" : "fault";
    case "watchdog":
      return evidence.isExplained && !evidence.isTrialLost ? "fault" : "unproven";
    case "panic":
      return evidence.isTrialLost ? "unproven" : "fault";
    default:
      // A host that can never tell would climb the ladder by its wanted restarts.
      return evidence.isPlanned && !evidence.isTrialLost ? "planned" : "unknown";
  }
}

/** Whether a start of this class counts as one that the firmware did not want: the ladder counts them. */
export function isUnhealthy(resetClass: ResetClass): boolean {
  return resetClass === "fault" || resetClass === "unproven" || resetClass === "unknown";
}
