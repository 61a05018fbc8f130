/**
 * A compiled statechart: frozen tables that live in flash once preloaded, shared by all machines of one definition.
 *
 * States are numbered in document order, so that the descendants of state n are the interval (n, lastDescendants[n]]; number 0
 * is the chart itself. All that the semantics leaves to be known from a leaf and an event is worked out here: what is left,
 * what is entered, where it ends. Regions, history and invoke would be further tables beside `plans`, over the same numbers.
 * See docs/design/statechart.md.
 */
import type { StateAction, TransitionDefinition } from "./definition.js";

/** One way to answer an event in one leaf. */
export interface Plan<Context, Event extends string, State extends string> {
  readonly guard: TransitionDefinition<Context, Event, State>["guard"] | undefined;
  readonly action: TransitionDefinition<Context, Event, State>["action"] | undefined;
  /** What is left and has something to do then, innermost first. */
  readonly exits: readonly number[];
  /** The innermost state that is neither left nor entered. */
  readonly domain: number;
  /** What is entered and has something to do then, outermost first. */
  readonly entries: readonly number[];
  /** How many states are entered in all. */
  readonly entryCount: number;
  /** The leaf that is active afterwards. */
  readonly leaf: number;
  /** The event to raise because `leaf` is final. */
  readonly doneEvent: number | undefined;
  /** `leaf` is a final state at the top. */
  readonly isEnd: boolean;
}

/** What one leaf does on one event: the plans in the order in which they are tried. */
export type Candidates<Context, Event extends string, State extends string> =
  | readonly Plan<Context, Event, State>[]
  | undefined;

/** One delayed transition. */
export interface Delay {
  readonly delayMs: number;
  /** The event that only this transition answers. */
  readonly event: number;
}

export interface Chart<Context, Event extends string, State extends string> {
  /** By state: the path from the top; "" for the chart itself. */
  readonly paths: readonly string[];
  /** By state: the state around it; 0 for the chart itself. */
  readonly parents: readonly number[];
  readonly lastDescendants: readonly number[];
  readonly entries: readonly (StateAction<Context, Event, State> | undefined)[];
  readonly exits: readonly (StateAction<Context, Event, State> | undefined)[];
  /** By state: what is armed on entry and cancelled on exit, as indexes into `delays`. */
  readonly delaysOf: readonly (readonly number[] | undefined)[];
  readonly delays: readonly Delay[];
  /** The state of a name that is unique in the chart. */
  readonly stateByName: Readonly<Record<string, number>>;
  /** By event: its name. Those that can be sent come first. */
  readonly eventNames: readonly string[];
  /** The events that can be sent. */
  readonly eventByName: Readonly<Record<string, number>>;
  /** The number of `error.execution`. */
  readonly errorEvent: number;
  /** By event, then by state; only leaves have candidates. */
  readonly plans: readonly (readonly Candidates<Context, Event, State>[])[];
  /** By state: the transitions that need no event. */
  readonly eventless: readonly Candidates<Context, Event, State>[];
  /** From nothing into the initial state. */
  readonly start: Plan<Context, Event, State>;
}
