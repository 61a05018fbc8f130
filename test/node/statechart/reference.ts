/**
 * A second interpreter for the same definitions, written from the pseudo-code in Appendix D of the W3C's SCXML recommendation.
 *
 * It keeps the names and the set operations of the recommendation and nothing is precomputed: slow and plain on purpose, so
 * that what it does can be compared with the text. The engine is compared with it by `same-as-reference.ts`. Source:
 * https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation
 */
type Callback = (...parameters: unknown[]) => unknown;

export interface TransitionLiteral {
  target?: string;
  internal?: boolean;
  guard?: Callback;
  action?: Callback;
  delayMs?: number;
}

export interface StateLiteral {
  type?: "final";
  initial?: string;
  entry?: Callback;
  exit?: Callback;
  on?: Record<string, TransitionLiteral | TransitionLiteral[] | string>;
  always?: TransitionLiteral[];
  after?: TransitionLiteral[];
  states?: Record<string, StateLiteral>;
}

interface State {
  order: number;
  id: string;
  path: string;
  literal: StateLiteral;
  parent: State | undefined;
  children: State[];
  transitions: Transition[];
}

interface Transition {
  source: State;
  /** Absent: eventless. */
  descriptor: string | undefined;
  literal: TransitionLiteral;
}

interface Event {
  name: string;
  payload: unknown;
}

interface Hooks {
  context: unknown;
  onError(error: unknown): void;
  onTransition(event: string | undefined, from: string, to: string): void;
}

/** Interprets one definition. Time stands still but for `advance`. */
export class ReferenceMachine {
  readonly #states: State[] = [];
  readonly #hooks: Hooks;
  #configuration = new Set<State>();
  #internalQueue: Event[] = [];
  #externalQueue: Event[] = [];
  #delayed: { dueMs: number; order: number; source: State; event: Event }[] = [];
  #nowMs = 0;
  #order = 0;
  #isInside = false;
  #lastPath = "";
  running = false;
  isDone = false;
  entryCount = 0;

  constructor(definition: StateLiteral, hooks: Hooks) {
    this.#hooks = hooks;
    this.#read("", definition, undefined);
  }

  #read(id: string, literal: StateLiteral, parent: State | undefined): State {
    const path = parent?.path ? `${parent.path}.${id}` : id;
    const state: State = { order: this.#states.length, id, path, literal, parent, children: [], transitions: [] };
    this.#states.push(state);
    const add = (descriptor: string | undefined, of: TransitionLiteral): unknown =>
      state.transitions.push({ source: state, descriptor, literal: of });
    for (const [descriptor, handler] of Object.entries(literal.on ?? {})) {
      if (typeof handler === "string") add(descriptor, { target: handler });
      else for (const transition of Array.isArray(handler) ? handler : [handler]) add(descriptor, transition);
    }
    for (const transition of literal.always ?? []) add(undefined, transition);
    for (const [index, transition] of (literal.after ?? []).entries()) add(`after.${path}.${index}`, transition);
    for (const [childId, child] of Object.entries(literal.states ?? {})) state.children.push(this.#read(childId, child, state));
    return state;
  }

  // ---- what a machine offers ----

  get state(): string {
    return this.#inDocumentOrder(this.#configuration).at(-1)?.path ?? this.#lastPath;
  }

  matches(reference: string): boolean {
    return this.#configuration.has(this.#find(reference));
  }

  start(): void {
    this.running = true;
    this.isDone = false;
    this.#lastPath = "";
    this.#inside(() => {
      this.#microstep(undefined, undefined, this.#find(this.#states[0]!.literal.initial!));
      this.#mainEventLoop(undefined);
    });
  }

  send(name: string, payload?: unknown): void {
    this.#externalQueue.push({ name, payload });
    if (!this.#isInside) this.#inside(() => this.#serveExternal());
  }

  raise(name: string, payload?: unknown): void {
    this.#internalQueue.push({ name, payload });
  }

  stop(): void {
    if (!this.running) return;
    this.running = false;
    if (!this.#isInside) this.#inside(() => {});
  }

  advance(delayMs: number): void {
    const endMs = this.#nowMs + delayMs;
    for (;;) {
      const due = this.#delayed.filter((entry) => entry.dueMs <= endMs);
      due.sort((left, right) => left.dueMs - right.dueMs || left.order - right.order);
      const next = due[0];
      if (!next) break;
      this.#nowMs = next.dueMs;
      this.#delayed.splice(this.#delayed.indexOf(next), 1);
      this.#externalQueue.push(next.event);
      this.#inside(() => this.#serveExternal());
    }
    this.#nowMs = endMs;
  }

  #inside(body: () => void): void {
    this.#isInside = true;
    body();
    this.#serveExternal();
    if (!this.running) this.#exitInterpreter();
    this.#isInside = false;
  }

  // ---- the algorithm ----

  #serveExternal(): void {
    while (this.running && this.#externalQueue.length > 0) {
      const event = this.#externalQueue.shift()!;
      const transition = this.#selectTransitions(event);
      if (transition) this.#microstep(transition, event);
      this.#mainEventLoop(event);
    }
  }

  #mainEventLoop(last: Event | undefined): void {
    let event = last;
    while (this.running) {
      let transition = this.#selectEventlessTransitions(event);
      let cause: Event | undefined;
      if (!transition) {
        if (this.#internalQueue.length === 0) return;
        event = this.#internalQueue.shift()!;
        cause = event;
        transition = this.#selectTransitions(event);
        if (!transition && event.name === "error.execution") this.#hooks.onError(event.payload);
      }
      if (transition) this.#microstep(transition, cause, undefined, event);
    }
  }

  #exitInterpreter(): void {
    const lastPath = this.isDone ? this.state : "";
    for (const state of this.#inDocumentOrder(this.#configuration).reverse()) this.#exit(state);
    for (const event of this.#internalQueue) if (event.name === "error.execution") this.#hooks.onError(event.payload);
    this.#internalQueue = [];
    this.#externalQueue = [];
    this.#lastPath = lastPath;
  }

  #selectEventlessTransitions(event: Event | undefined): Transition | undefined {
    return this.#select((transition) => transition.descriptor === undefined, event);
  }

  #selectTransitions(event: Event): Transition | undefined {
    return this.#select((transition) => this.#nameMatch(transition.descriptor, event.name), event);
  }

  /** For the one atomic state: it and its proper ancestors, each one's transitions in document order. */
  #select(answers: (transition: Transition) => boolean, event: Event | undefined): Transition | undefined {
    const atomic = [...this.#configuration].find((state) => state.children.length === 0)!;
    for (const state of [atomic, ...this.#getProperAncestors(atomic, undefined)]) {
      for (const transition of state.transitions) {
        if (answers(transition) && this.#conditionMatch(transition, event)) return transition;
      }
    }
    return undefined;
  }

  #nameMatch(descriptor: string | undefined, name: string): boolean {
    if (descriptor === undefined) return false;
    if (name.startsWith("after.")) return descriptor === name;
    if (descriptor.startsWith("done.state.")) return name === `done.state.${this.#find(descriptor.slice(11)).path}`;
    if (descriptor === "*") return true;
    const prefix = descriptor.endsWith(".*") ? descriptor.slice(0, -2) : descriptor; // "error.*" means the same as "error".
    return name === prefix || name.startsWith(`${prefix}.`);
  }

  #conditionMatch(transition: Transition, event: Event | undefined): boolean {
    const { guard } = transition.literal;
    if (!guard) return true;
    try {
      return Boolean(guard(this.#hooks.context, event?.payload));
    } catch (error) {
      this.raise("error.execution", error);
      return false;
    }
  }

  #microstep(transition: Transition | undefined, cause: Event | undefined, initial?: State, current = cause): void {
    const from = this.state;
    if (transition) {
      const exitSet = this.#computeExitSet(transition);
      for (const state of this.#inDocumentOrder(exitSet).reverse()) this.#exit(state);
      const { action } = transition.literal;
      if (action) this.#run(() => action(this.#hooks.context, current?.payload, this));
    }
    const target = initial ?? (transition && this.#targetOf(transition));
    if (target) {
      const domain = transition ? this.#getTransitionDomain(transition) : this.#states[0];
      for (const state of this.#inDocumentOrder(this.#computeEntrySet(target, domain))) this.#enter(state);
    }
    const to = this.#inDocumentOrder(this.#configuration).at(-1)!.path;
    this.#hooks.onTransition(cause?.name, from, to);
  }

  #exit(state: State): void {
    this.#delayed = this.#delayed.filter((entry) => entry.source !== state);
    const { exit } = state.literal;
    if (exit) this.#run(() => exit(this.#hooks.context, this));
    this.#configuration.delete(state);
  }

  #enter(state: State): void {
    this.#configuration.add(state);
    this.entryCount++;
    for (const [index, { delayMs }] of (state.literal.after ?? []).entries()) {
      const event = { name: `after.${state.path}.${index}`, payload: undefined };
      this.#delayed.push({ dueMs: this.#nowMs + delayMs!, order: this.#order++, source: state, event });
    }
    const { entry } = state.literal;
    if (entry) this.#run(() => entry(this.#hooks.context, this));
    if (state.literal.type !== "final") return;
    const parent = state.parent!;
    if (parent.parent) {
      this.raise(`done.state.${parent.path}`);
    } else {
      this.running = false;
      this.isDone = true;
    }
  }

  #run(content: () => unknown): void {
    try {
      content();
    } catch (error) {
      this.raise("error.execution", error);
    }
  }

  #computeExitSet(transition: Transition): Set<State> {
    const exitSet = new Set<State>();
    const domain = this.#getTransitionDomain(transition);
    if (domain) for (const state of this.#configuration) if (this.#isDescendant(state, domain)) exitSet.add(state);
    return exitSet;
  }

  #computeEntrySet(target: State, domain: State | undefined): Set<State> {
    const entrySet = new Set<State>();
    this.#addDescendantStatesToEnter(target, entrySet);
    this.#addAncestorStatesToEnter(target, domain, entrySet);
    return entrySet;
  }

  #addDescendantStatesToEnter(state: State, entrySet: Set<State>): void {
    entrySet.add(state);
    if (state.children.length === 0) return;
    const initial = this.#find(state.literal.initial!);
    this.#addDescendantStatesToEnter(initial, entrySet);
    this.#addAncestorStatesToEnter(initial, state, entrySet);
  }

  #addAncestorStatesToEnter(state: State, ancestor: State | undefined, entrySet: Set<State>): void {
    for (const other of this.#getProperAncestors(state, ancestor)) entrySet.add(other);
  }

  #getTransitionDomain(transition: Transition): State | undefined {
    const target = this.#targetOf(transition);
    if (!target) return undefined;
    const { source, literal } = transition;
    if (literal.internal && source.children.length > 0 && this.#isDescendant(target, source)) return source;
    return this.#findLCCA(source, target);
  }

  #findLCCA(head: State, target: State): State | undefined {
    return [...this.#getProperAncestors(head, undefined), this.#states[0]!].find((state) => this.#isDescendant(target, state));
  }

  #getProperAncestors(state: State, upTo: State | undefined): State[] {
    const ancestors: State[] = [];
    for (let other = state.parent; other?.parent && other !== upTo; other = other.parent) ancestors.push(other);
    return ancestors;
  }

  #isDescendant(state: State, of: State): boolean {
    for (let other = state.parent; other; other = other.parent) if (other === of) return true;
    return false;
  }

  #targetOf(transition: Transition): State | undefined {
    return transition.literal.target === undefined ? undefined : this.#find(transition.literal.target);
  }

  #inDocumentOrder(states: Set<State>): State[] {
    return [...states].sort((left, right) => left.order - right.order);
  }

  #find(reference: string): State {
    return this.#states.find((state) => state.parent && (state.id === reference || state.path === reference))!;
  }
}
