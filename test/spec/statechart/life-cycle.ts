/** A machine's life: made, started, stopped, started again, closed; and what it refuses when. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualDelays, Trace } from "./support.js";

const chart = defineChart({
  initial: "on",
  events: ["END", "NOTE", "OTHER"],
  states: {
    on: {
      initial: "lit",
      exit(context: Trace, machine) {
        context.lines.push("-on");
        machine.send("NOTE");
        machine.raise("NOTE");
      },
      after: [{ delayMs: 100, target: "dark" }],
      on: {
        NOTE: { action: (context) => void context.lines.push("note") },
        END: {
          target: "dark",
          action(context, _payload, machine) {
            machine.stop();
            machine.stop();
            machine.send("NOTE");
            context.lines.push("end");
          },
        },
      },
      states: { lit: { exit: (context) => void context.lines.push("-lit") } },
    },
    dark: {
      entry: (context) => void context.lines.push("+dark"),
      exit: (context) => void context.lines.push("-dark"),
      always: [{ target: "on" }],
    },
  },
});

function make() {
  const context = new Trace();
  const delays = new ManualDelays();
  return { machine: new Machine(chart, { name: "lamp", context, scheduler: delays }), context, delays };
}

describe("statechart: a machine's life", () => {
  it("refuses events before the start, after a stop and after a close, and says which", () => {
    const { machine } = make();
    throws(() => machine.send("NOTE"), "refused", /machine lamp: NOTE was sent when it was created; expected it to run/);
    machine.start();
    machine.send("NOTE");
    machine.stop();
    throws(() => machine.send("NOTE"), "refused", /when it was stopped/);
    machine.close();
    throws(() => machine.send("NOTE"), "closed", /when it was closed/);
    throws(() => machine.start(), "closed");
  });

  it("refuses an event that the chart does not have, before any effect", () => {
    const { machine, context } = make();
    machine.start();
    for (const event of ["note", "error.execution", "after.on.0", "toString", "__proto__", ""]) {
      throws(() => machine.send(event as "NOTE"), "invalid", /its chart has no event/);
    }
    equal([machine.state, context.lines], ["on.lit", []]);
    machine.send("OTHER");
    equal(machine.state, "on.lit", "an event that is listed and that nothing answers is dropped");
  });

  it("stops by leaving all states, and the events they send on the way are dropped", () => {
    const { machine, context, delays } = make();
    machine.start();
    machine.stop();
    context.expect(
      [
        ["-lit", "the innermost first"],
        ["-on", "then what is around it"],
      ],
      "stop",
    );
    equal([machine.state, machine.isRunning, machine.isDone, machine.matches("on")], ["", false, false, false]);
    equal(delays.armedCount, 0, "delays are cancelled");
    machine.stop();
    context.expect([], "a second stop");
  });

  it("stops within an action once the microstep is complete, without eventless transitions or queued events", () => {
    const { machine, context } = make();
    machine.start();
    machine.send("END");
    context.expect(
      [
        ["-lit", "the microstep as ever"],
        ["-on", "the microstep as ever"],
        ["end", "the action that stops"],
        ["+dark", "the microstep is completed"],
        ["-dark", "then the machine leaves what is active"],
      ],
      "END",
    );
    equal(machine.state, "");
  });

  it("starts again from the beginning", () => {
    const { machine, delays } = make();
    machine.start();
    machine.stop();
    machine.start();
    equal([machine.state, delays.armedCount, machine.entryCount], ["on.lit", 1, 4]);
    machine.send("NOTE");
  });

  it("gives its tasks back when it is closed, once", () => {
    const { machine, context, delays } = make();
    machine.start();
    machine.close();
    equal(context.lines, ["-lit", "-on"], "it is stopped first");
    equal(
      delays.tasks.map((task) => task.isClosed),
      [true],
    );
    machine.close();
    equal(machine.isRunning, false);
  });

  it("is closed even if an exit throws", () => {
    const broken = defineChart({
      initial: "a",
      states: {
        a: {
          exit() {
            throw new Error("stuck");
          },
        },
      },
    });
    const machine = new Machine(broken, { name: "m", context: undefined });
    machine.start();
    throws(() => machine.close(), /stuck/);
    throws(() => machine.start(), "closed");
  });

  it("does not take a second start, a raise from outside, or a close from inside", () => {
    const { machine } = make();
    machine.start();
    throws(() => machine.start(), /start of a machine that runs/);
    throws(() => machine.raise("NOTE"), /raise outside a callback/);
    const closing = defineChart({
      initial: "a",
      states: { a: { on: { GO: { action: (context: () => void) => context() } } } },
    });
    const other: { close(): void; start(): void; send(event: "GO"): void } = new Machine(closing, {
      name: "m",
      context: () => other.close(),
    });
    other.start();
    throws(() => other.send("GO"), /close within a callback/);
  });

  it("refuses bounds that are none", () => {
    const small = defineChart({ initial: "a", states: { a: {} } });
    throws(() => new Machine(small, { name: "m", context: undefined, queueCountMax: 0 }), /countMax/);
    throws(() => new Machine(small, { name: "m", context: undefined, microstepCountMax: 0.5 }), /microstepCountMax/);
  });

  it("refuses to answer for a state that is not there or not single", () => {
    const twice = defineChart({
      initial: "a",
      states: { a: { initial: "x", states: { x: {} } }, b: { initial: "x", states: { x: {} } } },
    });
    const machine = new Machine(twice, { name: "m", context: undefined });
    machine.start();
    equal([machine.matches("a.x"), machine.matches("b.x")], [true, false], "by path");
    throws(() => machine.matches("x"), "invalid", /no single state "x"/);
    throws(() => machine.matches("y" as "x"), "invalid", /no single state "y"/);
    throws(() => machine.matches("" as "x"), "invalid");
  });
});
