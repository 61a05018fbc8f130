/**
 * One server, asked one thing at a time, with an end to everything: no answer may be endless, stalled or slower than it may be.
 *
 * Nothing is done inside a network callback: it notes what happened and posts a task, and the scheduler hands one slice of the
 * body to a sink at each dispatch, so that a download never starves sampling or the watchdog. Whatever goes wrong ends once, in
 * `onFail`, with nothing left open. See docs/design/updater.md.
 */
import { AssertionError, assert } from "../assert.js";
import { encodeUTF8 } from "../data/utf8.js";
import { FirmwareError, messageOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { HTTPClient, HTTPClientDefault, HTTPRequest, SecureOptions } from "../ports/http-client.js";
import type { Task } from "../scheduler/task.js";
import type { TaskSource } from "../supervisor/child-scope.js";

/** Where a server is, and how it is to be trusted. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** TLS, with these roots and no others; `http` is then the class of `network.https`. `undefined`: plain HTTP. */
  readonly tls?: SecureOptions | undefined;
}

export interface OutgoingRequest {
  /** Default "GET". */
  readonly method?: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers?: ReadonlyMap<string, string>;
  /** JSON. */
  readonly body?: string;
  /** How long the whole exchange may take. */
  readonly timeoutMs: number;
}

/** What takes an answer. What it throws ends the exchange and comes to `onFail`. */
export interface ResponseSink {
  onHead(status: number, headers: ReadonlyMap<string, string>): void;
  /** How many bytes one onBytes takes at the most, 1 or more. */
  readonly roomBytes: number;
  onBytes(bytes: Uint8Array): void;
  /** The body is complete. The next request may be sent from here. */
  onEnd(): void;
}

export interface ConnectionOptions {
  readonly scheduler: TaskSource;
  readonly clock: Clock;
  readonly http: HTTPClientDefault;
  readonly server: ServerAddress;
  /** An exchange that delivers nothing for this long is given up. */
  readonly stallTimeoutMs: number;
  readonly onFail: (error: unknown) => void;
}

const HEADERS_MASK: readonly string[] = Object.freeze(["content-length", "content-range", "etag", "retry-after", "date"]);

/** One exchange under way. Callbacks of the client write here, the pump reads. */
interface Exchange {
  readonly sink: ResponseSink;
  readonly endsAtMs: number;
  /** What of the request's body is not sent. */
  unsent: Uint8Array | undefined;
  writableBytes: number;
  request: HTTPRequest | undefined;
  head: { readonly status: number; readonly headers: ReadonlyMap<string, string> } | undefined;
  isDone: boolean;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #pump: Task;
  readonly #deadline: Task;
  #client: HTTPClient | undefined;
  #exchange: Exchange | undefined;
  #problem: string | undefined;

  constructor(options: ConnectionOptions) {
    assert(options.stallTimeoutMs > 0, "connection: the stall timeout is positive");
    this.#options = options;
    const { scheduler } = options;
    this.#pump = scheduler.task({ name: "updatePump", priority: "low", run: () => this.#guarded(() => this.#work()) });
    this.#deadline = scheduler.task({ name: "updateDeadline", run: () => this.#expire() });
  }

  /** Sends a request. Throws `invalid` for one that cannot be sent; asserts that no other is under way. */
  send(outgoing: OutgoingRequest, sink: ResponseSink): void {
    assert(this.#exchange === undefined, "connection: one exchange at a time");
    if (this.#problem !== undefined) this.hangUp(); // The server left since the last one.
    const { clock } = this.#options;
    const body = outgoing.body === undefined ? undefined : encodeUTF8(outgoing.body);
    const exchange: Exchange = {
      sink,
      endsAtMs: clock.now() + outgoing.timeoutMs,
      unsent: body,
      writableBytes: 0,
      request: undefined,
      head: undefined,
      isDone: false,
    };
    this.#client ??= this.#makeClient();
    this.#exchange = exchange;
    const headers = new Map(outgoing.headers ?? []);
    if (body !== undefined) {
      headers.set("content-type", "application/json");
      headers.set("content-length", String(body.length));
    }
    try {
      exchange.request = this.#client.request({
        method: outgoing.method ?? "GET",
        path: outgoing.path,
        headers,
        headersMask: HEADERS_MASK,
        onHeaders: (status, answered) => {
          exchange.head = { status, headers: answered };
          exchange.unsent = undefined; // Answered already: the server does not want the rest.
          this.#pump.post();
        },
        onReadable: () => this.#pump.post(),
        onWritable: (count) => {
          exchange.writableBytes = count;
          this.#pump.post();
        },
        onDone: () => {
          exchange.isDone = true;
          this.#pump.post();
        },
      });
    } catch (error) {
      this.hangUp();
      throw error;
    }
    this.#renewDeadline(exchange);
  }

  /** Ends what is under way, without a word, and leaves the server. The next request connects anew. */
  hangUp(): void {
    this.#exchange = undefined;
    this.#problem = undefined;
    this.#pump.cancel();
    this.#deadline.cancel();
    this.#client?.close();
    this.#client = undefined;
  }

  close(): void {
    this.hangUp();
    this.#pump.close();
    this.#deadline.close();
  }

  #makeClient(): HTTPClient {
    const { http, server } = this.#options;
    const { io: HTTPClientClass, ...defaults } = http;
    const client: HTTPClient = new HTTPClientClass({
      ...defaults,
      host: server.host,
      port: server.port,
      socket: server.tls === undefined ? defaults.socket : { ...defaults.socket, secure: server.tls },
      onError: (error) => {
        if (this.#client !== client) return;
        this.#problem = error ? messageOf(error) : "the connection ended early";
        this.#pump.post();
      },
    });
    return client;
  }

  /** An operating error ends the exchange; a failed assertion is a fault of the child. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      this.hangUp();
      this.#options.onFail(error);
    }
  }

  #work(): void {
    const exchange = this.#exchange;
    if (this.#problem !== undefined && !exchange?.isDone) {
      if (exchange !== undefined) throw new FirmwareError("io", this.#problem);
      this.hangUp(); // An idle connection that the server closed.
      return;
    }
    if (exchange === undefined) return; // A late callback's post: what it was for has been given up.
    this.#sendBody(exchange);
    const { head } = exchange;
    if (head !== undefined) {
      exchange.head = undefined;
      exchange.sink.onHead(head.status, head.headers);
      if (this.#exchange !== exchange) return;
      this.#renewDeadline(exchange);
    }
    const bytes = exchange.request?.read(exchange.sink.roomBytes);
    if (bytes !== undefined && bytes.byteLength > 0) {
      exchange.sink.onBytes(new Uint8Array(bytes));
      if (this.#exchange !== exchange) return;
      this.#renewDeadline(exchange);
      this.#pump.post();
    } else if (exchange.isDone) {
      this.#exchange = undefined;
      this.#deadline.cancel();
      exchange.sink.onEnd();
    }
  }

  #sendBody(exchange: Exchange): void {
    const { unsent, writableBytes } = exchange;
    if (unsent === undefined || writableBytes === 0) return;
    const count = Math.min(unsent.length, writableBytes);
    exchange.writableBytes = 0;
    exchange.unsent = count < unsent.length ? unsent.subarray(count) : undefined;
    exchange.request?.write(unsent.subarray(0, count));
  }

  #renewDeadline(exchange: Exchange): void {
    const leftMs = exchange.endsAtMs - this.#options.clock.now();
    this.#deadline.runAfter(Math.max(0, Math.min(this.#options.stallTimeoutMs, leftMs)));
  }

  #expire(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const isSlow = this.#options.clock.now() >= exchange.endsAtMs;
    this.hangUp();
    const because = isSlow ? "the server took longer than it may" : "the server sent nothing in time";
    this.#options.onFail(new FirmwareError("timeout", because));
  }
}
