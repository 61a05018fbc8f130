/**
 * Compiles a definition once into the frozen tables that every machine of it shares.
 *
 * Exits, entries and the transition's domain are worked out for each leaf and event here, at definition time (on a device: when
 * the image is built), so that at run time a transition is a walk over two short lists. The semantics is W3C SCXML's,
 * Appendix D, for charts of one region. Rejected: an interpreter over the tree (allocates sets) and masks for all charts (on
 * XS four to six times slower where there is one leaf). See docs/design/statechart.md.
 */
import { deepFreeze } from "../freeze.js";
import type { Chart, Delay, Plan } from "./chart.js";
import type { ChartDefinition } from "./definition.js";
import { defaultLeaf, isBelow, type Node, placeOf, readNodes, refuse } from "./node-tree.js";
import { type EventTable, readEvents, readTransitions, type Transition } from "./transitions.js";

type AnyPlan = Plan<unknown, string, string>;
type Row = (AnyPlan[] | undefined)[];

/**
 * The tables of `definition`. Throws `invalid`, naming the place, for an unknown, ambiguous or missing name, an unknown key, a
 * final state with a way out, or eventless transitions that would never come to rest; `unsupported` for parallel regions,
 * history and invoke.
 */
export function defineChart<Context, const Event extends string, const State extends string>(
  definition: ChartDefinition<Context, Event, State>,
): Chart<Context, Event, State> {
  const nodes = readNodes(definition);
  for (const node of nodes) if (node.children.length > 0) defaultLeaf(nodes, node);
  const events = readEvents(nodes, definition.events);
  const transitions = readTransitions(nodes, events);
  const compiler = new PlanCompiler(nodes, events);
  const eventless = compiler.row(transitions, undefined);
  refuseEndless(nodes, eventless);
  const { delays, delaysOf } = delayTables(nodes, transitions);
  return deepFreeze({
    paths: nodes.map((node) => node.path),
    parents: nodes.map((node) => node.parent?.index ?? 0),
    lastDescendants: nodes.map((node) => node.last),
    entries: nodes.map((node) => node.literal.entry),
    exits: nodes.map((node) => node.literal.exit),
    delaysOf,
    delays,
    stateByName: uniqueNames(nodes),
    eventNames: events.names,
    eventByName: sendableNames(events),
    errorEvent: events.errorEvent,
    plans: events.names.map((_, event) => compiler.row(transitions, event)),
    eventless,
    start: compiler.enter(undefined, nodes[0]!, nodes[0]!, nodes[0]!),
  }) as unknown as Chart<Context, Event, State>;
}

/** Works out plans. Lists with the same content are one list: most plans of a chart share theirs. */
class PlanCompiler {
  readonly #nodes: readonly Node[];
  readonly #events: EventTable;
  readonly #lists = new Map<string, number[]>();

  constructor(nodes: readonly Node[], events: EventTable) {
    this.#nodes = nodes;
    this.#events = events;
  }

  /** By state: the plans of each leaf for `event`, or for no event; inner states before outer ones, then document order. */
  row(transitions: readonly Transition[][], event: number | undefined): Row {
    const row: Row = this.#nodes.map(() => undefined);
    for (const leaf of this.#nodes) {
      if (leaf.children.length > 0) continue;
      const candidates: AnyPlan[] = [];
      for (let source: Node | undefined = leaf; source; source = source.parent) {
        for (const transition of transitions[source.index]!) {
          const answers = event === undefined ? transition.events.length === 0 : transition.events.includes(event);
          if (answers) candidates.push(this.#plan(transition, leaf));
        }
      }
      if (candidates.length > 0) row[leaf.index] = candidates;
    }
    return row;
  }

  #plan(transition: Transition, leaf: Node): AnyPlan {
    const { target } = transition;
    return target === undefined
      ? this.#stay(transition, leaf)
      : this.enter(transition, leaf, domainOf(transition, target), target);
  }

  /** Nothing is left and nothing entered: the leaf itself is the domain. */
  #stay(transition: Transition, leaf: Node): AnyPlan {
    const none = this.#list([]);
    return {
      guard: transition.literal.guard,
      action: transition.literal.action,
      exits: none,
      domain: leaf.index,
      entries: none,
      entryCount: 0,
      leaf: leaf.index,
      doneEvent: undefined,
      isEnd: false,
    };
  }

  /** From `from` out to `domain`, then in to `target` and on to its default leaf. */
  enter(transition: Transition | undefined, from: Node, domain: Node, target: Node): AnyPlan {
    const leaf = defaultLeaf(this.#nodes, target);
    const entered = pathUp(leaf, domain).reverse();
    const parent = leaf.parent!;
    return {
      guard: transition?.literal.guard,
      action: transition?.literal.action,
      exits: this.#list(pathUp(from, domain).filter((node) => node.literal.exit !== undefined || hasDelays(node))),
      domain: domain.index,
      entries: this.#list(entered.filter((node) => node.literal.entry !== undefined || hasDelays(node))),
      entryCount: entered.length,
      leaf: leaf.index,
      doneEvent: leaf.isFinal ? this.#events.doneEvents.get(parent.index) : undefined,
      isEnd: leaf.isFinal && parent.index === 0,
    };
  }

  #list(nodes: readonly Node[]): number[] {
    const list = nodes.map((node) => node.index);
    const key = list.join();
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    this.#lists.set(key, list);
    return list;
  }
}

/**
 * The innermost state that the transition does not leave (SCXML's transition domain): its source if it is internal and the
 * target lies within, else the innermost state around the source, itself excluded, that has the target below it.
 */
function domainOf(transition: Transition, target: Node): Node {
  const { source } = transition;
  if (transition.literal.internal && isBelow(target, source)) return source;
  let ancestor = source.parent!;
  while (!isBelow(target, ancestor)) ancestor = ancestor.parent!;
  return ancestor;
}

/** `from` and what is around it, up to `top` without it, innermost first. */
function pathUp(from: Node, top: Node): Node[] {
  const path: Node[] = [];
  for (let node = from; node !== top; node = node.parent!) path.push(node);
  return path;
}

function hasDelays(node: Node): boolean {
  return (node.literal.after ?? []).length > 0;
}

function delayTables(nodes: readonly Node[], transitions: readonly Transition[][]) {
  const delays: Delay[] = [];
  const delaysOf = nodes.map((node) => {
    const indexes: number[] = [];
    for (const { delayMs, events } of transitions[node.index]!) {
      if (delayMs !== undefined) indexes.push(delays.push({ delayMs, event: events[0]! }) - 1);
    }
    return indexes.length > 0 ? indexes : undefined;
  });
  return { delays, delaysOf };
}

/** Keys are the names in the literal only, which an engine has already: it need not make new ones for paths. */
function uniqueNames(nodes: readonly Node[]): Record<string, number> {
  const byName: Record<string, number> = Object.create(null);
  for (const node of nodes) {
    const isUnique = nodes.every((other) => other === node || other.name !== node.name);
    if (node.index > 0 && isUnique) byName[node.name] = node.index;
  }
  return byName;
}

function sendableNames(events: EventTable): Record<string, number> {
  const byName: Record<string, number> = Object.create(null);
  for (let event = 0; event < events.sendableCount; event++) byName[events.names[event]!] = event;
  return byName;
}

/** Refuses a circle of eventless transitions that are always taken: each the first of its leaf, and without a guard. */
function refuseEndless(nodes: readonly Node[], eventless: Row): void {
  for (const start of nodes) {
    let leaf = start.index;
    for (let stepCount = 0; stepCount < nodes.length; stepCount++) {
      const plan = eventless[leaf]?.[0];
      if (plan === undefined || plan.guard !== undefined) break;
      leaf = plan.leaf;
      if (leaf === start.index) refuse(`${placeOf(start)} always`, "without a guard it leads back to itself for ever");
    }
  }
}
