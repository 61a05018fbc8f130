/** What a definition must not say: each mistake is refused when the chart is defined, and the message names the place. */
import { defineChart } from "../../../src/statechart/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** As JavaScript would call it: most of these are compile errors in TypeScript. */
const define = defineChart as unknown as (definition: unknown) => unknown;
const nothing = (): void => {};

/** A chart with one state `a` that says `state`, and a `b`. */
function withState(state: object): object {
  return { initial: "a", states: { a: state, b: {} } };
}

const invalid: readonly (readonly [title: string, definition: unknown, message: RegExp])[] = [
  ["an unknown target", withState({ on: { GO: "c" } }), /state "a" on "GO": there is no state "c"/],
  ["an unknown target of always", withState({ always: [{ target: "c" }] }), /state "a" always\[0\]: there is no state "c"/],
  [
    "an unknown target of after",
    withState({ after: [{ delayMs: 1, target: "c" }] }),
    /state "a" after\[0\]: there is no state "c"/,
  ],
  ["a target that is a path's end only", withState({ on: { GO: "a.b" } }), /there is no state "a\.b"/],
  ["several targets", withState({ on: { GO: { target: ["a", "b"] } } }), /expected the name or path of one state/],
  [
    "an ambiguous target",
    withState({ initial: "x", states: { x: {}, y: { initial: "x", states: { x: {} } } }, on: { GO: "x" } }),
    /"x" may be "a\.x" and "a\.y\.x"; write the path, or rename one/,
  ],
  [
    "a name at the top that a state below has too",
    withState({ initial: "b", states: { b: {} }, on: { GO: "b" } }),
    /"b" may be "a\.b" and "b"/,
  ],
  ["a missing initial of the chart", { states: { a: {} } }, /the chart: initial is missing/],
  ["a missing initial of a state", withState({ states: { x: {} } }), /state "a": initial is missing/],
  [
    "an initial that is not below its state",
    withState({ initial: "b", states: { x: {} } }),
    /state "a" initial: "b" is not below it/,
  ],
  ["an initial that is the state itself", withState({ initial: "a", states: { x: {} } }), /"a" is not below it/],
  ["an unknown initial", { initial: "z", states: { a: {} } }, /initial: there is no state "z"/],
  ["an initial without states", withState({ initial: "b" }), /state "a": initial without states/],
  ["a chart without states", { initial: "a" }, /the chart: states must name at least one state/],
  ["empty states", withState({ initial: "b", states: {} }), /state "a": states must name at least one state/],
  ["states that are no object", withState({ initial: "b", states: ["x"] }), /state "a" states: expected an object/],
  ["a state that is no object", { initial: "a", states: { a: "b" } }, /state "a": expected an object/],
  ["no definition", undefined, /the chart: expected an object/],
  ["a transition out of a final state", withState({ type: "final", on: { GO: "b" } }), /state "a": a final state has no "on"/],
  ["a delay in a final state", withState({ type: "final", after: [] }), /a final state has no "after"/],
  ["states in a final state", withState({ type: "final", states: {} }), /a final state has no "states"/],
  ["an unknown type", withState({ type: "atomic" }), /state "a": the type atomic is not known/],
  [
    "an unknown key of a state",
    withState({ onEntry: nothing }),
    /state "a": "onEntry" is not known here; expected type, initial/,
  ],
  [
    "an unknown key of a transition",
    withState({ on: { GO: { cond: nothing } } }),
    /state "a" on "GO": "cond" is not known here/,
  ],
  ["an unknown key of the chart", { initial: "a", on: {}, states: { a: {} } }, /the chart: "on" is not known here/],
  [
    "a delay in a transition with an event",
    withState({ on: { GO: { target: "b", delayMs: 5 } } }),
    /"delayMs" is not known here/,
  ],
  ["an entry that is no function", withState({ entry: "log" }), /state "a": entry must be a function/],
  ["a guard that is no function", withState({ on: { GO: { guard: "isWarm" } } }), /on "GO": guard must be a function/],
  ["an action that is no function", withState({ on: { GO: { action: [nothing] } } }), /on "GO": action must be a function/],
  ["an internal that is no boolean", withState({ on: { GO: { internal: "yes" } } }), /internal must be true or false/],
  ["an empty list of transitions", withState({ on: { GO: [] } }), /on "GO": expected at least one transition/],
  ["always that is no list", withState({ always: { target: "b" } }), /state "a" always: expected an array/],
  ["a missing delay", withState({ after: [{ target: "b" }] }), /after\[0\]: delayMs must be a number, 0 … 2\^53 − 1/],
  ["a negative delay", withState({ after: [{ delayMs: -1, target: "b" }] }), /delayMs must be/],
  ["an endless delay", withState({ after: [{ delayMs: Number.POSITIVE_INFINITY, target: "b" }] }), /delayMs must be/],
  ["a name with a dot", { initial: "a", states: { a: {}, "b.c": {} } }, /"b\.c" is no name of a state/],
  ["a name that engines move to the front", { initial: "a", states: { a: {}, 1: {} } }, /"1" is no name of a state/],
  ["events that are no list", { initial: "a", events: "GO", states: { a: {} } }, /events: expected an array/],
  ["an event twice", { initial: "a", events: ["GO", "GO"], states: { a: {} } }, /events: "GO" is there twice/],
  [
    "a reserved event",
    { initial: "a", events: ["error.mine"], states: { a: {} } },
    /error\.mine is not a name that can be sent/,
  ],
  ["a pattern as an event", { initial: "a", events: ["*"], states: { a: {} } }, /\* is not a name that can be sent/],
  ["an event with a space", withState({ on: { "GO NOW": "b" } }), /"GO NOW" is not a name of an event/],
  [
    "a handler for an event that is not listed",
    { initial: "a", events: ["GO"], states: { a: { on: { G0: "a" } } } },
    /state "a" on "G0": it is not in events/,
  ],
  ["a prefix that fits nothing", withState({ on: { "door.*": "b" } }), /on "door\.\*": it fits no event of the chart/],
  [
    "done of a state that is never done",
    withState({ on: { "done.state.b": "b" } }),
    /"b" is never done: it has no final state/,
  ],
  ["done of an unknown state", withState({ on: { "done.state.c": "b" } }), /there is no state "c"/],
  ["a wrong own event", withState({ on: { "error.executoin": "b" } }), /it fits no event/],
];

const endless: readonly (readonly [title: string, states: unknown])[] = [
  ["a state that leads to itself", { a: { always: [{ target: "a" }] } }],
  ["a transition without a target", { a: { always: [{ action: nothing }] } }],
  ["two states that lead to each other", { a: { always: [{ target: "b" }] }, b: { always: [{ target: "a" }] } }],
  ["a parent that leads to its own child", { a: { initial: "x", always: [{ target: "x" }], states: { x: {}, y: {} } } }],
  ["a circle that does not begin at the start", { a: {}, b: { always: [{ target: "c" }] }, c: { always: [{ target: "b" }] } }],
];

const unsupported: readonly (readonly [title: string, state: object, message: RegExp])[] = [
  ["parallel regions", { type: "parallel", states: { x: {} } }, /state "a": parallel is not supported yet/],
  ["a history state", { type: "history" }, /state "a": history is not supported yet/],
  ["history as a key", { history: "deep" }, /state "a": history is not supported yet/],
  ["invoke", { invoke: [] }, /state "a": invoke is not supported yet/],
];

describe("statechart: a definition is refused", () => {
  for (const [title, definition, message] of invalid)
    it(`for ${title}`, () => void throws(() => define(definition), "invalid", message));

  for (const [title, states] of endless) {
    it(`for eventless transitions without end: ${title}`, () => {
      throws(() => define({ initial: "a", states }), "invalid", /always: without a guard it leads back to itself for ever/);
    });
  }

  for (const [title, state, message] of unsupported) {
    it(`for what is not there yet: ${title}`, () => void throws(() => define(withState(state)), "unsupported", message));
  }
});

describe("statechart: a definition is taken", () => {
  it("with an eventless circle that has a guard anywhere, or an unguarded way out before it", () => {
    define({ initial: "a", states: { a: { always: [{ guard: nothing, target: "b" }] }, b: { always: [{ target: "a" }] } } });
    define({ initial: "a", states: { a: { always: [{ target: "b" }, { target: "a" }] }, b: {} } });
    define({
      initial: "a",
      states: { a: { initial: "x", always: [{ target: "a" }], states: { x: { always: [{ target: "b" }] } } }, b: {} },
    });
  });

  it("with one name in several places: targets are paths then, and an initial means the child", () => {
    define(withState({ initial: "x", states: { x: {}, y: { initial: "x", states: { x: {} } } }, on: { GO: "a.y.x" } }));
  });

  it("with an initial several levels below", () => {
    define(withState({ initial: "y", states: { x: { initial: "z", states: { y: {}, z: {} } } } }));
  });

  it("and gives tables that are frozen all through", () => {
    const chart = define(withState({ on: { GO: "b" }, entry: nothing })) as Record<string, unknown>;
    const thawed: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(path);
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`);
    };
    visit(chart, "chart");
    equal(thawed, []);
  });

  it("and does not keep or freeze the literal", () => {
    const literal = withState({ on: { GO: "b" } });
    define(literal);
    equal(Object.isFrozen(literal), false);
  });
});
