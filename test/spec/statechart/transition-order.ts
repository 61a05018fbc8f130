/** Which states a transition leaves and enters, in which order, and which of several transitions is taken. */
import { defineChart, Machine } from "../../../src/statechart/index.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Trace } from "./support.js";

/** A state that traces its entry and exit. */
function traced(name: string) {
  return {
    entry(trace: Trace) {
      trace.lines.push(`+${name}`);
    },
    exit(trace: Trace) {
      trace.lines.push(`-${name}`);
    },
  };
}

/** A transition's action that traces itself. */
function act(name: string) {
  return (trace: Trace, payload: unknown): void => {
    trace.lines.push(payload === undefined ? name : `${name}(${String(payload)})`);
  };
}

const definition = defineChart({
  initial: "idle",
  states: {
    idle: { ...traced("idle"), on: { START: { target: "running", action: act("start") }, DEEP: "hot" } },
    running: {
      ...traced("running"),
      initial: "warm",
      on: {
        STOP: { target: "idle", action: act("stop") },
        INSIDE: { target: "hot", internal: true, action: act("inside") },
        OUTSIDE: { target: "hot", action: act("outside") },
        SELF: { target: "running", action: act("self") },
        SELF_INTERNAL: { target: "running", internal: true, action: act("self") },
        AWAY_INTERNAL: { target: "idle", internal: true },
        NOTE: { action: act("note") },
        BOTH: { action: act("outer") },
        PICK: { action: act("outer") },
      },
      states: {
        warm: { ...traced("warm"), on: { HEAT: "hot", UP: { target: "running", action: act("up") } } },
        hot: {
          ...traced("hot"),
          initial: "low",
          states: {
            low: {
              ...traced("low"),
              on: {
                BOTH: { action: act("inner") },
                AGAIN: { target: "low", action: act("again") },
                RAISE: "high",
                PICK: [
                  { guard: (_trace, payload) => payload === 1, action: act("first") },
                  { guard: (_trace, payload) => payload === 1 || payload === 2, action: act("second") },
                ],
                IGNORED: {},
              },
            },
            high: traced("high"),
          },
          on: { IGNORED: { action: act("not reached") } },
        },
      },
    },
  },
});

function startIn(state: "idle" | "warm" | "low"): { machine: Machine<Trace, string, string>; trace: Trace } {
  const trace = new Trace();
  const machine = new Machine(definition, { name: "heater", context: trace });
  machine.start();
  if (state === "warm") machine.send("START");
  if (state === "low") machine.send("DEEP");
  trace.lines = [];
  return { machine, trace };
}

describe("statechart: what a transition leaves and enters", () => {
  it("enters the initial state at start, and nothing before", () => {
    const trace = new Trace();
    const machine = new Machine(definition, { name: "heater", context: trace });
    equal(machine.state, "", "no state is active before the start");
    trace.expect([], "made");
    machine.start();
    trace.expect([["+idle", "the chart's initial state"]], "start");
    equal(machine.state, "idle");
  });

  it("enters a compound state and its initial children, from the outside in", () => {
    const { machine, trace } = startIn("idle");
    machine.send("START", 7);
    trace.expect(
      [
        ["-idle", "exits come first"],
        ["start(7)", "the action runs between exits and entries, with the payload"],
        ["+running", "outer states are entered before inner ones"],
        ["+warm", "the initial child"],
      ],
      "START",
    );
    equal(machine.state, "running.warm");
  });

  it("enters the ancestors of a deep target on the way, and not their initial children", () => {
    const { machine, trace } = startIn("idle");
    machine.send("DEEP");
    trace.expect(
      [
        ["-idle", "exits come first"],
        ["+running", "an ancestor of the target"],
        ["+hot", "the target instead of running's initial child"],
        ["+low", "the target's own initial child"],
      ],
      "DEEP",
    );
    equal(machine.state, "running.hot.low");
  });

  it("leaves from the inside out", () => {
    const { machine, trace } = startIn("low");
    machine.send("STOP");
    trace.expect(
      [
        ["-low", "the innermost first"],
        ["-hot", "then what is around it"],
        ["-running", "then the source of the transition"],
        ["stop", "all exits before the action"],
        ["+idle", "the target last"],
      ],
      "STOP",
    );
  });

  it("leaves and enters its own source when it is external, although the target is inside", () => {
    const { machine, trace } = startIn("warm");
    machine.send("OUTSIDE");
    trace.expect(
      [
        ["-warm", "the active child"],
        ["-running", "external: the source is left too"],
        ["outside", "between exits and entries"],
        ["+running", "and entered again"],
        ["+hot", "the target"],
        ["+low", "its initial child"],
      ],
      "OUTSIDE",
    );
  });

  it("keeps its source when it is internal", () => {
    const { machine, trace } = startIn("warm");
    machine.send("INSIDE");
    trace.expect(
      [
        ["-warm", "only what is below the source is left"],
        ["inside", "between exits and entries"],
        ["+hot", "the target"],
        ["+low", "its initial child"],
      ],
      "INSIDE",
    );
  });

  it("takes internal for external where the target is not below the source", () => {
    for (const event of ["SELF", "SELF_INTERNAL"] as const) {
      const { machine, trace } = startIn("low");
      machine.send(event);
      trace.expect(
        [
          ["-low", "the innermost first"],
          ["-hot", "then what is around it"],
          ["-running", "a state is not below itself, so it is left"],
          ["self", "between exits and entries"],
          ["+running", "and entered again"],
          ["+warm", "with its initial child"],
        ],
        event,
      );
    }
    const { machine } = startIn("warm");
    machine.send("AWAY_INTERNAL");
    equal(machine.state, "idle");
  });

  it("leaves and enters a leaf that targets itself, and nothing around it", () => {
    const { machine, trace } = startIn("low");
    machine.send("AGAIN");
    trace.expect(
      [
        ["-low", "the source is left"],
        ["again", "between exits and entries"],
        ["+low", "and entered again; hot and running stay"],
      ],
      "AGAIN",
    );
  });

  it("leaves a parent that its child targets", () => {
    const { machine, trace } = startIn("warm");
    machine.send("UP");
    trace.expect(
      [
        ["-warm", "the source"],
        ["-running", "the target is no descendant of itself: the domain lies around it"],
        ["up", "between exits and entries"],
        ["+running", "the target"],
        ["+warm", "its initial child"],
      ],
      "UP",
    );
  });

  it("leaves and enters nothing without a target", () => {
    const { machine, trace } = startIn("low");
    const entryCount = machine.entryCount;
    machine.send("NOTE", 3);
    trace.expect([["note(3)", "the action, and only it"]], "NOTE");
    equal(machine.state, "running.hot.low");
    equal(machine.entryCount, entryCount);
  });

  it("moves between siblings without leaving their parents", () => {
    const { machine, trace } = startIn("low");
    machine.send("RAISE");
    trace.expect(
      [
        ["-low", "the source"],
        ["+high", "its sibling"],
      ],
      "RAISE",
    );
  });
});

describe("statechart: which transition is taken", () => {
  it("the inner one before the outer one, and then only it", () => {
    const { machine, trace } = startIn("low");
    machine.send("BOTH");
    trace.expect([["inner", "the leaf is asked first, and its answer is enough"]], "BOTH in low");
    const { machine: other, trace: otherTrace } = startIn("warm");
    other.send("BOTH");
    otherTrace.expect([["outer", "the leaf has no answer"]], "BOTH in warm");
  });

  it("the first whose guard is true, and the parent's when none is", () => {
    const { machine, trace } = startIn("low");
    machine.send("PICK", 1);
    trace.expect([["first(1)", "both guards are true: the first in the document"]], "PICK 1");
    machine.send("PICK", 2);
    trace.expect([["second(2)", "the first guard is false"]], "PICK 2");
    machine.send("PICK", 3);
    trace.expect([["outer(3)", "no guard of the leaf is true: the parent is asked"]], "PICK 3");
  });

  it("one that does nothing hides those of the parents", () => {
    const { machine, trace } = startIn("low");
    machine.send("IGNORED");
    trace.expect([], "IGNORED");
  });

  it("none for an event that no active state knows", () => {
    const { machine, trace } = startIn("idle");
    machine.send("HEAT");
    trace.expect([], "HEAT in idle");
    equal(machine.state, "idle");
  });
});

describe("statechart: what a machine says of itself", () => {
  it("matches the active leaf and everything around it, by name and by path", () => {
    const { machine } = startIn("low");
    for (const state of ["low", "hot", "running", "running.hot", "running.hot.low"]) equal(machine.matches(state), true, state);
    for (const state of ["warm", "idle", "high", "running.warm"]) equal(machine.matches(state), false, state);
  });

  it("counts every entry", () => {
    const trace = new Trace();
    const machine = new Machine(definition, { name: "heater", context: trace });
    machine.start();
    equal(machine.entryCount, 1, "idle");
    machine.send("START");
    equal(machine.entryCount, 3, "running and warm");
    machine.send("HEAT");
    equal(machine.entryCount, 5, "hot and low");
  });

  it("is, within a microstep, in what is not yet left or already entered", () => {
    const seen: string[] = [];
    const chart = defineChart({
      initial: "a",
      states: {
        a: {
          initial: "b",
          exit: (_context: undefined, machine) => void seen.push(`exit a in ${machine.state}, b ${machine.matches("b")}`),
          states: {
            b: {
              exit: (_context, machine) => void seen.push(`exit b in ${machine.state}, a ${machine.matches("a")}`),
              on: { GO: { target: "d", action: (_context, _payload, machine) => void seen.push(`go in "${machine.state}"`) } },
            },
          },
        },
        c: {
          initial: "d",
          entry: (_context, machine) => void seen.push(`entry c in ${machine.state}, d ${machine.matches("d")}`),
          states: {
            d: { entry: (_context, machine) => void seen.push(`entry d in ${machine.state}, c ${machine.matches("c")}`) },
          },
        },
      },
    });
    const machine = new Machine(chart, { name: "m", context: undefined });
    machine.start();
    machine.send("GO");
    equal(seen, [
      "exit b in a.b, a true",
      "exit a in a, b false",
      'go in ""',
      "entry c in c, d false",
      "entry d in c.d, c true",
    ]);
  });

  it("tells an observer of every microstep", () => {
    const seen: unknown[] = [];
    const machine = new Machine(definition, {
      name: "heater",
      context: new Trace(),
      onTransition: (of, event, from, to) => seen.push([of.name, event, from, to]),
    });
    machine.start();
    machine.send("START");
    machine.send("NOTE");
    machine.send("RAISE");
    equal(seen, [
      ["heater", undefined, "", "idle"],
      ["heater", "START", "idle", "running.warm"],
      ["heater", "NOTE", "running.warm", "running.warm"],
    ]);
  });
});
