/**
 * One part's promise to show a sign of life within every `maxMs`, and what has become of that promise.
 *
 * A hardware watchdog sees only that somebody feeds it. A channel has a name, so the record of a bite tells who went silent,
 * and it takes one of two signs: `alive`, a call, or `progress`, a counter that must have grown, because a loop that turns
 * without doing its work calls as faithfully as a healthy one. Nothing here knows a clock or the hardware: the watchdog hands
 * in the time. See docs/design/watchdog.md.
 *
 *              75 % of maxMs without a sign,
 *              or a sign before minMs              100 % without
 *   open ──► onTime ───────────────────────► late ───────────────► expired, for good
 *             ▲  ▲                            │
 *        sign └──┘◄───────────────────────────┘
 *                    a sign that is not early
 */
import { FirmwareError } from "../errors.js";

/** alive: a call is enough · progress: the reported count of useful work must have grown. */
export type ChannelKind = "alive" | "progress";

/** onTime: as promised · late: to be restarted · expired: the hardware is no longer fed. */
export type ChannelStatus = "onTime" | "late" | "expired";

/** silent: no sign for too long · early: signs faster than `minMs`, a loop that has run away. */
export type LateCause = "silent" | "early";

export interface ChannelOptions {
  /** 1 … 16 printable ASCII characters; it ends up in the record of a bite. */
  readonly name: string;
  /** A sign of life is due within every so many ms. */
  readonly maxMs: number;
  /** Two signs closer together than this are early. 0 (the default) means any pace; less than 75 % of `maxMs`. */
  readonly minMs?: number;
  readonly kind: ChannelKind;
}

/** Characters of a name that the record has room for. */
export const CHANNEL_NAME_LENGTH_MAX = 16;

/** From this part of its maximum on a channel is late; the rest is left for the restart of the culprit. */
export const LATE_FRACTION = 0.75;

export class Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly maxMs: number;
  readonly minMs: number;
  #status: ChannelStatus = "onTime";
  #cause: LateCause = "silent";
  #isOpen = true;
  /** Start of the window that `maxMs` counts from: the last good sign, or the opening. */
  #sinceMs: number;
  /** The last sign, good or early. Before the first one any pace is right. */
  #signMs = Number.NEGATIVE_INFINITY;
  #count = 0;
  #lateCount = 0;
  /** Late, and nobody was told yet. */
  #isUntold = false;

  /** Made by `Watchdog.open` only. Throws `invalid` for an option outside its bounds. */
  constructor(options: ChannelOptions, nowMs: number) {
    const { name, kind, maxMs, minMs = 0 } = options;
    if (!isChannelName(name))
      throw new FirmwareError("invalid", "watchdog: a channel's name is 1 to 16 printable ASCII characters");
    if (kind !== "alive" && kind !== "progress") throw invalid(name, "a kind that is neither alive nor progress");
    if (!(maxMs > 0 && maxMs < Number.POSITIVE_INFINITY)) throw invalid(name, "a maximum that is not finite and positive");
    if (!(minMs >= 0 && minMs < maxMs * LATE_FRACTION)) throw invalid(name, "a minimum that is not below 75 % of its maximum");
    this.name = name;
    this.kind = kind;
    this.maxMs = maxMs;
    this.minMs = minMs;
    this.#sinceMs = nowMs;
  }

  get status(): ChannelStatus {
    return this.#status;
  }

  /** Why it is late; without meaning while it is on time. */
  get cause(): LateCause {
    return this.#cause;
  }

  /** How often it became late. */
  get lateCount(): number {
    return this.#lateCount;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** When its time is up, or was. */
  get expiryMs(): number {
    return this.#sinceMs + this.maxMs;
  }

  /** Starts the window anew: time did not count before the watchdog started. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Takes a sign of life. `true` where this very sign made the channel late. Allocates nothing. */
  sign(nowMs: number): boolean {
    if (this.judge(nowMs) === "expired") return false; // Too late: 100 % is for good, whoever looks first.
    const isEarly = nowMs - this.#signMs < this.minMs;
    this.#signMs = nowMs;
    if (isEarly) return this.#becomeLate("early");
    this.#sinceMs = nowMs;
    this.#status = "onTime";
    this.#isUntold = false;
    return false;
  }

  /** `true` where `count` is more than ever before: work was done. Allocates nothing. */
  grow(count: number): boolean {
    if (!(count > this.#count)) return false;
    this.#count = count;
    return true;
  }

  /** The status at `nowMs`, which only grows worse from here. The answer does not depend on who asks, or how often. */
  judge(nowMs: number): ChannelStatus {
    const silentMs = nowMs - this.#sinceMs;
    if (silentMs >= this.maxMs * LATE_FRACTION) this.#becomeLate("silent");
    if (silentMs >= this.maxMs) this.#status = "expired";
    return this.#status;
  }

  /** `true` once each time that it has become late. */
  takeLate(): boolean {
    const isUntold = this.#isUntold;
    this.#isUntold = false;
    return isUntold;
  }

  close(): void {
    this.#isOpen = false;
  }

  #becomeLate(cause: LateCause): boolean {
    if (this.#status !== "onTime") return false;
    this.#status = "late";
    this.#cause = cause;
    this.#isUntold = true;
    this.#lateCount++;
    return true;
  }
}

function invalid(name: string, what: string): FirmwareError {
  return new FirmwareError("invalid", `watchdog: the channel ${name} was given ${what}`);
}

function isChannelName(name: string): boolean {
  if (name.length < 1 || name.length > CHANNEL_NAME_LENGTH_MAX) return false;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
