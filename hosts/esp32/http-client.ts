/**
 * The HTTPClient port over Moddable's `embedded:network/http/client`: thin, and what it does differently put right.
 *
 * Moddable's calls `onDone` of every request with an Error when the connection fails, tells `onError` nothing, and opens a
 * socket for a name that is resolved after `close()`. Not put right: the Host header names no port, and a 304 ends when the
 * server closes. See docs/design/esp32-host.md.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientDefault,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../src/ports/http-client.js";

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
type ResolverOptions = { readonly io: new (options: object) => ModdableResolver };

/** Names are resolved for an open client only. */
interface Guard extends ResolverOptions {
  readonly inner: ResolverOptions;
  readonly state: { isOpen: boolean; resolver: ModdableResolver | undefined };
}

class GuardedResolver implements ModdableResolver {
  readonly #guard: Guard;
  readonly #resolver: ModdableResolver;

  constructor(guard: object) {
    this.#guard = guard as Guard;
    const { inner, state } = this.#guard;
    this.#resolver = new inner.io(inner);
    state.resolver = this.#resolver;
  }

  resolve({ host, onResolved, onError }: ResolveOptions): void {
    const { state } = this.#guard;
    this.#resolver.resolve({
      host,
      onResolved: (name, address) => {
        if (state.isOpen) onResolved(name, address);
      },
      onError: (error) => {
        if (state.isOpen) onError(error);
      },
    });
  }

  close(): void {
    this.#resolver.close();
  }
}

class ESP32HTTPClient implements HTTPClient {
  readonly #client: ModdableHTTPClient;
  readonly #state: Guard["state"] = { isOpen: true, resolver: undefined };
  #hasFailed = false;

  constructor(Class: ModdableHTTPClientConstructor, options: HTTPClientOptions) {
    const { host, port = 80, onError } = options;
    if (typeof host !== "string" || host === "") {
      throw new FirmwareError("invalid", "HTTPClient: no host, expected a name or an address");
    }
    if (!(Number.isInteger(port) && port > 0 && port < 0x1_0000)) {
      throw new FirmwareError("invalid", `HTTPClient: port ${port}, expected 1 … 65535`);
    }
    if (typeof options.socket !== "object" || typeof options.dns !== "object") {
      throw new FirmwareError("invalid", "HTTPClient: no socket or no dns, expected the options of both");
    }
    const dns: Guard = { io: GuardedResolver, inner: options.dns as ResolverOptions, state: this.#state };
    this.#client = new Class({
      host,
      port,
      socket: options.socket,
      dns,
      onError: (error) => {
        if (!this.#state.isOpen || this.#hasFailed) return;
        this.#hasFailed = true;
        onError?.call(this, error instanceof Error ? error : new Error(`HTTPClient: the connection to ${host}:${port} ended`));
      },
    });
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    if (!this.#state.isOpen || this.#hasFailed) throw new FirmwareError("closed", "HTTPClient: used after close() or onError");
    const { onDone, ...rest } = options;
    return this.#client.request({
      ...rest,
      onDone(error) {
        if (!error) onDone?.call(this);
      },
    });
  }

  close(): void {
    const state = this.#state;
    if (!state.isOpen) return;
    state.isOpen = false;
    this.#client.close();
    state.resolver?.close();
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

/** `device.network` where a provider has it, in the standard's form and in that of the SDK's own configuration. */
interface Network {
  readonly http?: { readonly client?: { readonly socket?: object; readonly dns?: object } } & {
    readonly socket?: object;
    readonly dns?: object;
  };
}

export interface HTTPDefaultOptions {
  readonly device: { readonly network?: Network } | undefined;
  readonly HTTPClient: HTTPClientConstructor;
  readonly TCP: unknown;
  readonly UDP: unknown;
  readonly Resolver: unknown;
}

/** Name servers where the provider names none: two operators, so that one may fail. */
const NAME_SERVERS: readonly string[] = Object.freeze(["1.1.1.1", "8.8.8.8"]);

/** What a module spreads into a client's options: our class, and the network as the board's provider has it. */
export function httpDefault(options: HTTPDefaultOptions): HTTPClientDefault {
  const { device, HTTPClient, TCP, UDP, Resolver } = options;
  assert(typeof TCP === "function" && typeof Resolver === "function", "httpDefault: the classes of the network");
  const http = device?.network?.http;
  const given = http?.client ?? http;
  return Object.freeze({
    io: HTTPClient,
    socket: given?.socket ?? { io: TCP },
    dns: given?.dns ?? { io: Resolver, servers: NAME_SERVERS, socket: { io: UDP } },
  });
}
