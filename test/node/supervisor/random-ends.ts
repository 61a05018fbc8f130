/** Random faults and exits on random children: the supervisor does what a naive model of OTP's rules does. */
import fc from "fast-check";
import type { ChildStatus, EndKind, RestartType } from "../../../src/supervisor/child.js";
import type { ChildScope } from "../../../src/supervisor/child-scope.js";
import { RestartWindow } from "../../../src/supervisor/restart-window.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "../../spec/supervisor/supervised.js";

/** A list that is filtered at each question, as in OTP. */
class ModelWindow {
  readonly restartCountMax: number;
  readonly periodMs: number;
  #timesMs: number[] = [];

  constructor(restartCountMax: number, periodMs: number) {
    this.restartCountMax = restartCountMax;
    this.periodMs = periodMs;
  }

  admit(nowMs: number): boolean {
    this.#timesMs = this.#timesMs.filter((timeMs) => nowMs - timeMs <= this.periodMs);
    if (this.#timesMs.length >= this.restartCountMax) return false;
    this.#timesMs.push(nowMs);
    return true;
  }
}

describe("supervisor: random ends", () => {
  it("the ring of restart times answers as a filtered list does", () => {
    const waits = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.nat(5), fc.integer({ min: 1, max: 1000 }), waits, (restartCountMax, periodMs, waitsMs) => {
        const window = new RestartWindow({ restartCountMax, periodMs });
        const model = new ModelWindow(restartCountMax, periodMs);
        let nowMs = 0;
        for (const waitMs of waitsMs) {
          nowMs += waitMs;
          equal(window.admit(nowMs), model.admit(nowMs), `at ${nowMs}`);
        }
      }),
    );
  });

  it("ends, restarts and escalates as the table and the intensity say, and the bystander keeps its grid", () => {
    const types = fc.array(fc.constantFrom<RestartType>("permanent", "transient", "temporary"), { minLength: 1, maxLength: 4 });
    const ends = fc.array(
      fc.record({
        waitMs: fc.integer({ min: 1, max: 150 }),
        index: fc.nat(3),
        kind: fc.constantFrom<EndKind>("exit", "fault"),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(types, fc.nat(4), ends, (restarts, restartCountMax, sequence) => {
        const supervised = new Supervised({ restartCountMax, periodMs: 400 });
        const scopes: (ChildScope | undefined)[] = [];
        const runsMs: number[] = [];
        supervised.add("bystander", "permanent", (scope) => {
          scope.every({ name: "bystander.task", periodMs: 25, run: () => void runsMs.push(supervised.time.nowMs) });
        });
        const children = restarts.map((restart, index) =>
          supervised.add(`child ${index}`, restart, (scope) => {
            scopes[index] = scope;
            scope.every({ name: `child ${index}.task`, periodMs: 30, run() {} });
          }),
        );
        supervised.supervisor.start();
        supervised.time.advance(0);

        const window = new ModelWindow(restartCountMax, 400);
        const statuses: ChildStatus[] = restarts.map(() => "running");
        const counts = restarts.map(() => 0);
        let escalationCount = 0;
        for (const { waitMs, index: any, kind } of sequence) {
          supervised.time.advance(waitMs);
          const index = any % children.length;
          if (kind === "fault") supervised.supervisor.fault(children[index]!, "broken");
          else scopes[index]!.exit();
          supervised.time.advance(0);

          if (statuses[index] !== "running") continue;
          statuses[index] = "ended";
          const isRestarted = restarts[index] === "permanent" || (restarts[index] === "transient" && kind === "fault");
          if (!isRestarted || escalationCount > 0) continue;
          if (window.admit(supervised.time.nowMs)) {
            statuses[index] = "running";
            counts[index]!++;
          } else {
            escalationCount++;
          }
        }
        equal(
          children.map((child) => child.status),
          statuses,
        );
        equal(
          children.map((child) => child.restartCount),
          counts,
        );
        equal(supervised.log.filter((line) => line.includes("escalate")).length, escalationCount);
        equal(
          runsMs,
          Array.from({ length: runsMs.length }, (_, n) => 25 * n),
        );
        equal(runsMs.length, Math.floor(supervised.time.nowMs / 25) + 1);
        const running = statuses.filter((status) => status === "running").length;
        equal(supervised.scheduler.taskCount, 2 + running, "the supervisor's, the bystander's and one for each that runs");
      }),
      { numRuns: 200 },
    );
  });
});
