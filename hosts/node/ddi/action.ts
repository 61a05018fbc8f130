/**
 * One action: a deployment to one controller, from its assignment to its end, by hawkBit's rules.
 *
 *   assigned ─► WAIT_FOR_CONFIRMATION ─ confirmed ─► RUNNING ─ document read ─► RETRIEVED
 *                        ▲                              │  │                        │
 *                        └───────────── denied ─────────┘  └──────────┬─────────────┘
 *                                                                     │ closed ──────────► FINISHED, or ERROR on failure
 *   any open one ─ cancel asked for ─► CANCELING ─ closed ─► CANCELED │
 *                        │     └ closed as a deployment ──────────────┘
 *                        └ rejected, or closed with failure ─► RUNNING
 *   any open one ─ another takes its place ─► CANCELED
 *
 * All other feedback is noted and changes nothing: a device that reports `canceled` or `rejected` for a deployment still has
 * to close it. The names are hawkBit's (Action.Status), because `actionHistory` tells them. See docs/spec/ddi.md.
 */
import { assert } from "../../../src/assert.js";
import type { ActionFeedback, ConfirmationFeedback } from "./feedback.js";
import { notFound, overQuota, Refusal, ServerError } from "./refusal.js";
import type { SoftwareModule } from "./software-module.js";

export type ActionStatus = "WAIT_FOR_CONFIRMATION" | "RUNNING" | "RETRIEVED" | "CANCELING" | "CANCELED" | "FINISHED" | "ERROR";

/** hawkBit's bound on the texts of one feedback, and on those that it gives back (MAX_ACTION_HISTORY_MSG_COUNT). */
export const DETAIL_COUNT_MAX = 50;
const HISTORY_COUNT_MAX = 100;

export interface ActionOptions {
  readonly id: string;
  readonly module: SoftwareModule;
  readonly isConfirmationNeeded: boolean;
  /** More feedback than this is refused, but for the one that closes the action. */
  readonly feedbackCountMax: number;
}

export class Action {
  readonly id: string;
  readonly module: SoftwareModule;
  readonly #isConfirmationNeeded: boolean;
  readonly #feedbackCountMax: number;
  /** Newest first. */
  readonly #messages: string[] = ["Assignment initiated by user 'holdfast'"];
  #status: ActionStatus;
  #feedbackCount = 0;

  constructor(options: ActionOptions) {
    assert(options.feedbackCountMax > 0, "action: expected room for feedback");
    this.id = options.id;
    this.module = options.module;
    this.#isConfirmationNeeded = options.isConfirmationNeeded;
    this.#feedbackCountMax = options.feedbackCountMax;
    this.#status = options.isConfirmationNeeded ? "WAIT_FOR_CONFIRMATION" : "RUNNING";
  }

  get status(): ActionStatus {
    return this.#status;
  }

  /** Whether the controller has something to do for it. */
  get isOpen(): boolean {
    return this.#status !== "FINISHED" && this.#status !== "ERROR" && this.#status !== "CANCELED";
  }

  get isWaiting(): boolean {
    return this.#status === "WAIT_FOR_CONFIRMATION";
  }

  /** Whether a cancellation was asked for, or has happened: then there is a cancelAction and no deploymentBase. */
  get isCanceling(): boolean {
    return this.#status === "CANCELING" || this.#status === "CANCELED";
  }

  /** What the controller reported, newest first; a negative count asks for all that are given back. */
  history(count: number): readonly string[] {
    return count < 0 ? [...this.#messages] : this.#messages.slice(0, count);
  }

  /** The controller has read the document of the deployment. */
  retrieve(): void {
    if (this.#status === "RUNNING") this.#status = "RETRIEVED";
  }

  /** By the operator: the controller is asked to cancel it. */
  requestCancel(): void {
    if (this.isOpen) this.#status = "CANCELING";
  }

  /** By the operator: another action takes its place, and the controller is not asked. */
  supersede(): void {
    if (this.isOpen) this.#status = "CANCELED";
  }

  /** Throws a Refusal before any effect; so do the two below. */
  takeDeploymentFeedback(feedback: ActionFeedback): void {
    if (this.isWaiting) throw notFound(`action ${this.id} waits for confirmation; expected that first`);
    this.#demandOpen();
    const isEnd = feedback.execution === "closed";
    this.#note(feedback, "Device reported status code", isEnd);
    if (isEnd) this.#status = feedback.finished === "failure" ? "ERROR" : "FINISHED";
  }

  takeCancelFeedback(feedback: ActionFeedback): void {
    if (!this.isCanceling) {
      throw new Refusal(405, `action ${this.id} is not to be canceled`, {
        errorCode: ServerError.notCancelable,
        headers: { allow: "" },
      });
    }
    const isEnd = feedback.execution === "closed" || feedback.execution === "rejected";
    this.#note(feedback, "Device reported status code", isEnd);
    if (!isEnd || this.#status === "CANCELED") return;
    const isDone = feedback.execution === "closed" && feedback.finished !== "failure";
    this.#status = isDone ? "CANCELED" : "RUNNING";
  }

  /** A consent may be taken back as long as the action is open, but not to undo a cancellation. */
  takeConfirmation(feedback: ConfirmationFeedback): void {
    this.#demandOpen();
    const isRevocable = feedback.confirmation === "denied" && this.#isConfirmationNeeded && !this.isCanceling;
    if (!this.isWaiting && !isRevocable) throw notFound(`action ${this.id} does not wait for confirmation`);
    this.#note(feedback, "Confirmation status code", false);
    this.#status = feedback.confirmation === "confirmed" ? "RUNNING" : "WAIT_FOR_CONFIRMATION";
  }

  /** The controller has said yes to everything in advance. */
  confirmAutomatically(): void {
    if (this.isWaiting) this.#status = "RUNNING";
  }

  #demandOpen(): void {
    if (!this.isOpen) throw new Refusal(410, `action ${this.id} is closed (${this.#status})`);
  }

  #note(feedback: Pick<ActionFeedback, "code" | "details">, codeWord: string, isEnd: boolean): void {
    const { code, details } = feedback;
    if (details.length > DETAIL_COUNT_MAX) {
      throw overQuota(`details: ${details.length} texts, expected at most ${DETAIL_COUNT_MAX}`);
    }
    if (!isEnd && this.#feedbackCount >= this.#feedbackCountMax) {
      throw overQuota(`action ${this.id}: ${this.#feedbackCount} reports already, expected at most ${this.#feedbackCountMax}`);
    }
    this.#feedbackCount += 1;
    this.#messages.unshift(...(code === undefined ? [] : [`${codeWord}: ${code}`]), ...[...details].reverse());
    this.#messages.splice(HISTORY_COUNT_MAX);
  }
}
