/**
 * A watchdog over hardware that only remembers: when it was fed, and what retained memory holds.
 *
 * Shared by the specs of the watchdog. Time stands still until a spec moves it.
 */
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import type { Channel } from "../../../src/watchdog/channel.js";
import { Watchdog } from "../../../src/watchdog/watchdog.js";
import { decodeWatchdogRecord, type WatchdogRecord } from "../../../src/watchdog/watchdog-record.js";
import { ManualTime } from "../scheduler/manual-time.js";

export const CHECK_PERIOD_MS = 100;
export const TIMEOUT_MS = 1000;

/** Retained memory that starts with noise, as after power-on, and counts its writes. */
export class RetainedBytes {
  readonly bytes: Uint8Array;
  writeCount = 0;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes).fill(0xa5);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(offset: number, byteLength: number): Uint8Array {
    return this.bytes.slice(offset, offset + byteLength);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.writeCount++;
    this.bytes.set(bytes, offset);
  }
}

export class Watched {
  readonly time = new ManualTime();
  readonly retained = new RetainedBytes(64);
  readonly feedsMs: number[] = [];
  /** What happened, as "time what". */
  readonly log: string[] = [];
  readonly scheduler: Scheduler;
  readonly watchdog: Watchdog;

  constructor(options: { readonly channelCountMax?: number; readonly onLate?: (channel: Channel) => void } = {}) {
    const { time, log } = this;
    const onFault = (task: { readonly name: string }, error: unknown) =>
      void log.push(`${time.nowMs} fault in ${task.name}: ${(error as Error).message}`);
    this.scheduler = new Scheduler({ ...time, taskCountMax: 8, onFault });
    this.watchdog = new Watchdog({
      timer: { feed: () => void this.feedsMs.push(time.nowMs), close: () => void log.push(`${time.nowMs} closed`) },
      timeoutMs: TIMEOUT_MS,
      clock: time.clock,
      scheduler: this.scheduler,
      retained: this.retained,
      channelCountMax: options.channelCountMax ?? 4,
      checkPeriodMs: CHECK_PERIOD_MS,
      onLate: (channel) => {
        log.push(`${time.nowMs} late: ${channel.name} (${channel.cause})`);
        options.onLate?.(channel);
      },
    });
    this.scheduler.start();
  }

  /** A channel that is alive and must report once in `maxMs`. */
  alive(name: string, maxMs: number, minMs = 0): Channel {
    return this.watchdog.open({ name, kind: "alive", maxMs, minMs });
  }

  /** Advances to `untilMs`, reporting for `channel` every `periodMs` from now. */
  reporting(channel: Channel, periodMs: number, untilMs: number): void {
    while (this.time.nowMs < untilMs) {
      this.watchdog.report(channel);
      this.time.advance(Math.min(periodMs, untilMs - this.time.nowMs));
    }
  }

  /** The last time at which the hardware was fed. */
  get lastFeedMs(): number | undefined {
    return this.feedsMs[this.feedsMs.length - 1];
  }

  /** What the next boot would find. */
  get record(): WatchdogRecord | undefined {
    return decodeWatchdogRecord(this.retained.read(0, 32));
  }
}
