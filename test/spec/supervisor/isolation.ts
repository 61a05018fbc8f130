/** A fault in one child disturbs no other: its periodic schedule goes on to the millisecond. */
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "./supervised.js";

describe("supervisor: isolation", () => {
  for (const priority of ["high", "normal", "low"] as const) {
    it(`a child that crashes at every run of ${priority} priority leaves the others on their grid`, () => {
      const supervised = new Supervised({ restartCountMax: 1000, periodMs: 1 });
      const runsMs: Record<string, number[]> = { before: [], behind: [] };
      const steady = (name: string) =>
        supervised.add(name, "permanent", (scope) => {
          scope.every({ name: `${name}.task`, periodMs: 25, run: () => void runsMs[name]?.push(supervised.time.nowMs) });
        });
      const before = steady("before");
      const bad = supervised.add("bad", "permanent", (scope) => {
        const run = () => {
          throw new Error("broken");
        };
        scope.every({ name: "bad.task", priority, periodMs: 10, phaseMs: 10, run });
      });
      const behind = steady("behind");
      supervised.supervisor.start();
      supervised.time.advance(1000);
      const grid = Array.from({ length: 41 }, (_, index) => 25 * index);
      equal(runsMs, { before: grid, behind: grid });
      equal([before.restartCount, bad.restartCount, behind.restartCount], [0, 100, 0]);
    });
  }

  it("a child that ends for good leaves the others on their grid", () => {
    const supervised = new Supervised();
    const runsMs: number[] = [];
    supervised.add("good", "permanent", (scope) => {
      scope.every({ name: "good.task", periodMs: 25, run: () => void runsMs.push(supervised.time.nowMs) });
    });
    const bad = supervised.add("bad", "temporary");
    supervised.supervisor.start();
    supervised.time.advance(30);
    supervised.supervisor.fault(bad, "broken");
    supervised.time.advance(70);
    equal([runsMs, bad.status], [[0, 25, 50, 75, 100], "ended"]);
  });
});
