/**
 * Where a machine's unanswered errors go: to `onError`, else to whoever started the run.
 *
 * A run must be completed before anything may be thrown out of it, or the machine would stop half-way; so the first error waits
 * here until the machine is at rest. A failed assertion is never an operating error and always takes this way, to the
 * scheduler's dispatch point.
 */
import { AssertionError } from "../assert.js";

export class ErrorSink<Source> {
  readonly #source: Source;
  readonly #onError: ((error: unknown, source: Source) => void) | undefined;
  #hasFault = false;
  #fault: unknown;

  constructor(source: Source, onError: ((error: unknown, source: Source) => void) | undefined) {
    this.#source = source;
    this.#onError = onError;
  }

  /** Never throws. Of several errors that nobody took, the first is kept: the others are mostly its consequences. */
  report(error: unknown): void {
    const onError = this.#onError;
    let fault = error;
    if (onError !== undefined && !(error instanceof AssertionError)) {
      try {
        onError(error, this.#source);
        return;
      } catch (thrown) {
        fault = thrown;
      }
    }
    if (this.#hasFault) return;
    this.#hasFault = true;
    this.#fault = fault;
  }

  /** Throws what waits, if anything does. */
  rethrow(): void {
    if (!this.#hasFault) return;
    const fault = this.#fault;
    this.#hasFault = false;
    this.#fault = undefined;
    throw fault;
  }
}
