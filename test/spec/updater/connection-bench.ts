/**
 * A connection over a client that a spec moves by hand, a callback at a time, in time that stands still.
 *
 * The clients of the hosts keep the law of their port; what a connection must bear is more than that.
 */
import { FirmwareError, messageOf } from "../../../src/errors.js";
import type { HTTPClient, HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { Connection, type OutgoingRequest, type ServerAddress } from "../../../src/updater/connection.js";
import { ok } from "../../harness/expect.js";
import { ManualTime } from "../scheduler/manual-time.js";

export const STALL_MS = 1000;
export const TIMEOUT_MS = 5000;

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

export class Bench {
  readonly time = new ManualTime();
  readonly log: string[] = [];
  readonly clients: HandClient[] = [];
  readonly connection: Connection;
  /** What the sink's next call throws. */
  thrown: unknown;
  /** What `onFail` throws. */
  thrownByFail: unknown;
  /** Sees each line as it is written. */
  onNote: (line: string) => void = () => {};
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
    this.onNote(line);
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
