/**
 * JSON texts from outside, read without trusting them.
 *
 * JSON.parse recurses on the native stack, and XS restarts the device where that ends, so the nesting is measured before. XS
 * also keeps each name that an object ever had, in a table of a few hundred, and restarts where that is full, so only members
 * that are known are made. What comes out is `unknown`, and is asked for its members one by one: a field of the wrong kind is
 * one that is not there.
 */
import { FirmwareError } from "../errors.js";

/** Brackets that may be open at once. */
const NESTING_DEPTH_MAX = 16;

/**
 * The value of a JSON text; of its objects, members of other names than `names` may be left out. Throws `corrupt`; `what` is
 * named in front. Total.
 */
export function parseJSON(text: string, what: string, names: readonly string[]): unknown {
  if (nestingDepth(text) > NESTING_DEPTH_MAX) {
    throw new FirmwareError("corrupt", `${what}: expected at most ${NESTING_DEPTH_MAX} levels of nesting`);
  }
  try {
    // XS takes a list of names in the place of the standard's function; an engine that wants a function passes over it.
    return JSON.parse(text, names as unknown as () => unknown);
  } catch {
    throw new FirmwareError("corrupt", `${what}: expected a JSON text`);
  }
}

/** The member `name` of an object; `undefined` where `value` is none, or has none of its own. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** The same where it is a text, not empty. */
export function textOf(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === "string" && member.length > 0 ? member : undefined;
}

/** The same where it is an array; an empty one otherwise. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  const member = memberOf(value, name);
  return Array.isArray(member) ? member : [];
}

/** The most brackets that are open at once, outside texts. */
function nestingDepth(text: string): number {
  let depth = 0;
  let depthMax = 0;
  let isInText = false;
  let isEscaped = false;
  for (const character of text) {
    // By iteration: XS finds the nth character by counting from the first.
    if (isEscaped) isEscaped = false;
    else if (character === '"') isInText = !isInText;
    else if (isInText) isEscaped = character === "\\";
    else if (character === "[" || character === "{") depthMax = Math.max(depthMax, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return depthMax;
}
