/**
 * The ways in which a loss of power leaves one flash operation, and where in a life it comes.
 *
 * "Between two operations" is the kindest of them. A sweep lives one life for each cut of each operation, so their number is
 * kept small: a program is cut behind its first word, in its middle, and within and before its last word.
 */
export const WORD_SIZE_BYTES = 4;

/**
 * before: nothing of it happened · after: all of it, and the caller never heard · words: its first words · bits: and some bits
 * of the next word · half: a half of a sector is erased · unstable: it reads as if it had happened, and some operations later
 * its last word, or its sector, is noise.
 */
export const CUT_MODES = Object.freeze(["before", "after", "words", "bits", "half", "unstable"] as const);
export type CutMode = (typeof CUT_MODES)[number];

/** One operation on flash. */
export interface Operation {
  readonly kind: "program" | "erase";
  /** The partition's label. */
  readonly label: string;
  /** In the partition. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The power goes in the `operation`-th operation of a life, from 0. */
export interface Cut {
  readonly operation: number;
  readonly mode: CutMode;
  /** words, bits: how many words are whole · half: which one is erased, 0 or 1 · unstable: operations until it is noise. */
  readonly part: number;
}

/** Of a journal's record and an entry of otadata. */
const BODY_WORD_COUNT_MAX = 8;
/** Noise at once, and once the next start has come to arming. */
const UNSTABLE_FOR_OPERATIONS: readonly number[] = Object.freeze([0, 7]);

/** The cuts of one mode that make a difference to an operation; none where the mode is not one of its kind. */
export function cutsOf({ kind, sizeBytes }: Operation, operation: number, mode: CutMode): Cut[] {
  return partsOf(kind, sizeBytes / WORD_SIZE_BYTES, mode).map((part) => ({ operation, mode, part }));
}

function partsOf(kind: Operation["kind"], wordCount: number, mode: CutMode): readonly number[] {
  switch (mode) {
    case "words":
      return kind === "erase" || wordCount === 1 ? [] : [1, wordCount >> 1, wordCount - 1];
    case "bits":
      return kind === "erase" ? [] : [wordCount - 1];
    case "half":
      return kind === "erase" ? [0, 1] : [];
    case "unstable":
      // A record's or an entry's body is acted upon when a further word says so, or is written anew by whoever finds it.
      return kind === "program" && wordCount > 1 && wordCount <= BODY_WORD_COUNT_MAX ? [0] : UNSTABLE_FOR_OPERATIONS;
    default:
      return [0];
  }
}
