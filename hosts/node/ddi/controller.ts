/**
 * One controller: what the server knows of a device that polls it, and its actions.
 *
 * A device need not be announced: its first poll makes the controller (hawkBit calls it plug and play). Several actions are
 * kept, so that a late report on an old one is told from one on an action that never was. See docs/spec/ddi.md.
 */
import { Action } from "./action.js";
import { type AttributeChange, changedAttributes } from "./attributes.js";
import { RateLimit } from "./rate-limit.js";
import { notFound, Refusal, ServerError } from "./refusal.js";
import type { SoftwareModule } from "./software-module.js";

const MINUTE_MS = 60_000;

export interface ControllerOptions {
  readonly actionCountMax: number;
  readonly attributeCountMax: number;
  /** Of one action. */
  readonly feedbackCountMax: number;
  readonly isConfirmationNeeded: boolean;
  /** `undefined`: as many as it likes. */
  readonly requestsPerMinute: number | undefined;
  readonly now: () => number;
}

/** That the controller confirms every action in advance, and what it said when it did. */
export interface AutoConfirmation {
  readonly initiator: string | undefined;
  readonly remark: string | undefined;
  readonly activatedMs: number;
}

export class Controller {
  readonly id: string;
  readonly #options: ControllerOptions;
  readonly #rateLimit: RateLimit | undefined;
  /** Oldest first. */
  readonly #actions: Action[] = [];
  #installed: Action | undefined;
  #attributes: ReadonlyMap<string, string> = new Map();
  #isAttributesWanted = true;
  #autoConfirmation: AutoConfirmation | undefined;
  #pollCount = 0;
  #lastPollMs: number | undefined;

  constructor(id: string, options: ControllerOptions) {
    const { requestsPerMinute, now } = options;
    this.id = id;
    this.#options = options;
    if (requestsPerMinute !== undefined) {
      this.#rateLimit = new RateLimit({ countMax: requestsPerMinute, periodMs: MINUTE_MS, now });
    }
  }

  /** What it said of itself. */
  get attributes(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#attributes);
  }

  get isAttributesWanted(): boolean {
    return this.#isAttributesWanted;
  }

  get autoConfirmation(): AutoConfirmation | undefined {
    return this.#autoConfirmation;
  }

  /** 0 for one that was only spoken of. */
  get pollCount(): number {
    return this.#pollCount;
  }

  get lastPollMs(): number | undefined {
    return this.#lastPollMs;
  }

  /** What it is to work on: of several open ones the oldest, so that what is to be canceled comes first. */
  get openAction(): Action | undefined {
    return this.#actions.find((action) => action.isOpen);
  }

  /** The last one that it finished well. */
  get installedAction(): Action | undefined {
    return this.#installed;
  }

  /** The version that it installed last, by its own report. */
  get installedVersion(): string | undefined {
    return this.#installed?.module.version;
  }

  poll(): void {
    this.#pollCount += 1;
    this.#lastPollMs = this.#options.now();
  }

  /** Throws a Refusal where the minute's requests are used up. */
  countRequest(): void {
    const waitMs = this.#rateLimit?.take() ?? 0;
    if (waitMs === 0) return;
    const waitS = Math.ceil(waitMs / 1000);
    throw new Refusal(429, `${this.#options.requestsPerMinute} requests in this minute already; the next in ${waitS} s`, {
      headers: { "retry-after": String(waitS) },
    });
  }

  /** A new action. `superseding` is what becomes of the open ones. The oldest of too many is forgotten. */
  assign(id: string, module: SoftwareModule, superseding: "close" | "cancel"): void {
    for (const action of this.#actions) {
      if (superseding === "close") action.supersede();
      else action.requestCancel();
    }
    const { isConfirmationNeeded, feedbackCountMax, actionCountMax } = this.#options;
    const action = new Action({ id, module, isConfirmationNeeded, feedbackCountMax });
    if (this.#autoConfirmation) action.confirmAutomatically();
    this.#actions.push(action);
    if (this.#actions.length > actionCountMax) this.#actions.shift();
  }

  /** By the operator: whatever is open is to be canceled. */
  requestCancel(): void {
    for (const action of this.#actions) action.requestCancel();
  }

  /** Throws a Refusal where there is none. */
  action(id: string): Action {
    const action = this.#actions.find((candidate) => candidate.id === id) ?? this.#installed;
    if (action?.id !== id) throw notFound(`action ${id} is none of the controller's`);
    return action;
  }

  /** To be called after each feedback on a deployment: what was finished well is installed, and attributes are wanted anew. */
  noteInstalled(action: Action): void {
    if (action.status !== "FINISHED") return;
    this.#installed = action;
    this.#isAttributesWanted = true;
  }

  changeAttributes(change: AttributeChange): void {
    this.#attributes = changedAttributes(this.#attributes, change, this.#options.attributeCountMax);
    this.#isAttributesWanted = false;
  }

  /** Confirms what waits, too. Throws a Refusal where it is active already. */
  activateAutoConfirmation(by: Omit<AutoConfirmation, "activatedMs">): void {
    if (this.#autoConfirmation) {
      throw new Refusal(409, "auto-confirmation is active already", { errorCode: ServerError.alreadyConfirming });
    }
    this.#autoConfirmation = { ...by, activatedMs: this.#options.now() };
    for (const action of this.#actions) action.confirmAutomatically();
  }

  deactivateAutoConfirmation(): void {
    this.#autoConfirmation = undefined;
  }

  /**
   * The module whose artifacts it may list and load: that of an open action which is not to be canceled, or of the installed
   * one. Throws a Refusal for any other.
   */
  module(id: string): SoftwareModule {
    const action =
      this.#actions.find(({ isOpen, isCanceling, module }) => isOpen && !isCanceling && module.id === id) ?? this.#installed;
    if (action?.module.id !== id) throw notFound(`software module ${id} is not assigned to the controller`);
    return action.module;
  }
}
