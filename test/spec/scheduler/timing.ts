/** Deadlines, budgets, starvation, histograms and slices: what a run does against its limits is counted and told. */
import { bucketOf, bucketStartMs, HISTOGRAM_LENGTH } from "../../../src/scheduler/histogram.js";
import { Scheduler, type SchedulerOptions } from "../../../src/scheduler/scheduler.js";
import type { TaskOptions } from "../../../src/scheduler/task.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "./manual-time.js";

function opened(options: Partial<SchedulerOptions> = {}) {
  const time = new ManualTime();
  const told: string[] = [];
  const scheduler = new Scheduler({
    clock: time.clock,
    Timer: time.Timer,
    taskCountMax: 8,
    onTiming: (kind, task, ms) => told.push(`${kind} ${task.name} ${ms}`),
    ...options,
  });
  scheduler.start();
  return { time, scheduler, told };
}

describe("scheduler: timing", () => {
  it("counts and tells a run that ends behind its deadline, and none that ends on it", () => {
    const { time, scheduler, told } = opened();
    let durationMs = 4;
    const run = () => time.busy(durationMs++);
    const task = scheduler.every({ name: "sample", periodMs: 10, deadlineMs: 5, run });
    time.advance(25);
    equal(told, ["deadline sample 6"]);
    equal([task.runCount, task.deadlineMissCount, task.budgetOverrunCount], [3, 1, 0]);
  });

  it("counts a deadline from when the run was due, and a budget from when it began", () => {
    const { time, scheduler, told } = opened();
    scheduler.after({ name: "hog", delayMs: 0, priority: "high", run: () => time.busy(8) });
    const task = scheduler.after({ name: "late", delayMs: 0, deadlineMs: 9, budgetMs: 3, run: () => time.busy(3) });
    time.advance(1);
    equal(told, ["deadline late 11"]);
    task.runAfter(0);
    scheduler.after({ name: "long", delayMs: 0, budgetMs: 2, run: () => time.busy(3) });
    time.advance(20);
    equal(told.slice(1), ["budget long 3"]);
  });

  it("tells once a wait of a task that is due and does not get its turn", () => {
    const { time, scheduler, told } = opened({ starvedAfterMs: 20, dispatchCountMax: 2 });
    const hog = scheduler.task({
      name: "hog",
      priority: "high",
      run: (task) => {
        time.busy(5);
        task.post();
      },
    });
    const starved = scheduler.after({ name: "starved", delayMs: 0, priority: "low", run: () => {} });
    hog.post();
    time.advance(100);
    equal(told, ["starved starved 20"]);
    equal(starved.runCount, 0);
    hog.cancel();
    time.advance(50);
    equal(starved.runCount, 1);
  });

  it("takes what a listener throws for a fault of the task", () => {
    const faults: string[] = [];
    const { time, scheduler } = opened({
      onTiming: () => {
        throw new Error("listener");
      },
      onFault: (task, error) => faults.push(`${task.name}: ${(error as Error).message}`),
    });
    scheduler.after({ name: "slow", delayMs: 0, budgetMs: 1, run: () => time.busy(2) });
    time.advance(5);
    equal(faults, ["slow: listener"]);
  });

  it("counts lateness and duration in buckets that double, in the caller's buffer", () => {
    const { time, scheduler } = opened();
    const histogram = new Uint32Array(HISTOGRAM_LENGTH);
    scheduler.after({ name: "hog", delayMs: 10, priority: "high", run: () => time.busy(3) });
    scheduler.every({ name: "measured", periodMs: 10, histogram, run: () => time.busy(1) });
    time.advance(25);
    const counted = [...histogram]
      .map((count, index) => (count === 0 ? "" : `${index}:${count}`))
      .filter((text) => text !== "");
    equal(counted, [`${bucketOf(0)}:2`, `${bucketOf(3)}:1`, `${16 + bucketOf(1)}:3`]);
    equal([bucketOf(0), bucketOf(0.124), bucketOf(0.125), bucketOf(1), bucketOf(1e9)], [0, 0, 1, 4, 15]);
    for (let bucket = 1; bucket < 16; bucket++) {
      equal([bucketOf(bucketStartMs(bucket)), bucketOf(bucketStartMs(bucket) - 1 / 16)], [bucket, bucket - 1]);
    }
  });

  it("lets long work ask whether to yield: its slice is over, or somebody of its rank is due", () => {
    const { time, scheduler } = opened();
    const answers: boolean[] = [];
    const worker = scheduler.task({
      name: "worker",
      run: (task) => {
        answers.push(task.shouldYield(5));
        time.busy(4);
        answers.push(task.shouldYield(5));
        time.busy(1);
        answers.push(task.shouldYield(5));
      },
    });
    worker.post();
    time.advance(1);
    equal(answers.splice(0), [false, false, true]);
    scheduler.after({ name: "lower", delayMs: 1, priority: "low", run: () => {} });
    worker.post();
    time.advance(0);
    equal(answers.splice(0), [false, false, true]);
    scheduler.after({ name: "equal", delayMs: 3, run: () => {} });
    worker.post();
    time.advance(0);
    equal(answers, [false, true, true]);
    equal(worker.shouldYield(0), false);
  });

  it("wakes once for tasks whose slack meets, at the latest time, and keeps their grids", () => {
    const { time, scheduler } = opened();
    const runs: string[] = [];
    const run = (task: { readonly name: string }) => runs.push(`${task.name} ${time.nowMs}`);
    scheduler.every({ name: "a", periodMs: 100, phaseMs: 10, slackMs: 20, run });
    scheduler.every({ name: "b", periodMs: 100, phaseMs: 25, slackMs: 20, run });
    equal(scheduler.nextWakeMs(), 30);
    time.advance(150);
    equal(runs, ["a 30", "b 30", "a 130", "b 130"]);
    scheduler.every({ name: "c", periodMs: 100, phaseMs: 62, run });
    equal(scheduler.nextWakeMs(), 212);
    time.advance(62);
    equal(runs.slice(4), ["a 212", "c 212"]);
  });

  it("closes a task when its signal aborts, and leaves the signal when the task is closed", () => {
    const { scheduler } = opened();
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
    };
    scheduler.every({ name: "first", periodMs: 10, signal, run: () => {} });
    scheduler.every({ name: "second", periodMs: 10, signal, run: () => {} }).close();
    equal([scheduler.taskCount, listeners.size], [1, 1]);
    for (const listener of [...listeners]) listener();
    equal([scheduler.taskCount, listeners.size], [0, 0]);
    signal.aborted = true;
    throws(() => scheduler.task({ name: "third", signal, run: () => {} }), "invalid", /signal has aborted/);
  });

  it("refuses limits that cannot be kept, before any effect", () => {
    const { scheduler } = opened();
    const run = () => {};
    const wrong: readonly (readonly [Partial<TaskOptions>, RegExp])[] = [
      [{ deadlineMs: 0 }, /deadline or budget is wrong/],
      [{ deadlineMs: Number.NaN }, /deadline or budget is wrong/],
      [{ budgetMs: -1 }, /deadline or budget is wrong/],
      [{ slackMs: -1 }, /slack is wrong/],
      [{ deadlineMs: 11 }, /deadline is longer than its period/],
      [{ slackMs: 10 }, /slack is as long as its period/],
      [{ slackMs: 5, deadlineMs: 5 }, /expected less than the deadline/],
      [{ histogram: new Uint32Array(31) }, /expected a Uint32Array of 32/],
    ];
    for (const [options, message] of wrong) {
      throws(() => scheduler.every({ name: "wrong", periodMs: 10, run, ...options }), "invalid", message);
    }
    equal(scheduler.taskCount, 0);
    const task = scheduler.task({ name: "task", deadlineMs: 20, run });
    throws(() => task.runEvery(10), "invalid", /deadline is longer/);
    ok(!task.isPending);
  });
});
