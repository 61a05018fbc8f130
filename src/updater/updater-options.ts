/** What an update client is told at start, what it tells meanwhile, and in which phases it is. */
import type { Slots } from "../ota/slots.js";
import type { UpdateIdentity } from "../ota/update-judge.js";
import type { Clock } from "../ports/clock.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { FlashStorage } from "../ports/flash.js";
import type { HTTPClientDefault } from "../ports/http-client.js";
import type { Random } from "../ports/random.js";
import type { Verifier } from "../ports/verifier.js";
import type { WallClock } from "../ports/wall-clock.js";
import type { TaskSource } from "../supervisor/child-scope.js";
import type { DDIAddress } from "./ddi-client.js";

/** idle: waiting for the next poll · polling · downloading · verifying: reading back · armed: waiting for the restart. */
export type UpdaterPhase = "idle" | "polling" | "downloading" | "verifying" | "armed";

/**
 * What the application may show. Delivered from scheduler tasks, never from inside a call into the updater. `version` is the
 * signed one, but for `declined`, where it is the server's word.
 */
export type UpdateEvent =
  | { readonly kind: "offered"; readonly version: string; readonly sizeBytes: number }
  | { readonly kind: "declined"; readonly version: string; readonly because: string }
  | { readonly kind: "postponed"; readonly version: string; readonly because: string }
  | { readonly kind: "canceled" }
  | { readonly kind: "retrying"; readonly because: string; readonly waitMs: number }
  | { readonly kind: "downloaded"; readonly sizeBytes: number }
  | { readonly kind: "verified"; readonly version: string }
  | { readonly kind: "armed"; readonly version: string }
  | { readonly kind: "succeeded"; readonly version: string }
  | { readonly kind: "failed"; readonly because: string; readonly nextPollMs: number };

export interface UpdaterOptions {
  /** A scheduler, or the scope of a supervised child. */
  readonly scheduler: TaskSource;
  readonly clock: Clock;
  /** Set to the server's time where TLS proves whose it is, and to the last good time at start. */
  readonly wallClock: WallClock;
  readonly random: Random;
  readonly slots: Slots;
  readonly flash: FlashStorage;
  readonly Digest: DigestConstructor;
  readonly verifier: Verifier;
  /** Of `network.https` where the server has `tls`, of `network.http` otherwise. */
  readonly http: HTTPClientDefault;
  readonly server: Omit<DDIAddress, "controllerId">;
  /** Whom updates have to be for, and who may sign them. `device` is the name on the server. */
  readonly identity: UpdateIdentity;
  /** What the server may know of the device (configData); sent once a start, where the server asks. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The server's own wish comes before it. */
  readonly pollPeriodMs: number;
  /** The longest wait: after failures in a row, by the server's wish, and by its Retry-After. */
  readonly pollPeriodMaxMs: number;
  /** A connection that delivers nothing for this long is given up, and so is a small request that takes longer. */
  readonly stallTimeoutMs: number;
  /** A chunk that comes slower is given up. Default 256. */
  readonly bytesPerSecondMin?: number;
  /** Chunks of one image that are asked for again. Default 8. */
  readonly chunkRetryCountMax?: number;
  /** An image that was sent away without a verdict is tried again after this uptime. */
  readonly retryRejectedMs: number;
  readonly onEvent?: (event: UpdateEvent) => void;
  /** The image is armed: the application ends its work and restarts the device with the cause `update`. */
  readonly onArmed: () => void;
}
