/** Escalation comes once, and from then on nothing is restarted: the handler ends in a restart of the device. */
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised, throwAfter } from "./supervised.js";

describe("supervisor: escalation", () => {
  it("comes exactly once, whatever fails afterwards", () => {
    const supervised = new Supervised({ restartCountMax: 0 });
    supervised.add("a", "permanent", (scope) => throwAfter(scope, "a.task", 10));
    supervised.add("b", "permanent", (scope) => throwAfter(scope, "b.task", 10));
    supervised.add("c", "permanent", (scope) => throwAfter(scope, "c.task", 50));
    supervised.supervisor.start();
    supervised.time.advance(5000);
    equal(supervised.trace().slice(3), [
      "10 fault a: broken",
      "10 stop a",
      "10 escalate a: broken",
      "10 fault b: broken", // Told and stopped, not restarted.
      "10 stop b",
      "50 fault c: broken",
      "50 stop c",
    ]);
  });

  it("leaves alone what still works, until the device restarts", () => {
    const supervised = new Supervised({ restartCountMax: 0 });
    let count = 0;
    supervised.add("bad", "permanent", (scope) => throwAfter(scope, "bad.task", 10));
    supervised.add("good", "permanent", (scope) => {
      scope.every({ name: "good.task", periodMs: 10, run: () => void count++ });
    });
    supervised.supervisor.start();
    supervised.time.advance(1000);
    equal(count, 101);
  });

  it("cancels restarts that were waiting for their back-off", () => {
    const supervised = new Supervised({ restartCountMax: 1 });
    const waiting = supervised.add("waiting", "permanent", (scope) => throwAfter(scope, "waiting.task", 10), 100);
    supervised.add("last", "permanent", (scope) => throwAfter(scope, "last.task", 50));
    supervised.supervisor.start();
    supervised.time.advance(5000);
    equal(supervised.trace().slice(2), [
      "10 fault waiting: broken",
      "10 stop waiting",
      "50 fault last: broken",
      "50 stop last",
      "50 escalate last: broken",
    ]);
    equal(waiting.status, "waiting");
  });

  it("may stop everything from within, in reverse order", () => {
    const supervised: Supervised = new Supervised({ restartCountMax: 0, onEscalate: () => supervised.supervisor.stop() });
    supervised.add("a", "permanent");
    supervised.add("b", "permanent", (scope) => throwAfter(scope, "b.task", 10));
    supervised.add("c", "permanent", (scope) => throwAfter(scope, "c.task", 10));
    supervised.supervisor.start();
    supervised.time.advance(9);
    supervised.supervisor.fault("b", "b");
    supervised.supervisor.fault("c", "c");
    supervised.time.advance(5000);
    equal(supervised.trace().slice(3), [
      "9 fault b: b",
      "9 stop b",
      "9 escalate b: b",
      "9 stop c", // By stop(): its own fault, noted before, is nobody's business any more.
      "9 stop a",
    ]);
  });

  it("that throws is a fault of nobody's child, and does not come again", () => {
    const supervised = new Supervised({
      restartCountMax: 0,
      onEscalate() {
        throw new Error("no way out");
      },
    });
    supervised.add("a", "permanent", (scope) => throwAfter(scope, "a.task", 10));
    supervised.add("b", "permanent", (scope) => throwAfter(scope, "b.task", 10));
    supervised.supervisor.start();
    supervised.time.advance(5000);
    equal(supervised.trace().slice(2), [
      "10 fault a: broken",
      "10 stop a",
      "10 escalate a: broken",
      "10 unowned fault in supervisor: no way out",
      "10 fault b: broken",
      "10 stop b",
    ]);
  });
});
