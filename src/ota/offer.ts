/**
 * What a server says is there to install: a small JSON text that names one image by class, size and hash.
 *
 * It is not signed yet: it is as trustworthy as the link that it came over, which is why the class, the size, the hash and the
 * chip are all checked on the device. Bytes and fields: docs/spec/offer.md.
 */
import { isPrintableText } from "../data/printable.js";
import { FirmwareError } from "../errors.js";

/** Characters of an offer at the most. */
export const OFFER_SIZE_MAX = 1024;
const HASH_DIGIT_COUNT = 64;
const TEXT_LENGTH_MAX = 128;
/** An offer is one flat object; later formats may nest a little. */
const NESTING_DEPTH_MAX = 8;

export interface Offer {
  /** The kind of device that it is for. */
  readonly deviceClass: string;
  readonly version: string;
  readonly sizeBytes: number;
  /** The image's appended SHA-256 (over all bytes before it), 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Where the image is, on the server that made the offer; begins with "/". */
  readonly path: string;
}

/** Reads an offer. Throws `corrupt` naming the first field that is wrong and what was expected. Total. */
export function parseOffer(text: string): Offer {
  if (text.length > OFFER_SIZE_MAX) throw new FirmwareError("corrupt", `offer: expected at most ${OFFER_SIZE_MAX} characters`);
  if (nestingDepth(text) > NESTING_DEPTH_MAX) {
    throw new FirmwareError("corrupt", `offer: expected at most ${NESTING_DEPTH_MAX} levels of nesting`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FirmwareError("corrupt", "offer: expected a JSON text");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FirmwareError("corrupt", "offer: expected a JSON object");
  }
  const fields = value as Record<string, unknown>;
  if (fields["format"] !== 1) throw wrong("format", "1");
  const sizeBytes = fields["sizeBytes"];
  if (typeof sizeBytes !== "number" || !Number.isInteger(sizeBytes) || sizeBytes < 1 || sizeBytes > 0xffffffff) {
    throw wrong("sizeBytes", "a whole number of bytes");
  }
  const sha256 = textField(fields, "sha256");
  if (!isHash(sha256)) throw wrong("sha256", `${HASH_DIGIT_COUNT} lower-case hexadecimal digits`);
  const path = textField(fields, "path");
  if (path[0] !== "/" || path.indexOf(" ") >= 0) throw wrong("path", "a path that begins with / and has no blanks");
  return { deviceClass: textField(fields, "class"), version: textField(fields, "version"), sizeBytes, sha256, path };
}

/**
 * The most brackets that are open at once, outside texts. JSON.parse recurses on the native stack, and XS restarts the device
 * where that ends, so the text is measured first.
 */
function nestingDepth(text: string): number {
  let depth = 0;
  let depthMax = 0;
  let isInText = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') isInText = !isInText;
    else if (isInText && character === "\\") index++;
    else if (!isInText && (character === "[" || character === "{")) depthMax = Math.max(depthMax, ++depth);
    else if (!isInText && (character === "]" || character === "}")) depth--;
  }
  return depthMax;
}

/** Printable ASCII only: a text ends up in a log, and the path in a request, where a line break would begin a header. */
function textField(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string" || value.length === 0 || value.length > TEXT_LENGTH_MAX || !isPrintableText(value)) {
    throw wrong(name, `a text of 1 to ${TEXT_LENGTH_MAX} printable ASCII characters`);
  }
  return value;
}

function isHash(text: string): boolean {
  if (text.length !== HASH_DIGIT_COUNT) return false;
  for (let index = 0; index < text.length; index++) if ("0123456789abcdef".indexOf(text[index]!) < 0) return false;
  return true;
}

function wrong(field: string, expected: string): FirmwareError {
  return new FirmwareError("corrupt", `offer: ${field} is wrong; expected ${expected}`);
}
