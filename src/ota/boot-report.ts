/**
 * What the boot authority found at this start, and what it did about it: the first thing that a firmware shows and reports.
 */
import type { ResetReason } from "../ports/system.js";
import type { BootloaderRollback } from "./bootloader-rollback.js";
import type { BootMode, DecisionRow, Situation } from "./decision.js";
import type { History, Trial } from "./history.js";
import { type BootLevel, levelOf } from "./ladder.js";
import type { ResetClass } from "./reset-class.js";

/** What `boot()` found and did. */
export interface BootReport {
  readonly resetReason: ResetReason;
  readonly resetClass: ResetClass;
  readonly bootCount: number;
  /** Unhealthy starts in a row, this one included. */
  readonly crashCount: number;
  readonly runningSlot: number | undefined;
  /** 16 hexadecimal digits; NO_IMAGE where the running image carries no hash. */
  readonly imageId: string;
  readonly situation: Situation;
  /** The name of the table's row. */
  readonly decision: string;
  readonly mode: BootMode;
  /** What of the firmware is started. */
  readonly level: BootLevel;
  /** How often the image of the open trial was armed, before this start did anything about it; 0 where none is open. */
  readonly attemptCount: number;
  /**
   * Why nothing is written and no update taken, where the flash does not keep journal or otadata; `undefined` where it does.
   * The firmware runs all the same: a device with a worn sector still serves.
   */
  readonly fault: string | undefined;
  /** The image that was quarantined or rejected by this start's decision. */
  readonly judgedImageId: string | undefined;
  /** The device was asked to restart: nothing else may be started. */
  readonly isRestarting: boolean;
  /** As far as this or an earlier trial could tell. */
  readonly bootloaderRollback: BootloaderRollback;
}

/** What `boot()` found and did, put together. `trial`: the open one, before the decision was carried out. */
export function reportOf(parts: {
  readonly start: Pick<BootReport, "resetReason" | "resetClass" | "runningSlot" | "imageId">;
  readonly history: Pick<History, "bootCount" | "streak" | "confirmed">;
  readonly trial: Trial | undefined;
  readonly situation: Situation;
  readonly row: DecisionRow;
  readonly mode: BootMode;
  readonly fault: string | undefined;
  readonly isRestarting: boolean;
}): BootReport {
  const { start, history, trial, situation, row, mode, fault, isRestarting } = parts;
  const isJudged = row.actions.includes("quarantine") || row.actions.includes("reject");
  return Object.freeze({
    ...start,
    bootCount: history.bootCount,
    crashCount: history.streak.count,
    situation,
    decision: row.name,
    mode,
    level: mode === "trial" || mode === "observe" ? "full" : levelOf(situation.rung),
    attemptCount: trial?.attemptCount ?? 0,
    fault,
    judgedImageId: isJudged ? trial?.imageId : undefined,
    isRestarting,
    bootloaderRollback: rollbackOf(situation, history.confirmed),
  });
}

/** A trial shows it: only a bootloader with rollback turns NEW into PENDING_VERIFY. The journal remembers the last one. */
function rollbackOf({ own, fate }: Situation, confirmed: History["confirmed"]): BootloaderRollback {
  if (own === "pending") return "present";
  if (own === "unstated" && fate === "running") return "missing";
  return confirmed?.bootloaderRollback ?? "unknown";
}
