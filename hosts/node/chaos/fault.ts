/**
 * What can go wrong in one flash operation, and when: the words of a life's list of faults.
 *
 * A cut is a loss of power: it ends the life, and what the operation has left behind is what differs. The others are faults of
 * the storage itself, and the device goes on. See docs/design/chaos.md.
 */

/**
 * Cuts. before: nothing of it happened · after: all of it, and the caller never heard · words: a row of whole words, the rest
 * not · bits: up to a word of which only some bits turned · half: of an erase, a part of the sector · unstable: reads as if it
 * had happened, and some operations later as noise.
 *
 * Faults. error: nothing happens and the driver says so · silent: nothing happens and nobody says so.
 */
export const FAULT_MODES = Object.freeze(["before", "after", "words", "bits", "half", "unstable", "error", "silent"] as const);
export type FaultMode = (typeof FAULT_MODES)[number];

/** The operation is the `operation`-th since the flash was opened, over all lives, from 0. */
export interface Fault {
  readonly operation: number;
  readonly mode: FaultMode;
}

/** One operation of a life without faults, as the explorer plans by it. */
export interface Operation {
  readonly kind: "program" | "erase";
  /** In bytes from the start of the flash; of an erase, the sector's. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Whether the mode ends the life. */
export function isCut(mode: FaultMode): boolean {
  return mode !== "error" && mode !== "silent";
}

/** The modes that make a difference for an operation: a single word is not torn between words, a program has no half. */
export function modesFor(operation: Operation): readonly FaultMode[] {
  const isProgram = operation.kind === "program";
  return FAULT_MODES.filter((mode) => {
    if (mode === "half") return !isProgram;
    if (mode === "bits") return isProgram;
    if (mode === "words") return isProgram && operation.byteLength > 4;
    return true;
  });
}

/** As "17:words,30:after". */
export function formatFaults(faults: readonly Fault[]): string {
  return faults.map(({ operation, mode }) => `${operation}:${mode}`).join(",");
}
