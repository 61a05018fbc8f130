/**
 * The part that keeps the firmware up to date: an update client that is made anew each time this child starts.
 *
 * Whatever goes wrong in a download ends in the client's own back-off. This part is restarted only for what nobody foresaw;
 * what was shown before says little then, so on trial the new client shows it again.
 */
import { type ChildScope, type Core, type Host, type HTTPClientDefault, type UpdateEvent, Updater } from "holdfast";
import { identityOf } from "./identity.js";
import type { Settings } from "./settings.js";

const STALL_TIMEOUT_MS = 10_000;
const RETRY_REJECTED_MS = 3_600_000;
/** The longest wait after failures, in poll periods. */
const BACKOFF_PERIOD_COUNT_MAX = 16;

export interface UpdatesOptions {
  readonly host: Host;
  readonly core: Core;
  readonly settings: Settings;
  readonly version: string;
  readonly log: (text: string) => void;
}

export class Updates {
  readonly #options: UpdatesOptions;
  #updater: Updater | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  /** Whether the next update can be had, as far as this trial can show. */
  get canFetch(): boolean {
    return this.#updater?.canFetch ?? false;
  }

  /** Polls until the scope ends. */
  start(scope: ChildScope): void {
    const { host, core, settings, version, log } = this.#options;
    const http = clientOf(host, settings);
    if (http === undefined) {
      log("no updates: a root is set, and this host has no TLS; they are not fetched in the open instead");
      return;
    }
    const updater = new Updater({
      scheduler: scope,
      clock: host.clock,
      wallClock: host.wallClock,
      random: host.random,
      slots: core.slots,
      flash: host.flash,
      Digest: host.Digest,
      verifier: host.verifier,
      http,
      server: settings.server,
      identity: identityOf(settings),
      attributes: { version, hardware: String(settings.hardwareRevision) },
      pollPeriodMs: settings.pollPeriodMs,
      pollPeriodMaxMs: BACKOFF_PERIOD_COUNT_MAX * settings.pollPeriodMs,
      stallTimeoutMs: STALL_TIMEOUT_MS,
      retryRejectedMs: RETRY_REJECTED_MS,
      onEvent: (event) => log(lineOf(event)),
      onArmed: () => core.restart("update"),
    });
    this.#updater = updater;
    scope.onStop(() => {
      this.#updater = undefined;
      updater.close();
    });
    updater.start();
  }
}

function clientOf(host: Host, settings: Settings): HTTPClientDefault | undefined {
  return settings.server.tls === undefined ? host.network.http.client : host.network.https?.client;
}

function lineOf(event: UpdateEvent): string {
  const version = "version" in event ? ` ${event.version}` : "";
  const because = "because" in event ? `: ${event.because}` : "";
  return `update ${event.kind}${version}${because}`;
}
