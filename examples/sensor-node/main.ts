/**
 * A sensor node: samples a thermometer, reports it, and keeps itself up to date.
 *
 * This is the whole composition root, to be read aloud: make the core, make the parts, hand each its ports, start. The same
 * source runs in the simulator and on an ESP32. Its releases (releases/) differ in the options that they pass.
 */
import { Core, type Health, HealthGate, type Host } from "holdfast";
import { Sampling } from "./sampling.js";
import { readSettings } from "./settings.js";
import { Updates } from "./updates.js";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** What a release of this firmware decides. */
export interface Release {
  readonly version: string;
  readonly samplePeriodMs: number;
  /** Decimals of a reported temperature. */
  readonly decimalCount: number;
  /** Runs before the parts are started. */
  readonly prepare?: (host: Host) => void;
}

/** Starts the firmware on `host`. Returns at once; all else happens in the scheduler. */
export function startSensorNode(host: Host, release: Release): void {
  const log = (text: string): void => host.trace(`${(host.clock.now() / SECOND_MS).toFixed(3)} ${text}`);
  const core = new Core({
    host,
    taskCountMax: 16,
    childCountMax: 4,
    channelCountMax: 4,
    watchdogTimeoutMs: 4 * SECOND_MS,
    watchdogCheckMs: SECOND_MS / 2,
    restartCountMax: 3,
    restartPeriodMs: MINUTE_MS,
    onFault: (child, message) => log(`fault in ${child}: ${message}`),
  });
  log(`sensor-node ${release.version} boots: ${core.boot.resetReason}, ${core.boot.decision}, slot ${core.boot.runningSlot}`);
  if (core.boot.level !== "full") log(`${core.boot.crashCount} starts in a row went wrong: this one is ${core.boot.level}`);
  if (core.boot.judgedImageId) log(`image ${core.boot.judgedImageId}: ${core.boot.decision}`);
  if (core.watchdogRecord) log(`the watchdog bit: ${core.watchdogRecord.channel} was late`);
  if (core.boot.isRestarting) return;
  release.prepare?.(host);

  const settings = readSettings(host.keyValue);
  const sampling = new Sampling({
    sensor: host.smbus.default,
    watchdog: core.watchdog,
    periodMs: release.samplePeriodMs,
    onSample: (temperatureC) => log(`temperature ${temperatureC.toFixed(release.decimalCount)} °C`),
  });
  core.add({ name: "sampling", restart: "permanent", start: (scope) => sampling.start(scope) });
  const updates = new Updates({ host, core, settings, version: release.version, log });
  core.add({
    name: "updates",
    level: "safe",
    restart: "permanent",
    backoffMs: settings.pollPeriodMs,
    start: (scope) => updates.start(scope),
  });
  const gate = new HealthGate({
    scheduler: core.scheduler,
    clock: host.clock,
    slots: core.slots,
    uptimeMinMs: settings.trialUptimeMs,
    deadlineMs: 10 * MINUTE_MS,
    checkPeriodMs: SECOND_MS / 4,
    checks: [
      { name: "sampling", check: () => (sampling.sampleCount > 0 ? "healthy" : "waiting") },
      { name: "watchdog", check: () => watchdogHealth(core) },
      { name: "update server", check: () => (updates.canFetch ? "healthy" : "waiting") },
    ],
    onVerdict: (verdict) => log(`trial: ${verdict.verdict} (${verdict.because})`),
  });
  core.start();
  gate.start();
}

/** A channel that is late is not yet expired, and its part may recover: no reason to keep the image, nor to ban it. */
function watchdogHealth(core: Core): Health {
  if (!core.watchdog.isHealthy()) return "unhealthy";
  return core.watchdog.lateChannel === undefined ? "healthy" : "waiting";
}
