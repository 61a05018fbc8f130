/**
 * The tasks of one machine's delayed transitions: armed when their state is entered, cancelled when it is left.
 *
 * All are made with the machine, so that entering a state allocates nothing and a scheduler that is full says so at start.
 */
import { FirmwareError } from "../errors.js";
import type { Chart, Delay } from "./chart.js";
import type { Delays, DelayTask } from "./delays.js";

export class DelayTasks {
  readonly #delays: readonly Delay[];
  /** By delay of the chart. */
  readonly #tasks: readonly DelayTask[];

  /**
   * `run` is called with `target` as `this`. Throws `invalid` if there are delays and no scheduler, and what the scheduler
   * throws.
   */
  constructor(
    chart: Chart<never, never, never>,
    options: { name: string; scheduler: Delays | undefined; run(this: unknown, task: DelayTask): void; target: unknown },
  ) {
    const { name, scheduler, run, target } = options;
    this.#delays = chart.delays;
    const tasks: DelayTask[] = [];
    this.#tasks = tasks;
    try {
      for (const delay of chart.delays) {
        const event = chart.eventNames[delay.event]!;
        if (!scheduler) throw new FirmwareError("invalid", `machine ${name}: ${event} needs a scheduler, and none was given`);
        tasks.push(scheduler.task({ name: `${name} ${event}`, run, target }));
      }
    } catch (error) {
      this.close(); // All or none: nobody could close those that were made.
      throw error;
    }
  }

  arm(indexes: readonly number[]): void {
    for (let index = 0; index < indexes.length; index++) {
      const delay = indexes[index]!;
      this.#tasks[delay]!.runAfter(this.#delays[delay]!.delayMs);
    }
  }

  cancel(indexes: readonly number[]): void {
    for (let index = 0; index < indexes.length; index++) this.#tasks[indexes[index]!]!.cancel();
  }

  /** The event of a task that runs. */
  eventOf(task: DelayTask): number {
    return this.#delays[this.#tasks.indexOf(task)]!.event;
  }

  close(): void {
    for (const task of this.#tasks) task.close();
  }
}
