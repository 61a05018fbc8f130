/**
 * JSON texts from outside, read without trusting them.
 *
 * JSON.parse recurses on the native stack, and XS restarts the device where that ends, so the nesting is measured before. What
 * comes out is `unknown`, and is asked for its members one by one: a field of the wrong kind is one that is not there.
 */
import { FirmwareError } from "../errors.js";

/** Brackets that may be open at once. */
const NESTING_DEPTH_MAX = 16;

/** The value of a JSON text. Throws `corrupt`; `what` is named in front. Total. */
export function parseJSON(text: string, what: string): unknown {
  if (nestingDepth(text) > NESTING_DEPTH_MAX) {
    throw new FirmwareError("corrupt", `${what}: expected at most ${NESTING_DEPTH_MAX} levels of nesting`);
  }
  try {
    return JSON.parse(text);
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
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') isInText = !isInText;
    else if (isInText && character === "\\") index++;
    else if (!isInText && (character === "[" || character === "{")) depthMax = Math.max(depthMax, ++depth);
    else if (!isInText && (character === "]" || character === "}")) depth--;
  }
  return depthMax;
}
