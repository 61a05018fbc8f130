/**
 * What a controller reports: the documents of the three feedback resources, read and checked.
 *
 * DdiActionFeedback and DdiConfirmationFeedback of the published API; fields that it does not name are passed over, as
 * older clients send some (`id`, `time`). Documents: docs/spec/ddi.md.
 */
import { JSONFields } from "./json-fields.js";

export const EXECUTIONS = Object.freeze([
  "closed",
  "proceeding",
  "canceled",
  "scheduled",
  "rejected",
  "resumed",
  "downloaded",
  "download",
] as const);
export type Execution = (typeof EXECUTIONS)[number];

export const RESULTS = Object.freeze(["success", "failure", "none"] as const);
export type Result = (typeof RESULTS)[number];

const CONFIRMATIONS = Object.freeze(["confirmed", "denied"] as const);

/** How far a controller is, by its own count. */
export interface Progress {
  readonly cnt: number;
  readonly of: number;
}

export interface ActionFeedback {
  readonly execution: Execution;
  readonly finished: Result;
  readonly progress: Progress | undefined;
  readonly code: number | undefined;
  readonly details: readonly string[];
}

export interface ConfirmationFeedback {
  readonly confirmation: (typeof CONFIRMATIONS)[number];
  readonly code: number | undefined;
  readonly details: readonly string[];
}

/** Of a deploymentBase or a cancelAction. Throws a Refusal that names the first wrong field. */
export function parseActionFeedback(body: unknown): ActionFeedback {
  const feedback = new JSONFields(body);
  feedback.optionalTime("timestamp");
  const status = feedback.object("status");
  const execution = status.choice("execution", EXECUTIONS);
  const result = status.object("result");
  const finished = result.choice("finished", RESULTS);
  return {
    execution,
    finished,
    progress: progressOf(result.optionalObject("progress")),
    code: status.optionalInteger("code"),
    details: status.texts("details"),
  };
}

/** Without an `of` there is a count and nothing to hold it against. */
function progressOf(fields: JSONFields | undefined): Progress | undefined {
  if (fields === undefined) return undefined;
  const cnt = fields.integer("cnt");
  const of = fields.optionalInteger("of");
  return of === undefined ? undefined : { cnt, of };
}

/** Throws a Refusal that names the first wrong field. */
export function parseConfirmationFeedback(body: unknown): ConfirmationFeedback {
  const feedback = new JSONFields(body);
  return {
    confirmation: feedback.choice("confirmation", CONFIRMATIONS),
    code: feedback.optionalInteger("code"),
    details: feedback.texts("details"),
  };
}
