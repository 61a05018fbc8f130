/**
 * Sockets and resolvers that misbehave as Moddable's may, beneath the ESP32's HTTP client: what leaves a callback would restart
 * the chip, and what comes late must find nobody.
 */
import { createHTTPClient } from "../../../hosts/esp32/http/http-client.js";
import { createTimer, type ModdableTimerModule } from "../../../hosts/esp32/timer.js";
import { errorCodeOf } from "../../../src/errors.js";
import type { HTTPClientOptions, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { beforeEach, describe, it } from "../../harness/spec.js";
import { bytesOf, textOf } from "../../ports/http-client-conversation.js";
import { FakeLoop } from "./moddable/time.js";

const RESPONSE = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";

interface SocketOptions {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  readonly onError: () => void;
}

/** A socket that is driven by hand. */
class HandSocket {
  static made: HandSocket[] = [];
  static refusal: string | undefined;
  readonly options: SocketOptions;
  waiting = "";
  sent = "";
  fault: "read" | "short" | undefined;
  closeCount = 0;

  constructor(options: SocketOptions) {
    if (HandSocket.refusal !== undefined) throw new RangeError(HandSocket.refusal);
    this.options = options;
    HandSocket.made.push(this);
  }

  connect(): void {
    this.options.onWritable(5744);
  }
  arrive(text: string): void {
    this.waiting += text;
    this.options.onReadable(this.waiting.length);
  }
  read(target: Uint8Array): number | undefined {
    if (this.fault === "read") throw new Error("invalid");
    if (this.fault === "short") return undefined;
    target.set(bytesOf(this.waiting.slice(0, target.length)));
    this.waiting = this.waiting.slice(target.length);
    return target.length;
  }
  write(bytes: Uint8Array): number {
    this.sent += textOf(bytes.slice().buffer as ArrayBuffer);
    return 5744;
  }
  close(): void {
    this.closeCount++;
  }
}

interface Question {
  readonly host: string;
  readonly onResolved: (host: string, address: string) => void;
  readonly onError: (error?: unknown) => void;
}

class HandResolver {
  static last: HandResolver;
  static refusal: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  question: Question | undefined;
  closeCount = 0;

  constructor(options: object) {
    this.options = options as typeof this.options;
    HandResolver.last = this;
  }
  resolve(question: Question): void {
    if (HandResolver.refusal !== undefined) throw new Error(HandResolver.refusal);
    this.question = question;
  }
  close(): void {
    this.closeCount++;
  }
}

let loop: FakeLoop;
let clearedCount: number;

beforeEach(() => {
  loop = new FakeLoop();
  clearedCount = 0;
  HandSocket.made = [];
  HandSocket.refusal = undefined;
  HandResolver.refusal = undefined;
});

function make(asked: HTTPRequestOptions = {}, options: Partial<HTTPClientOptions> = {}) {
  const clear: ModdableTimerModule["clear"] = (timer) => {
    clearedCount++;
    loop.timer.clear(timer);
  };
  const HTTPClient = createHTTPClient({ Timer: createTimer({ timer: { ...loop.timer, clear } }) });
  const told: string[] = [];
  const client = new HTTPClient({
    host: "updates.example.com",
    port: 8080,
    socket: { io: HandSocket, nodelay: true },
    dns: { io: HandResolver, servers: ["192.0.2.1"] },
    onError: (error) => void told.push(`${errorCodeOf(error)}: ${error?.message}`),
    ...options,
  });
  const ask = (more: HTTPRequestOptions = {}) =>
    client.request({
      onHeaders: (status) => void told.push(`headers ${status}`),
      onReadable: (count) => void told.push(`readable ${count}`),
      onDone: () => void told.push("done"),
      ...more,
    });
  return { client, told, ask, request: ask(asked) };
}

/** A client whose name is resolved and whose socket is connected. */
function open(asked: HTTPRequestOptions = {}) {
  const made = make(asked);
  HandResolver.last.question!.onResolved("updates.example.com", "192.0.2.80");
  const socket = HandSocket.made.at(-1)!;
  socket.connect();
  return { ...made, socket, resolver: HandResolver.last };
}

describe("ESP32: the options of an HTTP client", () => {
  const refused: readonly (readonly [what: string, change: object, words: RegExp])[] = [
    ["no host", { host: "" }, /no host, expected a name or an address/],
    ["a host that is no text", { host: 5 }, /no host/],
    ["a host that would end a line", { host: "a\r\nx: y" }, /no host/],
    ["a host with a blank", { host: "a b" }, /no host/],
    ["port 0", { port: 0 }, /port 0, expected 1 … 65535/],
    ["a port beyond 16 bits", { port: 70_000 }, /port 70000, expected 1 … 65535/],
    ["a port that is no number", { port: "80" }, /port 80/],
    ["no socket", { socket: undefined }, /no socket.io, expected a class/],
    ["a socket without class", { socket: {} }, /no socket.io/],
    ["no resolver", { dns: undefined }, /no dns.io/],
    ["a resolver without class", { dns: { servers: [] } }, /no dns.io/],
    ["an onError that is none", { onError: 1 }, /onError is not a function/],
  ];
  for (const [what, change, words] of refused) {
    it(`are refused with ${what}, before anything is made`, () => {
      throws(() => make({}, change), "invalid", words);
      equal([loop.madeCount, HandSocket.made], [0, []]);
    });
  }

  it("name the host with its port, and an address of IPv6 in brackets", () => {
    const cases: readonly (readonly [options: Partial<HTTPClientOptions>, host: string])[] = [
      [{ port: 80 }, "updates.example.com"],
      [{ port: 443 }, "updates.example.com:443"],
      [{ host: "2001:db8::1" }, "[2001:db8::1]:8080"],
    ];
    for (const [options, host] of cases) {
      make({}, options);
      HandResolver.last.question!.onResolved("a", "192.0.2.80");
      HandSocket.made.at(-1)!.connect();
      ok(HandSocket.made.at(-1)!.sent.includes(`\r\nhost: ${host}\r\n`), host);
    }
  });
});

describe("ESP32: the connection of an HTTP request", () => {
  it("gives socket and resolver their options, the host's name beside its address", () => {
    const { socket, resolver } = open();
    const { nodelay, address, host, port } = socket.options as SocketOptions & { readonly nodelay: boolean };
    equal([nodelay, address, host, port], [true, "192.0.2.80", "updates.example.com", 8080]);
    equal([resolver.options["servers"], resolver.question?.host], [["192.0.2.1"], "updates.example.com"]);
    ok(socket.sent.includes("\r\nhost: updates.example.com:8080\r\n"));
  });

  it("is closed with socket, resolver and timer when it is over, and nothing that comes late is heard", () => {
    const { socket, resolver, request, told } = open();
    socket.arrive(RESPONSE);
    request.read();
    loop.advance(0);
    const lines = ["headers 200", "readable 3", "done"];
    equal([told, socket.closeCount, resolver.closeCount, clearedCount], [lines, 1, 1, loop.madeCount]);
    socket.options.onReadable(10);
    socket.options.onWritable(10);
    socket.options.onError();
    resolver.question!.onResolved("updates.example.com", "192.0.2.81");
    resolver.question!.onError();
    loop.advance(1000);
    equal([told, HandSocket.made.length], [lines, 1]);
  });

  it("opens no socket for a name that is resolved after close(), nor a second one", () => {
    const { client, told } = make();
    client.close();
    client.close();
    HandResolver.last.question!.onResolved("updates.example.com", "192.0.2.80");
    HandResolver.last.question!.onError();
    loop.advance(1000);
    equal([HandSocket.made.length, HandResolver.last.closeCount, told], [0, 1, []]);
    open();
    HandResolver.last.question!.onResolved("updates.example.com", "192.0.2.81");
    equal(HandSocket.made.length, 1);
  });

  const endings: readonly (readonly [what: string, prepare: () => void, because: RegExp])[] = [
    ["a name without address", () => HandResolver.last.question!.onError("x"), /no address for updates.example.com/],
    [
      "a socket that cannot be made",
      () => {
        HandSocket.refusal = "no socket";
        HandResolver.last.question!.onResolved("updates.example.com", "192.0.2.80");
      },
      /no socket/,
    ],
    [
      "a connection that is refused",
      () => {
        HandResolver.last.question!.onResolved("updates.example.com", "192.0.2.80");
        HandSocket.made[0]!.options.onError();
      },
      /no connection to 192.0.2.80:8080/,
    ],
  ];
  for (const [what, prepare, because] of endings) {
    it(`is one error for ${what}, in a turn of its own`, () => {
      const { told, client } = make();
      prepare();
      equal(told, []);
      loop.advance(0);
      equal([told.length, told[0]?.startsWith("io: HTTPClient: GET /: "), because.test(told[0]!)], [1, true, true], told[0]);
      throws(() => client.request({}), "closed");
    });
  }

  it("is an error, and none of request(), where a resolver cannot be had", () => {
    HandResolver.refusal = "no UDP";
    const { told } = make();
    equal(told, []);
    loop.advance(0);
    equal(told, ["io: HTTPClient: GET /: no UDP"]);
  });

  it("tells of one end, though the socket tells of it again and again", () => {
    const { socket, told } = open();
    for (let count = 0; count < 3; count++) socket.options.onError();
    loop.advance(0);
    loop.advance(1000);
    equal(told, ["io: HTTPClient: GET /: the connection ended"]);
  });

  // On lwIP the end comes when all is read; a TLS class that reads ahead may tell of it while its last record waits.
  it("has what waits read before its end counts", () => {
    const { socket, told, request } = open();
    socket.arrive(RESPONSE.replace("content-length: 3", "x: y"));
    socket.options.onError();
    loop.advance(0);
    equal(told, ["headers 200", "readable 3"]);
    equal(textOf(request.read(2)), "ab");
    loop.advance(0);
    equal([told, textOf(request.read())], [["headers 200", "readable 3"], "c"]);
    loop.advance(0);
    equal(told, ["headers 200", "readable 3", "done"]);
  });

  for (const fault of ["read", "short"] as const) {
    it(`is an error where the socket's read ${fault === "read" ? "throws" : "gives less than it told of"}`, () => {
      const { socket, told } = open();
      socket.fault = fault;
      socket.arrive(RESPONSE);
      equal(told.length, 1);
      ok(/^io: HTTPClient: GET \/: /.test(told[0]!), told[0]);
    });
  }

  it("takes what is parsed in small pieces and leaves the body in the socket", () => {
    const { socket, told, request } = open();
    const body = "x".repeat(4000);
    socket.arrive(`${RESPONSE.replace("3\r\n\r\nabc", "4000\r\n\r\n")}${body}`);
    equal(told, ["headers 200", "readable 4000"]);
    ok(socket.waiting.length > 4000 - 512, "at most a window of it was taken");
    equal([textOf(request.read(100)), textOf(request.read(3000)), textOf(request.read())].join(""), body);
  });

  it("lets through what the firmware's own callback throws, and goes on", () => {
    const fail = (): never => {
      throw new Error("ours");
    };
    for (const name of ["onHeaders", "onReadable"]) {
      const { socket, told, request } = open({ [name]: fail });
      throws(() => socket.arrive(RESPONSE.slice(0, -1)), /^ours$/);
      const text = textOf(request.read());
      if (name === "onHeaders") socket.arrive("c");
      else throws(() => socket.arrive("c"), /^ours$/);
      equal([text + textOf(request.read()), told.includes("done")], ["abc", false]);
      loop.advance(0);
      equal(told.at(-1), "done");
    }
    const { socket, ask, request, resolver } = open({ onDone: fail });
    ask();
    socket.arrive(RESPONSE);
    request.read();
    throws(() => loop.advance(0), /^ours$/);
    ok(socket.closeCount === 1 && HandResolver.last !== resolver, "the next request is under way");
    const { told } = make({}, { onError: fail });
    HandResolver.last.question!.onError();
    throws(() => loop.advance(0), /^ours$/);
    equal(told, []);
  });
});
