/**
 * The network beneath the ESP32's HTTP client, over Node's: `embedded:io/socket/tcp` on lwIP, a resolver and `timer`, as they
 * behave in Moddable 8.2.3; and the SDK's own resolver where `$MODDABLE` names one.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, isIP, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DNSResolver } from "../../../../hosts/esp32/http/connection.js";
import type { ModdableTimer, ModdableTimerModule } from "../../../../hosts/esp32/timer.js";

/** Of lwIP as Moddable sets it up: four segments each way. */
const WINDOW_SIZE_BYTES = 4 * 1436;

interface TCPOptions {
  readonly address: string;
  readonly port: number;
  readonly onReadable?: (count: number) => void;
  readonly onWritable?: (count: number) => void;
  readonly onError?: () => void;
}

/** What came out of a callback: on a device it ends the chip. */
export const crashes: unknown[] = [];

function called(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    crashes.push(error);
  }
}

/**
 * What has arrived waits in it and is told of when more comes. An end comes as an error once all is read, without a reason,
 * and comes again with every reason to look: at a read that empties it, at a segment that was acknowledged.
 */
export class FakeTCP {
  /** All that are open. */
  static readonly open = new Set<FakeTCP>();
  readonly #options: TCPOptions;
  #socket: Socket | undefined;
  #buffered = Buffer.alloc(0);
  #unsentBytes = 0;
  #isReady = false;
  #isGone = false;
  #hasEnded = false;
  /** What the next message to the machine brings. */
  readonly #triggered = new Set<"readable" | "writable" | "error">();

  constructor(options: TCPOptions) {
    if (isIP(options.address) === 0) throw new Error("invalid address");
    this.#options = { ...options };
    FakeTCP.open.add(this);
    const socket = connect({ host: options.address, port: options.port });
    this.#socket = socket;
    socket.on("connect", () => {
      this.#isReady = true;
      this.#trigger("writable");
    });
    socket.on("data", (chunk) => {
      this.#buffered = Buffer.concat([this.#buffered, chunk]);
      if (this.#buffered.length >= WINDOW_SIZE_BYTES) socket.pause();
      this.#trigger("readable");
    });
    socket.on("end", () => this.#trigger("error"));
    socket.on("error", () => {
      this.#isGone = true;
      this.#trigger("error");
    });
  }

  read(wanted?: number | Uint8Array | ArrayBuffer): number | ArrayBuffer | undefined {
    const socket = this.#open();
    if (this.#buffered.length === 0) return undefined;
    let count = this.#buffered.length;
    if (wanted !== undefined) count = typeof wanted === "number" ? wanted | 0 : wanted.byteLength;
    if (count <= 0 || count > this.#buffered.length) throw new Error("invalid");
    const bytes = new Uint8Array(this.#buffered.subarray(0, count));
    this.#buffered = this.#buffered.subarray(count);
    if (this.#buffered.length < WINDOW_SIZE_BYTES) socket.resume();
    if (this.#buffered.length === 0 && this.#hasEnded) this.#trigger("error");
    if (wanted === undefined || typeof wanted === "number") return bytes.buffer;
    viewOf(wanted).set(bytes);
    return count;
  }

  /** Gives the bytes that may still be written; nothing once the other end is gone, and throws when that was told of. */
  write(data: Uint8Array | ArrayBuffer): number | undefined {
    const socket = this.#open();
    if (!this.#isReady) throw new Error("not ready");
    if (this.#isGone) return undefined;
    const bytes = viewOf(data).slice();
    if (bytes.length > WINDOW_SIZE_BYTES - this.#unsentBytes) throw new Error("would block");
    this.#unsentBytes += bytes.length;
    socket.write(bytes, () => {
      this.#unsentBytes -= bytes.length;
      this.#trigger("writable");
    });
    return WINDOW_SIZE_BYTES - this.#unsentBytes;
  }

  close(): void {
    FakeTCP.open.delete(this);
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    if (this.#socket === undefined) throw new SyntaxError("read or write: no host data");
    return this.#socket;
  }

  #trigger(what: "readable" | "writable" | "error"): void {
    const isOnTheWay = this.#triggered.size > 0;
    this.#triggered.add(what);
    if (!isOnTheWay) setImmediate(() => this.#deliver());
  }

  /** One message: first what can be read, then that there is room, or that it is over. */
  #deliver(): void {
    const triggered = new Set(this.#triggered);
    this.#triggered.clear();
    if (triggered.has("error")) {
      this.#hasEnded = true;
      this.#isReady = false;
    }
    const { onReadable, onWritable, onError } = this.#options;
    if (triggered.has("readable") && this.#buffered.length > 0) this.#call(() => onReadable?.(this.#buffered.length));
    if (!this.#hasEnded) {
      if (triggered.has("writable")) this.#call(() => onWritable?.(WINDOW_SIZE_BYTES - this.#unsentBytes));
    } else if (this.#buffered.length === 0) this.#call(() => onError?.());
  }

  #call(callback: () => void): void {
    if (this.#socket !== undefined) called(callback);
  }
}

function viewOf(data: Uint8Array | ArrayBuffer): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Answers an address with itself, in the next turn, as Moddable's resolver does. */
export class FakeResolver implements DNSResolver {
  #turn: NodeJS.Immediate | undefined;

  resolve({ host, onResolved }: Parameters<DNSResolver["resolve"]>[0]): void {
    this.#turn = setImmediate(() => called(() => onResolved(host, host)));
  }

  close(): void {
    clearImmediate(this.#turn);
  }
}

interface Turn {
  readonly callback: () => void;
  immediate: NodeJS.Immediate | undefined;
}

/** Moddable's `timer`, as far as the client's timers use it: a delay of 0 is the next turn, and a longer one never comes. */
export const turns: ModdableTimerModule = {
  set: (callback, delay) => {
    const turn: Turn = { callback, immediate: undefined };
    turns.schedule(turn, delay, 0);
    return turn;
  },
  schedule: (timer: ModdableTimer, delay?: number) => {
    const turn = timer as Turn;
    clearImmediate(turn.immediate);
    if (delay === 0) turn.immediate = setImmediate(() => called(turn.callback));
  },
  clear: (timer: ModdableTimer) => clearImmediate((timer as Turn).immediate),
};

/** What the SDK's resolver imports. Addresses are answered before it comes to a packet. */
const TIMER = `export default {
  set: (callback) => ({ immediate: setImmediate(callback) }),
  clear: (timer) => void (timer && clearImmediate(timer.immediate)),
};
`;

/** The SDK's resolver, or undefined where there is no SDK. It resolves addresses only here. */
export async function loadResolver(): Promise<(new (options: object) => DNSResolver) | undefined> {
  const source = join(process.env["MODDABLE"] ?? "", "examples", "io", "udp", "dns", "dns.js");
  if (!process.env["MODDABLE"] || !existsSync(source)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-dns-"));
  try {
    writeFileSync(join(folder, "timer.mjs"), TIMER);
    for (const name of ["dns", "parser", "serializer"]) writeFileSync(join(folder, `${name}.mjs`), "export default class {}\n");
    const text = readFileSync(source, "utf8").replace(/from "(?:dns\/)?(timer|dns|parser|serializer)"/g, 'from "./$1.mjs"');
    writeFileSync(join(folder, "resolver.mjs"), text);
    const module = (await import(pathToFileURL(join(folder, "resolver.mjs")).href)) as {
      default: new (options: object) => DNSResolver;
    };
    return module.default;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
