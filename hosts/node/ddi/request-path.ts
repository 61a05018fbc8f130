/**
 * Which resource a request is for: the request target taken apart, and one table of all that there is.
 *
 * The table is the published API's: `/{tenant}/controller/v1/{controllerId}` and what stands below. Names come before the
 * placeholders that would take them. Resources: docs/spec/ddi.md.
 */
import { deepFreeze } from "../../../src/freeze.js";
import { notFound, Refusal, ServerError } from "./refusal.js";

export type ResourceName =
  | "controller"
  | "configData"
  | "deployment"
  | "deploymentFeedback"
  | "cancel"
  | "cancelFeedback"
  | "confirmations"
  | "activateAutoConfirm"
  | "deactivateAutoConfirm"
  | "confirmation"
  | "confirmationFeedback"
  | "installed"
  | "artifacts"
  | "artifact";

export interface RequestPath {
  readonly resource: ResourceName;
  readonly tenant: string;
  readonly controllerId: string;
  /** Of an action or a software module: digits. Empty where the resource has none. */
  readonly id: string;
  /** Empty where the resource has none. */
  readonly filename: string;
  /** How many messages of the action's history are asked for; negative: all. */
  readonly actionHistory: number;
}

/** One method for each resource; HEAD is allowed where GET is. `:id` is a number, `:file` any name. */
interface Row {
  readonly resource: ResourceName;
  readonly method: "GET" | "PUT" | "POST";
  readonly words: string;
}

const ROWS: readonly Row[] = deepFreeze([
  { resource: "controller", method: "GET", words: "" },
  { resource: "configData", method: "PUT", words: "configData" },
  { resource: "deployment", method: "GET", words: "deploymentBase/:id" },
  { resource: "deploymentFeedback", method: "POST", words: "deploymentBase/:id/feedback" },
  { resource: "cancel", method: "GET", words: "cancelAction/:id" },
  { resource: "cancelFeedback", method: "POST", words: "cancelAction/:id/feedback" },
  { resource: "confirmations", method: "GET", words: "confirmationBase" },
  { resource: "activateAutoConfirm", method: "POST", words: "confirmationBase/activateAutoConfirm" },
  { resource: "deactivateAutoConfirm", method: "POST", words: "confirmationBase/deactivateAutoConfirm" },
  { resource: "confirmation", method: "GET", words: "confirmationBase/:id" },
  { resource: "confirmationFeedback", method: "POST", words: "confirmationBase/:id/feedback" },
  { resource: "installed", method: "GET", words: "installedBase/:id" },
  { resource: "artifacts", method: "GET", words: "softwaremodules/:id/artifacts" },
  { resource: "artifact", method: "GET", words: "softwaremodules/:id/artifacts/:file" },
]);

const ABSOLUTE_FORM = /^https?:\/\/[^/?]*/i;
const NUMBER = /^\d{1,19}$/;
const INT32 = /^-?\d{1,10}$/;

/** Throws a Refusal: 404 for a path that is none, 405 for a method that it does not take, 400 for a wrong part. Total. */
export function parseRequestPath(method: string, target: string): RequestPath {
  const [path = "", query = ""] = target.replace(ABSOLUTE_FORM, "").split(/\?(.*)/s);
  const [root, tenant = "", controllers, version, controllerId = "", ...rest] = path.split("/").map(decoded);
  if (root !== "" || controllers !== "controller" || version !== "v1" || tenant === "" || controllerId === "") {
    throw notFound("no such resource; expected /{tenant}/controller/v1/{controllerId} or one below it");
  }
  const row = ROWS.find(({ words }) => isMatch(words, rest));
  if (!row) throw notFound(`no such resource below ${path.split("/").slice(0, 5).join("/")}`);
  const isAllowed = method === row.method || (method === "HEAD" && row.method === "GET");
  if (!isAllowed) {
    const allow = row.method === "GET" ? "GET, HEAD" : row.method;
    throw new Refusal(405, `found the method ${method}, expected ${allow}`, { headers: { allow } });
  }
  const words = row.words.split("/");
  const id = rest[words.indexOf(":id")] ?? "";
  if (words.includes(":id") && !NUMBER.test(id)) throw wrongPart("id", id, "a number");
  const filename = rest[words.indexOf(":file")] ?? "";
  const parameters = new URLSearchParams(query);
  integerOf(parameters, "c", -1);
  const actionHistory = integerOf(parameters, "actionHistory", 0);
  return { resource: row.resource, tenant, controllerId, id, filename, actionHistory };
}

function isMatch(words: string, rest: readonly string[]): boolean {
  const expected = words === "" ? [] : words.split("/");
  return expected.length === rest.length && expected.every((word, index) => word.startsWith(":") || word === rest[index]);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw wrongPart("path", segment, "percent-encoded UTF-8");
  }
}

function integerOf(parameters: URLSearchParams, name: string, absent: number): number {
  const text = parameters.get(name);
  if (text === null || text === "") return absent;
  if (!INT32.test(text)) throw wrongPart(name, text, "a whole number");
  return Number(text);
}

function wrongPart(where: string, found: string, expected: string): Refusal {
  const shown = JSON.stringify(found).slice(0, 80);
  return new Refusal(400, `${where}: found ${shown}, expected ${expected}`, { errorCode: ServerError.constraint });
}
