/**
 * The HTTPClient port over Moddable's `embedded:network/http/client`: one client of Moddable's for each request.
 *
 * Moddable's keeps its connection: a server that closes it between two requests looks like a failure, and what is asked after
 * that is never answered. It tells a failure to `onDone` as well, opens a socket for a name that is resolved after `close()`,
 * and throws out of the socket's callback at bytes that it does not expect, which restarts the chip. All of that is kept from
 * the firmware here. Chunked bodies are refused: those it sends lack their end, and behind one that it reads, a timer of its
 * may fire into a closed client. Not put right: Host names no port, and a body without a length ends as an error. Rejected: a
 * client of our own over TCP; it is worth its size once chunked responses have to be read. See docs/design/esp32-host.md.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../src/ports/http-client.js";
import { byteBuffer } from "./byte-buffer.js";

const HEAD_MAX_BYTES = 8192;

/** A request's options as Moddable takes them: `onDone` hears of failures too. */
export type ModdableRequestOptions = Omit<HTTPRequestOptions, "onDone"> & {
  readonly onDone?: (this: HTTPRequest, error?: unknown) => void;
};

/** What is used of Moddable's class. */
export interface ModdableHTTPClient {
  request(options: ModdableRequestOptions): HTTPRequest;
  close(): void;
}
export type ModdableHTTPClientConstructor = new (
  options: Omit<HTTPClientOptions, "onError"> & { readonly onError: (error?: unknown) => void },
) => ModdableHTTPClient;

/** What is used of a resolver. */
export interface ModdableResolver {
  resolve(options: ResolveOptions): void;
  close(): void;
}
interface ResolveOptions {
  readonly host: string;
  readonly onResolved: (host: string, address: string) => void;
  readonly onError: (error?: unknown) => void;
}

/** What stands in the place of a class's options: the exchange that it serves, and the real ones. */
interface Guarded<Class> {
  readonly exchange: Exchange;
  readonly inner: { readonly io: Class };
}
type OnCount = (count: number) => void;
interface SocketOptions extends Guarded<new (options: object) => object> {
  readonly onReadable: OnCount;
  readonly onWritable: OnCount;
  readonly onError: () => void;
}

/** Makes the real socket: what is thrown in its callbacks stays with the exchange. */
function GuardedSocket(options: SocketOptions): object {
  const { exchange, inner, onReadable, onWritable, onError, ...rest } = options;
  return new inner.io({
    ...rest,
    ...inner,
    onReadable: (count: number) => exchange.guard(() => exchange.countHead(count, onReadable)),
    onWritable: (count: number) => exchange.guard(() => onWritable(count)),
    onError: () => exchange.guard(onError),
  });
}

/** Makes a resolver that is closed with its exchange, and answers nothing after that. */
function GuardedResolver({ exchange, inner }: Guarded<new (options: object) => ModdableResolver>): object {
  const resolver = new inner.io(inner);
  exchange.resolver = resolver;
  return {
    resolve: ({ host, onResolved, onError }: ResolveOptions) =>
      resolver.resolve({
        host,
        onResolved: (name, address) => exchange.guard(() => onResolved(name, address)),
        onError: (error) => exchange.guard(() => onError(error)),
      }),
  };
}

/** One request on a connection of its own: queued → under way → over. */
class Exchange implements HTTPRequest {
  resolver: ModdableResolver | undefined;
  /** Without `headersMask`: all headers are looked at here. */
  readonly #options: HTTPRequestOptions;
  readonly #headersMask: readonly string[] | undefined;
  readonly #over: (failure?: Error) => void;
  #client: ModdableHTTPClient | undefined;
  #request: HTTPRequest | undefined;
  #isOver = false;
  /** Body bytes that were announced and not read, and those of the whole body that were not. */
  #waitingBytes = 0;
  #restBytes = Number.POSITIVE_INFINITY;
  /** Bytes that arrived before the headers were told of; undefined from then on. */
  #headBytes: number | undefined = 0;
  /** Delivered when Moddable's code has returned: it swallows what its `onError` throws. */
  #failure: Error | undefined;
  #isInside = false;
  /** The firmware's own callback threw. */
  #isFault = false;

  /** `over` is called once, from the event loop: without a failure when the response was read in full. */
  constructor(options: HTTPRequestOptions, over: (failure?: Error) => void) {
    const { headersMask, ...rest } = options;
    this.#options = { ...rest, headers: new Map([["connection", "close"], ...(options.headers ?? [])]) };
    this.#headersMask = headersMask;
    this.#over = over;
  }

  start(Class: ModdableHTTPClientConstructor, { host, port = 80, socket, dns }: HTTPClientOptions): void {
    const ended = `HTTPClient: the connection to ${host}:${port} ended`;
    this.#client = new Class({
      host,
      port,
      socket: { io: GuardedSocket, inner: socket, exchange: this },
      dns: { io: GuardedResolver, inner: dns, exchange: this },
      onError: (error) => {
        this.#failure ??= error instanceof Error ? error : new FirmwareError("io", ended);
        if (!this.#isInside) this.#finish(this.#failure);
      },
    });
    this.#request = this.#client.request({
      ...this.#options,
      onHeaders: (status, received, statusText) => this.#respond(status, received, statusText),
      onReadable: (count) => {
        this.#waitingBytes = count;
        this.#tell(() => this.#options.onReadable?.call(this, count));
      },
      onWritable: (count) => this.#tell(() => this.#options.onWritable?.call(this, count)),
      onDone: (error) => {
        if (!error) this.#finish(); // A failure is told to onError too.
      },
    });
  }

  /** Ends it without a callback. */
  cancel(): void {
    this.#isOver = true;
    this.#client?.close();
    this.resolver?.close();
    this.#request = undefined;
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(wanted: number | Uint8Array = this.#waitingBytes): ArrayBuffer | number | undefined {
    const isCount = typeof wanted === "number";
    if (isCount && !(Number.isInteger(wanted) && wanted >= 0)) throw invalid(`a read of ${wanted} bytes, expected 0 or more`);
    const target = isCount ? undefined : byteBuffer(wanted, "HTTPRequest");
    const count = Math.min(isCount ? wanted : target!.length, this.#waitingBytes);
    if (this.#request === undefined || this.#waitingBytes === 0) return undefined;
    if (count === 0) return isCount ? new ArrayBuffer(0) : 0;
    const read = target ? this.#request.read(target.subarray(0, count)) : this.#request.read(count);
    this.#waitingBytes -= count;
    this.#restBytes -= count;
    return read;
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    if (this.#request === undefined) throw new FirmwareError("refused", "HTTPRequest: no request body is being sent");
    return this.#request.write(buffer) || 0; // NaN once the connection is lost, which is told of next.
  }

  /** Runs code of Moddable's that the network has called. What it throws is a failure of this exchange. */
  guard(call: () => void): void {
    if (this.#isOver) return;
    this.#isInside = true;
    try {
      call();
    } catch (error) {
      if (this.#isFault) throw error;
      // After the last byte of the body, `onDone` is on its way, and what the server adds is none of the message.
      if (this.#restBytes > 0) this.#failure ??= new FirmwareError("corrupt", `HTTPClient: the response: ${messageOf(error)}`);
    }
    this.#isInside = false;
    if (this.#failure !== undefined) this.#finish(this.#failure);
  }

  /** Moddable puts a line of the head together however long it is. */
  countHead(count: number, onReadable: OnCount): void {
    if (this.#headBytes !== undefined) {
      if (this.#headBytes > HEAD_MAX_BYTES) throw new Error(`its head has more than ${HEAD_MAX_BYTES} bytes`);
      this.#headBytes += count;
    }
    onReadable(count);
  }

  #respond(status: number, received: Map<string, string>, statusText: string): void {
    const { method, onHeaders } = this.#options;
    this.#headBytes = undefined;
    this.#failure = framingProblem(received);
    if (this.#failure !== undefined) {
      this.#client?.close(); // So that nothing more is parsed.
      return;
    }
    const hasBody = method !== "HEAD" && status !== 304; // Of these two, Moddable waits for the length that they announce.
    this.#restBytes = hasBody ? Number(received.get("content-length") ?? Number.POSITIVE_INFINITY) : 0;
    const headers = new Map<string, string>();
    for (const [name, value] of received) if (this.#headersMask?.includes(name) !== false) headers.set(name, value);
    this.#tell(() => onHeaders?.call(this, status, headers, statusText.trim()));
    if (!hasBody) this.#finish();
  }

  #finish(failure?: Error): void {
    if (this.#isOver) return;
    this.cancel();
    this.#tell(() => {
      if (failure === undefined) this.#options.onDone?.call(this);
      this.#over(failure);
    });
  }

  /** Calls the firmware. What that throws is no failure of the network, and goes on to the engine. */
  #tell(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#isFault = true;
      throw error;
    }
  }
}

class ESP32HTTPClient implements HTTPClient {
  readonly #Class: ModdableHTTPClientConstructor;
  readonly #options: HTTPClientOptions;
  /** The first one is under way. */
  #queue: Exchange[] = [];
  #isClosed = false;

  constructor(Class: ModdableHTTPClientConstructor, options: HTTPClientOptions) {
    const { host, port = 80, socket, dns } = options;
    if (typeof host !== "string" || host === "") throw invalid("no host, expected a name or an address");
    if (!(Number.isInteger(port) && port > 0 && port < 0x1_0000)) throw invalid(`port ${port}, expected 1 … 65535`);
    for (const part of [socket, dns]) {
      if (typeof part !== "object" || part === null) throw invalid("no socket or no dns, expected the options of both");
    }
    this.#Class = Class;
    this.#options = { ...options };
  }

  /** Throws `unsupported` for a chunked body, and `io` where no connection can be tried. */
  request(options: HTTPRequestOptions): HTTPRequest {
    if (this.#isClosed) throw new FirmwareError("closed", "HTTPClient: used after close() or onError");
    requireSendable(options);
    const exchange = new Exchange(options, (failure) => this.#over(failure));
    if (this.#queue.length === 0) this.#start(exchange);
    this.#queue.push(exchange);
    return exchange;
  }

  close(): void {
    this.#isClosed = true;
    this.#queue[0]?.cancel();
    this.#queue = [];
  }

  #start(exchange: Exchange): void {
    try {
      exchange.start(this.#Class, this.#options);
    } catch (error) {
      exchange.cancel();
      throw new FirmwareError("io", `HTTPClient: ${messageOf(error)}`);
    }
  }

  #over(failure: Error | undefined): void {
    if (this.#isClosed) return;
    this.#queue.shift();
    const [next] = this.#queue;
    try {
      if (failure !== undefined) throw failure;
      if (next !== undefined) this.#start(next);
    } catch (error) {
      this.close();
      this.#options.onError?.call(this, error as Error);
    }
  }
}

function invalid(what: string): FirmwareError {
  return new FirmwareError("invalid", `HTTPClient: ${what}`);
}

/** What is wrong with how a response announces its body: Moddable takes any number for a length. */
function framingProblem(headers: ReadonlyMap<string, string>): FirmwareError | undefined {
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") {
    return new FirmwareError("unsupported", "HTTPClient: a chunked response, expected one with content-length");
  }
  const length = headers.get("content-length");
  if (length === undefined || /^[0-9]{1,15}$/.test(length)) return undefined;
  return new FirmwareError("corrupt", `HTTPClient: content-length is ${length}, expected a number of bytes`);
}

/** Refuses what Moddable would send wrongly. */
function requireSendable({ method = "", path = "", headers }: HTTPRequestOptions): void {
  for (const text of [method, path, ...[...(headers ?? [])].flat()]) {
    if (/[\r\n]/.test(text)) throw invalid("a line break in method, path or headers");
  }
  for (const name of headers?.keys() ?? []) {
    if (name.toLowerCase() !== "transfer-encoding") continue;
    throw new FirmwareError("unsupported", "HTTPClient: a chunked request body, expected content-length");
  }
}

/** The class over Moddable's. */
export function createHTTPClient(options: { readonly HTTPClient: ModdableHTTPClientConstructor }): HTTPClientConstructor {
  return class extends ESP32HTTPClient {
    constructor(clientOptions: HTTPClientOptions) {
      super(options.HTTPClient, clientOptions);
    }
  };
}
