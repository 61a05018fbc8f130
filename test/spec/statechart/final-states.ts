/** Final states: one at the top ends the machine, one below tells its parent. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualDelays, Trace } from "./support.js";

function trace(line: string) {
  return (context: Trace): void => void context.lines.push(line);
}

describe("statechart: a final state at the top", () => {
  const chart = defineChart({
    initial: "on",
    events: ["OFF", "LATER"],
    states: {
      on: {
        initial: "lit",
        exit: trace("-on"),
        after: [{ delayMs: 1000, target: "off" }],
        on: {
          OFF: {
            target: "off",
            action(context: Trace, _payload, machine) {
              context.lines.push("off");
              machine.send("LATER");
              machine.raise("LATER");
            },
          },
          LATER: { action: trace("never") },
        },
        states: { lit: { exit: trace("-lit") } },
      },
      off: { type: "final", entry: trace("+off"), exit: trace("-off") },
    },
  });
  function start() {
    const context = new Trace();
    const delays = new ManualDelays();
    const machine = new Machine(chart, { name: "lamp", context, scheduler: delays });
    machine.start();
    return { machine, context, delays };
  }

  it("ends the machine", () => {
    const { machine, context, delays } = start();
    equal(machine.isDone, false);
    machine.send("OFF");
    context.expect(
      [
        ["-lit", "the microstep as ever"],
        ["-on", "the microstep as ever"],
        ["off", "the microstep as ever"],
        ["+off", "the final state is entered"],
        ["-off", "and left, because the machine ends; what was queued is dropped"],
      ],
      "OFF",
    );
    equal([machine.isDone, machine.isRunning, machine.state, machine.matches("off")], [true, false, "off", true]);
    equal(delays.armedCount, 0);
  });

  it("by a delay too", () => {
    const { machine, delays } = start();
    delays.advance(1000);
    equal(machine.isDone, true);
  });

  it("takes no more events, and says so", () => {
    const { machine } = start();
    machine.send("OFF");
    throws(() => machine.send("OFF"), "refused", /machine lamp: OFF was sent when it was done; expected it to run/);
  });

  it("may be the beginning of another run", () => {
    const { machine, context } = start();
    machine.send("OFF");
    context.lines = [];
    machine.start();
    equal([machine.isDone, machine.state, context.lines], [false, "on.lit", []]);
    equal(machine.entryCount, 5, "on, lit, off, on, lit: it goes on counting");
  });

  it("hands on an error of its last microstep that no state is left to answer", () => {
    const errors: unknown[] = [];
    const broken = defineChart({
      initial: "a",
      states: {
        a: { on: { END: { target: "end", action: () => raise("in the action") } } },
        end: { type: "final", entry: () => raise("in the entry"), exit: () => raise("in the exit") },
      },
    });
    const onError = (error: unknown): unknown => errors.push((error as Error).message);
    const machine = new Machine(broken, { name: "m", context: undefined, onError });
    machine.start();
    machine.send("END");
    equal([machine.isDone, errors], [true, ["in the action", "in the entry", "in the exit"]]);
  });
});

function raise(message: string): never {
  throw new Error(message);
}

describe("statechart: a final state below the top", () => {
  const chart = defineChart({
    initial: "job",
    states: {
      job: {
        initial: "work",
        on: { "done.state.job": { target: "rest", action: trace("job done") }, NEXT: { action: trace("next") } },
        states: {
          work: {
            initial: "busy",
            on: { "done.state.job.work": { target: "finished", action: trace("work done") } },
            states: {
              busy: {
                on: {
                  NEXT: {
                    target: "ready",
                    action(_context: Trace, _payload, machine) {
                      machine.send("NEXT");
                      machine.raise("NEXT");
                    },
                  },
                },
              },
              ready: { type: "final", entry: trace("+ready") },
            },
          },
          finished: { type: "final", entry: trace("+finished") },
        },
      },
      rest: { on: { NEXT: { action: trace("next at rest") } } },
    },
  });

  it("raises the event of its parent, behind what is raised already and before what is sent", () => {
    const context = new Trace();
    const machine = new Machine(chart, { name: "m", context });
    machine.start();
    machine.send("NEXT");
    context.expect(
      [
        ["+ready", "the final state is entered"],
        ["next", "raised by the action, before the state was entered"],
        ["work done", "work is in its final state"],
        ["+finished", "which is final in turn"],
        ["job done", "and tells job"],
        ["next at rest", "the sent event comes last"],
      ],
      "NEXT",
    );
    equal(machine.isDone, false, "only a final state at the top ends the machine");
    equal(machine.state, "rest");
  });

  it("is left as any state is", () => {
    const inner = defineChart({
      initial: "a",
      states: { a: { initial: "end", on: { BACK: "a" }, states: { end: { type: "final", exit: trace("-end") } } } },
    });
    const context = new Trace();
    const machine = new Machine(inner, { name: "m", context });
    machine.start();
    machine.send("BACK");
    context.expect([["-end", "the parent's transition leaves it"]], "BACK");
  });
});
