/**
 * What a machine needs of a scheduler: one-shot tasks for its delayed transitions.
 *
 * Narrower than the scheduler, which satisfies it as it is, so that a chart can be driven by any source of time and the two
 * folders stay apart. A task is made once, when the machine is made: entering a state allocates nothing.
 */

/** One delayed transition's place in the queue of times. */
export interface DelayTask {
  /** Runs once, `delayMs` from now (0 or more), never from within this call. Asking again replaces the earlier time. */
  runAfter(delayMs: number): void;
  /** What was asked for will not run, even if it is due already. */
  cancel(): void;
  /** Cancels for good. */
  close(): void;
}

export interface Delays {
  /**
   * Makes a task that does not run before it is asked to; `run` is called with `target` as `this`. Tasks that are due at the
   * same time run in the order in which they were asked to.
   */
  task(options: { name: string; run(this: unknown, task: DelayTask): void; target?: unknown }): DelayTask;
}
