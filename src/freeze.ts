/**
 * Freezes a literal and everything it holds, so that a preloaded table stays in flash.
 *
 * XS has a two-argument Object.freeze that does the same, but only XS: with it the same source would behave otherwise under
 * Node. Typed arrays cannot be frozen in any engine and are refused: a table of numbers is a plain array.
 */
import { assert } from "./assert.js";

/** Freezes `value`, its own properties and theirs, and returns it. Functions are frozen, not entered. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "function") return Object.freeze(value);
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  assert(!ArrayBuffer.isView(value), "deepFreeze: a typed array cannot be frozen; use a plain array");
  Object.freeze(value);
  for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
  return value;
}
