/**
 * The check of an HTTP request's options, made before the request is queued.
 *
 * node:http checks too, but only when a request is started, which may be long after it was asked for; by the law of the ports
 * a call that is refused throws, and has no effect. See docs/design/ports.md.
 */
import { validateHeaderName, validateHeaderValue } from "node:http";
import { FirmwareError } from "../../src/errors.js";
import type { HTTPRequestOptions } from "../../src/ports/http-client.js";

/** What a request will send, checked. `bodyByteLength` is undefined for a chunked body and 0 for none. */
export interface RequestPlan {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly headersMask: ReadonlySet<string> | undefined;
  readonly bodyByteLength: number | undefined;
}

/** Checks everything that Node would refuse later. Throws `invalid`, and `unsupported` for trailers. */
export function planOf(options: HTTPRequestOptions): RequestPlan {
  if (typeof options !== "object" || options === null) invalid("request() requires an options object");
  const { method = "GET", path = "/", headersMask } = options;
  for (const name of ["onHeaders", "onReadable", "onWritable", "onDone"] as const) requireCallback(name, options[name]);
  if (typeof method !== "string" || method === "CONNECT" || !isAccepted(() => validateHeaderName(method))) {
    invalid(`the method is ${String(method)}; expected a token such as GET, and not CONNECT`);
  }
  if (typeof path !== "string" || !/^[\u0021-\u00ff]+$/.test(path))
    invalid("the path is empty or holds a blank or a control character");
  if (headersMask !== undefined && !Array.isArray(headersMask)) invalid("headersMask is not an array of names");
  const headers: Record<string, string> = {};
  for (const [name, value] of options.headers ?? []) {
    if (!isAccepted(() => validateHeaderName(name)) || !isAccepted(() => validateHeaderValue(name, value))) {
      invalid(`the header ${String(name)} has a name or a value that cannot be sent`);
    }
    headers[name.toLowerCase()] = value;
  }
  if (headers["trailer"] !== undefined) throw new FirmwareError("unsupported", "HTTPClient: trailers cannot be sent");
  return { method, path, headers, headersMask: headersMask && new Set(headersMask), bodyByteLength: bodyByteLengthOf(headers) };
}

/** By the standard, a non-zero content-length or a chunked transfer-encoding announces a body. */
function bodyByteLengthOf(headers: Readonly<Record<string, string>>): number | undefined {
  const { "content-length": announced, "transfer-encoding": encoding } = headers;
  if (encoding !== undefined && encoding !== "chunked") invalid(`the transfer-encoding is ${encoding}; expected chunked`);
  if (encoding !== undefined && announced !== undefined) invalid("content-length and transfer-encoding exclude each other");
  if (encoding !== undefined) return undefined;
  if (announced !== undefined && !/^[0-9]{1,15}$/.test(announced))
    invalid(`the content-length is ${announced}; expected digits`);
  return Number(announced ?? 0);
}

function isAccepted(validation: () => void): boolean {
  try {
    validation();
    return true;
  } catch {
    return false;
  }
}

/** Throws `invalid` unless `value` is a function or absent. */
export function requireCallback(name: string, value: unknown): void {
  if (value !== undefined && value !== null && typeof value !== "function") invalid(`${name} is not a function`);
}

/** Throws `invalid` with a message that begins like all of the client's. */
export function invalid(what: string): never {
  throw new FirmwareError("invalid", `HTTPClient: ${what}`);
}
