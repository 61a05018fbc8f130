/**
 * The literal a firmware author writes to describe a statechart: states, what they answer to, and what is done on the way.
 *
 * Plain object types, so that the compiler can infer the names of events and states from the literal: a wrong name in `send`,
 * `target`, `initial` or `matches` is a compile error. Only the first name of a dotted path is checked by the compiler, the
 * rest by `defineChart`: exact path types were rejected, their error messages cannot be read. See docs/design/statechart.md.
 *
 * `Context` is inferred from the callbacks: annotate it in one of them. Payloads are `unknown` until a callback annotates its
 * own.
 */

/** A state: its name where that is unique in the chart, else its dotted path from the top, as "running.hot". */
export type StateReference<State extends string> = State | `${State}.${string}`;

/** What `on` may name beyond the chart's own events: any event, a prefix, and the events that the machine raises itself. */
export type SpecialDescriptor = "*" | `${string}.*` | `error.${string}` | `done.state.${string}`;

/** The events that a caller may send: those of the chart without the special descriptors. */
export type Sendable<Event extends string> = Exclude<Event, SpecialDescriptor>;

/** What a callback may do with the machine that runs it. Nothing here acts before the running microstep is complete. */
export interface ActingMachine<Event extends string, State extends string> {
  readonly name: string;
  /** Path of the innermost state that is active now: within a transition's action, the one that is not left. */
  readonly state: string;
  /** How many states were entered since the machine was made. */
  readonly entryCount: number;
  /** Whether the state is active now. Throws `invalid` for a name that is unknown or not unique. */
  matches(state: StateReference<State>): boolean;
  /** Queues an event before all that were sent. Throws `full`, and then nothing was queued. */
  raise(event: Sendable<Event>, payload?: unknown): void;
  /** Queues an event. Throws `full`, and then nothing was queued. */
  send(event: Sendable<Event>, payload?: unknown): void;
  /** Leaves all states and ends, once the running microstep is complete. */
  stop(): void;
}

/** One way out of a state, or something to do without leaving it. */
export interface TransitionDefinition<Context, Event extends string, State extends string> {
  /** Without a target nothing is left or entered, and only the action runs. */
  readonly target?: StateReference<NoInfer<State>>;
  /** With a target inside the compound state that has this transition: that state is not left. Else it changes nothing. */
  readonly internal?: boolean;
  /** Asked first; must have no effect. If it throws, that counts as false and raises `error.execution`. */
  guard?(this: void, context: Context, payload: unknown): boolean;
  /** Runs after the exits and before the entries. */
  action?(this: void, context: Context, payload: unknown, machine: ActingMachine<NoInfer<Event>, NoInfer<State>>): void;
}

/** Taken when its state has been active for `delayMs`; cancelled when the state is left, started again when it is entered. */
export interface DelayedDefinition<Context, Event extends string, State extends string>
  extends TransitionDefinition<Context, Event, State> {
  /** 0 … 2^53 − 1. */
  readonly delayMs: number;
}

/** What a state does on one event: a target, a transition, or several of which the first with a true guard is taken. */
export type HandlerDefinition<Context, Event extends string, State extends string> =
  | StateReference<NoInfer<State>>
  | TransitionDefinition<Context, Event, State>
  | readonly TransitionDefinition<Context, Event, State>[];

/** Runs when a state is entered or left. */
export type StateAction<Context, Event extends string, State extends string> = (
  this: void,
  context: Context,
  machine: ActingMachine<Event, State>,
) => void;

export interface StateDefinition<Context, Event extends string, State extends string> {
  /** A final state has no way out: at the top it ends the machine, below it raises `done.state.<path of its parent>`. */
  readonly type?: "final";
  /** Required with `states`: a child or another state below, entered when nothing more exact is targeted. */
  readonly initial?: StateReference<NoInfer<State>>;
  entry?(this: void, context: Context, machine: ActingMachine<NoInfer<Event>, NoInfer<State>>): void;
  exit?(this: void, context: Context, machine: ActingMachine<NoInfer<Event>, NoInfer<State>>): void;
  /** In the order in which they are written, as in SCXML: the first descriptor that fits and whose guard is true is taken. */
  readonly on?: { readonly [Name in Event]?: HandlerDefinition<Context, Event, State> } & {
    readonly [Name in SpecialDescriptor]?: HandlerDefinition<Context, Event, State>;
  };
  /** Eventless: tried after every microstep, before any queued event. */
  readonly always?: readonly TransitionDefinition<Context, Event, State>[];
  readonly after?: readonly DelayedDefinition<Context, Event, State>[];
  readonly states?: { readonly [Name in State]?: StateDefinition<Context, Event, State> };
}

/** A whole chart. It has no handlers of its own, as in SCXML: put one compound state at the top for what is common to all. */
export interface ChartDefinition<Context, Event extends string, State extends string> {
  readonly initial: StateReference<NoInfer<State>>;
  /** Every event that may be sent. Absent: the names that the `on` of the states have. */
  readonly events?: readonly Event[];
  readonly states: { readonly [Name in State]?: StateDefinition<Context, Event, State> };
}
