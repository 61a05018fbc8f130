/**
 * What the specs of statecharts share: a trace whose lines are compared with their reasons, and delays under the spec's
 * control.
 */
import type { Delays, DelayTask } from "../../../src/statechart/index.js";
import { equal } from "../../harness/expect.js";

/** Everything that callbacks wrote, in order. */
export class Trace {
  lines: string[] = [];

  /** Compares the whole trace with what is expected, each line given with the reason why it is there, and empties it. */
  expect(expected: readonly (readonly [line: string, reason: string])[], title: string): void {
    const lines = this.lines;
    this.lines = [];
    for (let index = 0; index < expected.length; index++) {
      const [line, reason] = expected[index]!;
      equal(lines[index], line, `${title}, line ${index}: ${reason}`);
    }
    equal(lines.slice(expected.length), [], `${title}: nothing more happens`);
  }
}

interface Pending extends DelayTask {
  readonly name: string;
  dueMs: number | undefined;
  order: number;
  isClosed: boolean;
  run(): void;
}

/** A source of time that stands still until the spec moves it. */
export class ManualDelays implements Delays {
  readonly tasks: Pending[] = [];
  nowMs = 0;
  #order = 0;

  task(options: { name: string; run(this: unknown, task: DelayTask): void; target?: unknown }): DelayTask {
    const nextOrder = (): number => this.#order++;
    const dueAfter = (delayMs: number): number => this.nowMs + delayMs;
    const task: Pending = {
      name: options.name,
      dueMs: undefined,
      order: 0,
      isClosed: false,
      runAfter(delayMs) {
        task.dueMs = dueAfter(delayMs);
        task.order = nextOrder();
      },
      cancel() {
        task.dueMs = undefined;
      },
      close() {
        task.dueMs = undefined;
        task.isClosed = true;
      },
      run() {
        task.dueMs = undefined;
        options.run.call(options.target, task);
      },
    };
    this.tasks.push(task);
    return task;
  }

  /** How many tasks wait for their time. */
  get armedCount(): number {
    return this.tasks.filter((task) => task.dueMs !== undefined).length;
  }

  /** Runs what is due until `delayMs` from now, in the order of time, then of asking. */
  advance(delayMs: number): void {
    const endMs = this.nowMs + delayMs;
    for (;;) {
      let next: Pending | undefined;
      for (const task of this.tasks) {
        if (task.dueMs === undefined || task.dueMs > endMs) continue;
        if (!next || task.dueMs < next.dueMs! || (task.dueMs === next.dueMs && task.order < next.order)) next = task;
      }
      if (!next) break;
      this.nowMs = next.dueMs!;
      next.run();
    }
    this.nowMs = endMs;
  }
}
