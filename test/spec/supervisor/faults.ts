/** A fault is noted where it is told and acted on in the supervisor's own task: its teller is in the middle of something. */
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Child } from "../../../src/supervisor/child.js";
import { Supervisor } from "../../../src/supervisor/supervisor.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../scheduler/manual-time.js";
import { Supervised } from "./supervised.js";

describe("supervisor: a fault", () => {
  it("restarts nothing from within the callback that tells it", () => {
    const supervised = new Supervised();
    const child = supervised.add("child", "permanent");
    supervised.supervisor.start();
    supervised.trace();
    supervised.supervisor.fault(child, new Error("told from a driver's callback"));
    equal([supervised.trace(), child.status], [[], "running"]);
    supervised.time.advance(0);
    equal(supervised.trace(), ["0 fault child: told from a driver's callback", "0 stop child", "0 start child"]);
  });

  it("is acted on before what is due at the same time with a lower priority", () => {
    const supervised = new Supervised();
    supervised.add("bad", "permanent", (scope) => {
      scope.after({
        name: "bad.first",
        delayMs: 10,
        run() {
          throw new Error("broken");
        },
      });
      scope.after({ name: "bad.second", delayMs: 10, run: () => supervised.note("second task of bad") });
    });
    supervised.supervisor.start();
    supervised.trace();
    supervised.time.advance(15);
    equal(supervised.trace(), ["10 fault bad: broken", "10 stop bad", "10 start bad"]);
  });

  it("can be told by name; one that no child has is `missing`", () => {
    const supervised = new Supervised();
    supervised.add("radio", "permanent");
    supervised.supervisor.start();
    supervised.supervisor.fault("radio", "late");
    supervised.time.advance(0);
    equal(supervised.supervisor.find("radio")?.restartCount, 1);
    throws(() => supervised.supervisor.fault("rado", "late"), "missing", /rado/);
    equal(supervised.supervisor.find("rado"), undefined);
  });

  it("on top of another, before it was acted on, is recorded and counts as one", () => {
    const supervised = new Supervised({ restartCountMax: 1 });
    const child = supervised.add("child", "permanent");
    supervised.supervisor.start();
    for (const message of ["cause", "debris", "more debris"]) supervised.supervisor.fault(child, message);
    supervised.time.advance(0);
    equal(supervised.trace(), ["0 start child", "0 fault child: cause", "0 stop child", "0 start child"]);
    equal(
      supervised.supervisor.crashRecords.map((record) => record.message),
      ["cause", "debris", "more debris"],
    );
  });

  it("of a child that does not run is nothing", () => {
    const supervised = new Supervised();
    const waiting = supervised.add("waiting", "permanent", undefined, 100);
    const ended = supervised.add("ended", "temporary");
    supervised.supervisor.fault(waiting, "too soon");
    equal(supervised.supervisor.crashRecords, [], "before start()");
    supervised.supervisor.start();
    supervised.supervisor.fault(waiting, "first");
    supervised.supervisor.fault(ended, "first");
    supervised.time.advance(50);
    supervised.supervisor.fault(waiting, "while it waits");
    supervised.supervisor.fault(ended, "when it has ended");
    supervised.time.advance(100);
    supervised.supervisor.stop();
    supervised.supervisor.fault(waiting, "when it is stopped");
    equal([supervised.supervisor.crashRecords.length, waiting.restartCount], [2, 1]);
  });

  it("is acted on even where the handler of another one throws", () => {
    const supervised = new Supervised({
      onChildFault(child: Child) {
        if (child.name === "a") throw new Error("handler");
      },
    });
    const a = supervised.add("a", "permanent");
    const b = supervised.add("b", "permanent");
    supervised.supervisor.start();
    supervised.trace();
    supervised.supervisor.fault(a, "broken");
    supervised.supervisor.fault(b, "broken");
    supervised.time.advance(0);
    equal(supervised.trace(), [
      "0 fault a: broken",
      "0 stop a",
      "0 unowned fault in supervisor: handler",
      "0 start a", // In the next run, with all else that was left.
      "0 fault b: broken",
      "0 stop b",
      "0 start b",
    ]);
  });

  it("needs nobody to be told", () => {
    const time = new ManualTime();
    const scheduler = new Scheduler({ ...time, taskCountMax: 1 });
    const supervisor = new Supervisor({
      ...{ clock: time.clock, scheduler, childCountMax: 1, intensity: { restartCountMax: 1, periodMs: 1 } },
      onEscalate() {},
    });
    const child = supervisor.add({ name: "child", restart: "permanent", start() {} });
    scheduler.start();
    supervisor.start();
    supervisor.fault(child, "broken");
    time.advance(0);
    equal([child.restartCount, supervisor.crashRecords.length, scheduler.lastFault], [1, 1, undefined]);
  });
});
