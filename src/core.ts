/**
 * The core of one firmware, wired: scheduler, watchdog, supervisor and boot authority, in the order in which they must start.
 *
 * It decides nothing; it is the one place that says who tells whom. A fault in a task goes to its child's supervisor; a child
 * that cannot be kept alive, and a watchdog channel that stays late, end in FAULT and a restart; a wanted restart stops the
 * feeding first. A firmware that needs other wiring makes the parts itself. See docs/ARCHITECTURE.md.
 */
import { assert } from "./assert.js";
import { bootHost } from "./boot.js";
import { messageOf } from "./errors.js";
import { Aftercare, type AftercareTimes } from "./ota/aftercare.js";
import type { BootReport } from "./ota/boot-report.js";
import type { BootStatus } from "./ota/boot-status.js";
import type { PlannedCauseName } from "./ota/journal-record.js";
import type { BootLevel } from "./ota/ladder.js";
import type { Slots } from "./ota/slots.js";
import type { Host, HostLevel, Shortfall } from "./ports/host.js";
import { Scheduler } from "./scheduler/scheduler.js";
import type { ChildOptions } from "./supervisor/child.js";
import { Supervisor } from "./supervisor/supervisor.js";
import { Watchdog } from "./watchdog/watchdog.js";
import type { WatchdogRecord } from "./watchdog/watchdog-record.js";

/** The bounds of everything that can fill up. */
export interface CoreOptions {
  readonly host: Host;
  readonly taskCountMax: number;
  readonly childCountMax: number;
  readonly channelCountMax: number;
  /** The hardware restarts the chip when it is unfed for this long. */
  readonly watchdogTimeoutMs: number;
  /** How often the channels are looked at and the hardware is fed. */
  readonly watchdogCheckMs: number;
  /** More restarts of children than this within the period are given up. */
  readonly restartCountMax: number;
  readonly restartPeriodMs: number;
  /** When an image has proved itself, and how long what went wrong is left alone. Default: AFTERCARE_TIMES. */
  readonly aftercare?: Partial<AftercareTimes>;
  /** Told of each fault before anything is done about it. */
  readonly onFault?: (child: string, message: string) => void;
}

/** A part of the firmware. */
export interface PartOptions extends ChildOptions {
  /**
   * The lowest level at which it is started. full: it can be left out · essential: the product is nothing without it · safe:
   * an update needs it. Default essential.
   */
  readonly level?: BootLevel;
}

const MINUTE_MS = 60_000;
/** Ten minutes make a healthy start, a day a proved image; a third attempt waits a minute, a lower level ten. */
export const AFTERCARE_TIMES: AftercareTimes = Object.freeze({
  healthyUptimeMs: 10 * MINUTE_MS,
  soakUptimeMs: 24 * 60 * MINUTE_MS,
  rearmWaitMs: MINUTE_MS,
  retryWaitMs: 10 * MINUTE_MS,
});
const LEVELS: readonly BootLevel[] = Object.freeze(["safe", "essential", "full"] as const);

/** The answer of `status()`. */
export interface DeviceStatus {
  readonly level: HostLevel;
  /** Empty where everything that docs/design/ports.md promises is kept. */
  readonly cannot: readonly Shortfall[];
  /** Slots, attempts, verdicts, quarantine, journal. */
  readonly boot: BootStatus;
}

const NO_BOOTLOADER_ROLLBACK =
  "the bootloader left a trial's entry NEW, so it knows no rollback: a crash before the verdict boots the new image again";

export class Core {
  readonly scheduler: Scheduler;
  readonly watchdog: Watchdog;
  readonly supervisor: Supervisor;
  readonly slots: Slots;
  /** What this start is, and what was done about it. */
  readonly boot: BootReport;
  /** Who was late when the watchdog last bit; `undefined` where it did not. */
  readonly watchdogRecord: WatchdogRecord | undefined;

  readonly #host: Host;
  readonly #times: Partial<AftercareTimes> | undefined;
  /** `undefined` where this start owes nothing, as most do. */
  #aftercare: Aftercare | undefined;

  /**
   * Where nobody did before, writes BOOT and carries out the boot decision before anything else. Where `boot.isRestarting` is
   * true the caller returns at once and starts nothing.
   */
  constructor(options: CoreOptions) {
    const { host } = options;
    const booted = bootHost(host);
    this.#host = booted;
    this.slots = booted.slots;
    this.boot = this.slots.report;
    this.watchdogRecord = booted.watchdogRecord;
    this.scheduler = new Scheduler({
      clock: host.clock,
      Timer: host.Timer,
      taskCountMax: options.taskCountMax,
      onFault: (task, error) => {
        if (!this.supervisor.onTaskFault(task, error)) {
          options.onFault?.(task.name, messageOf(error));
          this.#giveUp();
        }
      },
    });
    this.supervisor = new Supervisor({
      clock: host.clock,
      scheduler: this.scheduler,
      childCountMax: options.childCountMax,
      intensity: { restartCountMax: options.restartCountMax, periodMs: options.restartPeriodMs },
      onChildFault: (child, error) => options.onFault?.(child.name, messageOf(error)),
      onEscalate: () => this.#giveUp(),
    });
    this.watchdog = new Watchdog({
      timer: new host.WatchdogTimer({ timeoutMs: options.watchdogTimeoutMs }),
      timeoutMs: options.watchdogTimeoutMs,
      clock: host.clock,
      scheduler: this.scheduler,
      retained: host.retainedMemory,
      channelCountMax: options.channelCountMax,
      checkPeriodMs: options.watchdogCheckMs,
      onLate: (channel) => {
        if (this.supervisor.find(channel.name)) this.supervisor.fault(channel.name, `watchdog: ${channel.name} is late`);
      },
    });
    this.#times = options.aftercare;
  }

  /** Adds a part of the firmware that is started, watched and restarted by itself, where this start reaches its level. */
  add(part: PartOptions): void {
    if (LEVELS.indexOf(part.level ?? "essential") <= LEVELS.indexOf(this.boot.level)) this.supervisor.add(part);
  }

  /** Puts the chip to sleep, in order. Throws `refused`, and changes nothing, while the image is on trial. */
  sleep(durationMs: number): void {
    if (!this.slots.isTrial) this.#stop();
    this.slots.sleep(durationMs);
  }

  /** Starts dispatching, feeding and the children, in this order. */
  start(): void {
    assert(!this.boot.isRestarting, "start: the boot authority asked for a restart");
    this.scheduler.start();
    this.watchdog.start();
    this.supervisor.start();
    const aftercare = new Aftercare({
      ...AFTERCARE_TIMES,
      ...this.#times,
      scheduler: this.scheduler,
      clock: this.#host.clock,
      slots: this.slots,
      onRestart: (cause) => this.restart(cause),
    });
    if (aftercare.start()) this.#aftercare = aftercare;
  }

  /** What this device cannot promise, and why: the host's shortfalls, and what the boot authority found. */
  status(): DeviceStatus {
    const cannot: Shortfall[] = [...this.#host.shortfalls];
    if (this.boot.fault !== undefined) cannot.push({ promise: "update", because: this.boot.fault });
    if (this.boot.bootloaderRollback === "missing") cannot.push({ promise: "rollback", because: NO_BOOTLOADER_ROLLBACK });
    return { level: this.#host.level, cannot, boot: this.slots.status() };
  }

  /** A wanted restart: feeding ends, the children stop in reverse order, PLANNED is written, the reset line is pulled. */
  restart(cause: PlannedCauseName): void {
    this.#stop();
    this.slots.restart(cause);
  }

  #stop(): void {
    this.watchdog.stop();
    this.#aftercare?.stop();
    this.supervisor.stop();
    this.scheduler.stop();
  }

  /** Nothing is stopped in order: what failed may hang. */
  #giveUp(): void {
    this.watchdog.stop();
    this.scheduler.stop();
    this.slots.fail("escalation");
  }
}
