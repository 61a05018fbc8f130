/**
 * What can go wrong in a life, and when: the words of its list of faults, and how they are written.
 *
 * A cut is a loss of power: it ends the life, and what the operation has left behind is what differs. A reset ends it too, with
 * a reason of its own. The others are faults of the storage, and the device goes on. See docs/design/chaos.md.
 */
import type { ResetReason } from "../../../src/ports/system.js";

/**
 * Cuts. before: nothing of it happened · after: all of it, and the caller never heard · words: a row of whole words, the rest
 * not · bits: up to a word of which only some bits turned · half: of an erase, a part of the sector · unstable: reads as if it
 * had happened, and some operations later as noise.
 *
 * Faults. error: nothing happens and the driver says so · silent: nothing happens and nobody says so.
 */
export const FAULT_MODES = Object.freeze(["before", "after", "words", "bits", "half", "unstable", "error", "silent"] as const);
export type FaultMode = (typeof FAULT_MODES)[number];

/** Resets by name; a loss of power is the cut "before". */
export const RESET_MODES = Object.freeze(["brownOut", "watchdog", "panic", "software", "deepSleep", "unknown"] as const);
export type ResetMode = (typeof RESET_MODES)[number];

/** The operation is the `operation`-th since the flash was opened, over all lives, from 0. A reset comes before it. */
export interface OperationFault {
  readonly kind: "operation";
  readonly operation: number;
  readonly mode: FaultMode | ResetMode;
}

/** A bit at rest has turned over by the time of an operation; by the next power-on, where no such operation comes. */
export interface BitFault {
  readonly kind: "bit";
  readonly operation: number;
  /** From the start of the flash. */
  readonly offset: number;
  readonly bit: number;
}

/** So long into the `start`-th start, from 1, the chip resets. */
export interface TimedReset {
  readonly kind: "timed";
  readonly start: number;
  readonly atMs: number;
  readonly reason: ResetReason;
}

export type Fault = OperationFault | BitFault | TimedReset;

/** One operation of a life without faults, as the explorer plans by it. */
export interface Operation {
  readonly kind: "program" | "erase";
  /** In bytes from the start of the flash; of an erase, the sector's. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Whether the fault is a loss of power, and so one of which any number may come. */
export function isCut(fault: Fault): boolean {
  if (fault.kind === "bit") return false;
  if (fault.kind === "timed") return fault.reason === "powerOn" || fault.reason === "brownOut";
  return fault.mode === "brownOut" || isCutMode(fault.mode);
}

/** Whether the mode of an operation is a cut. */
export function isCutMode(mode: FaultMode | ResetMode): mode is FaultMode {
  return mode !== "error" && mode !== "silent" && !isResetMode(mode);
}

export function isResetMode(mode: FaultMode | ResetMode): mode is ResetMode {
  return (RESET_MODES as readonly string[]).includes(mode);
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

/** As "17:words,30:panic,37:flip@0xd004.3,start2+300:brownOut". */
export function formatFaults(faults: readonly Fault[]): string {
  return faults
    .map((fault) => {
      if (fault.kind === "bit") return `${fault.operation}:flip@0x${fault.offset.toString(16)}.${fault.bit}`;
      if (fault.kind === "timed") return `start${fault.start}+${fault.atMs}:${fault.reason}`;
      return `${fault.operation}:${fault.mode}`;
    })
    .join(",");
}

/** What formatFaults writes. Throws for anything else. */
export function parseFaults(text: string): Fault[] {
  if (text === "") return [];
  return text.split(",").map((part): Fault => {
    const bit = /^(\d+):flip@0x([0-9a-f]+)\.([0-7])$/.exec(part);
    if (bit) {
      return { kind: "bit", operation: Number(bit[1]), offset: Number.parseInt(bit[2]!, 16), bit: Number(bit[3]) };
    }
    const timed = /^start(\d+)\+(\d+):(powerOn|brownOut|watchdog|panic|software|deepSleep|unknown)$/.exec(part);
    if (timed) {
      return { kind: "timed", start: Number(timed[1]), atMs: Number(timed[2]), reason: timed[3] as ResetReason };
    }
    const [, operation, word] = /^(\d+):(\w+)$/.exec(part) ?? [];
    const mode = [...FAULT_MODES, ...RESET_MODES].find((known) => known === word);
    if (mode === undefined) {
      throw new TypeError(`fault "${part}": expected as in "17:words,30:panic,37:flip@0xd004.3,start2+300:brownOut"`);
    }
    return { kind: "operation", operation: Number(operation), mode };
  });
}
