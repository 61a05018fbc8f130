/** Transitions that need no event, and the bound on chains of them that never end. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Trace } from "./support.js";

interface Level {
  level: number;
  trace: Trace;
}

interface Spin {
  microsteps: number;
}

describe("statechart: eventless transitions", () => {
  const chart = defineChart({
    initial: "choose",
    events: ["NEXT", "MORE"],
    states: {
      choose: {
        always: [
          { guard: (context: Level) => context.level > 10, target: "high" },
          { guard: (context) => context.level > 5, target: "middle" },
          { guard: (context) => context.level === 5, action: (context) => void context.level++ },
        ],
        on: {
          MORE: {
            action(context, payload) {
              context.level = payload as number;
            },
          },
        },
      },
      middle: {
        entry: (context) => void context.trace.lines.push("+middle"),
        always: [{ target: "low", action: (context, payload) => void context.trace.lines.push(`on with ${String(payload)}`) }],
      },
      low: { entry: (context) => void context.trace.lines.push("+low"), on: { NEXT: "choose" } },
      high: {},
    },
  });
  const startWith = (level: number) => {
    const context = { level, trace: new Trace() };
    const machine = new Machine(chart, { name: "m", context });
    machine.start();
    return { machine, context };
  };

  it("rests where no guard is true", () => equal(startWith(1).machine.state, "choose"));

  it("takes the first whose guard is true, already at start", () => equal(startWith(11).machine.state, "high"));

  it("goes on until nothing more is enabled, each microstep complete before the next", () => {
    const { machine, context } = startWith(1);
    machine.send("MORE", 6);
    context.trace.expect(
      [
        ["+middle", "the event has no target; its action made the guard true"],
        ["on with 6", "the payload is still that of the event being processed"],
        ["+low", "without a guard: at once"],
      ],
      "MORE 6",
    );
    equal(machine.state, "low");
  });

  it("are tried again after one without a target", () => equal(startWith(5).machine.state, "low"));

  it("of outer states are tried after those of inner ones", () => {
    const seen: string[] = [];
    const outer = defineChart({
      initial: "a",
      states: {
        a: {
          initial: "b",
          always: [{ guard: () => seen.push("outer") > 3, target: "c" }],
          states: { b: { always: [{ guard: () => seen.push("inner") > 99, target: "c" }], on: { GO: {} } } },
        },
        c: {},
      },
    });
    const machine = new Machine(outer, { name: "m", context: undefined });
    machine.start();
    machine.send("GO");
    equal(seen, ["inner", "outer", "inner", "outer"]);
    equal(machine.state, "c");
  });
});

describe("statechart: the bound on microsteps", () => {
  const ring = defineChart({
    initial: "rest",
    states: {
      rest: { on: { SPIN: "a" } },
      a: { always: [{ guard: (context: Spin) => context.microsteps-- > 0, target: "b" }], on: { OUT: "rest" } },
      b: { always: [{ guard: (context) => context.microsteps-- > 0, target: "a" }], on: { OUT: "rest" } },
    },
  });

  it("lets a chain of that length pass", () => {
    const machine = new Machine(ring, { name: "m", context: { microsteps: 64 } });
    machine.start();
    machine.send("SPIN");
    equal(machine.state, "a", "an even number of steps");
  });

  it("ends a longer one, names the machine, the event and the state, and goes on with the next event", () => {
    const errors: unknown[] = [];
    const context = { microsteps: Number.POSITIVE_INFINITY };
    const machine = new Machine(ring, { name: "spinner", context, onError: (error) => errors.push(error) });
    machine.start();
    machine.send("SPIN");
    equal(errors.length, 1, "once");
    const error = throws(() => {
      throw errors[0];
    }, "full");
    equal(
      (error as Error).message,
      'machine spinner: more than 64 microsteps after SPIN, now in state "b": eventless or raised events in an endless loop',
    );
    context.microsteps = 0;
    machine.send("OUT");
    equal(machine.state, "rest");
  });

  it("is thrown to the caller where there is no onError, and can be chosen", () => {
    const context = { microsteps: Number.POSITIVE_INFINITY };
    const machine = new Machine(ring, { name: "m", context, microstepCountMax: 3 });
    machine.start();
    throws(() => machine.send("SPIN"), "full", /more than 3 microsteps/);
    equal(machine.isRunning, true);
  });

  it("ends an action that raises its own event for ever, and drops what was raised", () => {
    const errors: unknown[] = [];
    let handled = 0;
    const chart = defineChart({
      initial: "a",
      events: ["AGAIN", "OTHER"],
      states: {
        a: {
          on: {
            AGAIN: {
              action(_context: undefined, _payload, machine) {
                handled++;
                machine.raise("AGAIN");
              },
            },
            OTHER: "b",
          },
        },
        b: {},
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined, onError: (error) => errors.push(error) });
    machine.start();
    machine.send("AGAIN");
    equal(handled, 66, "the event itself, and one more than 64");
    equal(errors.length, 1);
    machine.send("OTHER");
    equal([machine.state, handled], ["b", 66], "nothing of the loop is left in the queue");
  });

  it("is told to the chart first, which may leave the loop", () => {
    const errors: unknown[] = [];
    const chart = defineChart({
      initial: "rest",
      states: {
        rest: { on: { SPIN: "loop" } },
        loop: {
          initial: "a",
          on: { "error.execution": { target: "safe", action: (_context, payload) => void errors.push(payload) } },
          states: {
            a: { always: [{ guard: () => true, target: "b" }] },
            b: { always: [{ guard: () => true, target: "a" }] },
          },
        },
        safe: {},
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined });
    machine.start();
    machine.send("SPIN");
    equal(machine.state, "safe");
    equal(errors.length, 1);
  });

  it("is not told twice: a chart that loops again is left to rest", () => {
    const errors: unknown[] = [];
    let told = 0;
    const chart = defineChart({
      initial: "loop",
      states: {
        loop: {
          always: [{ guard: () => true, target: "loop" }],
          on: { "error.execution": { target: "loop", action: () => void told++ } },
        },
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined, onError: (error) => errors.push(error) });
    machine.start();
    equal([told, errors.length, machine.state], [1, 1, "loop"]);
  });
});
