/**
 * The last few crashes of supervised children, for a log, a telemetry message or the person at the console.
 *
 * Kept in RAM: what has to survive the restart after an escalation is the journal's and the watchdog's record. The oldest one
 * gives way, because the last crashes are the ones before the escalation. See docs/design/supervisor.md.
 */
import { assert } from "../assert.js";

/** One fault of one child. */
export interface CrashRecord {
  readonly child: string;
  /** The message of what was thrown. */
  readonly message: string;
  /** The clock's time of the fault, ms since the start of the device. */
  readonly uptimeMs: number;
  /** Restarts of the child before this fault. */
  readonly restartCount: number;
}

export class CrashLog {
  readonly #recordCountMax: number;
  readonly #records: CrashRecord[] = [];
  /** Where the next record goes once the log is full: the place of the oldest. */
  #next = 0;

  constructor(recordCountMax: number) {
    assert(
      Number.isSafeInteger(recordCountMax) && recordCountMax > 0,
      "supervisor: crashRecordCountMax is a whole number above 0",
    );
    this.#recordCountMax = recordCountMax;
  }

  add(record: CrashRecord): void {
    this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % this.#recordCountMax;
  }

  /** A copy, oldest first. */
  list(): CrashRecord[] {
    const isFull = this.#records.length === this.#recordCountMax;
    return isFull ? [...this.#records.slice(this.#next), ...this.#records.slice(0, this.#next)] : this.#records.slice();
  }
}
