/**
 * One running statechart: a few fields over the shared tables of its chart.
 *
 * Run to completion, as SCXML has it: an event's microstep, then eventless transitions and raised events until nothing is
 * left to do, then the next sent event. A callback that throws does not stop its microstep, so that the configuration is
 * legal at every rest; many engines leave it half-way. Nothing is allocated after the constructor but errors. See
 * docs/design/statechart.md.
 */
import { AssertionError, assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { Candidates, Chart, Plan } from "./chart.js";
import type { ActingMachine, Sendable, StateReference } from "./definition.js";
import { DelayTasks } from "./delay-tasks.js";
import type { DelayTask } from "./delays.js";
import { ErrorSink } from "./error-sink.js";
import { EventQueue } from "./event-queue.js";
import type { MachineOptions } from "./machine-options.js";

type Phase = "created" | "running" | "done" | "stopped" | "closed";

export class Machine<Context, Event extends string, State extends string> implements ActingMachine<Event, State> {
  readonly name: string;
  readonly context: Context;
  readonly #chart: Chart<Context, Event, State>;
  readonly #options: MachineOptions<Context, Event, State>;
  readonly #queue: EventQueue;
  readonly #microstepCountMax: number;
  readonly #errors: ErrorSink<Machine<Context, Event, State>>;
  readonly #delays: DelayTasks;
  #phase: Phase = "created";
  /** What the phase becomes once the running microstep is complete. */
  #nextPhase: Phase = "created";
  /** The innermost active state: a leaf at rest, anything around it within a microstep, 0 if none is active. */
  #node = 0;
  #entryCount = 0;
  #isBusy = false;
  #ownSendCount = 0;

  /** Makes one task for each delayed transition. Throws `invalid` if it has no scheduler for them, and what that throws. */
  constructor(chart: Chart<Context, Event, State>, options: MachineOptions<NoInfer<Context>, NoInfer<Event>, NoInfer<State>>) {
    const { name, context, scheduler, queueCountMax = 8, microstepCountMax = 64 } = options;
    assert(Number.isInteger(microstepCountMax) && microstepCountMax > 0, "Machine: microstepCountMax must be 1 or more");
    this.name = name;
    this.context = context;
    this.#chart = chart;
    this.#options = options;
    this.#microstepCountMax = microstepCountMax;
    this.#queue = new EventQueue(queueCountMax);
    this.#errors = new ErrorSink<Machine<Context, Event, State>>(this, options.onError);
    this.#delays = new DelayTasks(chart, { name, scheduler, run: this.#delayElapsed, target: this });
  }

  /** Path of the active leaf, a constant; after the end the final state's; "" before the start and after a stop. */
  get state(): string {
    return this.#chart.paths[this.#node]!;
  }

  /** How many states were entered since the machine was made: progress, for a watchdog's channel. */
  get entryCount(): number {
    return this.#entryCount;
  }

  get isRunning(): boolean {
    return this.#phase === "running";
  }

  /** A final state at the top was entered. */
  get isDone(): boolean {
    return this.#phase === "done";
  }

  matches(state: StateReference<State>): boolean {
    const chart = this.#chart;
    let node = chart.stateByName[state];
    if (node === undefined) {
      node = chart.paths.indexOf(state);
      // A path at the top is a name, and it is not among the names if it is not unique.
      const isPath = node > 0 && chart.parents[node] !== 0;
      if (!isPath) throw new FirmwareError("invalid", `machine ${this.name}: its chart has no single state "${state}"`);
    }
    return node <= this.#node && this.#node <= chart.lastDescendants[node]!;
  }

  /** Enters the initial states and comes to rest. Also after a stop or the end; `context` is then as it was left. */
  start(): void {
    assert(this.#phase !== "running", "Machine: start of a machine that runs");
    if (this.#phase === "closed") throw new FirmwareError("closed", `machine ${this.name}: it was closed`);
    this.#node = 0;
    this.#phase = "running";
    this.#nextPhase = "running";
    this.#begin();
    this.#take(this.#chart.start, undefined, undefined);
    this.#settle(undefined, undefined);
    this.#finish();
  }

  /**
   * Handles an event and comes to rest; from within a callback of this machine, queues it. An event that no active state
   * answers is dropped. Throws before any effect: `refused` or `closed` if the machine does not run, `invalid` for an unknown
   * name, `full`.
   */
  send(event: Sendable<Event>, payload?: unknown): void {
    const number = this.#numberOf(event);
    if (!this.#isBusy) {
      this.#begin();
      this.#macrostep(number, payload);
      this.#finish();
      return;
    }
    // The first bound ends a machine that answers its own events for ever: its run would never return.
    if (this.#ownSendCount === this.#microstepCountMax || !this.#queue.send(number, payload)) throw this.#full(event);
    this.#ownSendCount++;
  }

  /** As `send` from within a callback of this machine, but before all that was sent. */
  raise(event: Sendable<Event>, payload?: unknown): void {
    assert(this.#isBusy, "Machine: raise outside a callback of the machine");
    if (!this.#queue.raise(this.#numberOf(event), payload)) throw this.#full(event);
  }

  /**
   * Leaves all active states, innermost first, and cancels their delays; from within a callback, once the running microstep is
   * complete. What waits in the queue is dropped. Does nothing unless the machine runs.
   */
  stop(): void {
    if (this.#nextPhase !== "running") return;
    this.#nextPhase = "stopped";
    if (this.#isBusy) return;
    this.#begin();
    this.#finish();
  }

  /** Stops and gives its tasks back. A second close does nothing; `start` and `send` throw `closed` from then on. */
  close(): void {
    assert(!this.#isBusy, "Machine: close within a callback of the machine; stop it there");
    if (this.#phase === "closed") return;
    try {
      this.stop();
    } finally {
      this.#phase = "closed";
      this.#delays.close();
    }
  }

  #numberOf(event: string): number {
    if (this.#phase !== "running") {
      const code = this.#phase === "closed" ? "closed" : "refused";
      throw new FirmwareError(code, `machine ${this.name}: ${event} was sent when it was ${this.#phase}; expected it to run`);
    }
    const number = this.#chart.eventByName[event];
    if (number === undefined)
      throw new FirmwareError("invalid", `machine ${this.name}: its chart has no event ${event} to send`);
    return number;
  }

  #full(event: string): FirmwareError {
    return new FirmwareError("full", `machine ${this.name}: no room for ${event} in state "${this.state}"`);
  }

  /** Called by the scheduler, with the machine as `this`. */
  #delayElapsed(task: DelayTask): void {
    if (this.#isBusy) {
      task.runAfter(0); // The scheduler was run from within a callback: the delay's turn comes when this run is complete.
      return;
    }
    if (this.#phase !== "running") return;
    this.#begin();
    this.#macrostep(this.#delays.eventOf(task), undefined);
    this.#finish();
  }

  #begin(): void {
    this.#isBusy = true;
    this.#ownSendCount = 0;
  }

  /** Handles what callbacks sent meanwhile, ends if it is to end, and hands on what went wrong. */
  #finish(): void {
    const queue = this.#queue;
    while (this.#nextPhase === "running" && !queue.isEmpty) {
      const event = queue.headEvent;
      const payload = queue.headPayload;
      queue.drop();
      this.#macrostep(event, payload);
    }
    if (this.#nextPhase !== "running") this.#end();
    this.#isBusy = false;
    this.#errors.rethrow();
  }

  /** Leaves what is active, from the leaf outwards. */
  #end(): void {
    const leaf = this.#node;
    for (let node = leaf; node !== 0; node = this.#chart.parents[node]!) this.#leave(node);
    while (!this.#queue.isEmpty) this.#dropHead();
    this.#node = this.#nextPhase === "done" ? leaf : 0;
    this.#phase = this.#nextPhase;
  }

  #macrostep(event: number, payload: unknown): void {
    this.#step(this.#chart.plans[event]![this.#node], event, payload);
    this.#settle(event, payload);
  }

  /** Takes eventless transitions, and raised events where there is none, until there is neither. */
  #settle(firstEvent: number | undefined, firstPayload: unknown): void {
    const chart = this.#chart;
    const queue = this.#queue;
    let payload = firstPayload;
    let stepCount = 0;
    let isTold = false;
    while (this.#nextPhase === "running") {
      if (stepCount > this.#microstepCountMax) {
        if (!this.#breakLoop(firstEvent, isTold)) return;
        isTold = true;
        stepCount = 0;
        continue;
      }
      stepCount++;
      if (this.#step(chart.eventless[this.#node], undefined, payload)) continue;
      if (!queue.hasRaised) return;
      const event = queue.headEvent;
      payload = queue.headPayload;
      queue.drop();
      const isTaken = this.#step(chart.plans[event]![this.#node], event, payload);
      if (!isTaken && event === chart.errorEvent) this.#errors.report(payload);
    }
  }

  /**
   * The chart does not come to rest: tells it so by `error.execution`, once. True if it answers. If it does not, or loops
   * again, it rests where it is and what it raised is dropped.
   */
  #breakLoop(event: number | undefined, isTold: boolean): boolean {
    const cause = event === undefined ? "the start" : this.#chart.eventNames[event]!;
    const text = `more than ${this.#microstepCountMax} microsteps after ${cause}, now in state "${this.state}"`;
    const error = new FirmwareError("full", `machine ${this.name}: ${text}: eventless or raised events in an endless loop`);
    const { errorEvent } = this.#chart;
    if (!isTold && this.#step(this.#chart.plans[errorEvent]![this.#node], errorEvent, error)) return true;
    this.#errors.report(error);
    while (this.#queue.hasRaised) this.#dropHead();
    return false;
  }

  /** Takes the first candidate whose guard is true. False if there is none. */
  #step(candidates: Candidates<Context, Event, State>, event: number | undefined, payload: unknown): boolean {
    if (candidates === undefined) return false;
    for (let index = 0; index < candidates.length; index++) {
      const plan = candidates[index]!;
      if (plan.guard !== undefined && !this.#allows(plan.guard, payload)) continue;
      this.#take(plan, event, payload);
      return true;
    }
    return false;
  }

  #allows(guard: NonNullable<Plan<Context, Event, State>["guard"]>, payload: unknown): boolean {
    try {
      return guard(this.context, payload);
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** One microstep. Whatever throws in it, all of it is done. */
  #take(plan: Plan<Context, Event, State>, event: number | undefined, payload: unknown): void {
    const chart = this.#chart;
    const from = this.#node;
    const exits = plan.exits;
    for (let index = 0; index < exits.length; index++) this.#leave(exits[index]!);
    this.#node = plan.domain;
    const action = plan.action;
    if (action !== undefined) {
      try {
        action(this.context, payload, this);
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#entryCount += plan.entryCount;
    const entries = plan.entries;
    for (let index = 0; index < entries.length; index++) this.#enter(entries[index]!);
    this.#node = plan.leaf;
    if (plan.doneEvent !== undefined) this.#raiseOwn(plan.doneEvent, undefined);
    if (plan.isEnd) this.#nextPhase = "done";
    const onTransition = this.#options.onTransition;
    if (onTransition === undefined) return;
    try {
      const name = event === undefined ? undefined : chart.eventNames[event];
      onTransition(this, name, chart.paths[from]!, chart.paths[plan.leaf]!);
    } catch (error) {
      this.#errors.report(error);
    }
  }

  /** Delays and action have a `try` each, here and in `#enter`: neither is left out because the other throws. */
  #leave(node: number): void {
    this.#node = node;
    const delays = this.#chart.delaysOf[node];
    const exit = this.#chart.exits[node];
    try {
      if (delays !== undefined) this.#delays.cancel(delays);
    } catch (error) {
      this.#fail(error);
    }
    try {
      if (exit !== undefined) exit(this.context, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  #enter(node: number): void {
    this.#node = node;
    const delays = this.#chart.delaysOf[node];
    const entry = this.#chart.entries[node];
    try {
      if (delays !== undefined) this.#delays.arm(delays);
    } catch (error) {
      this.#fail(error);
    }
    try {
      if (entry !== undefined) entry(this.context, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A callback threw: the chart is told in its turn. A failed assertion is no event for it, but its owner's fault. */
  #fail(error: unknown): void {
    if (error instanceof AssertionError) this.#errors.report(error);
    else this.#raiseOwn(this.#chart.errorEvent, error);
  }

  #raiseOwn(event: number, payload: unknown): void {
    if (this.#queue.raiseOwn(event, payload)) return;
    this.#errors.report(event === this.#chart.errorEvent ? payload : this.#full(this.#chart.eventNames[event]!));
  }

  /** Errors are not dropped in silence. */
  #dropHead(): void {
    const payload = this.#queue.headPayload;
    const isError = this.#queue.headEvent === this.#chart.errorEvent;
    this.#queue.drop();
    if (isError) this.#errors.report(payload);
  }
}
