/**
 * A task: a named piece of work that the scheduler runs later, once or periodically.
 *
 * An interface, because a firmware only ever holds tasks that a Scheduler made; the fields by which the queues order them stay
 * out of sight. A task is made once and armed as often as needed, so that waiting allocates nothing; a timer id with a closure
 * for each wait (setTimeout) was rejected for that. See docs/design/scheduler.md.
 */

/** Among tasks that are due, a higher priority runs first. A run is never interrupted. */
export type Priority = "high" | "normal" | "low";

/**
 * What a periodic task does when k > 1 of its periods have begun before it came to run.
 *
 * skip: runs once, k − 1 are dropped · catchUp: runs once for each, of which at most 8 are owed at any time; the oldest beyond
 * that are dropped · coalesce: runs once, and `dueCount` tells the run that it stands for k. After each of them the task is
 * back on its grid.
 */
export type Overrun = "skip" | "catchUp" | "coalesce";

export interface Task {
  readonly name: string;
  readonly priority: Priority;
  readonly overrun: Overrun;

  /**
   * Runs once, `delayMs` (0 … 2^53 − 1) from now, never from within this call. Replaces whatever the task was armed for. Throws
   * `invalid` for another delay and `closed` after close.
   */
  runAfter(delayMs: number): void;

  /**
   * Runs at now + `phaseMs` + n × `periodMs`, n = 0, 1, 2 …: an absolute grid, from which late runs do not drift. The first run
   * comes after `phaseMs`, by default 0; setInterval's first run is a phase of one period. Replaces whatever the task was armed
   * for. `periodMs` is 1 … 2^53 − 1 (timers count whole milliseconds), `phaseMs` is 0 … 2^53 − 1, fractions allowed. Throws
   * `invalid` for others and `closed` after close.
   */
  runEvery(periodMs: number, phaseMs?: number): void;

  /**
   * Runs once as soon as possible, never from within this call: a one-shot that waits is brought forward, a periodic task gets
   * one run more and keeps its grid. Until that run begins, further posts change nothing. Never throws and does nothing after
   * close, so that it is safe in a driver's callback, where an exception would reach the engine.
   */
  post(): void;

  /** What the task was armed for will not run, even if it is due already. Does nothing after close. */
  cancel(): void;

  /** Cancels for good and gives the place and the name back to the scheduler. A second close does nothing. */
  close(): void;

  /** Armed and not yet begun. During its own run a periodic task is pending for the next period, a one-shot is not pending. */
  readonly isPending: boolean;

  /** Clock time of the pending run, in the past where it is late; `undefined` while nothing is pending. */
  readonly dueMs: number | undefined;

  /**
   * How many periods the latest run stands for: 1, or k after an overrun with `coalesce`, or 0 where post() made a periodic
   * task run between two points of its grid. A one-shot counts as 1; before the first run it is 0.
   */
  readonly dueCount: number;

  /** Runs begun, those that threw included. */
  readonly runCount: number;

  /** Periods that got no run of their own: skipped, merged, or beyond what catchUp owes. */
  readonly missedCount: number;

  /** The longest time between a run's due time and its begin. */
  readonly latenessMaxMs: number;

  /** Runs that ended after their deadline. */
  readonly deadlineMissCount: number;

  /** Runs that took longer than their budget. */
  readonly budgetOverrunCount: number;

  /**
   * For long work within a run: `true` once the run has taken `sliceMs`, or another task of at least its priority is due. The
   * work then remembers where it was, posts its task and returns; a Job does that for a generator. False outside a run.
   */
  shouldYield(sliceMs: number): boolean;
}

/** What an AbortController gives, as much as is used of it: engines without one can have their own. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface TaskOptions {
  /** Unique among the open tasks, not empty. It is what a crash record and a trace call the task. */
  readonly name: string;
  /** Default "normal". */
  readonly priority?: Priority;
  /** Default "skip". */
  readonly overrun?: Overrun;
  /**
   * A run has to have ended so many ms after it was due, or it is counted and reported: more than 0, at most the period, more
   * than the slack. Default: whenever.
   */
  readonly deadlineMs?: number;
  /** A run may take so many ms, or it is counted and reported: more than 0. Default: as long as it likes. */
  readonly budgetMs?: number;
  /**
   * A run may begin so many ms late where that spares the device a wake-up: 0 to less than the period. The grid stays. Default
   * 0.
   */
  readonly slackMs?: number;
  /** Where lateness and duration of each run are counted: see histogram.ts. The caller's, HISTOGRAM_LENGTH long. */
  readonly histogram?: Uint32Array;
  /** Closes the task when it aborts. A task is not opened with one that has. */
  readonly signal?: AbortSignalLike;
  /**
   * The work. It may arm, post, cancel and close any task, its own included. What it throws goes to the scheduler's onFault.
   */
  run(this: unknown, task: Task): void;
  /** The `this` of `run`: with a method of a prototype it spares a closure for each task. */
  readonly target?: unknown;
}
