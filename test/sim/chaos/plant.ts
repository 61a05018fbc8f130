/**
 * A planted bug: a line or a few of the shipped code, changed, and the kinds of life that should show it.
 */
export interface Edit {
  readonly file: string;
  /** Stands there once. */
  readonly find: string;
  readonly replace: string;
}

export interface Plant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Kinds of life that are lived first, as `--kinds` has them. Where they find nothing, all are lived. */
  readonly kinds: string;
  /** Configurations in which they are. Default: all. */
  readonly configurations?: string;
  /** Of these, one life in so many is lived first. Default 1. */
  readonly every?: number;
}

/** A plant of one edit. */
export function plant(name: string, kinds: string, file: string, find: string, replace: string): Plant {
  return { name, kinds, edits: [{ file, find, replace }] };
}
