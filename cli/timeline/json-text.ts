/**
 * JSON files that people wrote or programs left behind: read with one complaint, and shown in one line without harm.
 *
 * What such a file holds goes to a terminal, where a control character is a command and a line break ends the complaint.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";

/** Of what was found, in a complaint. */
const TEXT_LENGTH_MAX = 40;

/** The value of a JSON text. Throws `corrupt`; `expected` says what should be there. */
export function parseJSONText(text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FirmwareError("corrupt", `found no JSON (${printable(messageOf(error))}), expected ${expected}`);
  }
}

/** A value in one short line. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = printable(JSON.stringify(value));
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}

/** A text with a question mark for each character that is not to be seen: controls, and what turns the writing round. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
