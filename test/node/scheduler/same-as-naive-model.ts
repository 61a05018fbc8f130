/**
 * Whatever is armed, cancelled, posted and closed, from outside or within runs, the real scheduler fires as the naive one
 * does.
 */
import fc from "fast-check";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Overrun, Priority, Task } from "../../../src/scheduler/task.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../../spec/scheduler/manual-time.js";
import { type ModelTask, NaiveModel } from "./naive-model.js";

/** What is done to the task number `index`; `ms` is a delay, a period, a time that passes. */
interface Action {
  readonly kind: "runAfter" | "runEvery" | "post" | "cancel" | "busy" | "throw" | "reopen" | "advance" | "restart";
  readonly index: number;
  readonly ms: number;
  readonly phaseMs: number;
}
interface Kind {
  readonly priority: Priority;
  readonly overrun: Overrun;
}

const withinRun = ["runAfter", "runEvery", "post", "cancel", "busy", "throw", "reopen"] as const;
const fromOutside = [...withinRun.filter((kind) => kind !== "throw"), "advance", "advance", "advance", "restart"] as const;

function actions(kinds: readonly Action["kind"][]): fc.Arbitrary<Action> {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    index: fc.nat(5),
    ms: fc.nat(25),
    phaseMs: fc.nat(15),
  });
}

const kindOfTask: fc.Arbitrary<Kind> = fc.record({
  priority: fc.constantFrom<Priority>("high", "normal", "low"),
  overrun: fc.constantFrom<Overrun>("skip", "catchUp", "coalesce"),
});

/** Both schedulers behind the same actions. A run takes the next actions of the script until it is used up. */
class Real {
  readonly log: string[] = [];
  readonly time = new ManualTime();
  readonly scheduler: Scheduler;
  readonly tasks: Task[];
  readonly #kinds: readonly Kind[];
  readonly #script: Action[];

  constructor(kinds: readonly Kind[], script: readonly Action[], dispatchCountMax: number) {
    this.#kinds = kinds;
    this.#script = [...script];
    const onFault = () => {};
    this.scheduler = new Scheduler({ ...this.time, taskCountMax: kinds.length, dispatchCountMax, onFault });
    this.tasks = kinds.map((_, index) => this.#open(index));
    this.scheduler.start();
  }

  #open(index: number): Task {
    const run = (task: Task) => {
      this.log.push(`${this.time.nowMs} ${task.name} ${task.dueCount}`);
      const action = this.#script.shift();
      if (action?.kind === "throw") throw new Error("as the script says");
      if (action) this.act(action);
    };
    return this.scheduler.task({ name: `${index}`, ...this.#kinds[index]!, run });
  }

  act({ kind, index: anyIndex, ms, phaseMs }: Action): void {
    const index = anyIndex % this.tasks.length;
    const task = this.tasks[index]!;
    if (kind === "runAfter") task.runAfter(ms);
    else if (kind === "runEvery") task.runEvery(ms + 1, phaseMs);
    else if (kind === "post") task.post();
    else if (kind === "cancel") task.cancel();
    else if (kind === "busy") this.time.busy(ms);
    else if (kind === "advance") this.time.advance(ms);
    else if (kind === "restart") {
      this.scheduler.stop();
      this.time.advance(ms);
      this.scheduler.start();
    } else {
      task.close();
      this.tasks[index] = this.#open(index);
    }
  }
}

class Model {
  readonly log: string[] = [];
  readonly model: NaiveModel;
  readonly tasks: ModelTask[];
  readonly #kinds: readonly Kind[];

  constructor(kinds: readonly Kind[], script: readonly Action[], dispatchCountMax: number) {
    this.#kinds = kinds;
    const left = [...script];
    this.model = new NaiveModel(dispatchCountMax, (task) => {
      this.log.push(`${this.model.nowMs} ${task.name} ${task.dueCount}`);
      const action = left.shift();
      if (action && action.kind !== "throw") this.act(action);
    });
    this.tasks = kinds.map((_, index) => this.#open(index));
  }

  #open(index: number): ModelTask {
    return this.model.open(`${index}`, this.#kinds[index]!.priority, this.#kinds[index]!.overrun);
  }

  act({ kind, index: anyIndex, ms, phaseMs }: Action): void {
    const index = anyIndex % this.tasks.length;
    const task = this.tasks[index]!;
    if (kind === "runAfter") this.model.runAfter(task, ms);
    else if (kind === "runEvery") this.model.runEvery(task, ms + 1, phaseMs);
    else if (kind === "post") this.model.post(task);
    else if (kind === "cancel") this.model.cancel(task);
    else if (kind === "busy" || kind === "restart") this.model.nowMs += ms;
    else if (kind === "advance") this.model.advance(ms);
    else {
      this.model.cancel(task);
      this.tasks[index] = this.#open(index);
    }
  }
}

function facts(task: Task | ModelTask): unknown {
  return [task.name, task.dueMs, task.dueCount, task.runCount, task.missedCount, task.latenessMaxMs];
}

describe("scheduler: same as the naive model", () => {
  it("the same runs at the same times with the same counts", () => {
    fc.assert(
      fc.property(
        fc.array(kindOfTask, { minLength: 1, maxLength: 6 }),
        fc.array(actions(fromOutside), { minLength: 1, maxLength: 80, size: "max" }),
        fc.array(actions(withinRun), { maxLength: 80, size: "max" }),
        fc.integer({ min: 1, max: 40 }),
        (kinds, outside, script, dispatchCountMax) => {
          const real = new Real(kinds, script, dispatchCountMax);
          const model = new Model(kinds, script, dispatchCountMax);
          for (const action of outside) {
            real.act(action);
            model.act(action);
            equal(real.log, model.log);
            equal(real.tasks.map(facts), model.tasks.map(facts));
            equal(real.time.nowMs, model.model.nowMs);
            const wakeMs = real.scheduler.nextWakeMs();
            const dueMs = model.model.nextDueMs();
            // While several are late, the one that runs next is not the one that waits longest.
            if (dueMs !== undefined && dueMs <= model.model.nowMs) equal(wakeMs! <= model.model.nowMs, true, "a late task");
            else equal(wakeMs, dueMs, "nextWakeMs");
          }
          equal(real.scheduler.taskCount, kinds.length);
          equal(real.scheduler.lastFault, undefined);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("scheduler: grid of periods", () => {
  it("no time, period or phase, however odd, moves a point or counts one twice", () => {
    const periods = fc.double({ min: 1, max: 1e6, noNaN: true });
    const stalls = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        periods,
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        stalls,
        fc.constantFrom<Overrun>("skip", "coalesce", "catchUp"),
        (periodMs, startMs, phaseMs, stallsMs, overrun) => {
          const time = new ManualTime();
          time.nowMs = startMs;
          const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
          const task = scheduler.every({ name: "sample", periodMs, phaseMs, overrun, run() {} });
          scheduler.start();
          const originMs = startMs + phaseMs;
          for (const stallMs of stallsMs) {
            time.busy(stallMs);
            time.advance(0);
            const accountedCount = task.runCount + task.missedCount;
            equal(task.dueMs, originMs + accountedCount * periodMs, "the next point follows those accounted for");
          }
          time.nowMs = task.dueMs! + 1;
          time.advance(0);
          equal(task.dueMs! > time.nowMs, true, "after a run the next point is in the future");
        },
      ),
      { numRuns: 500 },
    );
  });
});
