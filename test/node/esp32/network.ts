/** Wi-Fi and HTTP on the ESP32: what Moddable's classes do differently, and what the adapters make of it. */
import { createHTTPClient, type ModdableRequestOptions } from "../../../hosts/esp32/http-client.js";
import { guardUDP, httpDefault, type ModdableUDP, type ModdableUDPOptions } from "../../../hosts/esp32/http-default.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import { joinWiFi, type WiFiInterface } from "../../../hosts/esp32/wifi.js";
import type { HTTPClientOptions, HTTPRequest } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { FakeLoop } from "./moddable/time.js";

/** Wi-Fi whose access point comes and goes. */
class FakeWiFi implements WiFiInterface {
  static last: FakeWiFi;
  static refusal: string | undefined;
  connection = 200;
  address: string | undefined;
  readonly attempts: object[] = [];
  closeCount = 0;
  readonly #onChanged: (this: WiFiInterface, property: string) => void;

  constructor(options: { readonly onChanged: (this: WiFiInterface, property: string) => void }) {
    this.#onChanged = options.onChanged;
    FakeWiFi.last = this;
  }

  connect(options: object): void {
    this.attempts.push(options);
    if (FakeWiFi.refusal !== undefined) throw new Error(FakeWiFi.refusal);
    this.connection = 300;
  }

  become(connection: number, address?: string): void {
    this.connection = connection;
    this.address = address;
    this.#onChanged.call(this, "connection");
  }

  close(): void {
    this.closeCount++;
  }
}

function openWiFi(password?: string) {
  const loop = new FakeLoop();
  const lines: string[] = [];
  const Timer = createTimer({ timer: loop.timer });
  FakeWiFi.refusal = undefined;
  const join = joinWiFi({ WiFi: FakeWiFi, Timer, ssid: "workshop", password, trace: (line) => void lines.push(line) });
  return { loop, lines, join, wifi: FakeWiFi.last };
}

describe("ESP32: Wi-Fi", () => {
  it("joins, and says so once with its address", () => {
    const { wifi, join, lines } = openWiFi("secret");
    equal(wifi.attempts, [{ SSID: "workshop", password: "secret", secure: true }]);
    wifi.become(400);
    equal(join.isConnected, false, "without an address");
    wifi.become(500, "192.168.1.57");
    wifi.become(500, "192.168.1.57");
    equal([join.isConnected, lines], [true, ["Wi-Fi: joined workshop, address 192.168.1.57"]]);
  });

  it("joins an open network without a password", () => {
    equal(openWiFi().wifi.attempts, [{ SSID: "workshop" }]);
  });

  it("looks again for a network that is lost, with a doubling wait of a minute at most", () => {
    const { wifi, loop, join } = openWiFi();
    wifi.become(500, "10.0.0.2");
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      const before = wifi.attempts.length;
      wifi.become(200);
      equal(join.isConnected, false);
      loop.advance(waitMs - 1);
      equal(wifi.attempts.length, before, `before ${waitMs} ms`);
      loop.advance(1);
      equal(wifi.attempts.length, before + 1, `after ${waitMs} ms`);
    }
    wifi.become(500, "10.0.0.2");
    wifi.become(200);
    loop.advance(1000);
    equal(wifi.connection, 300, "a success makes the wait short again");
  });

  it("takes a refusal of connect() for a loss", () => {
    const { wifi, loop, lines } = openWiFi();
    FakeWiFi.refusal = "connect failed";
    wifi.become(200);
    loop.advance(1000);
    equal(lines.at(-1), "Wi-Fi: workshop: connect failed, again in 2 s");
    FakeWiFi.refusal = undefined;
    loop.advance(2000);
    equal(wifi.connection, 300);
  });

  it("is left for good by close(), once", () => {
    const { wifi, loop, join } = openWiFi();
    wifi.become(200);
    join.close();
    join.close();
    loop.advance(100_000);
    equal([wifi.attempts.length, wifi.closeCount, join.isConnected], [1, 1, false]);
    wifi.become(500, "10.0.0.2");
    equal(join.isConnected, false);
  });
});

interface Resolving {
  readonly host: string;
  readonly onResolved: (host: string, address: string) => void;
  readonly onError: (error?: unknown) => void;
}

class FakeResolver {
  static last: FakeResolver;
  closeCount = 0;
  asked: Resolving | undefined;
  constructor() {
    FakeResolver.last = this;
  }
  resolve(asked: Resolving): void {
    this.asked = asked;
  }
  close(): void {
    this.closeCount++;
  }
}

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

/** Moddable's client as far as its edges go: it resolves at once, tells each request of a failure, and onError of nothing. */
class FakeClient {
  static last: FakeClient;
  readonly addresses: string[] = [];
  readonly requests: ModdableRequestOptions[] = [];
  closeCount = 0;
  readonly #onError: (error?: unknown) => void;

  constructor(options: { readonly host: string; readonly dns: object; readonly onError: (error?: unknown) => void }) {
    FakeClient.last = this;
    this.#onError = options.onError;
    const dns = options.dns as { readonly io: new (options: object) => FakeResolver };
    const onResolved = (_host: string, address: string): void => void this.addresses.push(address);
    new dns.io(dns).resolve({ host: options.host, onResolved, onError: () => this.#onError() });
  }

  request(options: ModdableRequestOptions): HTTPRequest {
    this.requests.push(options);
    return {} as HTTPRequest;
  }

  fail(): void {
    for (const request of this.requests) request.onDone?.call({} as HTTPRequest, new Error());
    this.#onError();
  }

  close(): void {
    this.closeCount++;
  }
}

function openClient() {
  const HTTPClient = createHTTPClient({ HTTPClient: FakeClient as never });
  const told: string[] = [];
  const { io, ...network } = httpDefault({
    device: undefined,
    HTTPClient,
    TCP: class {},
    UDP: FakeUDP,
    Resolver: FakeResolver,
  });
  const client = new io({
    ...network,
    host: "updates.example.com",
    onError: (error) => void told.push(`error ${error?.message}`),
  });
  client.request({ onDone: () => void told.push("done") });
  return { client, told, fake: FakeClient.last, resolver: FakeResolver.last };
}

describe("ESP32: HTTP", () => {
  it("takes the network from the provider in both spellings, else from the modules", () => {
    const HTTPClient = createHTTPClient({ HTTPClient: FakeClient as never });
    const modules = { HTTPClient, TCP: class {}, UDP: FakeUDP, Resolver: FakeResolver };
    const network = { socket: { io: "own" }, dns: { io: "own", socket: { io: FakeUDP, port: 5353 } } };
    for (const http of [network, { client: network }]) {
      const found = httpDefault({ device: { network: { http } }, ...modules });
      const { socket, ...dns } = found.dns as { readonly socket: object };
      equal([found.socket, dns, { ...socket, io: undefined }], [network.socket, { io: "own" }, { port: 5353, io: undefined }]);
      ok(found.io === HTTPClient, "the adapter, not Moddable's class");
    }
    const made = httpDefault({ device: {}, ...modules });
    const { socket, ...dns } = made.dns as { readonly socket: { readonly io: unknown } };
    equal([made.socket, dns], [{ io: modules.TCP }, { io: FakeResolver, servers: ["1.1.1.1", "8.8.8.8"] }]);
    ok(socket.io !== FakeUDP && Object.getPrototypeOf(socket.io) === FakeUDP, "guarded");
  });

  it("tells of success by onDone, and of failure by onError alone, once, with a reason", () => {
    const good = openClient();
    good.fake.requests[0]!.onDone?.call({} as HTTPRequest, null);
    equal(good.told, ["done"]);
    const bad = openClient();
    bad.fake.fail();
    bad.fake.fail();
    equal(bad.told, ["error HTTPClient: the connection to updates.example.com:80 ended"]);
    throws(() => bad.client.request({}), "closed", /used after close\(\) or onError/);
  });

  it("opens no socket for a name that is resolved after close(), and leaves no resolver", () => {
    const { client, fake, resolver, told } = openClient();
    client.close();
    client.close();
    resolver.asked!.onResolved("updates.example.com", "203.0.113.7");
    resolver.asked!.onError(new Error("late"));
    equal([fake.addresses, fake.closeCount, resolver.closeCount, told], [[], 1, 1, []]);
    throws(() => client.request({}), "closed");
  });

  it("goes on where the name is resolved in time, and fails where it is not", () => {
    const { fake, resolver } = openClient();
    resolver.asked!.onResolved("updates.example.com", "203.0.113.7");
    equal(fake.addresses, ["203.0.113.7"]);
    const unknown = openClient();
    unknown.resolver.asked!.onError();
    equal(unknown.told.length, 1);
  });

  it("refuses a host or a port that is none, before anything is made", () => {
    const HTTPClient = createHTTPClient({ HTTPClient: FakeClient as never });
    const network = { socket: {}, dns: { io: FakeResolver } };
    throws(() => new HTTPClient({ ...network, host: "" }), "invalid", /no host, expected a name or an address/);
    for (const name of ["socket", "dns"]) {
      const lacking = { ...network, host: "a", [name]: undefined } as unknown as HTTPClientOptions;
      throws(() => new HTTPClient(lacking), "invalid", /no socket or no dns, expected the options of both/);
    }
    throws(() => new HTTPClient({ ...network, host: "a", port: 70_000 }), "invalid", /port 70000, expected 1 … 65535/);
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
