/**
 * What a server is made with, and what it is where nothing is said.
 *
 * Everything that a client could make grow has a number here. See docs/spec/ddi.md.
 */
import { assert } from "../../../src/assert.js";

export interface DDIServerOptions {
  /** Default `DEFAULT`. */
  readonly tenant?: string;
  /** What a poll is told, in whole seconds, at most 23:59:59. Default: nothing, and the device keeps its own period. */
  readonly pollMs?: number;
  /** Of artifact bodies, for each response. Default: as fast as the network takes them. */
  readonly bytesPerSecond?: number;
  /** Of each controller. Default: no limit. */
  readonly requestsPerMinute?: number;
  /** Where it is given, every request has to carry `Authorization: TargetToken {token}`. */
  readonly targetToken?: string;
  /** Each action waits for the controller's consent. Default false. */
  readonly isConfirmationNeeded?: boolean;
  /** In PEM. Default: no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number;
  /**
   * What becomes of an open action when another is deployed: it is closed, or the controller is asked to cancel it first.
   * hawkBit does the second, and the first with `repository.actions.autoclose.enabled`. Default `close`.
   */
  readonly superseding?: "close" | "cancel";
  /** Full, no new one is taken. Default 1,000. */
  readonly controllerCountMax?: number;
  /** Of each controller, the newest are kept. Default 16. */
  readonly actionCountMax?: number;
  /** Of each controller, more are refused. Default 100, as hawkBit. */
  readonly attributeCountMax?: number;
  /** Of each action, more are refused. Default 1,000, as hawkBit. */
  readonly feedbackCountMax?: number;
  /** Of all controllers, the newest are kept. Default 10,000. */
  readonly recordCountMax?: number;
  /** Longer ones are refused. Default 65,536. */
  readonly bodySizeMaxBytes?: number;
  /** Further ones are not taken. Default 256. */
  readonly connectionCountMax?: number;
}

/** All of them; what may stay open is `undefined`. */
export interface DDIServerSettings
  extends Required<Omit<DDIServerOptions, "pollMs" | "requestsPerMinute" | "targetToken" | "tls">> {
  /** HH:MM:SS */
  readonly sleep: string | undefined;
  readonly requestsPerMinute: number | undefined;
  readonly targetToken: string | undefined;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
}

/** Letters, digits and what does not need encoding in a path. */
const TENANT = /^[A-Za-z0-9._~-]{1,40}$/;
/** 23:59:59, the longest that hawkBit says. */
const POLL_MAX_S = 86_399;

/** A setting that makes no sense is an error of the programmer. */
export function settingsOf(options: DDIServerOptions): DDIServerSettings {
  const settings: DDIServerSettings = {
    tenant: options.tenant ?? "DEFAULT",
    sleep: options.pollMs === undefined ? undefined : sleepOf(options.pollMs),
    bytesPerSecond: options.bytesPerSecond ?? Number.POSITIVE_INFINITY,
    requestsPerMinute: options.requestsPerMinute,
    targetToken: options.targetToken,
    isConfirmationNeeded: options.isConfirmationNeeded ?? false,
    tls: options.tls,
    now: options.now ?? Date.now,
    superseding: options.superseding ?? "close",
    controllerCountMax: options.controllerCountMax ?? 1000,
    actionCountMax: options.actionCountMax ?? 16,
    attributeCountMax: options.attributeCountMax ?? 100,
    feedbackCountMax: options.feedbackCountMax ?? 1000,
    recordCountMax: options.recordCountMax ?? 10_000,
    bodySizeMaxBytes: options.bodySizeMaxBytes ?? 65_536,
    connectionCountMax: options.connectionCountMax ?? 256,
  };
  assert(TENANT.test(settings.tenant), "ddi-server: expected a tenant of letters, digits and . _ ~ -");
  assert(settings.bytesPerSecond > 0, "ddi-server: expected a rate above 0");
  assert(settings.targetToken !== "", "ddi-server: expected a token with something in it");
  assert(settings.recordCountMax > 0 && settings.bodySizeMaxBytes > 0, "ddi-server: expected bounds above 0");
  assert(settings.connectionCountMax > 0 && settings.attributeCountMax > 0, "ddi-server: expected bounds above 0");
  return settings;
}

function sleepOf(pollMs: number): string {
  const seconds = Math.ceil(pollMs / 1000);
  assert(seconds >= 1 && seconds <= POLL_MAX_S, "ddi-server: expected a poll period of 1 s … 23:59:59");
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
