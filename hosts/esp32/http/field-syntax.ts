/**
 * Which characters a head of HTTP/1.1 may hold, in both directions: RFC 9110, 5.5 (field values) and 5.6.2 (tokens).
 *
 * What is checked with it can neither end a line nor begin another, which is all that header injection needs.
 */
import { isPrintableText } from "../../../src/data/printable.js";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
const SHOWN_LENGTH_MAX = 40;

/** Whether it may be a method or the name of a field. */
export function isToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}

/** Whether it may be the value of a field: no control characters but the tabulator, nothing beyond a byte. May be empty. */
export function isFieldText(text: unknown): text is string {
  return typeof text === "string" && FIELD_TEXT.test(text);
}

/** A text from outside, for the message of an error. */
export function shown(text: string): string {
  return isPrintableText(text) ? `"${text.slice(0, SHOWN_LENGTH_MAX)}"` : "what is not printable";
}
