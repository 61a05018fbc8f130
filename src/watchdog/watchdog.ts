/**
 * Watchdog: feeds the hardware only while every named part of the firmware keeps its promise.
 *
 * Engines feed the hardware watchdog from the event loop, so a dead task or a stuck state machine never trips it. Here each
 * part owns a channel, and the hardware is fed at one place, by a task of the lowest priority, only while no channel has
 * passed its maximum; if this very code stops, or never gets its turn, the device restarts too. Looking is a second task, of
 * the highest priority, so that a starved firmware still leaves its record. Rejected: feeding from the reports themselves,
 * where one healthy part feeds for a dead one. See docs/design/watchdog.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { RetainedMemory } from "../ports/retained-memory.js";
import type { WatchdogTimer } from "../ports/watchdog-timer.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import type { Task } from "../scheduler/task.js";
import { Channel, type ChannelOptions, LATE_FRACTION } from "./channel.js";
import { RecordKeeper } from "./record-keeper.js";

export interface WatchdogOptions {
  readonly timer: WatchdogTimer;
  /** What `timer` was made with: at least two check periods, so that one late feed does not bite. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Two of its tasks are taken: `watchdog.check` and `watchdog.feed`. */
  readonly scheduler: Pick<Scheduler, "task">;
  /** Where the record goes, at its start. Without it, or where it is too small, there is none. */
  readonly retained?: RetainedMemory;
  readonly channelCountMax: number;
  /** The channels are looked at, and the hardware is fed, once in so many ms. */
  readonly checkPeriodMs: number;
  /** Told once each time that a channel becomes late, never from within a report: the moment to restart the culprit. */
  readonly onLate?: (channel: Channel) => void;
}

/** A quarter of a maximum is one check period at least, or late would be seen when the channel has expired already. */
const CHECKS_PER_MAXIMUM_MIN = 4;
const CHECKS_PER_TIMEOUT_MIN = 2;

export class Watchdog {
  readonly #timer: WatchdogTimer;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #checkPeriodMs: number;
  readonly #channelCountMax: number;
  readonly #onLate: ((channel: Channel) => void) | undefined;
  readonly #keeper: RecordKeeper;
  readonly #checkTask: Task;
  readonly #feedTask: Task;
  readonly #channels: Channel[] = [];
  #phase: "new" | "running" | "stopped" = "new";
  #expired: Channel | undefined;
  #fedMs = 0;

  /** Asserts its bounds: they are literals of the composition root. Throws as `Scheduler.task` does. */
  constructor(options: WatchdogOptions) {
    const { channelCountMax, checkPeriodMs, timeoutMs, scheduler } = options;
    assert(Number.isSafeInteger(channelCountMax) && channelCountMax > 0, "watchdog: channelCountMax is a whole number above 0");
    assert(checkPeriodMs >= 1, "watchdog: checkPeriodMs is at least 1");
    assert(timeoutMs >= checkPeriodMs * CHECKS_PER_TIMEOUT_MIN, "watchdog: timeoutMs is at least two check periods");
    this.#timer = options.timer;
    this.#timeoutMs = timeoutMs;
    this.#clock = options.clock;
    this.#checkPeriodMs = checkPeriodMs;
    this.#channelCountMax = channelCountMax;
    this.#onLate = options.onLate;
    this.#keeper = new RecordKeeper(options.retained);
    this.#checkTask = scheduler.task({ name: "watchdog.check", priority: "high", run: () => this.#check() });
    this.#feedTask = scheduler.task({ name: "watchdog.feed", priority: "low", run: () => this.#feed() });
  }

  /**
   * Opens a channel; its first sign of life is due within `maxMs` from now, or from start(). Throws, before any effect, `full`
   * when all are taken, and `invalid` for the name of an open channel, for a maximum of less than four check periods and for
   * an option outside its bounds.
   */
  open(options: ChannelOptions): Channel {
    const channel = new Channel(options, this.#clock.now());
    if (channel.maxMs < this.#checkPeriodMs * CHECKS_PER_MAXIMUM_MIN) {
      throw new FirmwareError("invalid", `watchdog: the maximum of ${channel.name} is less than four check periods`);
    }
    for (const other of this.#channels) {
      if (other.name !== channel.name) continue;
      throw new FirmwareError("invalid", `watchdog: a channel named ${channel.name} is open; expected another name`);
    }
    if (this.#channels.length === this.#channelCountMax) {
      throw new FirmwareError("full", "watchdog: all channels are taken; expected at most channelCountMax open ones");
    }
    this.#channels.push(channel);
    return channel;
  }

  /** Nothing more is expected of `channel`. One that has expired before still lets the hardware bite. Twice does nothing. */
  close(channel: Channel): void {
    const index = this.#channels.indexOf(channel);
    if (index < 0) return;
    if (this.#phase === "running") this.#judge(this.#clock.now());
    this.#channels.splice(index, 1);
    channel.close();
  }

  /** Begins to expect and to feed; the time of each channel counts from here. Once only. */
  start(): void {
    assert(this.#phase === "new", "watchdog: started once");
    this.#phase = "running";
    const nowMs = this.#clock.now();
    for (const channel of this.#channels) channel.begin(nowMs);
    this.#fedMs = nowMs;
    this.#checkTask.runEvery(this.#checkPeriodMs);
    this.#feedTask.runEvery(this.#checkPeriodMs);
  }

  /**
   * First step of a planned restart: feeds never again, so that the hardware ends a shutdown that hangs. What the record says
   * stays. A second stop does nothing.
   */
  stop(): void {
    this.#phase = "stopped";
    this.#checkTask.close();
    this.#feedTask.close();
  }

  /** A sign of life of an `alive` channel. Allocates nothing. Throws `closed` after close(channel). */
  report(channel: Channel): void {
    assert(channel.kind === "alive", "watchdog: report() is for channels that are alive; this one shows progress()");
    this.#assertOpen(channel);
    this.#sign(channel);
  }

  /**
   * A look at the counter of a `progress` channel (0 at its opening, never falling): a sign of life only where `count` is more
   * than ever before. Allocates nothing. Throws `closed` after close(channel).
   */
  progress(channel: Channel, count: number): void {
    assert(channel.kind === "progress", "watchdog: progress() is for channels of that kind; this one gives report()");
    assert(count >= 0, "watchdog: a counter of useful work is a number of at least 0");
    this.#assertOpen(channel);
    if (channel.grow(count)) this.#sign(channel);
  }

  /** Whether the hardware would be fed now: running, and no channel has passed its maximum since start(). */
  isHealthy(): boolean {
    return this.#phase === "running" && this.#judge(this.#clock.now());
  }

  /** The expired channel, else one that is late, the one in the record first; `undefined` where all are on time. */
  get lateChannel(): Channel | undefined {
    if (this.#phase === "running") this.#judge(this.#clock.now());
    if (this.#expired) return this.#expired;
    const recorded = this.#keeper.channel;
    if (recorded?.isOpen && recorded.status === "late") return recorded;
    for (let index = 0; index < this.#channels.length; index++) {
      const channel = this.#channels[index]!;
      if (channel.status === "late") return channel;
    }
    return undefined;
  }

  #check(): void {
    const late = this.lateChannel;
    const nowMs = this.#clock.now();
    if (late) this.#keeper.keepChannel(late, nowMs);
    else if (nowMs - this.#fedMs >= this.#timeoutMs * LATE_FRACTION) this.#keeper.keepStarved(nowMs);
    else this.#keeper.clear();
    while (this.#phase === "running") {
      const untold = this.#takeLate();
      if (untold === undefined) return;
      this.#onLate?.(untold);
    }
  }

  /** The one place that feeds. */
  #feed(): void {
    if (!this.isHealthy()) return; // Unfed: the hardware restarts the device.
    this.#timer.feed();
    this.#fedMs = this.#clock.now();
  }

  #assertOpen(channel: Channel): void {
    if (!channel.isOpen) throw new FirmwareError("closed", "watchdog: a sign of life on a closed channel");
  }

  #sign(channel: Channel): void {
    if (this.#phase !== "running") return;
    if (channel.sign(this.#clock.now())) this.#checkTask.post();
  }

  /** `true` while no channel has expired. Of several, the one whose time was up first is kept: it may have held up the rest. */
  #judge(nowMs: number): boolean {
    for (let index = 0; index < this.#channels.length; index++) {
      const channel = this.#channels[index]!;
      if (channel.judge(nowMs) !== "expired") continue;
      if (this.#expired === undefined || channel.expiryMs < this.#expired.expiryMs) this.#expired = channel;
    }
    return this.#expired === undefined;
  }

  #takeLate(): Channel | undefined {
    for (let index = 0; index < this.#channels.length; index++) {
      const channel = this.#channels[index]!;
      if (channel.takeLate()) return channel;
    }
    return undefined;
  }
}
