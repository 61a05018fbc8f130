/** A callback that throws: the microstep is completed, the chart is told, and nothing is lost in silence. */
import { AssertionError, assert } from "../../../src/assert.js";
import { FirmwareError } from "../../../src/errors.js";
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Trace } from "./support.js";

interface Fragile {
  trace: Trace;
  /** The callback that throws. */
  breaks: string;
  error: unknown;
}

function step(name: string) {
  return (context: Fragile): void => {
    context.trace.lines.push(name);
    if (context.breaks === name) throw context.error;
  };
}

const states = {
  a: {
    initial: "inner",
    exit: step("-a"),
    states: { inner: { exit: step("-inner"), on: { GO: { target: "leaf", action: step("go") } } } },
  },
  b: {
    initial: "leaf",
    entry: step("+b"),
    states: { leaf: { entry: step("+leaf") } },
  },
} as const;

const WHOLE_MICROSTEP = [
  ["-inner", "the innermost exit"],
  ["-a", "the next exit, whatever the first did"],
  ["go", "the action, whatever the exits did"],
  ["+b", "the outer entry, whatever the action did"],
  ["+leaf", "the inner entry, whatever the outer one did"],
] as const;

const plain = defineChart({ initial: "a", states });

describe("statechart: an action that throws", () => {
  for (const breaks of ["-inner", "-a", "go", "+b", "+leaf"]) {
    it(`in ${breaks} leaves a legal configuration and the whole trace`, () => {
      const errors: unknown[] = [];
      const error = new FirmwareError("io", "the valve does not answer");
      const context = { trace: new Trace(), breaks, error };
      const machine = new Machine(plain, { name: "m", context, onError: (thrown, of) => errors.push([thrown, of.state]) });
      machine.start();
      machine.send("GO");
      context.trace.expect(WHOLE_MICROSTEP, breaks);
      equal(machine.state, "b.leaf");
      equal(machine.matches("b"), true);
      equal(machine.matches("a"), false);
      equal(errors, [[error, "b.leaf"]], "no transition answers error.execution: onError gets it, once, after the microstep");
    });
  }

  it("raises error.execution, with what was thrown as its payload, before what was sent", () => {
    const seen: unknown[] = [];
    const chart = defineChart({
      initial: "a",
      events: ["GO", "SENT"],
      states: {
        a: {
          on: {
            GO: {
              target: "b",
              action(_context: undefined, _payload, machine) {
                machine.send("SENT");
                throw "a string"; // Anything may be thrown.
              },
            },
          },
        },
        b: {
          on: {
            "error.execution": { target: "safe", action: (_context, payload) => void seen.push(payload) },
            SENT: { action: () => void seen.push("SENT in b") },
          },
        },
        safe: { on: { SENT: { action: () => void seen.push("SENT in safe") } } },
      },
    });
    const onError = (error: unknown): unknown => seen.push(["onError", error]);
    const machine = new Machine(chart, { name: "m", context: undefined, onError });
    machine.start();
    machine.send("GO");
    equal(seen, ["a string", "SENT in safe"], "an error that the chart answers is not handed on");
    equal(machine.state, "safe");
  });

  it("at start raises it too", () => {
    const chart = defineChart({
      initial: "a",
      states: {
        a: {
          initial: "b",
          entry() {
            throw new Error("no sensor");
          },
          states: { b: { on: { "error.execution": "c" } }, c: {} },
        },
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined });
    machine.start();
    equal(machine.state, "a.c");
  });

  it("is thrown to the sender where nobody else takes it, when the run is complete", () => {
    const error = new Error("first");
    const context = { trace: new Trace(), breaks: "-a", error };
    const machine = new Machine(plain, { name: "m", context });
    machine.start();
    const thrown = throws(() => machine.send("GO"), /first/);
    equal(thrown === error, true, "the very error");
    context.trace.expect(WHOLE_MICROSTEP, "GO");
    equal(machine.state, "b.leaf");
    machine.send("GO");
    equal(machine.state, "b.leaf", "the error is thrown once; the next event is handled as ever");
  });

  it("of several that nobody takes, the first is thrown: the others are mostly its consequences", () => {
    const chart = defineChart({
      initial: "a",
      states: {
        a: { exit: () => fail("in the exit"), on: { GO: { target: "b", action: () => fail("in the action") } } },
        b: {},
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined });
    machine.start();
    throws(() => machine.send("GO"), /in the exit/);
    equal(machine.state, "b");
  });

  it("and an onError that throws is treated so too", () => {
    const context = { trace: new Trace(), breaks: "go", error: new Error("first") };
    const onError = (): void => {
      throw new Error("second");
    };
    const machine = new Machine(plain, { name: "m", context, onError });
    machine.start();
    throws(() => machine.send("GO"), /second/);
    equal(machine.state, "b.leaf");
  });

  it("with a failed assertion is a fault of the caller's child, not an event of the chart", () => {
    const chart = defineChart({
      initial: "a",
      states: {
        a: { on: { GO: { target: "b", action: () => assert(false, "broken promise") } } },
        b: { on: { "error.execution": "hidden" } },
        hidden: {},
      },
    });
    const errors: unknown[] = [];
    const machine = new Machine(chart, { name: "m", context: undefined, onError: (error) => errors.push(error) });
    machine.start();
    const thrown = throws(() => machine.send("GO"), /broken promise/);
    equal(thrown instanceof AssertionError, true);
    equal([machine.state, errors], ["b", []]);
  });
});

describe("statechart: other callbacks that throw", () => {
  it("a guard: it counts as false, and the next candidate is asked", () => {
    const seen: unknown[] = [];
    const chart = defineChart({
      initial: "a",
      states: {
        a: {
          on: {
            GO: [
              {
                guard(): boolean {
                  throw new Error("blind");
                },
                target: "b",
              },
              { target: "c" },
            ],
          },
        },
        b: {},
        c: { on: { "error.execution": { action: (_context, payload) => void seen.push((payload as Error).message) } } },
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined });
    machine.start();
    machine.send("GO");
    equal([machine.state, seen], ["c", ["blind"]]);
  });

  it("an observer: handed to onError, and the run goes on", () => {
    const errors: unknown[] = [];
    const context = { trace: new Trace(), breaks: "", error: undefined };
    const machine = new Machine(plain, {
      name: "m",
      context,
      onError: (error) => errors.push((error as Error).message),
      onTransition() {
        throw new Error("no paper");
      },
    });
    machine.start();
    machine.send("GO");
    equal([machine.state, errors], ["b.leaf", ["no paper", "no paper"]]);
  });

  it("the answer to error.execution itself: that is an error like any other, and bounded", () => {
    const errors: string[] = [];
    const chart = defineChart({
      initial: "a",
      states: {
        a: {
          on: {
            GO: { action: () => fail("go") },
            "error.execution": { action: () => fail("again") },
          },
        },
      },
    });
    const machine = new Machine(chart, {
      name: "m",
      context: undefined,
      microstepCountMax: 5,
      onError: (error) => errors.push((error as Error).message),
    });
    machine.start();
    machine.send("GO");
    equal(errors.length > 0, true, "it is told");
    equal(/more than 5 microsteps/.test(errors[0]!), true, errors[0]);
    equal(machine.state, "a");
  });
});

function fail(message: string): never {
  throw new Error(message);
}
