/**
 * The words of tidy: a file, a finding, a rule, and what a rule may ask about the rest of the tree.
 *
 * A rule is a pure function of texts, so that a spec can feed it planted faults without a checkout. It never reads a disk.
 */
import type ts from "typescript";
import type { Comment } from "./syntax.js";

/** One text of the tree. `path` is relative to the root, with "/". `lines` is `text` split at line ends. */
export interface TidyFile {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** One fault. It reads as `path:line: rule: what; instead`. `line` counts from 1. */
export interface Finding {
  readonly line: number;
  readonly what: string;
  readonly instead: string;
}

/** One `import`, `export … from`, `import()` or `import("…").Type` of a file. */
export interface ImportEdge {
  /** As it is written. */
  readonly specifier: string;
  /** The path in the tree that a relative specifier stands for, existing or not; `undefined` for any other specifier. */
  readonly target: string | undefined;
  /** Whether it disappears when types are erased. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** The rest of the tree, each answer computed once. */
export interface Context {
  /** Every path that git would keep. */
  readonly paths: ReadonlySet<string>;
  /** The text at `path`; `undefined` where there is none. */
  fileAt(path: string): TidyFile | undefined;
  /** The syntax tree of a TypeScript file, with parents set. */
  syntaxOf(file: TidyFile): ts.SourceFile;
  commentsOf(file: TidyFile): readonly Comment[];
  importsOf(file: TidyFile): readonly ImportEdge[];
}

export interface Rule {
  readonly name: string;
  /** All faults of this one file. */
  check(file: TidyFile, context: Context): Finding[];
}
