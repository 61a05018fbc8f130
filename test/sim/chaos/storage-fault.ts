/**
 * Which faults are the storage's own: of such, one alone is promised to be survived, and flash need not hold what was written.
 */
import { type Fault, isCut, isResetMode } from "../../../hosts/node/chaos/fault.js";

/** Neither a cut nor a reset. */
export function isStorageFault(fault: Fault): boolean {
  if (fault.kind === "timed" || isCut(fault)) return false;
  return fault.kind === "bit" || !isResetMode(fault.mode);
}

/** A cut that leaves what will read otherwise later on. */
export function isUnstable(fault: Fault): boolean {
  return fault.kind === "operation" && fault.mode === "unstable";
}
