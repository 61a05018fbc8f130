/**
 * How long a device is without its work when an image on trial hangs: from the hang to the old image at work, in virtual time.
 *
 * A composition root of its own, with a watchdog of 30 seconds as a product would have it, and nothing but a part that works:
 * no network is needed to hang. What the bootloader takes to validate an image is not in the figures.
 */
import { NorFlash } from "../../hosts/node/nor-flash.js";
import { writeFactory } from "../../hosts/node/simulator/factory.js";
import { VirtualDevice } from "../../hosts/node/virtual-device.js";
import { Core } from "../../src/core.js";
import { HealthGate } from "../../src/ota/health-gate.js";
import type { Host } from "../../src/ports/host.js";
import { makeImage } from "../../test/node/ota/rig.js";

export const WATCHDOG_WINDOW_MS = 30_000;
/** Of the channel that falls silent. */
export const CHANNEL_MAX_MS = 10_000;
const CHECK_PERIOD_MS = 1000;
const WORK_PERIOD_MS = 100;
/** Into the trial, and what the gate waits for at least. */
const HANG_AFTER_MS = 5000;
const TRIAL_UPTIME_MS = 60_000;
const LIMIT_MS = 600_000;
const FLASH_SIZE_BYTES = 0x40000;
const OTHER_SLOT_OFFSET = 0x20000;
const PARTITIONS_CSV = `
nvs,     data, nvs,   0x9000,  0x4000
otadata, data, ota,   0xd000,  0x2000
ota_0,   app,  ota_0, 0x10000, 0x10000
ota_1,   app,  ota_1, 0x20000, 0x10000
journal, data, 0x40,  0x30000, 0x4000
`;

/**
 * recorded: a part does nothing more and its channel falls silent, the loop turns · unrecorded: never returns, so that nobody
 * can write a record.
 */
export type Hang = "recorded" | "unrecorded";

export interface HangReport {
  /** From the first hang to the old image's first work, with nothing more to restart for. */
  readonly outageMs: number;
  /** Starts of the image that hangs, each ended by the watchdog. */
  readonly biteCount: number;
}

export function measureHang(hang: Hang): HangReport {
  return new HangingDevice(hang).run();
}

class HangingDevice {
  readonly #hang: Hang;
  readonly #device: VirtualDevice;
  #host: Host | undefined;
  /** Of all ended lives. */
  #pastMs = 0;
  #hungMs: number | undefined;
  #servesMs: number | undefined;

  constructor(hang: Hang) {
    this.#hang = hang;
    const flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
    writeFactory(flash, { image: makeImage("1.0.0"), partitionsCSV: PARTITIONS_CSV });
    flash.program(OTHER_SLOT_OFFSET, makeImage("2.0.0"));
    this.#device = new VirtualDevice({ flash, firmware: (version) => (host) => this.#start(host, version) });
  }

  run(): HangReport {
    this.#device.powerOn();
    if (!this.#device.runUntil(() => this.#servesMs !== undefined, LIMIT_MS)) {
      throw new Error(`the old image never served again: ${this.#device.lines.slice(-4).join(" · ")}`);
    }
    const biteCount = this.#device.lives.filter(({ version, endedBy }) => version === "2.0.0" && endedBy === "watchdog").length;
    return { outageMs: this.#servesMs! - this.#hungMs!, biteCount };
  }

  get #nowMs(): number {
    return this.#pastMs + (this.#host?.clock.now() ?? 0);
  }

  #start(host: Host, version: string): void {
    this.#pastMs = this.#nowMs;
    this.#host = host;
    const core = new Core({
      host,
      taskCountMax: 8,
      childCountMax: 1,
      channelCountMax: 1,
      watchdogTimeoutMs: WATCHDOG_WINDOW_MS,
      watchdogCheckMs: CHECK_PERIOD_MS,
      restartCountMax: 3,
      restartPeriodMs: 60_000,
    });
    if (core.boot.isRestarting) return;
    const isNew = version === "2.0.0";
    const pump = core.watchdog.open({ name: "pump", kind: "progress", maxMs: CHANNEL_MAX_MS });
    let workCount = 0;
    core.scheduler.every({
      name: "work",
      periodMs: WORK_PERIOD_MS,
      run: () => {
        if (!isNew) this.#serve(core);
        else if (host.clock.now() >= HANG_AFTER_MS) {
          this.#hungMs ??= this.#nowMs;
          if (this.#hang === "unrecorded") this.#device.hang();
          return;
        }
        core.watchdog.progress(pump, ++workCount);
      },
    });
    const gate = new HealthGate({
      scheduler: core.scheduler,
      clock: host.clock,
      slots: core.slots,
      checks: [{ name: "work", check: () => (workCount > 0 ? "healthy" : "waiting") }],
      uptimeMinMs: TRIAL_UPTIME_MS,
      deadlineMs: 10 * WATCHDOG_WINDOW_MS,
      checkPeriodMs: CHECK_PERIOD_MS,
    });
    core.start();
    gate.start();
  }

  /** The old image: takes the new one once, and serves when that has failed. */
  #serve(core: Core): void {
    if (this.#hungMs !== undefined) this.#servesMs ??= this.#nowMs;
    else {
      core.slots.arm();
      core.restart("update");
    }
  }
}
