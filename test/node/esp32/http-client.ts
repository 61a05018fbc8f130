/**
 * The ESP32's HTTP client: the port's suite over the SDK's own client where `$MODDABLE` names one, and, everywhere, each thing
 * that Moddable's client does otherwise, over one that does it on demand.
 */
import {
  createHTTPClient,
  type ModdableHTTPClientConstructor,
  type ModdableRequestOptions,
} from "../../../hosts/esp32/http-client.js";
import { errorCodeOf } from "../../../src/errors.js";
import type { HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { before, describe, it } from "../../harness/spec.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import type { HTTPClientSubject } from "../../ports/http-client-conversation.js";
import { Loopback } from "../http/loopback.js";
import { crashes, FakeResolver, FakeTCP, loadHTTPClient } from "./moddable/http-client.js";

/** They send a chunked body: Moddable's last chunk goes out without its beginning, and the adapter refuses to try. */
const NOT_KEPT: readonly string[] = [
  "send a chunked body until write() without bytes",
  "refuse more than may be written, as a whole",
];

if (process.env["MODDABLE"]) describeSDK();
else console.log("  the HTTP client of the Moddable SDK is skipped: $MODDABLE is not set");

function describeSDK(): void {
  let Client: ModdableHTTPClientConstructor;
  before(async () => {
    const loaded = await loadHTTPClient();
    ok(loaded, "$MODDABLE has no examples/io/tcp/httpclient");
    Client = loaded;
  });
  const over = (options: HTTPClientOptions): HTTPClientOptions => ({
    ...options,
    socket: { io: FakeTCP },
    dns: { io: FakeResolver },
  });
  describePort<HTTPClientSubject & { readonly loopback: Loopback }>(
    "HTTPClient on the ESP32, over the SDK's client",
    HTTP_CLIENT_OBLIGATIONS.filter(({ must }) => !NOT_KEPT.includes(must)),
    () => {
      const loopback = new Loopback();
      crashes.length = 0;
      return {
        loopback,
        HTTPClient: createHTTPClient({ HTTPClient: Client }),
        bufferByteLengthMax: 8 * 1024 * 1024,
        serve: async (answers) => {
          const server = await loopback.serve(answers);
          return Object.assign(server, { options: over(server.options) });
        },
        nobody: async () => over(await loopback.nobody()),
        until: (condition) => loopback.until(condition),
        turn: () => loopback.turn(),
      };
    },
    ({ loopback }) => {
      loopback.close();
      equal(crashes, [], "what would have restarted the chip");
    },
  );
}

/** Stands for resolver and socket: keeps what it was made with. */
class Ends {
  readonly options: Record<string, (...given: unknown[]) => void>;
  isClosed = false;
  constructor(options: object) {
    this.options = options as typeof this.options;
    network.push(this);
  }
  resolve(options: object): void {
    Object.assign(this.options, options);
  }
  close(): void {
    this.isClosed = true;
  }
}
let network: Ends[] = [];

/** Moddable's client with the parser left out: what that does with the bytes that arrive is `onBytes`. */
class ScriptedClient {
  static made: ScriptedClient[] = [];
  onBytes: (count: number) => void = () => {};
  readonly readCounts: number[] = [];
  asked: ModdableRequestOptions = {};
  isClosed = false;
  readonly #onError: (error?: unknown) => void;
  readonly #request = {
    read: (count: number | Uint8Array) => {
      this.readCounts.push(typeof count === "number" ? count : count.length);
      return typeof count === "number" ? new ArrayBuffer(count) : count.length;
    },
    write: () => Number.NaN,
  } as HTTPRequest;

  constructor(options: { host: string; port: number; socket: object; dns: object; onError: (error?: unknown) => void }) {
    ScriptedClient.made.push(this);
    this.#onError = options.onError;
    const { host, port, socket, dns } = options;
    const callbacks = {
      onReadable: (count: number) => this.onBytes(count),
      onWritable: (count: number) => this.asked.onWritable?.call(this.#request, count),
      onError: () => this.fail(),
    };
    const onResolved = (_host: string, address: string): void =>
      void new (socket as { io: typeof Ends }).io({ ...socket, address, host, port, ...callbacks });
    new (dns as { io: typeof Ends }).io(dns).resolve({ host, onResolved, onError: (error: unknown) => this.fail(error) });
  }

  request(options: ModdableRequestOptions): HTTPRequest {
    this.asked = options;
    return this.#request;
  }

  /** First the request hears of it, then the client, and nobody of what they throw. */
  fail(error?: unknown): void {
    try {
      this.asked.onDone?.call(this.#request, new Error());
      this.#onError(error);
    } catch {}
    this.close();
  }

  head(headers: Record<string, string>, status = 200): void {
    this.asked.onHeaders?.call(this.#request, status, new Map(Object.entries(headers)), "OK\r\n");
  }
  body(count: number): void {
    this.asked.onReadable?.call(this.#request, count);
  }
  done(): void {
    this.asked.onDone?.call(this.#request, null);
  }
  close(): void {
    this.isClosed = true;
  }
}

/** A client with one request, whose name is resolved. */
function open(options: HTTPRequestOptions = {}) {
  network = [];
  ScriptedClient.made = [];
  const HTTPClient = createHTTPClient({ HTTPClient: ScriptedClient as never });
  const told: string[] = [];
  const client = new HTTPClient({
    host: "updates.example.com",
    port: 8080,
    socket: { io: Ends, nodelay: true },
    dns: { io: Ends, servers: ["192.0.2.1"] },
    onError: (error) => void told.push(`${errorCodeOf(error)}: ${error?.message}`),
  });
  const ask = (more: HTTPRequestOptions = {}): HTTPRequest =>
    client.request({
      onHeaders: (status, headers, statusText) => void told.push(`${status} ${statusText} ${[...headers.keys()]}`),
      onReadable: (count) => void told.push(`readable ${count}`),
      onDone: () => void told.push("done"),
      ...more,
    });
  const request = ask(options);
  return { client, request, ask, told };
}

/** Resolves for the newest client, and gives it with its socket. */
function connected(): { inner: ScriptedClient; socket: Ends; resolver: Ends; arrive(count: number): void } {
  const resolver = network.at(-1)!;
  resolver.options["onResolved"]!("updates.example.com", "192.0.2.80");
  const socket = network.at(-1)!;
  return { inner: ScriptedClient.made.at(-1)!, socket, resolver, arrive: (count) => socket.options["onReadable"]!(count) };
}

describe("ESP32: HTTP client, what Moddable's does otherwise", () => {
  it("has a connection of its own for each request: what a server does with a kept one is nobody's failure", () => {
    const { ask, told } = open();
    const first = connected();
    ask({ path: "/second" });
    equal(ScriptedClient.made.length, 1, "one after another");
    first.inner.onBytes = () => first.inner.head({ "content-length": "0" });
    first.arrive(40);
    first.inner.done();
    ok(first.inner.isClosed && first.resolver.isClosed);
    first.socket.options["onError"]!();
    equal([ScriptedClient.made.length, ScriptedClient.made[1]!.asked.path], [2, "/second"]);
    equal(told, ["200 OK content-length", "done"]);
    equal(first.inner.asked.headers, new Map([["connection", "close"]]));
  });

  it("keeps the options of socket and resolver", () => {
    open();
    const { socket, resolver } = connected();
    const { nodelay, address, host, port } = socket.options as unknown as Record<string, unknown>;
    equal([nodelay, address, host, port], [true, "192.0.2.80", "updates.example.com", 8080]);
    equal((resolver.options as unknown as Record<string, unknown>)["servers"], ["192.0.2.1"]);
  });

  it("makes an error of what Moddable's parser throws; on the device it would restart the chip", () => {
    const { told } = open();
    const { inner, arrive } = connected();
    inner.onBytes = () => {
      throw new TypeError("cannot read format of undefined");
    };
    arrive(20);
    arrive(20);
    equal(told, ["corrupt: HTTPClient: the response: cannot read format of undefined"]);
    ok(inner.isClosed);
  });

  it("lets through what the firmware's own callback throws, also where Moddable would swallow it", () => {
    for (const fails of ["onHeaders", "onReadable", "onDone"]) {
      open({
        [fails]: () => {
          throw new Error("ours");
        },
      });
      const { inner, arrive } = connected();
      inner.onBytes = () => {
        inner.head({ "content-length": "1" });
        inner.body(1);
        inner.done();
      };
      throws(() => arrive(50), /^ours$/);
    }
    const HTTPClient = createHTTPClient({ HTTPClient: ScriptedClient as never });
    const onError = (): never => {
      throw new Error("ours too");
    };
    new HTTPClient({ host: "a", socket: { io: Ends }, dns: { io: Ends }, onError }).request({});
    const { socket } = connected();
    throws(() => socket.options["onError"]!(), /^ours too$/);
  });

  it("is done in spite of bytes behind the announced body", () => {
    const { request, told } = open();
    const { inner, arrive } = connected();
    inner.onBytes = () => {
      inner.head({ "content-length": "3" });
      inner.body(3);
    };
    arrive(60);
    request.read();
    inner.onBytes = () => {
      throw new Error("unexpected state");
    };
    arrive(5);
    inner.done();
    equal([told, inner.readCounts], [["200 OK content-length", "readable 3", "done"], [3]]);
  });

  it("reads what was announced and no more: Moddable throws for a count of 0", () => {
    const { request } = open();
    const { inner, arrive } = connected();
    equal([request.read(), request.read(4), request.read(new Uint8Array(4))], [undefined, undefined, undefined]);
    inner.onBytes = () => {
      inner.head({ "content-length": "9" });
      inner.body(5);
    };
    arrive(60);
    equal([request.read(0), request.read(new Uint8Array(0))], [new ArrayBuffer(0), 0]);
    equal([request.read(new Uint8Array(3)), request.read(100)?.byteLength, request.read()], [3, 2, undefined]);
    equal(inner.readCounts, [3, 2]);
    throws(() => request.read(-1), "invalid", /a read of -1 bytes, expected 0 or more/);
  });

  it("ends HEAD and 304 with their headers, which announce the length of a body that does not come", () => {
    for (const [method, status] of [
      ["HEAD", 200],
      ["GET", 304],
    ] as const) {
      const { told } = open({ method });
      const { inner, arrive } = connected();
      inner.onBytes = () => inner.head({ "content-length": "5000" }, status);
      arrive(60);
      equal([told, inner.isClosed], [[`${status} OK content-length`, "done"], true]);
    }
  });

  it("looks at all headers and tells of those in the mask", () => {
    const { told } = open({ headersMask: ["etag"] });
    const { inner, arrive } = connected();
    equal(inner.asked.headersMask, undefined);
    inner.onBytes = () => inner.head({ "content-length": "1", etag: "x" });
    arrive(60);
    equal(told, ["200 OK etag"]);
  });

  it("refuses a chunked response, and a length that is none, before a byte of the body", () => {
    const cases: readonly (readonly [headers: Record<string, string>, told: string])[] = [
      [{ "transfer-encoding": "Chunked" }, "unsupported: HTTPClient: a chunked response, expected one with content-length"],
      [{ "content-length": "-5" }, "corrupt: HTTPClient: content-length is -5, expected a number of bytes"],
      [{ "content-length": "5x" }, "corrupt: HTTPClient: content-length is 5x, expected a number of bytes"],
    ];
    for (const [headers, expected] of cases) {
      const { told } = open();
      const { inner, arrive } = connected();
      let isClosedInTime = false;
      inner.onBytes = () => {
        inner.head(headers);
        isClosedInTime = inner.isClosed;
      };
      arrive(60);
      equal([told, isClosedInTime], [[expected], true]);
    }
  });

  it("gives up on a head without an end", () => {
    const { told } = open();
    const { inner, arrive } = connected();
    let arrivedBytes = 0;
    inner.onBytes = (count) => {
      arrivedBytes += count;
    };
    for (let count = 0; count < 20; count++) arrive(1000);
    equal([arrivedBytes, told], [9000, ["corrupt: HTTPClient: the response: its head has more than 8192 bytes"]]);
  });

  it("refuses to send a chunked body, and a line break", () => {
    const { client } = open();
    const headers = new Map([["Transfer-Encoding", "chunked"]]);
    throws(() => client.request({ headers }), "unsupported", /a chunked request body, expected content-length/);
    for (const options of [{ path: "/a\r\nx: y" }, { method: "GET\n" }, { headers: new Map([["a", "b\rc"]]) }]) {
      throws(() => client.request(options), "invalid", /a line break in method, path or headers/);
    }
    equal(ScriptedClient.made.length, 1, "none of them was begun");
  });

  it("writes nothing where there is nothing to write to", () => {
    const { client, request } = open();
    equal(request.write(Uint8Array.of(1)), 0, "Moddable's gives NaN on a lost connection");
    client.close();
    throws(() => request.write(Uint8Array.of(1)), "refused", /no request body is being sent/);
  });

  it("throws what Moddable's constructor throws, and goes on", () => {
    const HTTPClient = createHTTPClient({ HTTPClient: ScriptedClient as never });
    const broken = class {
      constructor() {
        throw new Error("no UDP");
      }
    };
    const client = new HTTPClient({ host: "a", socket: { io: Ends }, dns: { io: broken } });
    for (let count = 0; count < 2; count++) throws(() => client.request({}), "io", /^HTTPClient: no UDP$/);
    client.close();
  });
});
