/**
 * One request that is allowed, and what it is answered with: the resources of the API, each a few lines.
 *
 * Who may ask, and whether the request is well formed, is settled before; what comes out is not sent yet.
 * See docs/spec/ddi.md.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.js";
import { artifactAnswer, md5Answer } from "./artifact-answer.js";
import { parseAttributeChange } from "./attributes.js";
import type { Controller } from "./controller.js";
import {
  artifactDocuments,
  cancelDocument,
  confirmationDocument,
  confirmationsDocument,
  controllerDocument,
  deploymentDocument,
  type Place,
} from "./documents.js";
import { parseActionFeedback, parseConfirmationFeedback } from "./feedback.js";
import type { FeedbackRecord } from "./feedback-record.js";
import { JSONFields } from "./json-fields.js";
import { notFound } from "./refusal.js";
import type { RequestPath } from "./request-path.js";
import { MD5_SUFFIX } from "./software-module.js";

/** hawkBit's word for a consent without one. */
const REMARK = "Initiated using the Device Direct Integration API without providing a remark.";

export interface Exchange {
  /** GET or HEAD, PUT, POST: one that the resource takes. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly path: RequestPath;
  /** Parsed; `undefined` where there is none. */
  readonly body: unknown;
  readonly controller: Controller;
  readonly place: Place;
  /** The period that a poll is told, HH:MM:SS. */
  readonly sleep: string | undefined;
}

/** An answer, and the report that it acknowledges. */
export interface Outcome {
  readonly answer: Answer;
  readonly record?: FeedbackRecord;
}

const DONE: Outcome = Object.freeze({ answer: Object.freeze({ kind: "done" }) });

/** Throws a Refusal before any effect. */
export function outcomeOf(exchange: Exchange): Outcome {
  const { path, controller, place } = exchange;
  switch (path.resource) {
    case "controller":
      controller.poll();
      return document(controllerDocument(controller, place, exchange.sleep));
    case "configData":
      controller.changeAttributes(parseAttributeChange(exchange.body));
      return DONE;
    case "deployment":
    case "installed":
    case "cancel":
    case "confirmation":
      return actionDocument(exchange);
    case "deploymentFeedback":
    case "cancelFeedback":
    case "confirmationFeedback":
      return feedback(exchange);
    case "confirmations":
      return document(confirmationsDocument(controller, place));
    case "activateAutoConfirm":
      activateAutoConfirm(exchange);
      return DONE;
    case "deactivateAutoConfirm":
      controller.deactivateAutoConfirmation();
      return DONE;
    case "artifacts":
      return document(artifactDocuments(controller.module(path.id), place));
    case "artifact":
      return { answer: artifactOf(exchange) };
  }
}

function document(value: object): Outcome {
  return { answer: { kind: "document", document: value } };
}

function actionDocument({ path, controller, place }: Exchange): Outcome {
  const action = controller.action(path.id);
  const state = `action ${action.id} is ${action.status}`;
  switch (path.resource) {
    case "cancel":
      if (!action.isCanceling) throw notFound(`${state}, expected one that is to be canceled`);
      return document(cancelDocument(action));
    case "confirmation":
      if (!action.isWaiting) throw notFound(`${state}, expected one that waits for confirmation`);
      return document(confirmationDocument(action, place, path.actionHistory));
    case "installed":
      if (action.status !== "FINISHED") throw notFound(`${state}, expected one that was installed`);
      return document(deploymentDocument(action, place, path.actionHistory));
    default:
      if (action.isCanceling || action.isWaiting) throw notFound(`${state}, expected one that is deployed`);
      action.retrieve();
      return document(deploymentDocument(action, place, path.actionHistory));
  }
}

function feedback({ path, controller, body }: Exchange): Outcome {
  if (path.resource === "confirmationFeedback") {
    const report = parseConfirmationFeedback(body);
    const action = controller.action(path.id);
    action.takeConfirmation(report);
    const { confirmation: execution, code, details } = report;
    return recorded(controller, { actionId: action.id, kind: "confirmation", execution, finished: "none", code, details });
  }
  const report = parseActionFeedback(body);
  const action = controller.action(path.id);
  const kind = path.resource === "cancelFeedback" ? "cancel" : "deployment";
  if (kind === "cancel") {
    action.takeCancelFeedback(report);
  } else {
    action.takeDeploymentFeedback(report);
    controller.noteInstalled(action);
  }
  return recorded(controller, { actionId: action.id, kind, ...report });
}

function recorded(
  controller: Controller,
  report: Omit<FeedbackRecord, "controllerId" | "progress"> & Partial<Pick<FeedbackRecord, "progress">>,
): Outcome {
  return { ...DONE, record: Object.freeze({ controllerId: controller.id, progress: undefined, ...report }) };
}

function activateAutoConfirm({ controller, body }: Exchange): void {
  if (body === undefined) {
    controller.activateAutoConfirmation({ initiator: undefined, remark: REMARK });
  } else {
    const fields = new JSONFields(body);
    controller.activateAutoConfirmation({ initiator: fields.optionalText("initiator"), remark: fields.optionalText("remark") });
  }
}

/** The artifact of that name, or the checksum of the one whose name comes before the suffix. */
function artifactOf({ path, controller, method, headers }: Exchange): Answer {
  const module = controller.module(path.id);
  const { filename } = path;
  const artifact = module.artifact(filename);
  if (artifact) return artifactAnswer(artifact, method, headers);
  const summed = filename.endsWith(MD5_SUFFIX) ? module.artifact(filename.slice(0, -MD5_SUFFIX.length)) : undefined;
  if (summed) return md5Answer(summed);
  throw notFound(`software module ${module.id} has no artifact of that name`);
}
