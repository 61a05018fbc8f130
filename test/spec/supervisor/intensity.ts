/** OTP's intensity: so many restarts within the period are a cure, one more is not. */
import { RestartWindow } from "../../../src/supervisor/restart-window.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised, throwAfter } from "./supervised.js";

function admissions(restartCountMax: number, periodMs: number, timesMs: readonly number[]): boolean[] {
  const window = new RestartWindow({ restartCountMax, periodMs });
  return timesMs.map((timeMs) => window.admit(timeMs));
}

describe("supervisor: the restart window", () => {
  it("lets exactly the limit pass, and not one over", () => {
    equal(admissions(3, 1000, [0, 0, 0, 0]), [true, true, true, false]);
    equal(admissions(1, 1000, [0, 500]), [true, false]);
    equal(admissions(0, 1000, [0, 5000]), [false, false], "0 lets none pass, as in OTP");
  });

  it("slides: each restart is forgotten by itself", () => {
    equal(admissions(2, 1000, [0, 600, 1001, 1600, 1601]), [true, true, true, false, true]);
  });

  it("counts a restart that is exactly one period old, as OTP does", () => {
    equal(admissions(1, 1000, [0, 1000]), [true, false]);
    equal(admissions(1, 1000, [0, 1000.5]), [true, true]);
  });

  it("does not count what it has refused", () => {
    equal(admissions(1, 1000, [0, 900, 1001]), [true, false, true]);
  });

  it("asserts its bounds", () => {
    for (const restartCountMax of [-1, 0.5, Number.NaN, 1001]) {
      throws(() => new RestartWindow({ restartCountMax, periodMs: 1 }), /restartCountMax/);
    }
    for (const periodMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new RestartWindow({ restartCountMax: 1, periodMs }), /period/);
    }
  });
});

describe("supervisor: intensity", () => {
  it("three restarts in the period pass, the fourth escalates", () => {
    const supervised = new Supervised({ restartCountMax: 3, periodMs: 1000 });
    const child = supervised.add("child", "permanent", (scope) => throwAfter(scope, "task", 100));
    supervised.supervisor.start();
    supervised.time.advance(399);
    equal([child.restartCount, child.status], [3, "running"], "at the limit");
    supervised.trace();
    supervised.time.advance(5000);
    equal(supervised.trace(), ["400 fault child: broken", "400 stop child", "400 escalate child: broken"]);
    equal([child.restartCount, child.status], [3, "ended"]);
  });

  it("the same faults further apart never escalate", () => {
    const supervised = new Supervised({ restartCountMax: 3, periodMs: 1000 });
    const child = supervised.add("child", "permanent", (scope) => throwAfter(scope, "task", 334));
    supervised.supervisor.start();
    supervised.time.advance(334_000);
    equal([child.restartCount, child.status], [1000, "running"]);
  });

  it("is shared by all children, and the one that is one too many is named", () => {
    const supervised = new Supervised({ restartCountMax: 2, periodMs: 1000 });
    for (const [name, delayMs] of [
      ["a", 10],
      ["b", 20],
      ["c", 30],
    ] as const) {
      let isFirst = true;
      supervised.add(name, "permanent", (scope) => {
        if (isFirst) throwAfter(scope, `${name}.task`, delayMs);
        isFirst = false;
      });
    }
    supervised.supervisor.start();
    supervised.time.advance(25);
    supervised.trace();
    supervised.time.advance(5);
    equal(supervised.trace(), ["30 fault c: broken", "30 stop c", "30 escalate c: broken"]);
  });

  it("counts a permanent child's exits, and no end that is not followed by a restart", () => {
    const supervised = new Supervised({ restartCountMax: 1, periodMs: 1000 });
    const exiting = (name: string) => (scope: { exit(): void; after: Supervised["scheduler"]["after"] }) =>
      void scope.after({ name, delayMs: 10, run: () => scope.exit() });
    supervised.add("transient", "transient", exiting("transient.task"));
    supervised.add("temporary", "temporary", (scope) => throwAfter(scope, "temporary.task", 10));
    supervised.add("permanent", "permanent", exiting("permanent.task"));
    supervised.supervisor.start();
    supervised.time.advance(1000);
    equal(supervised.trace().slice(3), [
      "10 stop transient",
      "10 fault temporary: broken",
      "10 stop temporary",
      "10 stop permanent",
      "10 start permanent", // The one restart that is let pass.
      "20 stop permanent",
      "20 escalate permanent: undefined", // It has only exited: there is no cause.
    ]);
  });
});
