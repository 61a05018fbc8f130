/**
 * HTTP for the XS host: the chip is the network's coprocessor, as a modem would be; requests go over the wire, events come
 * back.
 *
 * The connection itself, TLS, and all rules of both, is the Node host's HTTP client in the chip's process. Here is only the
 * other end: handles instead of objects, and callbacks that are called from the event loop, never from within a call.
 */
import { decodeUTF8, encodeUTF8 } from "../../src/data/utf8.js";
import { FirmwareError, messageOf } from "../../src/errors.js";
import type {
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPClient as HTTPClientPort,
  HTTPRequestOptions,
  HTTPRequest as HTTPRequestPort,
  SecureOptions,
} from "../../src/ports/http-client.js";
import { HTTPOpenMode, NetworkEvent, Operation } from "../simulated/wire.js";
import type { Native } from "./native.js";

class XSHTTPRequest implements HTTPRequestPort {
  readonly options: HTTPRequestOptions;
  readonly #native: Native;
  readonly #handle: number;
  /** Body bytes that onReadable has told of, and those of them that were read. */
  #toldBytes = 0;
  #readBytes = 0;

  constructor(native: Native, handle: number, options: HTTPRequestOptions) {
    this.#native = native;
    this.#handle = handle;
    this.options = options;
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(target?: number | Uint8Array): ArrayBuffer | number | undefined {
    const waitingBytes = this.#toldBytes - this.#readBytes;
    if (waitingBytes === 0) return undefined; // What the chip has beyond that is told of in an event that is on its way.
    const countMax = target instanceof Uint8Array ? target.length : (target ?? waitingBytes);
    const bytes = this.#native.call(Operation.httpRead, this.#handle, Math.min(countMax, waitingBytes));
    if (bytes === undefined) return undefined;
    this.#readBytes += bytes.byteLength;
    if (!(target instanceof Uint8Array)) return bytes;
    target.set(new Uint8Array(bytes));
    return bytes.byteLength;
  }

  /** An event: so many bytes of the body have arrived since it began, whatever was read meanwhile. */
  tell(arrivedBytes: number): void {
    this.#toldBytes = arrivedBytes;
    this.options.onReadable?.call(this, arrivedBytes - this.#readBytes);
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    const isEnd = buffer === undefined ? 1 : 0;
    const reply = this.#native.call(Operation.httpWrite, this.#handle, isEnd, buffer)!;
    return new DataView(reply).getUint32(0, true);
  }
}

class XSHTTPClient implements HTTPClientPort {
  readonly #network: XSNetwork;
  readonly #native: Native;
  readonly #handle: number;
  readonly onError: HTTPClientOptions["onError"];
  isClosed = false;

  /** `mode`: one of HTTPOpenMode. */
  constructor(network: XSNetwork, native: Native, mode: number, options: HTTPClientOptions) {
    const { host, port = 80, socket, dns, onError } = options;
    if (typeof socket !== "object" || socket === null || typeof dns !== "object" || dns === null) {
      throw new FirmwareError("invalid", "HTTPClient: socket and dns are required");
    }
    this.#network = network;
    this.#native = native;
    this.onError = onError;
    this.#handle = openOnChip(native, mode, { host, port, secure: secureInRAM((socket as { secure?: unknown }).secure) });
    network.clients.set(this.#handle, this);
  }

  request(options: HTTPRequestOptions): HTTPRequestPort {
    if (this.isClosed) throw new FirmwareError("closed", "HTTPClient: used after close() or onError");
    requireCallbacks(options);
    const { method, path, headers, headersMask, onWritable } = options;
    const entries = headers && [...headers];
    const mask = arrayInRAM(headersMask);
    const plan = { method, path, headers: entries, headersMask: mask, hasBody: onWritable !== undefined };
    const handle = handleOf(this.#native.call(Operation.httpRequest, this.#handle, 0, textBytes(plan)));
    const request = new XSHTTPRequest(this.#native, handle, { ...options });
    this.#network.requests.set(handle, { request, client: this });
    return request;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#network.forget(this, this.#handle);
    this.#native.call(Operation.httpClose, this.#handle, 0);
  }

  /** The chip gave it up. Closing tells the chip that this was heard, so that it need not remember the client. */
  fail(error: Error): void {
    this.close();
    this.onError?.call(this, error);
  }
}

/** What is open on the network. */
export class XSNetwork {
  readonly HTTPClient: HTTPClientConstructor;
  readonly HTTPSClient: HTTPClientConstructor;
  readonly clients = new Map<number, XSHTTPClient>();
  readonly requests = new Map<number, { readonly request: XSHTTPRequest; readonly client: XSHTTPClient }>();

  constructor(native: Native) {
    this.HTTPClient = classOn(this, native, HTTPOpenMode.clear);
    this.HTTPSClient = classOn(this, native, HTTPOpenMode.secure);
  }

  forget(client: XSHTTPClient, handle: number): void {
    this.clients.delete(handle);
    for (const [number, entry] of this.requests) if (entry.client === client) this.requests.delete(number);
  }

  /** For the C part: an event of the chip. One for what was closed meanwhile finds nobody. */
  receive(code: number, first: number, second: number, bytes: ArrayBuffer): void {
    if (code === NetworkEvent.error) {
      this.clients.get(first)?.fail(new FirmwareError("io", decodeUTF8(new Uint8Array(bytes))));
      return;
    }
    const entry = this.requests.get(first);
    if (!entry) return;
    const { request } = entry;
    switch (code) {
      case NetworkEvent.headers: {
        const head = JSON.parse(decodeUTF8(new Uint8Array(bytes))) as { headers: [string, string][]; statusText: string };
        request.options.onHeaders?.call(request, second, new Map(head.headers), head.statusText);
        break;
      }
      case NetworkEvent.readable:
        request.tell(second);
        break;
      case NetworkEvent.writable:
        request.options.onWritable?.call(request, second);
        break;
      case NetworkEvent.done:
        this.requests.delete(first);
        request.options.onDone?.call(request);
        break;
    }
  }
}

function classOn(network: XSNetwork, native: Native, mode: number): HTTPClientConstructor {
  return class extends XSHTTPClient {
    constructor(options: HTTPClientOptions) {
      super(network, native, mode, options);
    }
  };
}

/** The chip checks all options before it opens anything, so what it refuses is a fault of theirs. */
function openOnChip(native: Native, mode: number, plan: object): number {
  try {
    return handleOf(native.call(Operation.httpOpen, 0, mode, textBytes(plan)));
  } catch (error) {
    throw new FirmwareError("invalid", messageOf(error));
  }
}

/** A copy, because JSON cannot take an array that is in ROM. What is none goes as it is: the chip refuses it by name. */
function arrayInRAM(value: unknown): unknown {
  return Array.isArray(value) ? [...value] : value;
}

/** As above. */
function secureInRAM(secure: unknown): unknown {
  if (typeof secure !== "object" || secure === null) return secure;
  const { roots, serverName } = secure as Partial<SecureOptions>;
  return { roots: arrayInRAM(roots), serverName };
}

/** Throws `invalid` for one that could not be called when its time comes. */
function requireCallbacks(options: HTTPRequestOptions): void {
  const { onHeaders, onReadable, onWritable, onDone } = options;
  for (const callback of [onHeaders, onReadable, onWritable, onDone]) {
    if (callback === undefined || typeof callback === "function") continue;
    throw new FirmwareError("invalid", `HTTPClient: a callback is a ${typeof callback}, expected a function`);
  }
}

function handleOf(reply: ArrayBuffer | undefined): number {
  return new DataView(reply!).getUint32(0, true);
}

function textBytes(value: object): Uint8Array {
  return encodeUTF8(JSON.stringify(value));
}
