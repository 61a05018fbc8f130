/**
 * What a controller says of itself (configData): named texts, merged, replaced or removed, and never more than agreed.
 *
 * hawkBit's DdiConfigData, with its bounds on names and values. Documents: docs/spec/ddi.md.
 */
import { JSONFields } from "./json-fields.js";
import { overQuota, Refusal, ServerError, unreadable } from "./refusal.js";

/** hawkBit's bounds (Target.CONTROLLER_ATTRIBUTE_MAX_KEY_SIZE and …_VALUE_SIZE). */
export const ATTRIBUTE_LENGTH_MAX = 128;
/** hawkBit takes these and the white space. */
const ATTRIBUTE_TEXT = /^[a-zA-Z0-9_\-!@#$%^&*()+=[\]{}|;:'",.<>/\\?\s]*$/;

const MODES = Object.freeze(["merge", "replace", "remove"] as const);

export interface AttributeChange {
  readonly mode: (typeof MODES)[number];
  /** `null`: the attribute goes. In mode `remove` values have no meaning. */
  readonly data: ReadonlyMap<string, string | null>;
}

/** Throws a Refusal that names the first wrong field. */
export function parseAttributeChange(body: unknown): AttributeChange {
  const fields = new JSONFields(body);
  const mode = fields.optionalChoice("mode", MODES) ?? "merge";
  const data = fields.object("data").textMap();
  if (data.size === 0) throw unreadable("data", "nothing in it", "at least one attribute");
  for (const [name, value] of data) {
    demandAttributeText(name, `the name ${JSON.stringify(name)}`);
    if (value !== null) demandAttributeText(value, `the value of ${JSON.stringify(name)}`);
  }
  return { mode, data };
}

/** The attributes after the change. Throws a Refusal where they are more than `countMax`. */
export function changedAttributes(
  before: ReadonlyMap<string, string>,
  change: AttributeChange,
  countMax: number,
): ReadonlyMap<string, string> {
  const after = new Map(change.mode === "replace" ? [] : before);
  for (const [name, value] of change.data) {
    if (change.mode === "remove" || value === null) after.delete(name);
    else after.set(name, value);
  }
  if (after.size > countMax) {
    throw overQuota(`data: ${after.size} attributes in all, expected at most ${countMax}`);
  }
  return after;
}

function demandAttributeText(text: string, what: string): void {
  if (text.length > ATTRIBUTE_LENGTH_MAX) {
    throw wrongAttribute(`data: ${what} has ${text.length} characters, expected at most ${ATTRIBUTE_LENGTH_MAX}`);
  }
  if (!ATTRIBUTE_TEXT.test(text)) {
    throw wrongAttribute(`data: ${what} has a character that is not for attributes, expected printable ASCII`);
  }
}

function wrongAttribute(message: string): Refusal {
  return new Refusal(400, message, { errorCode: ServerError.wrongAttributes });
}
