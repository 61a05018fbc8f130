/**
 * Everything a firmware may know of the world, in one object: what `openHost()` of a host gives and `main(host)` receives.
 *
 * The members that ECMA-419's host provider (30) names are named as there (`flash`, `keyValue`, `update`, `smbus.default`,
 * `network.http.client`); the rest are the ports that the standard lacks. Only the composition root sees a Host; every module
 * is handed the two or three ports it uses.
 */
import type { Clock } from "./clock.js";
import type { DigestConstructor } from "./digest.js";
import type { FlashStorage } from "./flash.js";
import type { HTTPClientDefault } from "./http-client.js";
import type { I2CDefault, SMBusDefault } from "./i2c.js";
import type { KeyValueStorage } from "./key-value.js";
import type { Random } from "./random.js";
import type { RetainedMemory } from "./retained-memory.js";
import type { System } from "./system.js";
import type { TimerConstructor } from "./timer.js";
import type { UpdateStorage } from "./update.js";
import type { Verifier } from "./verifier.js";
import type { WallClock } from "./wall-clock.js";
import type { WatchdogTimerConstructor } from "./watchdog-timer.js";

/** full: the host keeps every promise of the ports as far as its hardware can · basic: it lacks its native part. */
export type HostLevel = "full" | "basic";

/** What a device may be unable to promise. */
export type DevicePromise =
  | "resetReason"
  | "runningSlot"
  | "watchdog"
  | "retainedMemory"
  | "sleep"
  | "random"
  | "update"
  | "rollback";

/** A promise that is not kept, and the reason in a sentence for whoever reads the device's status. */
export interface Shortfall {
  readonly promise: DevicePromise;
  readonly because: string;
}

export interface Host {
  readonly level: HostLevel;
  /** Empty where all are kept. */
  readonly shortfalls: readonly Shortfall[];
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly Timer: TimerConstructor;
  readonly system: System;
  readonly WatchdogTimer: WatchdogTimerConstructor;
  readonly retainedMemory: RetainedMemory;
  readonly random: Random;
  readonly Digest: DigestConstructor;
  readonly verifier: Verifier;
  readonly flash: FlashStorage;
  readonly keyValue: KeyValueStorage;
  readonly update: UpdateStorage;
  readonly i2c: { readonly default: I2CDefault };
  readonly smbus: { readonly default: SMBusDefault };
  readonly network: {
    readonly http: { readonly client: HTTPClientDefault };
    /** Over TLS: whoever makes a client adds `secure` (SecureOptions) to `socket`. `undefined` where the host has no TLS. */
    readonly https?: { readonly client: HTTPClientDefault } | undefined;
  };
  /** One line to the serial console, or wherever the host shows lines. Never throws. */
  trace(line: string): void;
}

/** The default export of a firmware's entry module. Called once, after the core's modules are evaluated. */
export type Main = (host: Host) => void;
