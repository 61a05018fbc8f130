/**
 * An HTTP client without HTTP, and what can be wrong with it: one fault for each MUST of the suite.
 *
 * Without a fault it passes the suite, which is checked too: so the fault, and nothing else, is what the suite notices. Its
 * server, in the file beside it, hands over what the script says, not the syntax of HTTP.
 */
import type {
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPClient as HTTPClientPort,
  HTTPRequestOptions,
  HTTPRequest as HTTPRequestPort,
} from "../../../src/ports/http-client.js";
import type { Broken } from "../../harness/port-suite.js";
import { bytesOf, type HTTPClientSubject, type ScriptedAnswer, textOf } from "../http-client-conversation.js";
import { FakeLoop, FakeServer } from "./http-client-server.js";

/** How many bytes wait at the client, and how many a write takes. */
const WINDOW_BYTES = 64;

/** MUST → what is wrong with the client that breaks it. */
const FAULTS = Object.freeze({
  "refuse a construction without options, host, socket or dns": "takes host for optional",
  "accept frozen options and change nothing in them": "writes to its options",
  "send method, path and headers": "sends the path in lower case",
  "ask GET / where nothing else is said": "asks HEAD by default",
  "run requests one after another, in their order": "runs requests at once",
  "call back with the request as this, and with the client for its error": "calls back without a receiver",
  "never call back from inside request() or read()": "is done inside read()",
  "give status, status text and headers with names in lower case": "gives headers as they came",
  "give only the headers of the mask": "ignores the mask",
  "deliver the body unchanged": "drops a byte of each part",
  "be done only when the last byte was read": "is done when the body has arrived",
  "be done with an empty body": "waits for bytes of an empty body",
  "tell how many bytes wait, and again when more arrive": "tells of the first bytes only",
  "read no more than is asked for": "reads all there is",
  "fill a buffer within its bounds and give the count": "ignores the bounds of a target",
  "read undefined where nothing waits": "reads an empty buffer",
  "hold the sender back while the body is not read": "reads ahead without end",
  "follow no redirect": "follows redirects",
  "report a body that ends early": "takes a short body for a whole one",
  "report a connection that is reset": "ignores a reset",
  "report a connection that is refused": "waits for a server that is not there",
  "report what is no HTTP response": "takes anything for a response",
  "report one error and nothing after it": "goes on after an error",
  "refuse requests after an error": "takes requests after an error",
  "call nothing back after close": "calls back after close",
  "end the connection on close": "leaves the connection open",
  "close any number of times and refuse requests afterwards": "takes requests after close",
  "send a body of a given length": "sends half of each write",
  "send a chunked body until write() without bytes": "never ends a chunked body",
  "refuse to write where no body is being sent": "swallows what nobody asked for",
  "refuse more than may be written, as a whole": "writes what fits of too much",
  "keep no reference to a written buffer": "keeps the caller's buffer",
});

export type HTTPClientFault = (typeof FAULTS)[keyof typeof FAULTS];

/** What the clients of one subject share. */
interface World {
  readonly fault: HTTPClientFault | undefined;
  readonly loop: FakeLoop;
  readonly servers: Map<number, FakeServer>;
}

class Exchange implements HTTPRequestPort {
  readonly #world: World;
  readonly #client: Client;
  readonly #server: FakeServer | undefined;
  readonly #options: HTTPRequestOptions;
  readonly #written: Uint8Array[] = [];
  #isSending = false;
  #isOver = false;
  #missing = Number.POSITIVE_INFINITY;
  #waiting = "";

  constructor(world: World, client: Client, server: FakeServer | undefined, options: HTTPRequestOptions) {
    this.#world = world;
    this.#client = client;
    this.#server = server;
    this.#options = options;
  }

  start(): void {
    if (this.#server === undefined) {
      if (this.#world.fault !== "waits for a server that is not there") this.#later(() => this.#client.fail(this));
      return;
    }
    this.#server.openConnectionCount += 1;
    const { headers } = this.#options;
    this.#isSending = headers?.has("content-length") === true || headers?.has("transfer-encoding") === true;
    if (!this.#isSending) this.#send();
    else this.#later(() => this.#call("onWritable", this.#room()));
  }

  cancel(): void {
    this.#isOver = this.#world.fault !== "calls back after close";
    if (this.#server !== undefined && this.#world.fault !== "leaves the connection open") this.#server.openConnectionCount -= 1;
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(destination: number | Uint8Array = Number.POSITIVE_INFINITY): ArrayBuffer | number | undefined {
    const { fault } = this.#world;
    if (this.#waiting === "" || this.#isOver) return fault === "reads an empty buffer" ? new ArrayBuffer(0) : undefined;
    const wanted = typeof destination === "number" ? destination : destination.length;
    const text = this.#waiting.slice(0, fault === "reads all there is" ? undefined : wanted);
    this.#waiting = this.#waiting.slice(text.length);
    this.#later(() => this.#server?.pump());
    this.#checkEnd(fault === "is done inside read()");
    if (typeof destination === "number") return bytesOf(text).buffer as ArrayBuffer;
    const target = fault === "ignores the bounds of a target" ? new Uint8Array(destination.buffer) : destination;
    target.set(bytesOf(text));
    return text.length;
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    const { fault } = this.#world;
    if (!this.#isSending) {
      if (fault === "swallows what nobody asked for") return 0;
      throw new Error("no body is being sent");
    }
    const bytes =
      buffer === undefined ? new Uint8Array(0) : new Uint8Array(ArrayBuffer.isView(buffer) ? buffer.buffer : buffer);
    if (bytes.length > this.#room()) {
      if (fault === "writes what fits of too much") this.#written.push(bytes.slice(0, this.#room()));
      throw new Error("too much");
    }
    const count = fault === "sends half of each write" ? bytes.length >> 1 : bytes.length;
    this.#written.push(fault === "keeps the caller's buffer" ? bytes : bytes.slice(0, count));
    const isWhole = this.#options.headers?.has("content-length") ? this.#room() === 0 : buffer === undefined;
    if (!isWhole) {
      this.#later(() => this.#isSending && this.#call("onWritable", this.#room()));
    } else if (fault !== "never ends a chunked body") {
      this.#isSending = false;
      this.#send();
    }
    return this.#room();
  }

  room(): number {
    if (this.#isOver) return 0;
    return this.#world.fault === "reads ahead without end" ? Number.POSITIVE_INFINITY : WINDOW_BYTES - this.#waiting.length;
  }

  respond(answer: ScriptedAnswer, contentLength: number): void {
    const { fault } = this.#world;
    if (this.#isOver) return;
    if (answer.status === 302 && fault === "follows redirects") {
      this.#send();
      return;
    }
    const headers = new Map<string, string>();
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      const isWanted = this.#options.headersMask?.includes(name.toLowerCase()) ?? true;
      if (!isWanted && fault !== "ignores the mask") continue;
      headers.set(fault === "gives headers as they came" ? name : name.toLowerCase(), value);
    }
    this.#missing = contentLength;
    this.#later(() => this.#call("onHeaders", answer.status ?? 200, headers, answer.statusText ?? "OK"));
    if (contentLength > 0 || fault !== "waits for bytes of an empty body") this.#checkEnd(false);
  }

  garbled(): void {
    if (this.#world.fault === "takes anything for a response") this.respond({}, 0);
    else this.#later(() => this.#client.fail(this));
  }

  arrive(chunk: string): void {
    const { fault } = this.#world;
    const isFirst = this.#waiting === "";
    this.#waiting += fault === "drops a byte of each part" ? chunk.slice(1) : chunk;
    this.#missing -= chunk.length;
    if (isFirst || fault !== "tells of the first bytes only") this.#later(() => this.#call("onReadable", this.#waiting.length));
    this.#checkEnd(false);
  }

  /** The connection is gone; that is an error only while bytes are missing. */
  lost(isReset: boolean): void {
    const { fault } = this.#world;
    if (this.#missing <= 0 || (isReset && fault === "ignores a reset")) return;
    if (fault === "takes a short body for a whole one") this.#later(() => this.#client.finish(this));
    else this.#later(() => this.#client.fail(this));
  }

  done(): void {
    this.#call("onDone");
  }

  #checkEnd(isAtOnce: boolean): void {
    if (this.#missing > 0 || (this.#waiting !== "" && this.#world.fault !== "is done when the body has arrived")) return;
    if (isAtOnce) this.#client.finish(this);
    else this.#later(() => this.#client.finish(this));
  }

  #send(): void {
    const { fault } = this.#world;
    const { path = "/", method = fault === "asks HEAD by default" ? "HEAD" : "GET", headers = new Map() } = this.#options;
    const sentHeaders = new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]));
    this.#later(() => {
      const body = this.#written.map((bytes) => textOf(bytes.slice().buffer)).join("");
      const sentPath = fault === "sends the path in lower case" ? path.toLowerCase() : path;
      this.#server?.receive(this, { method, path: sentPath, headers: sentHeaders, body });
    });
  }

  #room(): number {
    const written = this.#written.reduce((sum, bytes) => sum + bytes.length, 0);
    return Math.min(WINDOW_BYTES, Number(this.#options.headers?.get("content-length") ?? WINDOW_BYTES)) - written;
  }

  #later(step: () => void): void {
    this.#world.loop.later(() => {
      if (!this.#isOver) step();
    });
  }

  #call(name: "onHeaders" | "onReadable" | "onWritable" | "onDone", ...values: unknown[]): void {
    const callback = this.#options[name] as ((...values: unknown[]) => void) | undefined;
    callback?.apply(this.#world.fault === "calls back without a receiver" ? undefined : this, values);
  }
}

class Client implements HTTPClientPort {
  readonly #world: World;
  readonly #options: HTTPClientOptions;
  #queue: Exchange[] = [];
  #current: Exchange | undefined;
  #isClosed = false;

  constructor(world: World, options: HTTPClientOptions) {
    const isNamed = options.host !== undefined || world.fault === "takes host for optional";
    if (!isNamed || options.socket === undefined || options.dns === undefined) throw new Error("options");
    if (world.fault === "writes to its options") Object.assign(options, { port: 1 });
    this.#world = world;
    this.#options = options;
  }

  request(options: HTTPRequestOptions): HTTPRequestPort {
    if (this.#isClosed) throw new Error("closed");
    const server = this.#world.servers.get(this.#options.port ?? 80);
    const exchange = new Exchange(this.#world, this, server, options);
    this.#queue.push(exchange);
    this.#startNext();
    return exchange;
  }

  close(): void {
    this.#isClosed = this.#world.fault !== "takes requests after close";
    this.#current?.cancel();
    this.#current = undefined;
    this.#queue = [];
  }

  finish(exchange: Exchange): void {
    exchange.cancel();
    exchange.done();
    this.#current = undefined;
    this.#startNext();
  }

  fail(exchange: Exchange): void {
    const { fault } = this.#world;
    if (fault === "goes on after an error") {
      exchange.cancel();
      this.#current = undefined;
      this.#startNext();
    } else {
      this.close();
      this.#isClosed = fault !== "takes requests after an error";
    }
    this.#options.onError?.call(this);
  }

  #startNext(): void {
    if (this.#isClosed || (this.#current !== undefined && this.#world.fault !== "runs requests at once")) return;
    this.#current = this.#queue.shift();
    this.#current?.start();
  }
}

/** A subject of the suite over the fake. */
export function fakeHTTPClientSubject(fault?: HTTPClientFault): HTTPClientSubject {
  const world: World = { fault, loop: new FakeLoop(), servers: new Map() };
  const HTTPClient: HTTPClientConstructor = class extends Client {
    constructor(options: HTTPClientOptions) {
      super(world, options);
    }
  };
  return {
    HTTPClient,
    bufferByteLengthMax: 20 * WINDOW_BYTES,
    serve: async (answers) => {
      const server = new FakeServer(8000 + world.servers.size, answers);
      world.servers.set(8000 + world.servers.size, server);
      return server;
    },
    nobody: async () => ({ host: "fake", port: 7000, socket: {}, dns: {} }),
    until: (condition) => world.loop.until(condition),
    turn: () => world.loop.turn(),
  };
}

export const BROKEN_HTTP_CLIENT: readonly Broken<HTTPClientSubject>[] = Object.entries(FAULTS).map(([must, fault]) => ({
  must,
  fault,
  open: () => fakeHTTPClientSubject(fault),
}));
