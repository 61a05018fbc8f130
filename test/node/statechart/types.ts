/**
 * What the compiler makes of a chart's literal: names are known, and a wrong one is an error where it is written.
 *
 * Checked by the type-checker of the tests: an `@ts-expect-error` without an error is one. At run time the same mistakes are
 * refused, which is what the bodies prove.
 */
import { type Delays, defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

interface Heater {
  degrees: number;
}

const chart = defineChart({
  initial: "idle",
  states: {
    idle: {
      on: {
        START: {
          target: "running",
          guard(context: Heater, payload: number) {
            return context.degrees < payload;
          },
          action(context, payload, machine) {
            context.degrees += Number(payload);
            machine.send("STOP");
            machine.matches("warm");
            // @ts-expect-error: a wrong event within an action
            throws(() => machine.send("STOPP"), "invalid");
          },
        },
      },
    },
    running: { initial: "warm", on: { STOP: "idle", "error.execution": "idle", "*": {} }, states: { warm: {}, hot: {} } },
  },
});

const none: { scheduler?: Delays } = {};

describe("statechart: types from the literal", () => {
  it("events, states and the context are known", () => {
    const machine = new Machine(chart, { name: "heater", context: { degrees: 10 }, ...none });
    machine.start();
    // @ts-expect-error: no such event
    throws(() => machine.send("TICK"), "invalid");
    // @ts-expect-error: an event that only the machine raises
    throws(() => machine.send("error.execution"), "invalid");
    // @ts-expect-error: a pattern is no event
    throws(() => machine.send("*"), "invalid");
    // @ts-expect-error: no such state
    throws(() => machine.matches("cold"), "invalid");
    equal(machine.matches("running.warm"), false);
    // Only the first name of a path is checked by the compiler.
    throws(() => machine.matches("running.cold"), "invalid");
    machine.send("START", 20);
    equal(machine.context.degrees, 30);
    // @ts-expect-error: a wrong context
    new Machine(chart, { name: "heater", context: { degrees: "ten" } });
  });

  it("a wrong target, initial or handler is an error in its place", () => {
    // @ts-expect-error: no such target
    throws(() => defineChart({ initial: "a", states: { a: { on: { GO: "b" } } } }), "invalid");
    // @ts-expect-error: no such target in a transition
    throws(() => defineChart({ initial: "a", states: { a: { on: { GO: { target: "b" } } } } }), "invalid");
    // @ts-expect-error: no such target, eventless
    throws(() => defineChart({ initial: "a", states: { a: { always: [{ target: "b" }] } } }), "invalid");
    // @ts-expect-error: no such initial
    throws(() => defineChart({ initial: "b", states: { a: {} } }), "invalid");
    // @ts-expect-error: no such initial of a state
    throws(() => defineChart({ initial: "a", states: { a: { initial: "c", states: { b: {} } } } }), "invalid");
    // @ts-expect-error: a handler for an event that is not listed
    throws(() => defineChart({ initial: "a", events: ["GO"], states: { a: { on: { STOP: "a" } } } }), "invalid");
    // @ts-expect-error: a misspelt key
    throws(() => defineChart({ initial: "a", states: { a: { onn: { GO: "a" } } } }), "invalid");
    // @ts-expect-error: a delay without its time
    throws(() => defineChart({ initial: "a", states: { a: { after: [{ target: "a" }] } } }), "invalid");
    // @ts-expect-error: not supported
    throws(() => defineChart({ initial: "a", states: { a: { type: "parallel" } } }), "unsupported");
  });

  it("listed events may be sent even if nothing answers them", () => {
    const listed = defineChart({ initial: "a", events: ["GO", "UNUSED"], states: { a: { on: { GO: {} } } } });
    const machine = new Machine(listed, { name: "m", context: undefined });
    machine.start();
    machine.send("UNUSED");
    equal(machine.state, "a");
  });
});
