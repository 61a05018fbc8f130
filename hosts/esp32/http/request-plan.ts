/**
 * What a request is going to send, checked before anything is: its head as bytes, and how long its body will be.
 *
 * The same checks as the Node host's, so that a firmware that is refused on the desk is refused in the field, and the other
 * way round. Names go out in lower case. Each request has a connection of its own, and says so.
 */
import { FirmwareError } from "../../../src/errors.js";
import type { HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { isFieldText, isToken, shown } from "./field-syntax.js";
import { encodeLatin1 } from "./latin1.js";

const PATH = /^[\x21-\x7e\x80-\xff]+$/;
const LENGTH = /^[0-9]{1,15}$/;
/** Methods whose requests have content: one that has none says so (RFC 9110, 8.6). */
const WITH_CONTENT: readonly string[] = Object.freeze(["POST", "PUT", "PATCH"]);
const CALLBACKS = Object.freeze(["onHeaders", "onReadable", "onWritable", "onDone"] as const);

export interface RequestPlan {
  readonly method: string;
  readonly path: string;
  readonly head: Uint8Array;
  /** 0 for none, Infinity for one in chunks. */
  readonly bodyByteLength: number;
  readonly headersMask: readonly string[] | undefined;
}

/** Throws `invalid` for what cannot be sent, and `unsupported` for trailers and for a connection that is to be kept. */
export function planOf(options: HTTPRequestOptions, authority: string): RequestPlan {
  if (typeof options !== "object" || options === null) throw invalid("request() without options");
  const { method = "GET", path = "/", headersMask } = options;
  for (const name of CALLBACKS) requireCallback(name, options[name]);
  if (!isToken(method) || method === "CONNECT") {
    throw invalid(`the method is ${shown(String(method))}, expected a token such as GET, and not CONNECT`);
  }
  if (typeof path !== "string" || !PATH.test(path)) {
    throw invalid("the path is empty, or holds a blank or a character that cannot be sent");
  }
  if (headersMask !== undefined && !Array.isArray(headersMask)) throw invalid("headersMask is no array of names");
  const headers = headersOf(options);
  const bodyByteLength = bodyByteLengthOf(headers);
  if (!headers.has("host")) headers.set("host", authority);
  headers.set("connection", "close");
  if (bodyByteLength === 0 && WITH_CONTENT.includes(method)) headers.set("content-length", "0");
  const lines = [`${method} ${path} HTTP/1.1`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = encodeLatin1(`${lines.join("\r\n")}\r\n\r\n`);
  return { method, path, head, bodyByteLength, headersMask: headersMask && [...headersMask] };
}

function headersOf({ headers }: HTTPRequestOptions): Map<string, string> {
  const checked = new Map<string, string>();
  for (const [name, value] of headers ?? []) {
    if (!isToken(name) || !isFieldText(value)) {
      throw invalid(`the header ${shown(String(name))} has a name or a value that cannot be sent`);
    }
    checked.set(name.toLowerCase(), value);
  }
  if (checked.has("trailer")) throw unsupported("trailers cannot be sent");
  const connection = checked.get("connection") ?? "close";
  if (connection.toLowerCase() !== "close") throw unsupported(`the connection is ${shown(connection)}, expected close`);
  return checked;
}

/** ECMA-419, 20: a content-length that is not 0, or chunks, announce a body. */
function bodyByteLengthOf(headers: ReadonlyMap<string, string>): number {
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined) {
    if (length !== undefined) throw invalid("content-length and transfer-encoding exclude each other");
    if (coding !== "chunked") throw invalid(`the transfer-encoding is ${shown(coding)}, expected chunked`);
    return Number.POSITIVE_INFINITY;
  }
  if (length !== undefined && !LENGTH.test(length)) throw invalid(`the content-length is ${shown(length)}, expected digits`);
  return Number(length ?? 0);
}

/** Throws `invalid` unless `value` is a function or absent. */
export function requireCallback(name: string, value: unknown): void {
  if (value !== undefined && value !== null && typeof value !== "function") throw invalid(`${name} is not a function`);
}

function invalid(what: string): FirmwareError {
  return new FirmwareError("invalid", `HTTPClient: ${what}`);
}

function unsupported(what: string): FirmwareError {
  return new FirmwareError("unsupported", `HTTPClient: ${what}`);
}
