/** OTP's table for one-for-one: which end of which child is followed by a restart, and that no other child is touched. */
import type { EndKind, RestartType } from "../../../src/supervisor/child.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "./supervised.js";

const TABLE: readonly (readonly [RestartType, EndKind, "restarted" | "ended"])[] = [
  ["permanent", "exit", "restarted"],
  ["permanent", "fault", "restarted"],
  ["transient", "exit", "ended"],
  ["transient", "fault", "restarted"],
  ["temporary", "exit", "ended"],
  ["temporary", "fault", "ended"],
];

describe("supervisor: the table of one-for-one", () => {
  for (const [restart, end, outcome] of TABLE) {
    it(`a ${restart} child that ends by ${end} is ${outcome}`, () => {
      const supervised = new Supervised();
      const { supervisor, time } = supervised;
      supervised.add("before", "permanent");
      let isFirst = true;
      const child = supervised.add("child", restart, (scope) => {
        scope.after({
          name: "child.end",
          delayMs: 10,
          run() {
            if (!isFirst) return;
            isFirst = false;
            if (end === "fault") throw new Error("broken");
            scope.exit();
          },
        });
      });
      supervised.add("behind", "permanent");
      supervisor.start();
      time.advance(100);
      equal(supervised.trace(), [
        "0 start before",
        "0 start child",
        "0 start behind",
        ...(end === "fault" ? ["10 fault child: broken"] : []), // An exit is no fault.
        "10 stop child",
        ...(outcome === "restarted" ? ["10 start child"] : []),
      ]);
      equal([child.status, child.restartCount], outcome === "restarted" ? ["running", 1] : ["ended", 0]);
    });
  }

  it("a fault in the same run after exit() is a fault: the end was not the planned one", () => {
    const supervised = new Supervised();
    const child = supervised.add("child", "transient", (scope) => {
      scope.after({
        name: "end",
        delayMs: 10,
        run() {
          scope.exit();
          if (child.restartCount === 0) throw new Error("after all");
        },
      });
    });
    supervised.supervisor.start();
    supervised.time.advance(100);
    equal(supervised.trace(), [
      "0 start child",
      "10 fault child: after all",
      "10 stop child",
      "10 start child",
      "20 stop child", // The second run exits and does no more.
    ]);
    equal(child.status, "ended");
  });

  it("an exit() after a fault does not hide it", () => {
    const supervised = new Supervised();
    let exit = (): void => {};
    const child = supervised.add("child", "transient", (scope) => {
      exit = () => scope.exit();
    });
    supervised.supervisor.start();
    supervised.supervisor.fault(child, "broken");
    exit();
    supervised.time.advance(0);
    equal(supervised.trace(), ["0 start child", "0 fault child: broken", "0 stop child", "0 start child"]);
  });

  it("exit() twice, or in start(), is one exit", () => {
    const supervised = new Supervised();
    supervised.add("child", "temporary", (scope) => {
      scope.exit();
      scope.exit();
    });
    supervised.supervisor.start();
    equal(supervised.trace(), ["0 start child"]);
    supervised.time.advance(0);
    equal(supervised.trace(), ["0 stop child"]);
  });
});
