/**
 * The health gate: a new image has to prove that it works before it is kept.
 *
 * One attempt and no question is what the bootloader gives; a firmware that samples nothing, or cannot fetch the next update,
 * would be confirmed by its mere uptime. Here named checks must all say healthy in the same look, after a minimum uptime and
 * before a deadline. No verdict by the deadline sends the image away without quarantine. See docs/design/ota.md.
 */
import { assert } from "../assert.js";
import type { Clock } from "../ports/clock.js";
import type { Task } from "../scheduler/task.js";
import type { TaskSource } from "../supervisor/child-scope.js";
import type { RejectCauseName } from "./journal-record.js";

/** waiting: not yet known; it becomes healthy or the deadline comes. */
export type Health = "healthy" | "waiting" | "unhealthy";

export interface HealthCheck {
  readonly name: string;
  check(): Health;
}

/** What the gate decided, and on whose word (the check's name, or the deadline's waiting checks). */
export interface GateVerdict {
  readonly verdict: "confirmed" | "unhealthy" | "inconclusive";
  readonly because: string;
}

export interface HealthGateOptions {
  /** A scheduler, or the scope of a supervised child. */
  readonly scheduler: TaskSource;
  readonly clock: Clock;
  readonly slots: {
    readonly isTrial: boolean;
    /** The other slot could boot. Without it an image is kept however it feels: it is the only one. */
    readonly canReject: boolean;
    confirm(): void;
    reject(cause: RejectCauseName): void;
  };
  readonly checks: readonly HealthCheck[];
  /** No confirm before this uptime. */
  readonly uptimeMinMs: number;
  /** The trial ends without a verdict at this uptime. */
  readonly deadlineMs: number;
  readonly checkPeriodMs: number;
  /** Told before the verdict is carried out: a rejection restarts the device. */
  readonly onVerdict?: (verdict: GateVerdict) => void;
}

export class HealthGate {
  readonly #options: HealthGateOptions;
  #task: Task | undefined;

  constructor(options: HealthGateOptions) {
    assert(
      options.uptimeMinMs >= 0 && options.deadlineMs > options.uptimeMinMs,
      "health gate: the deadline is after the minimum",
    );
    assert(options.checkPeriodMs > 0, "health gate: the check period is positive");
    this.#options = options;
  }

  /** Begins to look, if this start is a trial; else does nothing. */
  start(): void {
    if (!this.#options.slots.isTrial || this.#task) return;
    this.#task = this.#options.scheduler.every({
      name: "healthGate",
      periodMs: this.#options.checkPeriodMs,
      run: () => this.#look(),
    });
  }

  stop(): void {
    this.#task?.close();
    this.#task = undefined;
  }

  #look(): void {
    const { checks, clock, uptimeMinMs, deadlineMs } = this.#options;
    const uptimeMs = clock.now();
    let waiting = uptimeMs < uptimeMinMs ? "uptime" : "";
    for (let index = 0; index < checks.length; index++) {
      const check = checks[index]!;
      const health = check.check();
      if (health === "unhealthy") {
        this.#reject({ verdict: "unhealthy", because: check.name });
        return;
      }
      if (health === "waiting") waiting = waiting === "" ? check.name : `${waiting}, ${check.name}`;
    }
    if (waiting === "") this.#confirm();
    else if (uptimeMs >= deadlineMs) this.#reject({ verdict: "inconclusive", because: waiting });
  }

  #confirm(): void {
    this.stop();
    this.#options.onVerdict?.({ verdict: "confirmed", because: "all checks" });
    this.#options.slots.confirm();
  }

  #reject(verdict: { readonly verdict: "unhealthy" | "inconclusive"; readonly because: string }): void {
    const { slots } = this.#options;
    if (!slots.canReject) return; // Nothing to go back to: it goes on looking, and is confirmed if it recovers.
    this.stop();
    this.#options.onVerdict?.(verdict);
    slots.reject(verdict.verdict);
  }
}
