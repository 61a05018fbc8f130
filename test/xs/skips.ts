/**
 * The specs that do not run on a host, each with its reason. A row that names no spec fails the run.
 */

export interface Skip {
  /** The titles from the outermost describe() to the spec, joined by " › ". */
  readonly spec: string;
  readonly host: "xs";
  readonly reason: string;
}

export const SKIPS: readonly Skip[] = Object.freeze([]);
