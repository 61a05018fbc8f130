/**
 * A server and its network in memory: answers by path, each as well or as badly behaved as its script says.
 *
 * It is handed out as the HTTPClient class of ECMA-419 (20 HTTP Client Class Pattern), so the code under test is the code that
 * runs. All of it happens on the given timers, one step at a time and never within a call, so a spec in virtual time sees a
 * stall of ten seconds in no time, and sees it again. The server outlives its clients, as it outlives a device's restart.
 */
import { FirmwareError } from "../../src/errors.js";
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../src/ports/http-client.js";
import type { Timer, TimerConstructor } from "../../src/ports/timer.js";

/** Bytes that wait to be read before the sender is held back. */
const WINDOW_SIZE_BYTES = 8192;
const LATENCY_MS = 5;

/** What was asked. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  /** ASCII. */
  readonly body: string;
}

/** What happens to one request. All fields have the values of a good server as their defaults. */
export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Beside content-length and connection. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is ASCII. Default: no body. */
  readonly body?: Uint8Array | string;
  /** What the header announces; "none" leaves it out. Default: the body's length. */
  readonly contentLength?: number | "none";
  /** So many bytes of the body are sent. Default: all. */
  readonly sentBytes?: number;
  /**
   * What follows the last byte sent. close: the connection ends, which is an error where the header announced more · stall:
   * nothing, for ever · reset: an error. "refuse" is an error instead of an answer. Default "close".
   */
  readonly end?: "close" | "stall" | "reset" | "refuse";
  /** Bytes in one delivery. Default 1024. */
  readonly chunkSizeBytes?: number;
  /** From one delivery to the next. Default 1. */
  readonly chunkPeriodMs?: number;
}

export class ScriptedServer {
  /** By path; a function is asked at each request. What is not here is answered with 404. */
  readonly answers = new Map<string, ScriptedAnswer | ((request: ScriptedRequest) => ScriptedAnswer)>();
  /** The paths that were asked for, in order. */
  readonly requests: string[] = [];

  requestCount(path: string): number {
    return this.requests.filter((requested) => requested === path).length;
  }

  /** The class that connects to this server whatever host it is given, on one device's timers. */
  clientOn(time: { readonly Timer: TimerConstructor }): HTTPClientConstructor {
    return classFor(this, time.Timer);
  }

  answerTo(request: ScriptedRequest): ScriptedAnswer {
    this.requests.push(request.path);
    const answer = this.answers.get(request.path) ?? { status: 404 };
    return typeof answer === "function" ? answer(request) : answer;
  }
}

function classFor(server: ScriptedServer, Timer: TimerConstructor): HTTPClientConstructor {
  return class extends ScriptedClient {
    constructor(options: HTTPClientOptions) {
      super(server, Timer, options);
    }
  };
}

class ScriptedClient implements HTTPClient {
  readonly #server: ScriptedServer;
  readonly #timer: Timer;
  readonly #onError: HTTPClientOptions["onError"];
  /** The first one is under way. */
  readonly #exchanges: Exchange[] = [];
  #isClosed = false;

  constructor(server: ScriptedServer, Timer: TimerConstructor, options: HTTPClientOptions) {
    this.#server = server;
    this.#onError = options.onError;
    this.#timer = new Timer({ onExpire: () => this.#step() });
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    if (this.#isClosed) throw new FirmwareError("closed", "ScriptedClient: used after close() or onError");
    const exchange = new Exchange(options, () => this.#wake(exchange, 0));
    this.#exchanges.push(exchange);
    if (this.#exchanges.length === 1) this.#timer.arm(LATENCY_MS);
    return exchange;
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.close();
  }

  #wake(exchange: Exchange, delayMs: number): void {
    if (!this.#isClosed && this.#exchanges[0] === exchange) this.#timer.arm(delayMs);
  }

  /** One thing happens: the headers, a delivery, or the end. */
  #step(): void {
    const exchange = this.#exchanges[0]!;
    if (exchange.wantsBody()) return; // Its write() wakes this up.
    exchange.answer ??= this.#server.answerTo(exchange.asked);
    const outcome = exchange.step();
    if (this.#isClosed) return;
    if (typeof outcome === "number") {
      this.#timer.arm(outcome);
    } else if (outcome === "done") {
      this.#exchanges.shift();
      if (this.#exchanges.length > 0) this.#timer.arm(LATENCY_MS);
      exchange.finish();
    } else if (outcome instanceof Error) {
      this.close();
      this.#onError?.call(this, outcome);
    }
  }
}

/** One request and its answer: its body, where it has one → headers → deliveries as the reader makes room → end. */
class Exchange implements HTTPRequest {
  answer: ScriptedAnswer | undefined;
  readonly #options: HTTPRequestOptions;
  readonly #onRead: () => void;
  #hasHeaders = false;
  #isWaiting = false;
  #unsentBytes: number;
  #isAsked = false;
  #requestBody = "";
  #arrivedBytes = 0;
  #readBytes = 0;

  constructor(options: HTTPRequestOptions, onRead: () => void) {
    this.#options = options;
    this.#onRead = onRead;
    this.#unsentBytes = Number(options.headers?.get("content-length") ?? 0);
  }

  get asked(): ScriptedRequest {
    const { method = "GET", path = "/", headers = new Map() } = this.#options;
    return { method, path, headers, body: this.#requestBody };
  }

  /** Whether the request's body is still to come; asks for it once. */
  wantsBody(): boolean {
    if (this.#unsentBytes === 0) return false;
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.#options.onWritable?.call(this, this.#unsentBytes);
    }
    return this.#unsentBytes > 0;
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(target: number | Uint8Array = Number.POSITIVE_INFINITY): ArrayBuffer | number | undefined {
    const lengthMax = typeof target === "number" ? target : target.length;
    const count = Math.min(lengthMax, this.#arrivedBytes - this.#readBytes);
    if (count === 0) return undefined;
    const bytes = this.#body.slice(this.#readBytes, this.#readBytes + count);
    this.#readBytes += count;
    if (this.#isWaiting) this.#onRead();
    if (typeof target === "number") return bytes.buffer as ArrayBuffer;
    target.set(bytes);
    return count;
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    const bytes = new Uint8Array(buffer ?? new ArrayBuffer(0));
    if (!this.#isAsked || bytes.length > this.#unsentBytes) {
      throw new FirmwareError("refused", "ScriptedClient: so much of a body was not asked for");
    }
    for (const byte of bytes) this.#requestBody += String.fromCharCode(byte);
    this.#unsentBytes -= bytes.length;
    if (this.#unsentBytes === 0) this.#onRead();
    return this.#unsentBytes;
  }

  /** Gives the ms until the next step, how it ended, or nothing where it waits for a read or for ever. */
  step(): number | "done" | Error | undefined {
    const answer = this.answer!;
    if (answer.end === "refuse") return new FirmwareError("io", "the connection was refused");
    if (!this.#hasHeaders) return this.#deliverHeaders(answer);
    this.#isWaiting = false;
    if (this.#arrivedBytes < this.#sentBytes) {
      if (this.#arrivedBytes - this.#readBytes >= WINDOW_SIZE_BYTES) return this.#wait();
      const count = Math.min(answer.chunkSizeBytes ?? 1024, this.#sentBytes - this.#arrivedBytes);
      this.#arrivedBytes += count;
      this.#options.onReadable?.call(this, this.#arrivedBytes - this.#readBytes);
      return answer.chunkPeriodMs ?? 1;
    }
    if (answer.end === "stall") return undefined;
    if (answer.end === "reset") return new FirmwareError("io", "the connection was reset");
    const { contentLength: announced = this.#body.length } = answer;
    if (announced !== "none" && this.#sentBytes < announced) {
      return new FirmwareError("io", `the connection ended after ${this.#sentBytes} of ${announced} bytes`);
    }
    return this.#readBytes < this.#arrivedBytes ? this.#wait() : "done";
  }

  finish(): void {
    this.#options.onDone?.call(this);
  }

  #deliverHeaders(answer: ScriptedAnswer): number {
    this.#hasHeaders = true;
    const headers = new Map<string, string>([["connection", "close"], ...Object.entries(answer.headers ?? {})]);
    const length = answer.contentLength ?? this.#body.length;
    if (length !== "none") headers.set("content-length", String(length));
    const mask = this.#options.headersMask;
    if (mask) for (const name of [...headers.keys()]) if (!mask.includes(name)) headers.delete(name);
    this.#options.onHeaders?.call(this, answer.status ?? 200, headers, "");
    return LATENCY_MS;
  }

  #wait(): undefined {
    this.#isWaiting = true;
  }

  /** What a client hands out: no more than was announced. */
  get #sentBytes(): number {
    const { sentBytes = this.#body.length, contentLength } = this.answer!;
    return typeof contentLength === "number" ? Math.min(sentBytes, contentLength) : sentBytes;
  }

  get #body(): Uint8Array {
    const body = this.answer?.body ?? new Uint8Array(0);
    if (typeof body !== "string") return body;
    const bytes = new Uint8Array(body.length);
    for (let index = 0; index < body.length; index++) bytes[index] = body.charCodeAt(index);
    return bytes;
  }
}
