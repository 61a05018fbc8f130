/**
 * Keeps the record in retained memory in step with what the watchdog sees: there while a channel is late, gone when none is.
 *
 * A record that outlived its cause would accuse a part that had recovered, weeks later, of a bite that a loop without end or
 * a brown-out caused. See docs/design/watchdog.md.
 */
import type { RetainedMemory } from "../ports/retained-memory.js";
import type { Channel } from "./channel.js";
import {
  canHoldWatchdogRecord,
  encodeWatchdogRecord,
  WATCHDOG_RECORD_SIZE_BYTES,
  type WatchdogCause,
  writeWatchdogRecord,
} from "./watchdog-record.js";

/** Writes only on a change, and allocates nothing then. */
export class RecordKeeper {
  readonly #retained: RetainedMemory | undefined;
  readonly #bytes = new Uint8Array(WATCHDOG_RECORD_SIZE_BYTES);
  #kept: "nothing" | "channel" | "starved" = "nothing";
  #channel: Channel | undefined;
  /** Which of the channel's late times is kept. */
  #lateCount = 0;

  /** Without memory, or with too little, it keeps nothing. */
  constructor(retained: RetainedMemory | undefined) {
    this.#retained = retained && canHoldWatchdogRecord(retained) ? retained : undefined;
  }

  /** The channel in the record. */
  get channel(): Channel | undefined {
    return this.#channel;
  }

  keepChannel(channel: Channel, uptimeMs: number): void {
    if (this.#channel === channel && this.#lateCount === channel.lateCount) return;
    this.#kept = "channel";
    this.#channel = channel;
    this.#lateCount = channel.lateCount;
    this.#write(channel.name, channel.cause, uptimeMs);
  }

  /** No channel is late, and yet the feeder has not had its turn. */
  keepStarved(uptimeMs: number): void {
    if (this.#kept === "starved") return;
    this.#kept = "starved";
    this.#channel = undefined;
    this.#write("", "starved", uptimeMs);
  }

  /** All is well again. */
  clear(): void {
    if (this.#kept === "nothing") return;
    this.#kept = "nothing";
    this.#channel = undefined;
    this.#bytes.fill(0);
    if (this.#retained) writeWatchdogRecord(this.#retained, this.#bytes);
  }

  #write(name: string, cause: WatchdogCause, uptimeMs: number): void {
    encodeWatchdogRecord(this.#bytes, name, cause, uptimeMs);
    if (this.#retained) writeWatchdogRecord(this.#retained, this.#bytes);
  }
}
