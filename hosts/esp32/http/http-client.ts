/**
 * The HTTPClient port over ECMA-419's TCP class and a resolver: the ESP32's own client.
 *
 * The SDK has one, and an adapter over it was tried: it keeps its connections, takes a server's closing for a failure, throws
 * out of socket callbacks at bytes that it does not expect, which restarts the chip, and goes wrong over bodies in chunks,
 * which is how most servers answer with JSON. Redirects are not followed. A stalled server is never given up: the caller's
 * deadline closes the client. See docs/design/esp32-host.md.
 */
import { FirmwareError } from "../../../src/errors.js";
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../../src/ports/http-client.js";
import type { TimerConstructor } from "../../../src/ports/timer.js";
import { Exchange, type ExchangeNetwork } from "./exchange.js";
import { planOf, requireCallback } from "./request-plan.js";

const HOST = /^[\x21-\x7e]+$/;
const DEFAULT_PORT = 80;

class ESP32HTTPClient implements HTTPClient {
  readonly #network: ExchangeNetwork;
  readonly #authority: string;
  readonly #onError: HTTPClientOptions["onError"];
  /** The first one is under way. */
  #queue: Exchange[] = [];
  #isClosed = false;

  constructor(Timer: TimerConstructor, options: HTTPClientOptions) {
    const { host, port = DEFAULT_PORT, socket, dns, onError } = options;
    if (typeof host !== "string" || !HOST.test(host)) throw invalid("no host, expected a name or an address");
    if (!(Number.isInteger(port) && port > 0 && port < 0x1_0000)) throw invalid(`port ${port}, expected 1 … 65535`);
    requireClass("socket", socket);
    requireClass("dns", dns);
    requireCallback("onError", onError);
    this.#network = { Timer, host, port, socket, dns } as ExchangeNetwork;
    const name = host.includes(":") ? `[${host}]` : host; // An address of IPv6.
    this.#authority = port === DEFAULT_PORT ? name : `${name}:${port}`;
    this.#onError = onError;
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    if (this.#isClosed) throw new FirmwareError("closed", "HTTPClient: used after close() or onError");
    const exchange = new Exchange(planOf(options, this.#authority), options, (failure) => this.#over(failure));
    this.#queue.push(exchange);
    if (this.#queue.length === 1) exchange.start(this.#network);
    return exchange;
  }

  close(): void {
    this.#isClosed = true;
    this.#queue[0]?.cancel();
    this.#queue = [];
  }

  #over(failure: FirmwareError | undefined): void {
    if (this.#isClosed) return;
    this.#queue.shift();
    if (failure === undefined) {
      this.#queue[0]?.start(this.#network);
    } else {
      this.close();
      this.#onError?.call(this, failure);
    }
  }
}

function requireClass(name: string, options: object): void {
  const { io } = (options ?? {}) as { readonly io?: unknown };
  if (typeof io !== "function") throw invalid(`no ${name}.io, expected a class, with the options of its constructor beside it`);
}

function invalid(what: string): FirmwareError {
  return new FirmwareError("invalid", `HTTPClient: ${what}`);
}

/** The class on the host's timers. */
export function createHTTPClient(options: { readonly Timer: TimerConstructor }): HTTPClientConstructor {
  return class extends ESP32HTTPClient {
    constructor(clientOptions: HTTPClientOptions) {
      super(options.Timer, clientOptions);
    }
  };
}
