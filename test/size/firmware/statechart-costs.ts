/** What a machine and an event in it cost: two flat states, and eight states nested four deep that are all left and entered. */
import { assert, defineChart, Machine, Scheduler } from "holdfast";
import type { Ruler } from "./ruler.js";
import { StandingTime } from "./standing-time.js";

const EVENT_COUNT = 1000;
const MACHINE_COUNT = 16;

interface Counts {
  entries: number;
  exits: number;
}

const note = Object.freeze({
  entry: (context: Counts) => {
    context.entries++;
  },
  exit: (context: Counts) => {
    context.exits++;
  },
});

const flat = defineChart({
  initial: "idle",
  states: { idle: { ...note, on: { toggle: "active" } }, active: { ...note, on: { toggle: "idle" } } },
});

const nested = defineChart({
  initial: "left",
  states: {
    left: {
      ...note,
      initial: "left2",
      on: { toggle: "right" },
      states: {
        left2: { ...note, initial: "left3", states: { left3: { ...note, initial: "left4", states: { left4: { ...note } } } } },
      },
    },
    right: {
      ...note,
      initial: "right2",
      on: { toggle: "left" },
      states: {
        right2: {
          ...note,
          initial: "right3",
          states: { right3: { ...note, initial: "right4", states: { right4: { ...note } } } },
        },
      },
    },
  },
});

const delayed = defineChart({
  initial: "idle",
  states: {
    idle: { on: { toggle: "active" }, after: [{ delayMs: 1000, target: "active" }] },
    active: { on: { toggle: "idle" }, after: [{ delayMs: 1000, target: "idle" }] },
  },
});

/** Measures all of them. */
export function measureStatechart(ruler: Ruler): void {
  const context: Counts = { entries: 0, exits: 0 };
  const options = { name: "machine", context };
  const kept = new Array<unknown>(MACHINE_COUNT).fill(undefined);
  ruler.perThing("machine", MACHINE_COUNT, (index) => {
    kept[index] = new Machine(flat, options);
  });

  const flatMachine = new Machine(flat, options);
  flatMachine.start();
  ruler.perOperation("event in a flat machine", EVENT_COUNT, () => flatMachine.send("toggle"));
  const nestedMachine = new Machine(nested, options);
  nestedMachine.start();
  context.exits = 0;
  ruler.perOperation("event through four levels", EVENT_COUNT, () => nestedMachine.send("toggle"));
  assert(context.exits === 4 * 2 * EVENT_COUNT, "costs: each event left four states, in the warm-up and in the measured loop");

  const time = new StandingTime();
  const scheduler = new Scheduler({ clock: time.clock, Timer: time.Timer, taskCountMax: 2 });
  const delayedMachine = new Machine(delayed, { name: "delayed", context: undefined, scheduler });
  scheduler.start();
  delayedMachine.start();
  ruler.perOperation("event between delayed states", EVENT_COUNT, () => delayedMachine.send("toggle"));
}
