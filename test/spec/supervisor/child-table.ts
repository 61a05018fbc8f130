/** The table of children has a size and unique names; what cannot be used is refused before any effect. */
import type { ChildOptions } from "../../../src/supervisor/child.js";
import { Supervisor } from "../../../src/supervisor/supervisor.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "./supervised.js";

describe("supervisor: the table of children", () => {
  it("refuses one too many with `full`, and a name that is taken", () => {
    const supervised = new Supervised({ childCountMax: 2 });
    supervised.add("a", "permanent");
    throws(() => supervised.add("a", "transient"), "invalid", /a is there/);
    supervised.add("b", "permanent");
    throws(() => supervised.add("c", "permanent"), "full", /childCountMax/);
    equal(
      supervised.supervisor.children.map((child) => child.name),
      ["a", "b"],
    );
  });

  const refused: readonly (readonly [string, Partial<ChildOptions>])[] = [
    ["an empty name", { name: "" }],
    ["an unknown restart type", { restart: "always" as "permanent" }],
    ["a negative back-off", { backoffMs: -1 }],
    ["an endless back-off", { backoffMs: Number.POSITIVE_INFINITY }],
    ["a back-off that is not a number", { backoffMs: Number.NaN }],
  ];
  for (const [what, options] of refused) {
    it(`refuses ${what}`, () => {
      const { supervisor } = new Supervised();
      throws(() => supervisor.add({ name: "child", restart: "permanent", start() {}, ...options }), "invalid");
      equal(supervisor.children, []);
    });
  }

  it("is closed by start()", () => {
    const supervised = new Supervised();
    supervised.supervisor.start();
    throws(() => supervised.add("late", "temporary"), /before start/);
  });

  it("knows one strategy, and says so of the others", () => {
    const { time, scheduler } = new Supervised();
    const options = {
      ...{ clock: time.clock, scheduler, childCountMax: 1, intensity: { restartCountMax: 1, periodMs: 1 } },
      onEscalate() {},
    };
    for (const strategy of ["oneForAll", "restForOne"] as const) {
      throws(() => new Supervisor({ ...options, strategy }), "unsupported", /oneForOne/);
    }
    equal(scheduler.taskCount, 1, "refused before a task was taken");
  });

  it("asserts its bounds, and that somebody takes the escalation", () => {
    const { time, scheduler } = new Supervised();
    const options = {
      ...{ clock: time.clock, scheduler, childCountMax: 1, intensity: { restartCountMax: 1, periodMs: 1 } },
      onEscalate() {},
    };
    throws(() => new Supervisor({ ...options, childCountMax: 0 }), /childCountMax/);
    throws(() => new Supervisor({ ...options, crashRecordCountMax: 0 }), /crashRecordCountMax/);
    throws(() => new Supervisor({ ...options, onEscalate: undefined as unknown as () => void }), /onEscalate/);
  });
});
