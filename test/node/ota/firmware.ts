/**
 * The smallest firmware that updates itself, in the variants that a field test would need a bad developer for.
 *
 * A composition root like that of examples/sensor-node: core, a part that works, an updater, a health gate. What goes wrong is
 * told by a word, so that a spec reads as "2.0.0 crashes at start".
 */
import { assert } from "../../../src/assert.js";
import { Core } from "../../../src/core.js";
import type { AftercareTimes } from "../../../src/ota/aftercare.js";
import { type GateVerdict, type HealthCheck, HealthGate, type HealthGateOptions } from "../../../src/ota/health-gate.js";
import type { UpdateIdentity } from "../../../src/ota/update-judge.js";
import type { Host } from "../../../src/ports/host.js";
import type { Verifier } from "../../../src/ports/verifier.js";
import type { ChildScope } from "../../../src/supervisor/child-scope.js";
import { Updater } from "../../../src/updater/updater.js";
import type { UpdateEvent } from "../../../src/updater/updater-options.js";

/**
 * crashBeforeCore: throws before its BOOT record · crashAtStart: throws behind it · crashInTask: one part throws at every run ·
 * crashInCallback: throws where no scheduler catches · starved: a watched pump that never pumps · unhealthy: a check says so ·
 * undecided: a check waits for ever · restless: restarts by itself in mid-trial · crashWhenKept: one part throws at every run
 * once the image is confirmed · hangBeforeCore, hangAtStart, hangInTask:
 * never returns, in front of its BOOT, behind it, or in a part at work.
 */
export type Behaviour =
  | "healthy"
  | "crashBeforeCore"
  | "crashAtStart"
  | "crashInTask"
  | "crashInCallback"
  | "starved"
  | "unhealthy"
  | "undecided"
  | "restless"
  | "crashWhenKept"
  | "hangBeforeCore"
  | "hangAtStart"
  | "hangInTask";

export interface FirmwareSettings {
  readonly pollPeriodMs: number;
  readonly pollPeriodMaxMs: number;
  readonly stallTimeoutMs: number;
  readonly retryRejectedMs: number;
  readonly trialUptimeMs: number;
  readonly trialDeadlineMs: number;
  /** Whether the server has to prove by TLS who it is. */
  readonly isSecure: boolean;
  readonly aftercare: Partial<AftercareTimes>;
}

export const SETTINGS: FirmwareSettings = Object.freeze({
  pollPeriodMs: 10_000,
  pollPeriodMaxMs: 80_000,
  stallTimeoutMs: 5_000,
  retryRejectedMs: 600_000,
  trialUptimeMs: 2_000,
  trialDeadlineMs: 30_000,
  isSecure: false,
  aftercare: {},
});
/** The scripted network looks at no certificate; it is told which roots it would have to trust. */
const ROOTS: readonly string[] = Object.freeze(["a root certificate"]);

/** What a spec may look at while it runs. */
export interface Node {
  readonly core: Core;
  /** Runs of the part that the product exists for. */
  readonly workCount: () => number;
  readonly updater: () => Updater | undefined;
}

export interface NodeOptions {
  readonly version: string;
  readonly behaviour: Behaviour;
  readonly settings: Partial<FirmwareSettings>;
  /** What it was built with. */
  readonly identity: UpdateIdentity;
  readonly verifier: Verifier;
  readonly onCore: (node: Node) => void;
  /** Told the health gate's verdict before it is carried out. */
  readonly onVerdict?: (verdict: GateVerdict) => void;
  /** Never returns; for the behaviours that hang. */
  readonly hang?: () => never;
}

export function startNode(host: Host, options: NodeOptions): void {
  const { version, behaviour } = options;
  const settings = { ...SETTINGS, ...options.settings };
  const log = (text: string): void => host.trace(`${version} ${text}`);
  if (behaviour === "crashBeforeCore") throw new Error("crash before the core");
  if (behaviour === "hangBeforeCore") hang(options);
  const core = new Core({
    host,
    taskCountMax: 16,
    childCountMax: 4,
    channelCountMax: 4,
    watchdogTimeoutMs: 4000,
    watchdogCheckMs: 500,
    restartCountMax: 3,
    restartPeriodMs: 60_000,
    aftercare: settings.aftercare,
    onFault: (child, message) => log(`fault in ${child}: ${message}`),
  });
  let workCount = 0;
  let updater: Updater | undefined;
  options.onCore({ core, workCount: () => workCount, updater: () => updater });
  log(`boots: ${core.boot.resetReason}, ${core.boot.decision}`);
  if (core.watchdogRecord) log(`the watchdog bit: ${core.watchdogRecord.channel} was late`);
  if (core.boot.isRestarting) return;
  failAtStart(host, options);
  if (behaviour === "starved") core.watchdog.open({ name: "pump", kind: "progress", maxMs: 3000 });

  core.add({
    name: "work",
    restart: "permanent",
    start: (scope) => {
      scope.every({
        name: "work",
        periodMs: 500,
        phaseMs: 100,
        run: () => {
          failAtWork(core, options, workCount);
          workCount++;
          if (behaviour === "restless" && host.clock.now() > 1000) core.restart("user");
        },
      });
    },
  });
  core.add({
    name: "updater",
    restart: "permanent",
    start: (scope) => {
      updater = startUpdater({ host, core, scope, settings, node: options, onEvent: (event) => log(updateLine(event)) });
      scope.onStop(() => updater?.close());
    },
  });
  core.add({
    name: "healthGate",
    restart: "transient",
    start: (scope) => {
      const checks: readonly HealthCheck[] = [
        { name: "work", check: () => (workCount > 0 ? "healthy" : "waiting") },
        { name: "update server", check: () => (updater?.canFetch ? "healthy" : "waiting") },
        { name: "self test", check: () => (behaviour === "unhealthy" ? "unhealthy" : "healthy") },
        { name: "dream", check: () => (behaviour === "undecided" ? "waiting" : "healthy") },
      ];
      const onVerdict = (verdict: GateVerdict): void => {
        log(`trial: ${verdict.verdict} (${verdict.because})`);
        options.onVerdict?.(verdict);
      };
      startHealthGate(host, core, scope, settings, { checks, onVerdict });
    },
  });
  core.start();
}

function failAtStart(host: Host, options: NodeOptions): void {
  const { behaviour } = options;
  if (behaviour === "crashAtStart") throw new Error("crash at start");
  if (behaviour === "hangAtStart") hang(options);
  if (behaviour === "crashInCallback") crashInCallback(host);
}

function failAtWork(core: Core, options: NodeOptions, workCount: number): void {
  const { behaviour } = options;
  const isCrash = behaviour === "crashInTask" || (behaviour === "crashWhenKept" && !core.slots.isTrial);
  if (isCrash) throw new Error("crash in a task");
  if (behaviour === "hangInTask" && workCount > 0) hang(options);
}

function hang(options: NodeOptions): never {
  assert(options.hang, "firmware: who hangs has to be told how");
  return options.hang();
}

interface UpdaterParts {
  readonly host: Host;
  readonly core: Core;
  readonly scope: ChildScope;
  readonly settings: FirmwareSettings;
  readonly node: NodeOptions;
  readonly onEvent: (event: UpdateEvent) => void;
}

function startUpdater({ host, core, scope, settings, node, onEvent }: UpdaterParts): Updater {
  const { pollPeriodMs, pollPeriodMaxMs, stallTimeoutMs, retryRejectedMs, isSecure } = settings;
  const server = { host: "updates.example.com", tenant: "DEFAULT" };
  const updater = new Updater({
    scheduler: scope,
    clock: host.clock,
    slots: core.slots,
    flash: host.flash,
    wallClock: host.wallClock,
    random: host.random,
    Digest: host.Digest,
    verifier: node.verifier,
    http: host.network.http.client,
    server: isSecure ? { ...server, port: 443, tls: { roots: ROOTS } } : { ...server, port: 80 },
    identity: node.identity,
    attributes: { version: node.version },
    pollPeriodMs,
    pollPeriodMaxMs,
    stallTimeoutMs,
    retryRejectedMs,
    onEvent,
    onArmed: () => core.restart("update"),
  });
  updater.start();
  return updater;
}

function startHealthGate(
  host: Host,
  core: Core,
  scope: ChildScope,
  settings: FirmwareSettings,
  options: Pick<HealthGateOptions, "checks" | "onVerdict">,
): void {
  const gate = new HealthGate({
    scheduler: scope,
    clock: host.clock,
    slots: core.slots,
    uptimeMinMs: settings.trialUptimeMs,
    deadlineMs: settings.trialDeadlineMs,
    checkPeriodMs: 250,
    ...options,
  });
  gate.start();
}

function crashInCallback(host: Host): void {
  const timer = new host.Timer({
    onExpire: () => {
      throw new Error("crash in a callback");
    },
  });
  timer.arm(1500);
}

function updateLine(event: UpdateEvent): string {
  const version = "version" in event ? ` ${event.version}` : "";
  const because = "because" in event ? `: ${event.because}` : "";
  const next = "nextPollMs" in event ? `; again in ${event.nextPollMs} ms` : "";
  return `update ${event.kind}${version}${because}${next}`;
}
