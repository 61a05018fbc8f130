/** One exchange at a time, each with an end: what a server does is noted in callbacks and done in tasks, a slice at a time. */
import { AssertionError } from "../../../src/assert.js";
import { FirmwareError, messageOf } from "../../../src/errors.js";
import type { HTTPClient, HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { Connection, type OutgoingRequest, type ServerAddress } from "../../../src/updater/connection.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { ManualTime } from "../scheduler/manual-time.js";

const STALL_MS = 1000;
const TIMEOUT_MS = 5000;

/** A request whose answer a spec gives by hand, a callback at a time. */
class HandRequest implements HTTPRequest {
  readonly options: HTTPRequestOptions;
  readonly written: string[] = [];
  /** What each read asked for. */
  readonly wantedBytes: number[] = [];
  #arrived: number[] = [];

  constructor(options: HTTPRequestOptions) {
    this.options = options;
  }

  head(status = 200, headers: Readonly<Record<string, string>> = {}): void {
    this.options.onHeaders?.call(this, status, new Map(Object.entries(headers)), "");
  }

  deliver(...bytes: number[]): void {
    this.#arrived.push(...bytes);
    this.options.onReadable?.call(this, this.#arrived.length);
  }

  wantBody(count: number): void {
    this.options.onWritable?.call(this, count);
  }

  done(): void {
    this.options.onDone?.call(this);
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(byteLength?: number | Uint8Array): ArrayBuffer | number | undefined {
    ok(typeof byteLength === "number", "a read says how much");
    this.wantedBytes.push(byteLength);
    if (this.#arrived.length === 0) return undefined;
    return Uint8Array.from(this.#arrived.splice(0, byteLength)).buffer;
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    this.written.push(String.fromCharCode(...new Uint8Array(buffer ?? new ArrayBuffer(0))));
    return 0;
  }
}

class Bench {
  readonly time = new ManualTime();
  readonly log: string[] = [];
  readonly clients: HandClient[] = [];
  readonly connection: Connection;
  /** What the sink's next call throws. */
  thrown: unknown;
  /** What `onFail` throws. */
  thrownByFail: unknown;
  roomBytes = 4;
  onEnd: () => void = () => {};
  readonly scheduler: Scheduler;

  constructor(server: ServerAddress = { host: "updates.example.com", port: 8080 }) {
    const bench = this;
    const onFault = (_: unknown, error: unknown): void => this.note(`fault ${messageOf(error)}`);
    this.scheduler = new Scheduler({ ...this.time, taskCountMax: 4, dispatchCountMax: 1, onFault });
    const io = class extends HandClient {
      constructor(options: HTTPClientOptions) {
        super(options);
        bench.clients.push(this);
      }
    };
    this.connection = new Connection({
      scheduler: this.scheduler,
      clock: this.time.clock,
      http: { io, socket: { kind: "socket" }, dns: { kind: "dns" } },
      server,
      stallTimeoutMs: STALL_MS,
      onFail: (error) => {
        const code = error instanceof FirmwareError ? `${error.code} ` : "";
        this.note(`fail ${code}${messageOf(error)}`);
        if (this.thrownByFail !== undefined) throw this.thrownByFail;
      },
    });
    this.scheduler.start();
  }

  get client(): HandClient {
    return this.clients[this.clients.length - 1]!;
  }

  get request(): HandRequest {
    return this.client.requests[this.client.requests.length - 1]!;
  }

  note(line: string): void {
    this.log.push(line);
  }

  /** Sends a request whose sink writes down what it is told, its name in front. */
  send(outgoing: Partial<OutgoingRequest> = {}, name = ""): void {
    const bench = this;
    const tell = (line: string): void => {
      bench.note(name + line);
      const { thrown } = bench;
      bench.thrown = undefined;
      if (thrown !== undefined) throw thrown;
    };
    this.connection.send(
      { path: "/a", timeoutMs: TIMEOUT_MS, ...outgoing },
      {
        onHead: (status, headers) => tell(`head ${status} ${[...headers].join(" ")}`),
        get roomBytes() {
          return bench.roomBytes;
        },
        onBytes: (bytes) => tell(`bytes ${bytes.join(" ")}`),
        onEnd: () => {
          tell("end");
          bench.onEnd();
        },
      },
    );
  }

  /** Lets everything run that is due, and gives what was told since the last call. */
  turn(durationMs = 0): string[] {
    this.time.advance(durationMs);
    return this.log.splice(0);
  }
}

class HandClient implements HTTPClient {
  readonly options: HTTPClientOptions;
  readonly requests: HandRequest[] = [];
  /** "closed" from `close()` on, "ended" from the server's end on. */
  state: "open" | "ended" | "closed" = "open";
  refusal: Error | undefined;

  constructor(options: HTTPClientOptions) {
    this.options = options;
  }

  request(options: HTTPRequestOptions): HTTPRequest {
    if (this.state !== "open") throw new FirmwareError("closed", "HandClient: used after its end");
    if (options.path === "/refused") throw new FirmwareError("invalid", "HandClient: no such path");
    this.requests.push(new HandRequest(options));
    return this.requests[this.requests.length - 1]!;
  }

  /** The connection ends, by whatever the server did. */
  end(error?: Error): void {
    this.state = "ended";
    this.options.onError?.call(this, error);
  }

  close(): void {
    this.state = "closed";
  }
}

describe("a connection asks", () => {
  it("the server that it is made for, with the options of the host's class and one client", () => {
    const bench = new Bench();
    equal(bench.clients.length, 0, "not before the first request");
    bench.send({ headers: new Map([["accept", "*/*"]]) });
    const { host, port, socket, dns } = bench.client.options;
    equal([host, port, socket, dns], ["updates.example.com", 8080, { kind: "socket" }, { kind: "dns" }]);
    const { method, path, headers, headersMask } = bench.request.options;
    equal([method, path, headers], ["GET", "/a", new Map([["accept", "*/*"]])]);
    equal(headersMask, ["content-length", "content-range", "etag", "retry-after", "date"]);
  });

  it("by TLS with its own roots, where the server has it", () => {
    const tls = { roots: ["a root"], serverName: "updates" };
    const bench = new Bench({ host: "h", port: 443, tls });
    bench.send();
    equal(bench.client.options.socket, { kind: "socket", secure: tls });
  });

  it("with a body by telling its length, and sends it as there is room, each part once", () => {
    const bench = new Bench();
    const headers = new Map([["authorization", "TargetToken a"]]);
    bench.send({ method: "POST", body: '{"ü":1}', headers });
    const sent = [...headers, ["content-type", "application/json"], ["content-length", "8"]] as [string, string][];
    equal([bench.request.options.method, bench.request.options.headers], ["POST", new Map(sent)]);
    equal(headers.size, 1, "what it was given is not changed");
    bench.turn();
    equal(bench.request.written, [], "nobody asked for it");
    for (const count of [3, 0, 1, 100, 100]) {
      bench.request.wantBody(count);
      bench.turn();
    }
    equal(bench.request.written, ['{"\u00c3', "\u00bc", '":1}']);
  });

  it("one thing at a time", () => {
    const bench = new Bench();
    bench.send();
    ok(throws(() => bench.send({ path: "/b" })) instanceof AssertionError);
    equal(bench.client.requests.length, 1);
  });

  it("nothing that the client refuses, and lets whoever asked know", () => {
    const bench = new Bench();
    throws(() => bench.send({ path: "/refused" }), "invalid", /no such path/);
    equal([bench.client.state, bench.turn(10 * TIMEOUT_MS)], ["closed", []], "and no word of it later");
    bench.send();
    equal(bench.clients.length, 2);
  });
});

describe("a connection delivers", () => {
  it("head, body and end, each in a task of its own and in the slices that the sink has room for", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head(200, { "content-length": "6" });
    bench.request.deliver(1, 2, 3, 4, 5, 6);
    equal(bench.log, [], "nothing from within a callback of the client");
    const other = bench.scheduler.task({ name: "other", run: () => bench.note("others") });
    bench.roomBytes = 4;
    for (const expected of ["head 200 content-length,6", "bytes 1 2 3 4", "bytes 5 6"]) {
      while (!bench.log.includes(expected)) bench.time.advance(0);
      other.post();
    }
    bench.request.done();
    const told = bench.turn().filter((line, index, lines) => line !== "others" || lines[index - 1] !== "others");
    equal(told[0], "head 200 content-length,6");
    equal(told[told.length - 1], "end");
    equal(bench.turn(10 * TIMEOUT_MS), [], "the end is the end");
  });

  it("no two slices without a turn for the others between them", () => {
    const bench = new Bench();
    bench.send();
    bench.roomBytes = 1;
    bench.scheduler.every({ name: "sampling", periodMs: 1, run: () => bench.note("sampled") });
    bench.request.head();
    bench.request.deliver(1, 2, 3);
    bench.turn();
    const { log } = bench;
    // A slice takes its time: what became due meanwhile comes first.
    const slow = new Bench();
    slow.roomBytes = 1;
    slow.scheduler.every({ name: "sampling", periodMs: 10, run: () => slow.note("sampled") });
    const note = slow.note.bind(slow);
    slow.note = (line) => {
      note(line);
      if (line.startsWith("bytes")) slow.time.busy(10);
    };
    slow.send();
    slow.request.head();
    slow.request.deliver(1, 2, 3);
    const lines = slow.turn();
    equal(lines, ["sampled", "head 200 ", "bytes 1", "sampled", "bytes 2", "sampled", "bytes 3", "sampled"]);
    equal(log, []);
  });

  it("nothing of a body that nobody has room for, until there is some", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head();
    bench.request.deliver(1, 2, 3, 4, 5);
    bench.roomBytes = 2;
    equal(bench.turn(), ["head 200 ", "bytes 1 2", "bytes 3 4", "bytes 5"]);
    equal(
      bench.request.wantedBytes.every((count) => count === 2),
      true,
    );
  });

  it("an answer without a body, and one whose end comes with its last bytes", () => {
    const bench = new Bench();
    bench.send();
    bench.request.head(204);
    bench.request.done();
    equal(bench.turn(), ["head 204 ", "end"]);
    bench.send();
    bench.request.head();
    bench.request.deliver(1);
    bench.request.done();
    equal(bench.turn(), ["head 200 ", "bytes 1", "end"]);
    equal(bench.clients.length, 1, "over the same client");
  });

  it("the end of one exchange, from which the next may be sent", () => {
    const bench = new Bench();
    bench.onEnd = () => {
      bench.onEnd = () => {};
      bench.send({ path: "/b" }, "b: ");
    };
    bench.send({}, "a: ");
    bench.request.head();
    bench.request.done();
    equal(bench.turn(), ["a: head 200 ", "a: end"]);
    equal(bench.request.options.path, "/b");
    bench.request.head();
    bench.request.done();
    equal([bench.turn(), bench.clients.length], [["b: head 200 ", "b: end"], 1]);
  });
});
