/**
 * The answer to a small request: read whole, up to a bound, and only from a server that said yes.
 *
 * Redirects are not followed: where a device may go is the firmware's business, not a server's.
 */
import { isFigures } from "../data/figures.js";
import { FirmwareError } from "../errors.js";
import type { ResponseSink } from "./connection.js";

const READ_SIZE_BYTES = 1024;
const OK = 200;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;
const SECONDS_MS = 1000;

/** Throws `io` for any other status than `expected`. */
export function demandStatus(status: number, expected: number): void {
  if (status !== expected) throw new FirmwareError("io", `the server answered ${status}; expected ${expected}`);
}

/** For how long a server asks to be left alone; `undefined` where it does not, or gives a date. */
export function retryAfterMsOf(status: number, headers: ReadonlyMap<string, string>): number | undefined {
  if (status !== TOO_MANY_REQUESTS && status !== UNAVAILABLE) return undefined;
  const seconds = headers.get("retry-after") ?? "";
  return isFigures(seconds) ? Number(seconds) * SECONDS_MS : undefined;
}

export interface DocumentSinkOptions {
  /** Named in front of what is wrong with it. */
  readonly what: string;
  readonly sizeBytesMax: number;
  /** Any status of 200 … 299, and the body does not matter. Default: 200 alone. */
  readonly isAnySuccess?: boolean;
  /** Sees each head before it is judged. */
  readonly onHead?: (status: number, headers: ReadonlyMap<string, string>) => void;
  readonly onDocument: (bytes: Uint8Array) => void;
}

export class DocumentSink implements ResponseSink {
  readonly #options: DocumentSinkOptions;
  #bytes = new Uint8Array(0);

  constructor(options: DocumentSinkOptions) {
    this.#options = options;
  }

  get roomBytes(): number {
    return READ_SIZE_BYTES;
  }

  onHead(status: number, headers: ReadonlyMap<string, string>): void {
    const { what, sizeBytesMax, isAnySuccess = false, onHead } = this.#options;
    onHead?.(status, headers);
    if (!(isAnySuccess && status >= 200 && status < 300)) demandStatus(status, OK);
    const announced = headers.get("content-length");
    if (announced !== undefined && !(Number(announced) <= sizeBytesMax)) {
      throw new FirmwareError("corrupt", `${what}: ${announced} bytes are announced, expected at most ${sizeBytesMax}`);
    }
  }

  onBytes(bytes: Uint8Array): void {
    const { what, sizeBytesMax } = this.#options;
    const sizeBytes = this.#bytes.length + bytes.length;
    if (sizeBytes > sizeBytesMax) throw new FirmwareError("corrupt", `${what}: expected at most ${sizeBytesMax} bytes`);
    const joined = new Uint8Array(sizeBytes);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
  }

  onEnd(): void {
    this.#options.onDocument(this.#bytes);
  }
}
