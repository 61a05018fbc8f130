/**
 * A network without sockets: ECMA-419's TCP class as Moddable's behaves, a resolver, timers, and scripted servers that talk
 * HTTP byte by byte, all on one list of steps. Nothing here is of Node, so the suite runs on the device's engine too.
 */
import type { DNSResolver } from "../../../../hosts/esp32/http/connection.js";
import type { HTTPClientOptions } from "../../../../src/ports/http-client.js";
import type { Timer, TimerConstructor, TimerOptions } from "../../../../src/ports/timer.js";
import { FakeLoop } from "../../../ports/broken/http-client-server.js";
import {
  bytesOf,
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  textOf,
} from "../../../ports/http-client-conversation.js";

export const WINDOW_SIZE_BYTES = 4 * 1436;

interface SocketOptions {
  readonly network: MemoryNetwork;
  readonly port: number;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  readonly onError: () => void;
}

export class MemoryNetwork {
  readonly loop = new FakeLoop();
  readonly servers = new Map<number, MemoryServer>();
  /** What came out of a callback: on a device it ends the chip. */
  readonly crashes: unknown[] = [];
  readonly Timer: TimerConstructor;

  constructor() {
    const network = this;
    this.Timer = class implements Timer {
      readonly #options: TimerOptions;
      #isArmed = false;
      constructor(options: TimerOptions) {
        this.#options = options;
      }
      arm(): void {
        if (this.#isArmed) return;
        this.#isArmed = true;
        network.later(() => {
          if (!this.#isArmed) return;
          this.#isArmed = false;
          this.#options.onExpire.call(this);
        });
      }
      disarm(): void {
        this.#isArmed = false;
      }
      close(): void {
        this.#isArmed = false;
      }
    };
  }

  /** In a turn of its own. */
  later(step: () => void): void {
    this.loop.later(() => {
      try {
        step();
      } catch (error) {
        this.crashes.push(error);
      }
    });
  }

  optionsFor(port: number): HTTPClientOptions {
    return { host: "memory", port, socket: { io: MemoryTCP, network: this }, dns: { io: MemoryResolver, network: this } };
  }

  serve(answers: readonly ScriptedAnswer[]): ScriptedServer {
    const port = 8000 + this.servers.size;
    const server = new MemoryServer(this, port, answers);
    this.servers.set(port, server);
    return server;
  }
}

class MemoryResolver implements DNSResolver {
  readonly #network: MemoryNetwork;
  #isOpen = true;

  constructor(options: object) {
    this.#network = (options as SocketOptions).network;
  }
  resolve({ host, onResolved }: Parameters<DNSResolver["resolve"]>[0]): void {
    this.#network.later(() => this.#isOpen && onResolved(host, "192.0.2.1"));
  }
  close(): void {
    this.#isOpen = false;
  }
}

class MemoryTCP {
  readonly #options: SocketOptions;
  #peer: Peer | undefined;
  #waiting = "";
  #unsentBytes = 0;
  #isReady = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    const { network, port } = options;
    network.later(() => {
      if (this.#isClosed) return;
      this.#peer = network.servers.get(port)?.accept(this);
      this.#isReady = this.#peer !== undefined;
      if (this.#isReady) options.onWritable(WINDOW_SIZE_BYTES);
      else options.onError();
    });
  }

  get roomBytes(): number {
    return this.#isClosed ? 0 : WINDOW_SIZE_BYTES - this.#waiting.length;
  }

  arrive(text: string): void {
    this.#waiting += text;
    if (!this.#isClosed) this.#options.onReadable(this.#waiting.length);
  }

  end(): void {
    this.#hasEnded = true;
    this.#isReady = false;
    if (this.#waiting === "" && !this.#isClosed) this.#options.onError();
  }

  read(target: Uint8Array): number {
    if (this.#isClosed || target.length === 0 || target.length > this.#waiting.length) throw new Error("invalid");
    target.set(bytesOf(this.#waiting.slice(0, target.length)));
    this.#waiting = this.#waiting.slice(target.length);
    this.#options.network.later(() => this.#peer?.pump());
    if (this.#waiting === "" && this.#hasEnded) this.#options.network.later(() => this.end());
    return target.length;
  }

  write(bytes: Uint8Array): number {
    if (this.#isClosed || !this.#isReady) throw new Error("not ready");
    if (bytes.length > WINDOW_SIZE_BYTES - this.#unsentBytes) throw new Error("would block");
    const text = textOf(bytes.slice().buffer as ArrayBuffer);
    this.#unsentBytes += bytes.length;
    this.#options.network.later(() => {
      this.#unsentBytes -= bytes.length;
      this.#peer?.receive(text);
      if (this.#isReady && !this.#isClosed) this.#options.onWritable(WINDOW_SIZE_BYTES - this.#unsentBytes);
    });
    return WINDOW_SIZE_BYTES - this.#unsentBytes;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.network.later(() => this.#peer?.leave());
  }
}

class MemoryServer implements ScriptedServer {
  readonly options: HTTPClientOptions;
  readonly requests: ScriptedRequest[] = [];
  readonly #network: MemoryNetwork;
  readonly #answers: ScriptedAnswer[];
  #peer: Peer | undefined;
  openConnectionCount = 0;
  sentByteLength = 0;

  constructor(network: MemoryNetwork, port: number, answers: readonly ScriptedAnswer[]) {
    this.options = network.optionsFor(port);
    this.#network = network;
    this.#answers = [...answers];
  }

  accept(socket: MemoryTCP): Peer {
    this.openConnectionCount++;
    this.#peer = new Peer(this.#network, this, socket);
    return this.#peer;
  }

  answerTo(request: ScriptedRequest): ScriptedAnswer {
    this.requests.push(request);
    return this.#answers.shift() ?? {};
  }

  next(): void {
    this.#network.later(() => this.#peer?.next());
  }
}

/** The server's end of one connection. */
class Peer {
  readonly #network: MemoryNetwork;
  readonly #server: MemoryServer;
  readonly #socket: MemoryTCP;
  #received = "";
  #parts: string[] = [];
  #end: ScriptedAnswer["end"] = "hold";
  #unsent = "";
  /** Bytes of a head that go first. */
  #headBytes = 0;
  #isOpen = true;

  constructor(network: MemoryNetwork, server: MemoryServer, socket: MemoryTCP) {
    this.#network = network;
    this.#server = server;
    this.#socket = socket;
  }

  receive(text: string): void {
    this.#received += text;
    const request = requestOf(this.#received);
    if (request === undefined) return;
    this.#received = "";
    const {
      status = 200,
      statusText = "OK",
      headers = {},
      body = [],
      raw,
      contentLength,
      end,
    } = this.#server.answerTo(request);
    const lines = [`HTTP/1.1 ${status} ${statusText}`, `Content-Length: ${contentLength ?? body.join("").length}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    this.#unsent = raw ?? `${lines.join("\r\n")}\r\n\r\n`;
    this.#headBytes = this.#unsent.length;
    this.#parts = [...body];
    this.#end = end ?? "close";
    this.next();
  }

  next(): void {
    this.#unsent += this.#parts.shift() ?? "";
    this.pump();
  }

  pump(): void {
    if (!this.#isOpen) return;
    const segment = this.#unsent.slice(0, this.#socket.roomBytes);
    this.#unsent = this.#unsent.slice(segment.length);
    const headBytes = Math.min(this.#headBytes, segment.length);
    this.#headBytes -= headBytes;
    this.#server.sentByteLength += segment.length - headBytes;
    if (segment !== "") this.#socket.arrive(segment);
    if (this.#unsent !== "" || this.#parts.length > 0 || this.#end === "hold") return;
    this.#end = "hold";
    this.#network.later(() => {
      this.leave();
      this.#socket.end();
    });
  }

  leave(): void {
    if (this.#isOpen) this.#server.openConnectionCount--;
    this.#isOpen = false;
  }
}

/** A request, once it is there in full. */
function requestOf(text: string): ScriptedRequest | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [requestLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const headers = new Map<string, string>();
  for (const line of lines) headers.set(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim());
  let rest = text.slice(headEnd + 4);
  if (headers.get("transfer-encoding") !== "chunked") {
    return rest.length < Number(headers.get("content-length") ?? 0) ? undefined : { method, path, headers, body: rest };
  }
  if (!rest.endsWith("0\r\n\r\n")) return undefined;
  let body = "";
  for (let size = Number.parseInt(rest, 16); size > 0; size = Number.parseInt(rest, 16)) {
    rest = rest.slice(rest.indexOf("\r\n") + 2);
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
  return { method, path, headers, body };
}
