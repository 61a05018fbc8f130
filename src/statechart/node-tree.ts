/**
 * The states of a definition as a tree in document order, with every name checked: the first half of compiling a chart.
 *
 * Works only at definition time and writes plainly. It refuses what it does not know instead of ignoring it, because a
 * misspelt `entry` in a literal would otherwise be an action that never runs. See docs/design/statechart.md.
 */
import { FirmwareError } from "../errors.js";
import type { StateDefinition } from "./definition.js";

/** A literal whose names the compiler has checked already and which is read by its values from here on. */
export type AnyState = StateDefinition<unknown, string, string>;

/** One state. The chart itself is the root, with index 0 and an empty name and path. */
export interface Node {
  readonly index: number;
  readonly name: string;
  readonly path: string;
  readonly parent: Node | undefined;
  readonly literal: AnyState;
  readonly isFinal: boolean;
  readonly children: Node[];
  /** The index of the last descendant; its own without one. */
  last: number;
}

const CHART_KEYS = Object.freeze(["initial", "events", "states"]);
const STATE_KEYS = Object.freeze(["type", "initial", "entry", "exit", "on", "always", "after", "states"]);
const FINAL_KEYS = Object.freeze(["type", "entry", "exit"]);

/** Refuses a definition, naming the place in it. */
export function refuse(place: string, what: string): never {
  throw new FirmwareError("invalid", `chart: ${place === "" ? "the chart" : place}: ${what}`);
}

/** The words for a node in a refusal; empty for the chart itself. */
export function placeOf(node: Node): string {
  return node.path === "" ? "" : `state "${node.path}"`;
}

/** Refuses a value that is no object, or that has a key outside `known`. */
export function checkKeys(value: unknown, known: readonly string[], place: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(place, "expected an object");
  for (const key of Object.keys(value)) {
    if (key === "invoke" || key === "history") throw unsupported(place, key);
    if (!known.includes(key)) refuse(place, `"${key}" is not known here; expected ${known.join(", ")}`);
  }
}

/** Refuses a value that is there but is no function. */
export function checkFunction(value: unknown, key: string, place: string): void {
  if (value !== undefined && typeof value !== "function") refuse(place, `${key} must be a function`);
}

/** All states in document order, the chart itself first. Throws `invalid` and `unsupported`. */
export function readNodes(definition: unknown): Node[] {
  checkKeys(definition, CHART_KEYS, "");
  const nodes: Node[] = [];
  readNode(nodes, "", definition as AnyState, undefined);
  return nodes;
}

function readNode(nodes: Node[], name: string, literal: AnyState, parent: Node | undefined): void {
  const path = parent === undefined || parent.path === "" ? name : `${parent.path}.${name}`;
  const node: Node = {
    index: nodes.length,
    name,
    path,
    parent,
    literal,
    isFinal: parent !== undefined && isFinal(literal, path),
    children: [],
    last: nodes.length,
  };
  nodes.push(node);
  parent?.children.push(node);
  checkShape(node);
  for (const [childName, child] of Object.entries(literal.states ?? {})) {
    checkName(childName, placeOf(node));
    readNode(nodes, childName, child as AnyState, node);
  }
  node.last = nodes.length - 1;
}

function isFinal(literal: AnyState, path: string): boolean {
  const place = `state "${path}"`;
  if (typeof literal !== "object" || literal === null) refuse(place, "expected an object");
  const type: unknown = literal.type;
  if (type === "parallel" || type === "history") throw unsupported(place, type);
  if (type !== undefined && type !== "final") refuse(place, `the type ${String(type)} is not known; expected "final" or none`);
  return type === "final";
}

function checkShape(node: Node): void {
  const place = placeOf(node);
  const { literal } = node;
  if (node.parent !== undefined) {
    if (node.isFinal) checkFinal(literal, place);
    checkKeys(literal, STATE_KEYS, place);
  }
  checkFunction(literal.entry, "entry", place);
  checkFunction(literal.exit, "exit", place);
  const hasStates = literal.states !== undefined;
  if (hasStates) checkKeys(literal.states, Object.keys(literal.states ?? {}), `${place} states`);
  const isEmpty = hasStates && Object.keys(literal.states ?? {}).length === 0;
  if (isEmpty || (node.parent === undefined && !hasStates)) refuse(place, "states must name at least one state");
  if (hasStates && literal.initial === undefined) refuse(place, "initial is missing: name the state below it to enter");
  if (!hasStates && literal.initial !== undefined) refuse(place, "initial without states");
}

function checkFinal(literal: AnyState, place: string): void {
  for (const key of Object.keys(literal)) {
    if (!FINAL_KEYS.includes(key)) refuse(place, `a final state has no "${key}"; expected only ${FINAL_KEYS.join(", ")}`);
  }
}

/** Letters, digits, "_" and "-", no digit first: a dot would be a path, and an engine moves names like "1" to the front. */
function checkName(name: string, place: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
    refuse(place, `"${name}" is no name of a state; expected letters, digits, "_" and "-", no digit first`);
  }
}

function unsupported(place: string, what: string): FirmwareError {
  return new FirmwareError("unsupported", `chart: ${place === "" ? "the chart" : place}: ${what} is not supported yet`);
}

/** Whether `node` is anywhere below `ancestor`. */
export function isBelow(node: Node, ancestor: Node): boolean {
  return node.index > ancestor.index && node.index <= ancestor.last;
}

/** The one state that `reference` means. `place` is where it is written. */
export function resolve(nodes: readonly Node[], reference: unknown, place: string): Node {
  if (typeof reference !== "string") refuse(place, "expected the name or path of one state");
  const found = nodes.filter((node) => node.index > 0 && (node.name === reference || node.path === reference));
  if (found.length === 0) refuse(place, `there is no state "${reference}"`);
  if (found.length > 1) {
    const paths = found.map((node) => `"${node.path}"`).join(" and ");
    refuse(place, `"${reference}" may be ${paths}; write the path, or rename one`);
  }
  return found[0]!;
}

/** The leaf that is active once `node` is entered and nothing more exact was asked for. */
export function defaultLeaf(nodes: readonly Node[], node: Node): Node {
  let leaf = node;
  while (leaf.children.length > 0) leaf = initialOf(nodes, leaf);
  return leaf;
}

function initialOf(nodes: readonly Node[], node: Node): Node {
  const place = node.path === "" ? "initial" : `${placeOf(node)} initial`;
  // A child's name is enough here, even where it is not the only state of that name.
  const child = node.children.find(({ name }) => name === node.literal.initial);
  const initial = child ?? resolve(nodes, node.literal.initial, place);
  if (!isBelow(initial, node)) refuse(place, `"${initial.path}" is not below it`);
  return initial;
}
