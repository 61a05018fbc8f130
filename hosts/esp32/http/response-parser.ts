/**
 * The head of an HTTP/1.x response, from bytes as they come: status, fields, and how the body ends.
 *
 * Total: whatever comes is a head or is refused, wherever it is cut. Strict where two readers of one response could disagree
 * on where it ends (RFC 9112, 6.3 and 11.2): two lengths, a length beside chunks, folded lines, a line feed alone. Responses
 * of 1xx are passed over. Bounded: 4 KiB and 64 fields, those of 1xx included, or a server could fill the heap.
 */
import { FirmwareError } from "../../../src/errors.js";
import { ChunkedBody } from "./chunked-body.js";
import { isFieldText, isToken, shown } from "./field-syntax.js";
import { decodeLatin1 } from "./latin1.js";
import { PlainBody } from "./plain-body.js";
import type { ResponseBody } from "./response-body.js";

const HEAD_MAX_BYTES = 4096;
const FIELD_COUNT_MAX = 64;
const LF = 10;
const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9][0-9])(?: (.*))?$/;
const LENGTH = /^[0-9]{1,15}$/;
const SWITCHING_PROTOCOLS = 101;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;

/** A response up to its body. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; of one that came more than once, the values joined by ", ". */
  readonly headers: Map<string, string>;
  readonly body: ResponseBody;
}

export interface ResponseParserOptions {
  /** Of the request. */
  readonly method: string;
  readonly headersMask: readonly string[] | undefined;
}

export class ResponseParser {
  readonly #options: ResponseParserOptions;
  #head: ResponseHead | undefined;
  #line = "";
  #byteCount = 0;
  #fieldCount = 0;
  #minorVersion = "";
  #status = 0;
  #statusText = "";
  #headers = new Map<string, string>();
  #contentLength: string | undefined;
  #transferEncoding: string | undefined;

  constructor(options: ResponseParserOptions) {
    this.#options = options;
  }

  /** `undefined` until it has come in full. */
  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /**
   * Takes bytes[from…to) up to the end of the head, and gives the index behind what it took. Throws `corrupt` for what is no
   * response and `unsupported` for a transfer coding other than chunked; it is of no use after that.
   */
  push(bytes: Uint8Array, from: number, to: number): number {
    let index = from;
    while (index < to && this.#head === undefined) {
      const lineFeed = bytes.indexOf(LF, index);
      const isWhole = lineFeed >= 0 && lineFeed < to;
      const end = isWhole ? lineFeed + 1 : to;
      this.#byteCount += end - index;
      if (this.#byteCount > HEAD_MAX_BYTES) throw corrupt(`a head of more than ${HEAD_MAX_BYTES} bytes`);
      this.#line += decodeLatin1(bytes, index, end);
      index = end;
      if (isWhole) this.#takeLine();
    }
    return index;
  }

  #takeLine(): void {
    const line = this.#line;
    this.#line = "";
    if (!line.endsWith("\r\n")) throw corrupt("a line that ends in LF, expected CR LF");
    const text = line.slice(0, line.length - 2);
    if (!isFieldText(text)) throw corrupt("a control character in the head");
    if (this.#status === 0) this.#takeStatus(text);
    else if (text === "") this.#endHead();
    else this.#takeField(text);
  }

  #takeStatus(text: string): void {
    const parts = STATUS_LINE.exec(text);
    if (!parts) throw corrupt(`the status line is ${shown(text)}, expected HTTP/1.1 and a status`);
    this.#minorVersion = parts[1]!;
    this.#status = Number(parts[2]);
    this.#statusText = parts[3] ?? "";
    if (this.#status === SWITCHING_PROTOCOLS) throw corrupt("a change of protocol that nobody asked for");
  }

  #takeField(text: string): void {
    if (++this.#fieldCount > FIELD_COUNT_MAX) throw corrupt(`more than ${FIELD_COUNT_MAX} fields`);
    const colon = text.indexOf(":");
    const name = text.slice(0, Math.max(colon, 0));
    if (!isToken(name)) throw corrupt(`a field that begins with ${shown(text)}, expected a name and a colon`);
    const key = name.toLowerCase();
    const value = text.slice(colon + 1).trim();
    if (key === "content-length") this.#contentLength = joined(this.#contentLength, value);
    if (key === "transfer-encoding") this.#transferEncoding = joined(this.#transferEncoding, value);
    const { headersMask } = this.#options;
    if (headersMask?.includes(key) !== false) this.#headers.set(key, joined(this.#headers.get(key), value));
  }

  #endHead(): void {
    if (this.#status < 200) {
      this.#status = 0;
      this.#headers.clear();
      this.#contentLength = undefined;
      this.#transferEncoding = undefined;
      return;
    }
    const body = this.#bodyOf(this.#status);
    this.#head = { status: this.#status, statusText: this.#statusText, headers: this.#headers, body };
  }

  /** RFC 9112, 6.3, the stricter choice wherever it leaves one. */
  #bodyOf(status: number): ResponseBody {
    if (this.#options.method === "HEAD" || status === NO_CONTENT || status === NOT_MODIFIED) return new PlainBody(0);
    const length = this.#contentLength;
    const coding = this.#transferEncoding;
    if (coding !== undefined) {
      if (length !== undefined) throw corrupt("content-length and transfer-encoding, expected one of them");
      if (this.#minorVersion === "0") throw corrupt("transfer-encoding in HTTP/1.0");
      if (coding.toLowerCase() === "chunked") return new ChunkedBody();
      throw new FirmwareError("unsupported", `the response: its transfer-encoding is ${shown(coding)}, expected chunked`);
    }
    if (length === undefined) return new PlainBody(Number.POSITIVE_INFINITY);
    const [first = "", ...others] = length.split(",").map((part) => part.trim());
    if (!LENGTH.test(first) || others.some((other) => other !== first)) {
      throw corrupt(`its content-length is ${shown(length)}, expected one number of bytes`);
    }
    return new PlainBody(Number(first));
  }
}

/** A field that comes more than once is a list: RFC 9110, 5.3. */
function joined(earlier: string | undefined, value: string): string {
  return earlier === undefined ? value : `${earlier}, ${value}`;
}

function corrupt(what: string): FirmwareError {
  return new FirmwareError("corrupt", `the response: ${what}`);
}
