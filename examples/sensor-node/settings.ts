/**
 * What this one device was given on the factory's line or by its owner, read once at start.
 *
 * A missing or unreadable setting has a default, so that a device always starts; none of them is ever written here.
 */
import type { KeyValueStorage } from "holdfast";

export interface Settings {
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly tenant: string;
    readonly token?: string;
    /** The roots that the factory trusts. With them the server is asked over TLS. */
    readonly tls?: { readonly roots: readonly string[] };
  };
  /** This device's name on the server, and in what is deployed to it alone. */
  readonly device: string;
  readonly hardwareRevision: number;
  readonly pollPeriodMs: number;
  /** How long a new image has to run well before it is kept. */
  readonly trialUptimeMs: number;
}

/** Reads the domain "settings", all of whose values are texts. */
export function readSettings(keyValue: KeyValueStorage): Settings {
  const domain = keyValue.open({ path: "settings", format: "string" });
  const text = (key: string): string | undefined => domain.read(key) as string | undefined;
  const token = text("update.token");
  const root = text("update.root"); // PEM
  const settings: Settings = {
    server: {
      host: text("update.host") ?? "updates.example.com",
      port: numberOr(text("update.port"), 80),
      tenant: text("update.tenant") ?? "DEFAULT",
      ...(token === undefined ? {} : { token }),
      ...(root === undefined ? {} : { tls: { roots: [root] } }),
    },
    device: text("device.name") ?? "unnamed",
    hardwareRevision: numberOr(text("device.hardware"), 1),
    pollPeriodMs: numberOr(text("update.pollMs"), 60 * 60 * 1000),
    trialUptimeMs: numberOr(text("trial.uptimeMs"), 60 * 1000),
  };
  domain.close();
  return settings;
}

function numberOr(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value > 0 ? value : otherwise;
}
