/** A back-off keeps a child that cannot work just now, because its link is down, from using up the intensity. */
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised, throwAfter } from "./supervised.js";

describe("supervisor: back-off", () => {
  it("waits so long between the end and the restart, with the child stopped", () => {
    const supervised = new Supervised();
    const child = supervised.add("link", "permanent", (scope) => throwAfter(scope, "task", 10), 500);
    supervised.supervisor.start();
    supervised.time.advance(100);
    equal([child.status, child.restartCount], ["waiting", 0]);
    supervised.time.advance(500);
    equal(supervised.trace(), [
      "0 start link",
      "10 fault link: broken",
      "10 stop link",
      "510 start link",
      "520 fault link: broken",
      "520 stop link",
    ]);
  });

  it("of one child holds up no other, whichever is due first", () => {
    const supervised = new Supervised();
    for (const [name, backoffMs] of [
      ["slow", 300],
      ["quick", 100],
      ["none", 0],
    ] as const) {
      let isFirst = true;
      const body = (scope: Parameters<typeof throwAfter>[0]) => {
        if (isFirst) throwAfter(scope, `${name}.task`, 10);
        isFirst = false;
      };
      supervised.add(name, "permanent", body, backoffMs);
    }
    supervised.supervisor.start();
    supervised.time.advance(1000);
    const starts = supervised.trace().filter((line) => line.includes("start"));
    equal(starts.slice(3), ["10 start none", "110 start quick", "310 start slow"]);
  });

  it("is not cut short by a fault elsewhere", () => {
    const supervised = new Supervised();
    const slow = supervised.add("slow", "permanent", undefined, 300);
    const other = supervised.add("other", "permanent");
    supervised.supervisor.start();
    supervised.supervisor.fault(slow, "broken");
    supervised.time.advance(100);
    supervised.supervisor.fault(other, "broken");
    supervised.time.advance(199);
    equal([slow.status, other.restartCount], ["waiting", 1]);
    supervised.time.advance(1);
    equal(slow.status, "running");
  });

  it("ends with stop()", () => {
    const supervised = new Supervised();
    const child = supervised.add("link", "permanent", undefined, 300);
    supervised.supervisor.start();
    supervised.supervisor.fault(child, "broken");
    supervised.time.advance(100);
    supervised.supervisor.stop();
    supervised.time.advance(1000);
    equal([child.status, child.restartCount, supervised.scheduler.taskCount], ["stopped", 0, 0]);
  });
});
