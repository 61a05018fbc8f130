/**
 * The specs that do not run on a host, each with its reason. A row that names no spec fails the run.
 */

export interface Skip {
  /** The titles from the outermost describe() to the spec, joined by " › ". */
  readonly spec: string;
  readonly host: "xs";
  readonly reason: string;
}

const REAL_TIME = "needs weeks to pass, and the driven suite has it";
const MARGIN = "counts on a wait of some milliseconds to end in time, which a busy computer breaks; the driven suite has it";

export const SKIPS: readonly Skip[] = Object.freeze([
  { host: "xs", spec: "Clock of hosts/xs, real › must: not wrap at 32 bits", reason: REAL_TIME },
  { host: "xs", spec: "Timer of hosts/xs, real › must: not call early for the longest delay, 2^31 − 1 ms", reason: REAL_TIME },
  { host: "xs", spec: "Timer of hosts/xs, real › must: replace the earlier time when armed again", reason: MARGIN },
  {
    host: "xs",
    spec: "Timer of hosts/xs, real › must: refuse a delay that is negative or no number, and keep the time that was armed",
    reason: MARGIN,
  },
  {
    host: "xs",
    spec: "RetainedMemory of hosts/xs, real › must: survive a restart",
    reason: "the specs run within one boot; the driven suite has it, and the story restarts the real chip",
  },
]);
