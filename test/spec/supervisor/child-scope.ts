/** What a child starts through its scope is known as its own and gone when it stops, so that the same start() runs again. */
import type { ChildScope } from "../../../src/supervisor/child-scope.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "./supervised.js";

describe("supervisor: a child's scope", () => {
  it("makes the same names again after a restart, and leaves no task of the first life behind", () => {
    const supervised = new Supervised();
    let life = 0;
    const child = supervised.add("child", "permanent", (scope) => {
      const mine = ++life;
      scope.every({ name: "every", periodMs: 10, run: () => supervised.note(`every of life ${mine}`) });
      scope.after({ name: "after", delayMs: 25, run: () => supervised.note(`after of life ${mine}`) });
      scope.task({ name: "task", run() {} });
    });
    supervised.supervisor.start();
    supervised.time.advance(12);
    equal(supervised.scheduler.taskCount, 4, "three and the supervisor's");
    supervised.supervisor.fault(child, "again");
    supervised.time.advance(30);
    equal(supervised.scheduler.taskCount, 4);
    equal(supervised.trace(), [
      "0 start child",
      "0 every of life 1",
      "10 every of life 1",
      "12 fault child: again",
      "12 stop child",
      "12 start child",
      "12 every of life 2",
      "22 every of life 2",
      "32 every of life 2",
      "37 after of life 2",
      "42 every of life 2",
    ]);
  });

  it("knows its tasks: childOf() and onTaskFault() go by them, not by their names", () => {
    const supervised = new Supervised();
    const { scheduler, supervisor } = supervised;
    let scope!: ChildScope;
    const child = supervised.add("child", "permanent", (own) => {
      scope = own;
    });
    supervisor.start();
    const task = scope.task({ name: "task", run() {} });
    const other = scheduler.task({ name: "child", run() {} });
    equal([supervisor.childOf(task), supervisor.childOf(other)], [child, undefined]);
    equal(supervisor.onTaskFault(other, "nobody's"), false);
    equal(supervisor.crashRecords, [], "and nothing was done");
    equal(supervisor.onTaskFault(task, "its own"), true);
  });

  it("does not grow when a child makes and closes tasks of the same names over and over", () => {
    const supervised = new Supervised();
    let scope!: ChildScope;
    supervised.add("child", "permanent", (own) => {
      scope = own;
    });
    supervised.supervisor.start();
    const first = scope.after({ name: "reply", delayMs: 10, run() {} });
    first.close();
    const second = scope.after({ name: "reply", delayMs: 10, run() {} });
    equal([scope.has(first), scope.has(second)], [false, true]);
  });

  it("is closed for good when the child stops: a late callback starts nothing", () => {
    const supervised = new Supervised();
    const scopes: ChildScope[] = [];
    const child = supervised.add("child", "permanent", (scope) => void scopes.push(scope));
    supervised.supervisor.start();
    supervised.supervisor.fault(child, "broken");
    supervised.time.advance(0);
    const [old, present] = scopes;
    ok(old && present);
    equal([old.isOpen, present.isOpen], [false, true]);
    const run = () => {};
    throws(() => old.task({ name: "late", run }), "closed");
    throws(() => old.every({ name: "late", periodMs: 10, run }), "closed");
    throws(() => old.after({ name: "late", delayMs: 10, run }), "closed");
    supervised.trace();
    old.exit();
    old.onStop(() => supervised.note("undone at once"));
    supervised.time.advance(100);
    equal(supervised.trace(), ["0 undone at once"]);
    equal(child.status, "running", "the present life goes on");
  });
});
