/** Children start in the order of their adding and stop in reverse; what one start sets up is undone in reverse as well. */
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised, throwAfter } from "./supervised.js";

describe("supervisor: order", () => {
  it("starts in order, within start(), and stops in reverse", () => {
    const supervised = new Supervised();
    for (const name of ["a", "b", "c"]) supervised.add(name, "permanent");
    equal(supervised.trace(), [], "adding starts nothing");
    supervised.supervisor.start();
    equal(supervised.trace(), ["0 start a", "0 start b", "0 start c"]);
    supervised.supervisor.stop();
    equal(supervised.trace(), ["0 stop c", "0 stop b", "0 stop a"]);
    equal(
      supervised.supervisor.children.map((child) => child.status),
      ["stopped", "stopped", "stopped"],
    );
    supervised.supervisor.stop();
    equal(supervised.trace(), [], "a second stop does nothing");
    equal(supervised.scheduler.taskCount, 0, "no task is left behind");
    throws(() => supervised.supervisor.start(), /started once/);
  });

  it("undoes one child: its stop(), what start() returned, the undos in reverse, then its tasks", () => {
    const supervised = new Supervised();
    const { scheduler, supervisor } = supervised;
    supervisor.add({
      name: "child",
      restart: "permanent",
      start(scope) {
        equal(this.name, "child", "called with the options as `this`");
        scope.onStop(() => supervised.note("undo first"));
        scope.task({ name: "task", run() {} });
        scope.onStop(() => supervised.note(`undo second, ${scheduler.taskCount} tasks`));
        return () => supervised.note("undo returned");
      },
      stop() {
        supervised.note(`stop() of ${this.name}`);
      },
    });
    supervisor.start();
    supervisor.stop();
    equal(supervised.trace(), ["0 stop() of child", "0 undo returned", "0 undo second, 1 tasks", "0 undo first"]);
    equal(scheduler.taskCount, 0);
  });

  it("an undo that throws is recorded and keeps nothing else from being undone", () => {
    const supervised = new Supervised();
    const { supervisor } = supervised;
    supervised.add("first", "permanent");
    supervised.add("second", "permanent", (scope) => {
      scope.onStop(() => supervised.note("undo of second"));
      scope.onStop(() => {
        throw new Error("jammed");
      });
      throwAfter(scope, "second.task", 5);
    });
    supervisor.start();
    supervised.time.advance(5);
    supervisor.stop();
    equal(supervised.trace(), [
      "0 start first",
      "0 start second",
      "5 fault second: broken",
      "5 stop second",
      "5 undo of second",
      "5 start second", // The restart takes place all the same.
      "5 stop second",
      "5 undo of second",
      "5 stop first",
    ]);
    equal(
      supervisor.crashRecords.map((record) => record.message),
      ["broken", "jammed", "jammed"],
    );
  });

  it("stop() from within a child's own task ends everything, and no fault in that run brings it back", () => {
    const supervised = new Supervised();
    supervised.add("a", "permanent", (scope) => {
      scope.after({
        name: "a.task",
        delayMs: 5,
        run() {
          supervised.supervisor.stop();
          throw new Error("on the way out");
        },
      });
    });
    supervised.add("b", "permanent");
    supervised.supervisor.start();
    supervised.time.advance(1000);
    equal(supervised.trace(), [
      "0 start a",
      "0 start b",
      "5 stop b",
      "5 stop a",
      "5 unowned fault in a.task: on the way out", // The child is no more.
    ]);
  });

  it("stop() from within a start() undoes what that start has set up, and starts no more", () => {
    const supervised = new Supervised();
    supervised.add("a", "permanent", (scope) => {
      scope.every({ name: "a.task", periodMs: 10, run() {} });
      supervised.supervisor.stop();
      throws(() => scope.task({ name: "late", run() {} }), "closed");
    });
    supervised.add("b", "permanent");
    supervised.supervisor.start();
    supervised.time.advance(1000);
    equal(supervised.trace(), ["0 start a", "0 stop a"]);
    equal(supervised.scheduler.taskCount, 0);
  });
});
