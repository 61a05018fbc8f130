/**
 * What is told of a life that has been lived. See docs/design/chaos.md.
 */
import type { Operation } from "../../../hosts/node/chaos/fault.js";

/** An operation, and who did it: `undefined` for the bootloader. */
export interface SeenOperation extends Operation {
  readonly version: string | undefined;
}

/** updated: the new release runs, confirmed · kept: an older image runs, whole · damaged: not whole · dead: nothing runs. */
export type Outcome = "updated" | "kept" | "damaged" | "dead";

export interface LifeReport {
  readonly violations: readonly string[];
  /** Every operation of the flash, in order. */
  readonly operations: readonly SeenOperation[];
  readonly bootCount: number;
  /** Of the image. */
  readonly fetchedBytes: number;
  readonly outcome: Outcome;
  /** A bit turned in an image that runs, or that nobody looks at before it does: nothing is promised of such a life. */
  readonly isBeyond: boolean;
  /** Of everything that was seen: the same for the same life. */
  readonly trace: string;
  readonly lines: readonly string[];
}
