/**
 * Random hierarchical charts do the same on the engine as on the reference interpreter, callback for callback.
 *
 * Everything that can differ is in the log: the order of guards, exits, actions and entries, what is active within each of
 * them, payloads, observers, unanswered errors, the state after each event. The callbacks throw dice that they keep in their
 * context, so that a guard asked once too often changes all that follows. See docs/design/statechart.md.
 */
import fc from "fast-check";
import { type Chart, defineChart, Machine } from "../../../src/statechart/index.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualDelays } from "../../spec/statechart/support.js";
import { ReferenceMachine, type StateLiteral, type TransitionLiteral } from "./reference.js";

const EVENTS = ["E0", "E1", "E2", "door", "door.opened"];

/** A sequence of numbers from a seed (Marsaglia's xorshift with 32 bits). */
class Dice {
  #value: number;

  constructor(seed: number) {
    this.#value = seed | 1;
  }

  /** A whole number, 0 … count − 1. */
  throw(count: number): number {
    this.#value ^= this.#value << 13;
    this.#value ^= this.#value >>> 17;
    this.#value ^= this.#value << 5;
    return (this.#value >>> 0) % count;
  }
}

/** What the callbacks of one run share. `fuel` bounds what they cause; the driver fills it up for each event. */
class Context {
  readonly log: string[] = [];
  readonly dice: Dice;
  fuel = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
  }
}

interface Acting {
  readonly state: string;
  readonly entryCount: number;
  matches(state: string): boolean;
  send(event: string, payload?: unknown): void;
  raise(event: string, payload?: unknown): void;
  stop(): void;
}

/** Makes a random definition from a seed. */
class Generator {
  readonly #dice: Dice;
  readonly #names: string[] = [];
  #actionCount = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  chart(): StateLiteral & { events: string[] } {
    const chart = { ...this.#tree(0), events: EVENTS };
    this.#fillAll(chart.states!);
    return chart;
  }

  #fillAll(states: Record<string, StateLiteral>): void {
    for (const [name, state] of Object.entries(states)) this.#fill(state, lastOf(name, state));
  }

  /** States first, so that transitions can have any of them as target. */
  #tree(depth: number): StateLiteral {
    const dice = this.#dice;
    const childCount =
      depth === 0 ? 2 + dice.throw(2) : depth < 4 && this.#names.length < 14 && dice.throw(5) < 3 ? 1 + dice.throw(3) : 0;
    if (childCount === 0) return depth > 0 && dice.throw(6) === 0 ? { type: "final" } : {};
    const states: Record<string, StateLiteral> = {};
    const first = this.#names.length;
    for (let index = 0; index < childCount; index++) {
      const name = `s${this.#names.length}`;
      this.#names.push(name);
      states[name] = this.#tree(depth + 1);
    }
    const below = this.#names.slice(first);
    return { initial: dice.throw(4) === 0 ? below[dice.throw(below.length)]! : below[0]!, states };
  }

  /** `last` is the number of the last state below it. */
  #fill(state: StateLiteral, last: number): void {
    const dice = this.#dice;
    if (dice.throw(4) > 0) state.entry = this.#action("entry", false);
    if (dice.throw(4) > 0) state.exit = this.#action("exit", false);
    if (state.type === "final") return;
    const on: Record<string, TransitionLiteral | TransitionLiteral[]> = {};
    for (const descriptor of EVENTS) {
      if (dice.throw(3) > 0) continue;
      on[descriptor] = dice.throw(2) ? this.#transition() : [this.#transition(), this.#transition()];
    }
    // What the machine raises itself must cost fuel, or one answer could cause the next for ever.
    for (const descriptor of ["door.*", "error.execution", "error.*", "*"]) {
      if (dice.throw(6) === 0) on[descriptor] = this.#fuelled();
    }
    state.on = on;
    if (dice.throw(3) === 0) state.always = [this.#fuelled()];
    // Without fuel only forwards in the document, beyond all that is below the source.
    if (dice.throw(6) === 0 && last + 1 < this.#names.length) {
      const target = this.#names[last + 1 + dice.throw(this.#names.length - last - 1)]!;
      state.always = [...(state.always ?? []), { ...this.#transition(), target }];
    }
    if (dice.throw(3) === 0) {
      state.after = [{ ...this.#transition(), delayMs: 10 + 10 * dice.throw(3) }];
      if (dice.throw(2)) state.after.push({ ...this.#transition(), delayMs: 10 + 10 * dice.throw(3) });
    }
    for (const [childName, child] of Object.entries(state.states ?? {})) {
      if (Object.values(child.states ?? {}).some((of) => of.type === "final")) on[`done.state.${childName}`] = this.#fuelled();
    }
    this.#fillAll(state.states ?? {});
  }

  #fuelled(): TransitionLiteral {
    return { ...this.#transition(), guard: this.#guard(true) };
  }

  #transition(): TransitionLiteral {
    const dice = this.#dice;
    const transition: TransitionLiteral = {};
    if (dice.throw(5) > 0) transition.target = this.#names[dice.throw(this.#names.length)]!;
    if (dice.throw(3) === 0) transition.internal = true;
    if (dice.throw(2)) transition.guard = this.#guard(false);
    if (dice.throw(3) > 0) transition.action = this.#action("action", true);
    return transition;
  }

  #guard(isFuelled: boolean): NonNullable<TransitionLiteral["guard"]> {
    const number = this.#actionCount++;
    return (given, payload) => {
      const context = given as Context;
      context.log.push(`guard ${number} (${payload})`);
      if (isFuelled && context.fuel-- <= 0) return false;
      if (context.dice.throw(20) === 0) throw `guard ${number}`;
      return context.dice.throw(3) > 0;
    };
  }

  #action(kind: string, hasPayload: boolean): NonNullable<TransitionLiteral["action"]> {
    const number = this.#actionCount++;
    const asked = this.#names[this.#dice.throw(this.#names.length)]!;
    return (given, ...rest) => {
      const context = given as Context;
      const machine = rest[hasPayload ? 1 : 0] as Acting;
      const payload = hasPayload ? ` (${rest[0]})` : "";
      context.log.push(`${kind} ${number}${payload} in ${machine.state}, ${asked} ${machine.matches(asked)}`);
      if (context.fuel-- <= 0) return;
      const event = EVENTS[context.dice.throw(EVENTS.length)]!;
      const lot = context.dice.throw(24);
      if (lot < 3) machine.raise(event, `raised by ${number}`);
      else if (lot < 6) machine.send(event, `sent by ${number}`);
      else if (lot < 8) throw `${kind} ${number}`;
      else if (lot === 8 && context.dice.throw(8) === 0) machine.stop();
    };
  }
}

/** The number of the last state in the subtree of `name`: names are numbered in document order. */
function lastOf(name: string, state: StateLiteral): number {
  const below = Object.entries(state.states ?? {}).at(-1);
  return below ? lastOf(below[0], below[1]) : Number(name.slice(1));
}

/** What the driver needs of either interpreter. */
interface Subject extends Acting {
  start(): void;
  advance(delayMs: number): void;
  readonly running: boolean;
  readonly isDone: boolean;
}

function engine(chart: Chart<unknown, string, string>, context: Context): Subject {
  const delays = new ManualDelays();
  const machine = new Machine(chart, {
    name: "m",
    context,
    scheduler: delays,
    queueCountMax: 200,
    microstepCountMax: 10_000,
    onError: (error) => context.log.push(`unanswered ${error}`),
    onTransition: (_machine, event, from, to) => context.log.push(`${from} -${event}-> ${to}`),
  });
  return Object.create(machine, {
    // Methods of a class with private fields need the machine itself as `this`.
    start: { value: () => machine.start() },
    send: { value: (event: string, payload: unknown) => machine.send(event, payload) },
    advance: { value: (delayMs: number) => delays.advance(delayMs) },
    running: { get: () => machine.isRunning },
    isDone: { get: () => machine.isDone },
    state: { get: () => machine.state },
    entryCount: { get: () => machine.entryCount },
  }) as Subject;
}

function reference(definition: StateLiteral, context: Context): Subject {
  return new ReferenceMachine(definition, {
    context,
    onError: (error) => context.log.push(`unanswered ${error}`),
    onTransition: (event, from, to) => context.log.push(`${from} -${event}-> ${to}`),
  });
}

/** Sends the same events and lets the same time pass; gives the number of events. */
function drive(subject: Subject, context: Context, seed: number): number {
  const dice = new Dice(seed);
  let eventCount = 0;
  for (let turn = 0; turn < 30; turn++) {
    context.fuel = 12;
    if (!subject.running) {
      subject.start();
    } else if (dice.throw(4) === 0) {
      subject.advance(10 * dice.throw(4));
    } else {
      subject.send(EVENTS[dice.throw(EVENTS.length)]!, turn);
      eventCount++;
    }
    context.log.push(`turn ${turn}: ${subject.state}, ${subject.entryCount} entries, ${subject.running} ${subject.isDone}`);
  }
  return eventCount;
}

describe("statechart: the engine against the reference", () => {
  it("random charts with guards, errors, delays, final states and queues: the same log", () => {
    const counts = { charts: 0, events: 0, errors: 0, ends: 0, delays: 0 };
    const property = fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
      const definition = new Generator(seed).chart();
      const chart = defineChart(definition as Parameters<typeof defineChart>[0]) as Chart<unknown, string, string>;
      const left = new Context(seed);
      const right = new Context(seed);
      counts.events += drive(engine(chart, left), left, seed);
      drive(reference(definition, right), right, seed);
      for (let line = 0; line < right.log.length; line++) {
        if (left.log[line] !== right.log[line]) equal(left.log.slice(line - 8, line + 1), right.log.slice(line - 8, line + 1));
      }
      equal(left.log.length, right.log.length);
      counts.charts++;
      counts.errors += left.log.filter((line) => line.startsWith("unanswered")).length;
      counts.ends += left.log.filter((line) => line.endsWith("false true")).length;
      counts.delays += left.log.filter((line) => line.includes("-after.")).length;
    });
    fc.assert(property, { numRuns: 200 });
    // The comparison is worth something only if the interesting things happen in it.
    ok(counts.events > 3000 && counts.charts > 150, `too little was compared: ${JSON.stringify(counts)}`);
    ok(counts.errors > 50 && counts.ends > 50 && counts.delays > 50, `too little happened: ${JSON.stringify(counts)}`);
  });
});
