/** A start() that throws is a fault of that child alone; what it had set up by then is undone before anything of it runs. */
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "./supervised.js";

describe("supervisor: a start() that throws", () => {
  it("keeps no other child from starting, and is tried again", () => {
    const supervised = new Supervised();
    let tryCount = 0;
    supervised.add("a", "permanent");
    const bad = supervised.add("bad", "permanent", () => {
      if (++tryCount <= 2) throw new Error(`try ${tryCount}`);
    });
    supervised.add("c", "permanent");
    supervised.supervisor.start();
    equal(supervised.trace(), ["0 start a", "0 start bad", "0 start c"]);
    supervised.time.advance(0);
    equal(supervised.trace(), ["0 fault bad: try 1", "0 start bad", "0 fault bad: try 2", "0 start bad"]);
    equal([bad.status, bad.restartCount], ["running", 2]);
  });

  it("counts toward the intensity: one that never succeeds escalates", () => {
    const supervised = new Supervised({ restartCountMax: 3 });
    const bad = supervised.add("bad", "transient", () => {
      throw new Error("never");
    });
    supervised.supervisor.start();
    supervised.time.advance(0);
    equal(
      supervised.trace().filter((line) => line !== "0 fault bad: never"),
      ["0 start bad", "0 start bad", "0 start bad", "0 start bad", "0 escalate bad: never"],
    );
    equal(bad.restartCount, 3);
  });

  it("is not tried again for a temporary child, and counts nothing", () => {
    const supervised = new Supervised({ restartCountMax: 0 });
    const bad = supervised.add("bad", "temporary", () => {
      throw new Error("once");
    });
    supervised.supervisor.start();
    supervised.time.advance(100);
    equal([bad.status, supervised.trace()], ["ended", ["0 start bad", "0 fault bad: once"]]);
  });

  it("leaves nothing of half a start behind: its undos run at once, its tasks never", () => {
    const supervised = new Supervised();
    let isFirst = true;
    supervised.supervisor.add({
      name: "half",
      restart: "permanent",
      start(scope) {
        scope.onStop(() => supervised.note("undo"));
        scope.every({ name: "task", priority: "high", periodMs: 10, run: () => supervised.note("task") });
        if (!isFirst) return;
        isFirst = false;
        throw new Error("halfway");
      },
      stop: () => supervised.note("stop()"),
    });
    supervised.supervisor.start();
    equal(supervised.trace(), ["0 undo"], "stop() is for a start that returned");
    supervised.time.advance(5);
    equal(supervised.trace(), ["0 fault half: halfway", "0 task"], "the task is that of the second start");
    supervised.supervisor.stop();
    equal(supervised.trace(), ["5 stop()", "5 undo"]);
  });
});
