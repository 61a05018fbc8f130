/**
 * What a module spreads into an HTTP client's options: our class, and the network as the board's provider has it.
 *
 * The UDP class beneath the SDK's resolver is guarded. The resolver reads every datagram that one callback announces, though
 * the first may have answered its last question and closed the socket, and it lets a name that it cannot read throw: both
 * leave a socket's callback, which ends the chip, and both are in the hands of whoever can send it a datagram.
 */
import { assert } from "../../src/assert.js";
import type { HTTPClientConstructor, HTTPClientDefault, HTTPClientOptions } from "../../src/ports/http-client.js";

/** Name servers where the provider names none: two operators, so that one may fail. */
const NAME_SERVERS: readonly string[] = Object.freeze(["1.1.1.1", "8.8.8.8"]);

/** A socket of Moddable's, as far as the guard goes. `onReadable` is told how many datagrams wait. */
export interface ModdableUDP {
  close(): void;
}
export interface ModdableUDPOptions {
  readonly onReadable?: (this: ModdableUDP, count: number) => void;
}
export type ModdableUDPConstructor = new (options: ModdableUDPOptions) => ModdableUDP;

/** `device.network` where a provider has it, in the standard's form and in that of the SDK's own configuration. */
interface Network {
  readonly http?: NetworkOptions & { readonly client?: NetworkOptions };
}
type NetworkOptions = Partial<Pick<HTTPClientOptions, "socket" | "dns">>;

/** Options of a resolver; what else is in them goes on as it is. */
interface DNSOptions {
  readonly socket?: { readonly io?: ModdableUDPConstructor };
}

export interface HTTPDefaultOptions {
  readonly device: { readonly network?: Network } | undefined;
  readonly HTTPClient: HTTPClientConstructor;
  readonly TCP: unknown;
  readonly UDP: ModdableUDPConstructor;
  readonly Resolver: unknown;
}

/** The provider's network where it has one, else one made of the modules. */
export function httpDefault(options: HTTPDefaultOptions): HTTPClientDefault {
  const { device, HTTPClient, TCP, UDP, Resolver } = options;
  assert(typeof TCP === "function" && typeof Resolver === "function", "httpDefault: the classes of the network");
  const http = device?.network?.http;
  const given = http?.client ?? http;
  const dns = (given?.dns ?? { io: Resolver, servers: NAME_SERVERS }) as DNSOptions;
  return Object.freeze({
    io: HTTPClient,
    socket: given?.socket ?? { io: TCP },
    dns: { ...dns, socket: { ...dns.socket, io: guardUDP(dns.socket?.io ?? UDP) } },
  });
}

/** The class with one datagram a call, none behind close(), and nothing thrown: what is not understood is asked again. */
export function guardUDP(UDP: ModdableUDPConstructor): ModdableUDPConstructor {
  return class extends UDP {
    #isOpen = true;

    constructor(options: ModdableUDPOptions) {
      const { onReadable } = options;
      super({ ...options, onReadable: (count) => this.#deliver(count, onReadable) });
    }

    override close(): void {
      this.#isOpen = false;
      super.close();
    }

    #deliver(count: number, onReadable: ModdableUDPOptions["onReadable"]): void {
      for (let left = count; left > 0 && this.#isOpen; left--) {
        try {
          onReadable?.call(this, 1);
        } catch {
          // One datagram is lost, as on any network.
        }
      }
    }
  };
}
