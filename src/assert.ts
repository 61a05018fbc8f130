/**
 * The one check for programmer errors: on in production, never caught locally.
 *
 * An operating error (a full table, a torn record, a refused image) is a FirmwareError; a broken promise between two
 * pieces of our own code is an AssertionError, which the scheduler's dispatch point turns into a fault of the child it ran in
 * and which restarts the device before start. Messages are constants, so that they stay in flash. See docs/design/errors.md.
 */

/** Thrown by `assert` only. Nothing but the dispatch point and a test may catch it. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Throws AssertionError unless `condition` is truthy. `message` is a constant that names the broken promise. */
export function assert(condition: unknown, message = "assertion failed"): asserts condition {
  if (!condition) throw new AssertionError(message);
}
