/**
 * When to ask next: spread by chance, so that a fleet that lost its power or its server at one moment does not return as one.
 *
 * A poll comes within a tenth of its period, hawkBit's own spread. After failures in a row the wait doubles up to a bound, and
 * a device picks a moment in the second half of it: of the fixed, exponential and spread waits that were simulated, the spread
 * ones alone let a server of 500 sessions a second get 100,000 devices back within five minutes. See docs/design/updater.md.
 */
import { assert } from "../assert.js";
import type { Random } from "../ports/random.js";

const SPREAD = 0.1;
const DOUBLING_COUNT_MAX = 30;
/** So many times as often as it would by itself a device can be made to ask: a battery was planned for its own period. */
const SERVER_FACTOR_MAX = 10;

export interface PollWaitOptions {
  readonly random: Random;
  readonly periodMs: number;
  /** Longest wait, whatever failed how often and whatever the server asks for. */
  readonly periodMaxMs: number;
}

export class PollWait {
  readonly #random: Random;
  readonly #periodMaxMs: number;
  readonly #ownPeriodMs: number;
  #periodMs: number;
  #failureCount = 0;

  constructor({ random, periodMs, periodMaxMs }: PollWaitOptions) {
    assert(periodMs > 0 && periodMaxMs >= periodMs, "PollWait: periods are in order");
    this.#random = random;
    this.#ownPeriodMs = periodMs;
    this.#periodMs = periodMs;
    this.#periodMaxMs = periodMaxMs;
  }

  /** What the server wants instead of the device's own period, down to a tenth of that; `undefined`: nothing. */
  set serverPeriodMs(periodMs: number | undefined) {
    const wantedMs = Math.max(periodMs ?? this.#ownPeriodMs, this.#ownPeriodMs / SERVER_FACTOR_MAX);
    this.#periodMs = Math.min(wantedMs, this.#periodMaxMs);
  }

  /** Before the first poll since a start: within a tenth of the period. */
  get first(): number {
    return SPREAD * this.#periodMs * this.#chance();
  }

  /** After a poll that was answered. */
  get next(): number {
    return this.#periodMs * (1 - SPREAD + 2 * SPREAD * this.#chance());
  }

  /** All is well again: the next failure is the first of its row. */
  recover(): void {
    this.#failureCount = 0;
  }

  /** One failure more. `serverMs`: how long the server asked to be left alone. */
  fail(serverMs = 0): number {
    const doubled = Math.min(this.#periodMs * 2 ** Math.min(this.#failureCount++, DOUBLING_COUNT_MAX), this.#periodMaxMs);
    return Math.min(Math.max(serverMs, doubled * (0.5 + 0.5 * this.#chance())), this.#periodMaxMs);
  }

  /** 0 … 1. */
  #chance(): number {
    const bytes = new Uint8Array(2);
    this.#random.fill(bytes);
    return (bytes[0]! * 256 + bytes[1]!) / 65535;
  }
}
