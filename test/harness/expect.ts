/**
 * The assert of the specs: six functions that run on every engine and say what was expected and what came.
 *
 * Not node:assert or chai, because the same specs run on XS, where neither exists. Comparison is structural and strict:
 * numbers by Object.is, typed arrays and ArrayBuffers by content, Maps and Sets by entry, the rest by own enumerable keys.
 */
import { type ErrorCode, errorCodeOf } from "../../src/errors.js";

/** What a failed expectation throws. */
export class ExpectationError extends Error {
  override name = "ExpectationError";
}

function fail(text: string, why: string | undefined): never {
  throw new ExpectationError(why === undefined ? text : `${why}: ${text}`);
}

/** A value in one line, for a message. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  const bytes = bytesOf(value);
  if (bytes) {
    const shown: string[] = [];
    for (let index = 0; index < bytes.length && index < 48; index++) shown.push(bytes[index]!.toString(16).padStart(2, "0"));
    return `<${bytes.length} bytes ${shown.join(" ")}${bytes.length > 48 ? " …" : ""}>`;
  }
  if (depth > 5) return "…";
  if (Array.isArray(value)) return `[${value.map((item) => show(item, depth + 1)).join(", ")}]`;
  if (value instanceof Map) return `Map ${show([...value], depth + 1)}`;
  if (value instanceof Set) return `Set ${show([...value], depth + 1)}`;
  const fields = Object.entries(value).map(([key, item]) => `${key}: ${show(item, depth + 1)}`);
  return `{${fields.join(", ")}}`;
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/** Structural equality, as described at the top of this file. */
export function same(actual: unknown, expected: unknown): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return false;
  const left = bytesOf(actual);
  const right = bytesOf(expected);
  if (left || right) {
    if (!left || !right || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
    return true;
  }
  if (Array.isArray(actual) !== Array.isArray(expected)) return false;
  if (actual instanceof Map || expected instanceof Map || actual instanceof Set || expected instanceof Set) {
    if (actual instanceof Map !== expected instanceof Map || actual instanceof Set !== expected instanceof Set) return false;
    return same([...(actual as Set<unknown>)], [...(expected as Set<unknown>)]);
  }
  if (actual instanceof Error && expected instanceof Error && actual.message !== expected.message) return false;
  const keys = Object.keys(actual);
  if (keys.length !== Object.keys(expected).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(expected, key)) return false;
    if (!same((actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key])) return false;
  }
  return true;
}

/** Fails unless `condition` is truthy. */
export function ok(condition: unknown, why?: string): asserts condition {
  if (!condition) fail(`expected a truthy value, got ${show(condition)}`, why);
}

/** Fails unless the two are the same by content. */
export function equal(actual: unknown, expected: unknown, why?: string): void {
  if (!same(actual, expected)) fail(`expected ${show(expected)}, got ${show(actual)}`, why);
}

/** Fails if the two are the same by content. */
export function notEqual(actual: unknown, unexpected: unknown, why?: string): void {
  if (same(actual, unexpected)) fail(`expected anything but ${show(unexpected)}`, why);
}

/**
 * Fails unless `body` throws. With an ErrorCode, the error must carry it; with a RegExp, its message must match; with both, in
 * that order, both. Gives the thrown value.
 */
export function throws(body: () => unknown, code?: ErrorCode | RegExp, message?: RegExp): unknown {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    return check(error, code, message);
  }
  fail(`expected a throw${code === undefined ? "" : ` of ${String(code)}`}, and nothing was thrown`, undefined);
  return thrown;
}

/** As `throws`, for a promise. */
export async function rejects(promise: Promise<unknown>, code?: ErrorCode | RegExp, message?: RegExp): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return check(error, code, message);
  }
  fail(`expected a rejection${code === undefined ? "" : ` of ${String(code)}`}, and none came`, undefined);
}

function check(error: unknown, code: ErrorCode | RegExp | undefined, message: RegExp | undefined): unknown {
  const pattern = code instanceof RegExp ? code : message;
  if (typeof code === "string" && errorCodeOf(error) !== code) fail(`expected the code ${code}, got ${show(error)}`, undefined);
  const text =
    error instanceof Error || (typeof error === "object" && error !== null) ? String((error as Error).message) : String(error);
  if (pattern && !pattern.test(text)) fail(`expected a message like ${pattern}, got ${JSON.stringify(text)}`, undefined);
  return error;
}
