/**
 * The HTTP client of ECMA-419 (20 HTTP Client Class Pattern) over node:http, in the clear and over TLS.
 *
 * One connection a request: a kept connection that the server closes while idle would look like a lost one, and an error
 * here is final. `socket` and `dns` are required, as the standard says; of them only `socket.secure` is looked at, and that by
 * the transport: Node connects and resolves by itself. Redirects are not followed. A stalled server is never given up: the
 * caller's deadline closes the client. Bytes beyond an announced length are not part of the message, and Node's parser drops
 * them. See docs/design/ports.md.
 */
import { type ClientRequest, type IncomingMessage, request as openRequest } from "node:http";
import { FirmwareError } from "../../src/errors.js";
import type {
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPClient as HTTPClientPort,
  HTTPRequestOptions,
  HTTPRequest as HTTPRequestPort,
} from "../../src/ports/http-client.js";
import { demandByteBuffer } from "../simulated/byte-buffer.js";
import { invalid, planOf, type RequestPlan, requireCallback } from "./http-request-plan.js";
import { TLSTransport } from "./tls-transport.js";
import { type Connection, TCPTransport, type Transport, type TransportConstructor } from "./transport.js";

/** How many bytes of a request's body may wait to be sent: a socket buffer of Node. */
const WRITE_WINDOW_BYTES = 16384;

const UNFRAMED = "the response ends where the connection does, which over TLS may be a cut; expected content-length or chunks";

/** The receiver of the callbacks: the two methods that the standard gives to a request, and nothing else. */
class HTTPRequest implements HTTPRequestPort {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(destination?: number | Uint8Array): ArrayBuffer | number | undefined {
    if (destination === undefined) return this.#exchange.take(Number.POSITIVE_INFINITY);
    if (typeof destination === "number") {
      if (Number.isSafeInteger(destination) && destination >= 0) return this.#exchange.take(destination);
      throw new FirmwareError("invalid", `HTTPRequest: cannot read ${destination} bytes; expected a positive integer`);
    }
    const target = demandByteBuffer(destination, "HTTPRequest");
    const read = this.#exchange.take(target.length);
    if (read !== undefined) target.set(new Uint8Array(read));
    return read?.byteLength;
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    return buffer === undefined ? this.#exchange.endBody() : this.#exchange.sendBody(demandByteBuffer(buffer, "HTTPRequest"));
  }
}

/** One request on its way: queued → connecting → sending and receiving → over. */
class Exchange {
  readonly request = new HTTPRequest(this);
  readonly #plan: RequestPlan;
  readonly #callbacks: HTTPRequestOptions;
  readonly #over: (error?: FirmwareError) => void;
  #connection: Connection | undefined;
  #outgoing: ClientRequest | undefined;
  #incoming: IncomingMessage | undefined;
  #isOver = false;
  #isSending = false;
  #unsentByteLength: number | undefined;
  #pendingByteLength = 0;
  /** Body bytes read so far, and how many had arrived at the last onReadable: it comes again only when that grows. */
  #readByteLength = 0;
  #announcedByteLength = 0;

  /** `over` is called once, from the event loop: without an error when the response was read in full. */
  constructor(plan: RequestPlan, callbacks: HTTPRequestOptions, over: (error?: FirmwareError) => void) {
    this.#plan = plan;
    this.#callbacks = { ...callbacks };
    this.#over = over;
    this.#unsentByteLength = plan.bodyByteLength;
  }

  start(transport: Transport): void {
    const connection = transport.open();
    this.#connection = connection;
    connection.socket.on("error", (error) => this.#fail(error));
    connection.socket.once(connection.readyEvent, () => this.#send(transport, connection));
  }

  #send({ host, port, schemePort, isEndForgeable }: Transport, { socket }: Connection): void {
    if (this.#isOver) return;
    const { method, path, headers, bodyByteLength } = this.#plan;
    const createConnection = () => socket;
    const outgoing = openRequest({ createConnection, host, port, defaultPort: schemePort, method, path, headers });
    this.#outgoing = outgoing;
    outgoing.on("error", (error) => this.#fail(error));
    outgoing.on("response", (incoming) => {
      if (isEndForgeable && !isFramed(method, incoming)) this.#fail(new Error(UNFRAMED));
      else this.#respond(incoming);
    });
    // Node reports no error where the server answers with a change of protocol.
    outgoing.on("close", () => {
      if (this.#incoming === undefined) this.#fail(new Error("the connection ended without a response"));
    });
    if (bodyByteLength === 0) {
      outgoing.end();
      return;
    }
    outgoing.on("socket", () => this.#startBody());
    outgoing.flushHeaders();
  }

  /** Ends it without a callback. */
  cancel(): void {
    this.#isOver = true;
    this.#isSending = false;
    this.#outgoing?.destroy();
    this.#connection?.socket.destroy();
  }

  /** Up to `byteLength` of the body bytes that have arrived. */
  take(byteLength: number): ArrayBuffer | undefined {
    const incoming = this.#incoming;
    if (incoming === undefined || this.#isOver || incoming.readableLength === 0) return undefined;
    const count = Math.min(byteLength, incoming.readableLength);
    if (count === 0) return new ArrayBuffer(0);
    const chunk: Buffer = incoming.read(count);
    this.#readByteLength += count;
    // Without this, Node tells neither of bytes that join a rest nor of the end that follows the last byte.
    incoming.read(0);
    return new Uint8Array(chunk).buffer as ArrayBuffer; // A copy: `chunk` may be a part of Node's pool.
  }

  sendBody(bytes: Uint8Array): number {
    const outgoing = this.#sending();
    if (this.#unsentByteLength !== undefined && bytes.length > this.#unsentByteLength) {
      throw new FirmwareError("invalid", `HTTPRequest: ${bytes.length} bytes are more than content-length leaves`);
    }
    if (bytes.length > WRITE_WINDOW_BYTES - this.#pendingByteLength) {
      throw new FirmwareError("full", `HTTPRequest: ${bytes.length} bytes are more than may be written; wait for onWritable`);
    }
    if (bytes.length === 0) return this.#writableByteLength();
    this.#pendingByteLength += bytes.length;
    outgoing.write(bytes.slice(), () => this.#drained(bytes.length));
    if (this.#unsentByteLength !== undefined) {
      this.#unsentByteLength -= bytes.length;
      if (this.#unsentByteLength === 0) this.#endBody(outgoing);
    }
    return this.#writableByteLength();
  }

  endBody(): number {
    const outgoing = this.#sending();
    if (this.#unsentByteLength !== undefined) {
      throw new FirmwareError("invalid", "HTTPRequest: write() without bytes ends a chunked body, not one of a given length");
    }
    this.#endBody(outgoing);
    return 0;
  }

  #endBody(outgoing: ClientRequest): void {
    this.#isSending = false;
    outgoing.end();
  }

  #sending(): ClientRequest {
    if (this.#isSending && this.#outgoing !== undefined) return this.#outgoing;
    throw new FirmwareError("refused", "HTTPRequest: no request body is being sent");
  }

  #writableByteLength(): number {
    if (!this.#isSending) return 0;
    return Math.min(WRITE_WINDOW_BYTES - this.#pendingByteLength, this.#unsentByteLength ?? WRITE_WINDOW_BYTES);
  }

  #startBody(): void {
    if (this.#isOver) return;
    this.#isSending = true;
    this.#callbacks.onWritable?.call(this.request, this.#writableByteLength());
  }

  #drained(byteLength: number): void {
    this.#pendingByteLength -= byteLength;
    if (!this.#isSending || this.#pendingByteLength > 0) return;
    this.#callbacks.onWritable?.call(this.request, this.#writableByteLength());
  }

  #respond(incoming: IncomingMessage): void {
    if (this.#isOver) return;
    this.#incoming = incoming;
    incoming.on("error", (error) => this.#fail(error));
    incoming.on("readable", () => this.#readable(incoming));
    incoming.on("end", () => this.#done());
    const { onHeaders } = this.#callbacks;
    onHeaders?.call(this.request, incoming.statusCode ?? 0, this.#headersOf(incoming), incoming.statusMessage ?? "");
  }

  #headersOf(incoming: IncomingMessage): Map<string, string> {
    const headers = new Map<string, string>();
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (value === undefined || this.#plan.headersMask?.has(name) === false) continue;
      headers.set(name, typeof value === "string" ? value : value.join(", "));
    }
    return headers;
  }

  #readable(incoming: IncomingMessage): void {
    if (this.#isOver) return;
    const count = incoming.readableLength;
    if (count === 0) incoming.read(0); // Lets Node see that the end was reached.
    if (this.#readByteLength + count <= this.#announcedByteLength) return;
    this.#announcedByteLength = this.#readByteLength + count;
    this.#callbacks.onReadable?.call(this.request, count);
  }

  #done(): void {
    if (this.#isOver) return;
    this.cancel();
    this.#callbacks.onDone?.call(this.request);
    this.#over();
  }

  #fail(error: Error): void {
    // After the last byte of the message only the connection can fail, and that is none of the caller's business.
    if (this.#isOver || this.#incoming?.complete === true) return;
    this.cancel();
    // HPE_…: the parser of Node refused what the server sent.
    const isParserError = String((error as { code?: unknown }).code).startsWith("HPE_");
    const { method, path } = this.#plan;
    const words = this.#connection?.explain(error) ?? error.message;
    this.#over(new FirmwareError(isParserError ? "corrupt" : "io", `HTTPClient: ${method} ${path}: ${words}`));
  }
}

class NodeHTTPClient implements HTTPClientPort {
  readonly #transport: Transport;
  readonly #onError: HTTPClientOptions["onError"];
  #queue: Exchange[] = [];
  #current: Exchange | undefined;
  #isClosed = false;
  target: unknown;

  constructor(options: HTTPClientOptions, Transport: TransportConstructor) {
    if (typeof options !== "object" || options === null) invalid("an options object is required");
    const { host, port = 80, socket, dns, onError } = options;
    if (typeof host !== "string" || host.length === 0) invalid("host is required, a name or an address");
    if (!Number.isInteger(port) || port < 1 || port > 65535) invalid(`the port is ${port}; expected 1 … 65535`);
    if (typeof socket !== "object" || socket === null) invalid("socket is required, the options of a TCP class");
    if (typeof dns !== "object" || dns === null) invalid("dns is required, the options of a resolver class");
    requireCallback("onError", onError);
    this.#transport = new Transport({ host, port, socket });
    this.#onError = onError;
    this.target = (options as { target?: unknown }).target;
  }

  request(options: HTTPRequestOptions): HTTPRequestPort {
    if (this.#isClosed) throw new FirmwareError("closed", "HTTPClient: used after close() or onError");
    const exchange = new Exchange(planOf(options), options, (error) => this.#over(error));
    this.#queue.push(exchange);
    this.#startNext();
    return exchange.request;
  }

  close(): void {
    this.#isClosed = true;
    this.#current?.cancel();
    this.#current = undefined;
    this.#queue = [];
  }

  #startNext(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#queue.shift();
    this.#current?.start(this.#transport);
  }

  #over(error?: FirmwareError): void {
    if (this.#isClosed) return;
    this.#current = undefined;
    if (error === undefined) {
      this.#startNext();
    } else {
      this.close();
      this.#onError?.call(this, error);
    }
  }
}

/** Whether the head of a response says where its body ends. */
function isFramed(method: string, { statusCode, headers }: IncomingMessage): boolean {
  if (method === "HEAD" || statusCode === 204 || statusCode === 304) return true;
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** The class as a host hands it out. */
function classOver(Transport: TransportConstructor): HTTPClientConstructor {
  return class extends NodeHTTPClient {
    constructor(options: HTTPClientOptions) {
      super(options, Transport);
    }
  };
}

/** In the clear. */
export const HTTPClient: HTTPClientConstructor = classOver(TCPTransport);

/** Over TLS: `socket.secure` is required, and is SecureOptions. */
export const HTTPSClient: HTTPClientConstructor = classOver(TLSTransport);
