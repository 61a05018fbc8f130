/**
 * Every transition of a definition with its source, its target and the numbers of the events it answers.
 *
 * The second half of reading a chart: here the chart's events get their numbers. SCXML's event descriptors ("*", prefixes) cost
 * nothing later, because they are expanded to numbers once. See docs/design/statechart.md.
 */
import type { HandlerDefinition, TransitionDefinition } from "./definition.js";
import { checkFunction, checkKeys, type Node, placeOf, refuse, resolve } from "./node-tree.js";

export type AnyTransition = TransitionDefinition<unknown, string, string>;

/** The event that the machine raises when a callback throws. */
export const ERROR_EXECUTION = "error.execution";
const DONE_STATE = "done.state.";
const TRANSITION_KEYS = Object.freeze(["target", "internal", "guard", "action"]);
const DELAYED_KEYS = Object.freeze([...TRANSITION_KEYS, "delayMs"]);

export interface Transition {
  readonly literal: AnyTransition;
  readonly source: Node;
  readonly target: Node | undefined;
  /** By number. Empty: eventless. */
  readonly events: readonly number[];
  /** Absent: not delayed. */
  readonly delayMs: number | undefined;
}

/** What can happen in a chart, numbered: what can be sent, then the machine's own events, then one for each delay. */
export interface EventTable {
  readonly names: string[];
  /** How many can be sent. */
  readonly sendableCount: number;
  readonly errorEvent: number;
  /** By index of a state: the event of its being done. */
  readonly doneEvents: ReadonlyMap<number, number>;
}

/** Numbers the events. Throws `invalid` for a name that is taken, empty or reserved. */
export function readEvents(nodes: readonly Node[], listed: unknown): EventTable {
  const names: string[] = [];
  if (listed === undefined) {
    for (const node of nodes) {
      for (const key of Object.keys(node.literal.on ?? {})) if (!isSpecial(key) && !names.includes(key)) names.push(key);
    }
  } else {
    if (!Array.isArray(listed)) refuse("events", "expected an array of names");
    for (const name of listed as unknown[]) {
      if (typeof name !== "string" || isSpecial(name)) refuse("events", `${String(name)} is not a name that can be sent`);
      if (names.includes(name)) refuse("events", `"${name}" is there twice`);
      names.push(name);
    }
  }
  for (const name of names) if (!/^[^\s*.]+(\.[^\s*.]+)*$/.test(name)) refuse("events", `"${name}" is not a name of an event`);
  const sendableCount = names.length;
  const errorEvent = names.push(ERROR_EXECUTION) - 1;
  const doneEvents = new Map<number, number>();
  for (const node of nodes) {
    if (node.index > 0 && node.children.some((child) => child.isFinal)) {
      doneEvents.set(node.index, names.push(`${DONE_STATE}${node.path}`) - 1);
    }
  }
  return { names, sendableCount, errorEvent, doneEvents };
}

/** Names that are patterns, or that only the machine raises. */
function isSpecial(name: string): boolean {
  return name === "*" || name.endsWith(".*") || isOwn(name);
}

function isOwn(name: string): boolean {
  return name === "error" || name.startsWith("error.") || name === "done" || name.startsWith("done.");
}

/**
 * The transitions of each state, by its index and in the order in which they are tried. Adds the delays' events to `events`.
 */
export function readTransitions(nodes: readonly Node[], events: EventTable): Transition[][] {
  const chart = nodes[0]!.literal as { events?: unknown };
  const listed = chart.events === undefined ? undefined : events.names.slice(0, events.sendableCount);
  const rows: Transition[][] = [];
  // The descriptors first, for all states: a delay's event must not be there yet when "*" is expanded.
  for (const node of nodes) rows.push(node.index === 0 ? [] : readHandlers(nodes, node, events, listed));
  for (const node of nodes) if (node.index > 0) readUnsent(nodes, node, events, rows[node.index]!);
  return rows;
}

function readHandlers(
  nodes: readonly Node[],
  node: Node,
  events: EventTable,
  listed: readonly string[] | undefined,
): Transition[] {
  const row: Transition[] = [];
  const on = node.literal.on ?? {};
  checkKeys(on, Object.keys(on), `${placeOf(node)} on`);
  for (const [descriptor, handler] of Object.entries(on)) {
    const place = `${placeOf(node)} on "${descriptor}"`;
    if (listed !== undefined && !isSpecial(descriptor) && !listed.includes(descriptor)) refuse(place, "it is not in events");
    const matched = expand(nodes, descriptor, events, place);
    const list = listOf(handler as HandlerDefinition<unknown, string, string>, place);
    for (const literal of list) row.push(readTransition(nodes, node, literal, matched, place, TRANSITION_KEYS));
  }
  return row;
}

function listOf(handler: HandlerDefinition<unknown, string, string>, place: string): readonly AnyTransition[] {
  if (typeof handler === "string") return [{ target: handler }];
  if (!Array.isArray(handler)) return [handler as AnyTransition];
  if (handler.length === 0) refuse(place, "expected at least one transition");
  return handler;
}

/** The numbers of the events that a descriptor fits (SCXML 3.12.1): any, the same name, or a name that goes on with a dot. */
function expand(nodes: readonly Node[], descriptor: string, events: EventTable, place: string): number[] {
  const isPrefix = descriptor.endsWith(".*");
  if (!isPrefix && descriptor.startsWith(DONE_STATE)) {
    const node = resolve(nodes, descriptor.slice(DONE_STATE.length), place);
    const event = events.doneEvents.get(node.index);
    if (event === undefined) refuse(place, `"${node.path}" is never done: it has no final state`);
    return [event];
  }
  const prefix = isPrefix ? descriptor.slice(0, -2) : descriptor;
  const matched: number[] = [];
  for (const [event, name] of events.names.entries()) {
    if (descriptor === "*" || name === prefix || name.startsWith(`${prefix}.`)) matched.push(event);
  }
  if (matched.length === 0) refuse(place, "it fits no event of the chart");
  return matched;
}

/** Adds what needs no event from outside: `always` and `after`. */
function readUnsent(nodes: readonly Node[], node: Node, events: EventTable, row: Transition[]): void {
  const { always, after } = node.literal;
  for (const [index, literal] of arrayOf(always, `${placeOf(node)} always`).entries()) {
    row.push(readTransition(nodes, node, literal as AnyTransition, [], `${placeOf(node)} always[${index}]`, TRANSITION_KEYS));
  }
  for (const [index, literal] of arrayOf(after, `${placeOf(node)} after`).entries()) {
    const event = events.names.push(`after.${node.path}.${index}`) - 1;
    row.push(readTransition(nodes, node, literal as AnyTransition, [event], `${placeOf(node)} after[${index}]`, DELAYED_KEYS));
  }
}

function arrayOf(value: unknown, place: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse(place, "expected an array of transitions");
  return value;
}

function readTransition(
  nodes: readonly Node[],
  source: Node,
  literal: AnyTransition & { delayMs?: unknown },
  events: readonly number[],
  place: string,
  keys: readonly string[],
): Transition {
  const isDelayed = keys === DELAYED_KEYS;
  checkKeys(literal, keys, place);
  checkFunction(literal.guard, "guard", place);
  checkFunction(literal.action, "action", place);
  const internal: unknown = literal.internal;
  if (internal !== undefined && typeof internal !== "boolean") refuse(place, "internal must be true or false");
  const { delayMs } = literal;
  if (isDelayed && !(typeof delayMs === "number" && delayMs >= 0 && delayMs <= Number.MAX_SAFE_INTEGER)) {
    refuse(place, "delayMs must be a number, 0 … 2^53 − 1");
  }
  const target = literal.target === undefined ? undefined : resolve(nodes, literal.target, place);
  return { literal, source, target, events, delayMs: isDelayed ? (delayMs as number) : undefined };
}
