/** What a module spreads into an HTTP client's options on the ESP32: where the network comes from, and the guard beneath it. */
import { createHTTPClient } from "../../../hosts/esp32/http/http-client.js";
import { guardUDP, httpDefault, type ModdableUDP, type ModdableUDPOptions } from "../../../hosts/esp32/http-default.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { turns } from "./moddable/tcp.js";

class FakeUDP implements ModdableUDP {
  static last: FakeUDP;
  readonly #options: ModdableUDPOptions;
  closeCount = 0;
  constructor(options: ModdableUDPOptions) {
    this.#options = options;
    FakeUDP.last = this;
  }
  arrive(count: number): void {
    this.#options.onReadable?.call(this, count);
  }
  close(): void {
    this.closeCount++;
  }
}

describe("ESP32: the network of an HTTP client", () => {
  it("is the provider's in both spellings, else made of the modules", () => {
    const HTTPClient = createHTTPClient({ Timer: createTimer({ timer: turns }) });
    const modules = { HTTPClient, TCP: class {}, UDP: FakeUDP, Resolver: class {} };
    const network = { socket: { io: "own" }, dns: { io: "own", socket: { io: FakeUDP, port: 5353 } } };
    for (const http of [network, { client: network }]) {
      const found = httpDefault({ device: { network: { http } }, ...modules });
      const { socket, ...dns } = found.dns as { readonly socket: object };
      equal([found.socket, dns, { ...socket, io: undefined }], [network.socket, { io: "own" }, { port: 5353, io: undefined }]);
      ok(found.io === HTTPClient, "our client, not the provider's class");
    }
    const made = httpDefault({ device: {}, ...modules });
    const { socket, ...dns } = made.dns as { readonly socket: { readonly io: unknown } };
    equal([made.socket, dns], [{ io: modules.TCP }, { io: modules.Resolver, servers: ["1.1.1.1", "8.8.8.8"] }]);
    ok(socket.io !== FakeUDP && Object.getPrototypeOf(socket.io) === FakeUDP, "guarded");
  });
});

// The SDK's resolver closes its socket when the last question is answered, and goes on reading what arrived with the answer: a
// resent reply on a slow link, or one datagram from anybody, threw out of the socket's callback and restarted the chip.
describe("ESP32: the socket beneath the resolver", () => {
  function open(onReadable: (this: ModdableUDP, count: number) => void): FakeUDP {
    new (guardUDP(FakeUDP))({ onReadable });
    return FakeUDP.last;
  }

  it("hands over one datagram a call, and none behind close()", () => {
    const counts: number[] = [];
    const socket = open(function (count) {
      counts.push(count);
      if (counts.length === 2) this.close();
    });
    socket.arrive(5);
    socket.arrive(1);
    equal([counts, socket.closeCount], [[1, 1], 1]);
  });

  it("loses a datagram that the resolver cannot read, and goes on with the next", () => {
    let readCount = 0;
    const socket = open(() => {
      readCount++;
      if (readCount === 1) throw new RangeError("bad name");
    });
    socket.arrive(2);
    equal(readCount, 2);
  });
});
