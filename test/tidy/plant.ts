/**
 * A planted fault: a text in which one rule has to find what its author hid there, or nothing.
 *
 * The clean ones matter as much: each stands beside a fault and differs from it in the one point that the rule is about.
 */

export interface Plant {
  /** What it shows, as the title of a spec. */
  readonly shows: string;
  readonly path: string;
  readonly text: string;
  /** The rest of the tree, by path. */
  readonly others?: { readonly [path: string]: string };
  /** The lines with a finding, ascending; none for a clean plant. */
  readonly lines: readonly number[];
}

/** All plants of a rule, by its name. */
export type Plants = { readonly [rule: string]: readonly Plant[] };
