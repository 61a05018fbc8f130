/**
 * Moddable's HTTP client over a socket of Node: the very source of the SDK where `$MODDABLE` names one, above stand-ins for
 * `embedded:io/socket/tcp` on lwIP, the resolver and `timer` that behave as 8.2.3 does.
 *
 * Not an imitation of the client: what it does at a byte that it does not expect is what the specs are about.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ModdableHTTPClientConstructor } from "../../../../hosts/esp32/http-client.js";

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

function viewOf(data: Uint8Array | ArrayBuffer): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** What has arrived waits in it and is told of when more comes; an end comes as an error once all is read. */
export class FakeTCP {
  format = "buffer";
  readonly #options: TCPOptions;
  #socket: Socket | undefined;
  #buffered = Buffer.alloc(0);
  #unsentBytes = 0;
  #isReady = false;
  #hasEnded = false;
  /** What the next message to the machine brings. */
  readonly #triggered = new Set<"readable" | "writable" | "error">();

  constructor(options: TCPOptions) {
    this.#options = { ...options };
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
    for (const event of ["end", "error"]) socket.on(event, () => this.#trigger("error"));
  }

  read(wanted?: number | Uint8Array | ArrayBuffer): number | ArrayBuffer | undefined {
    const socket = this.#open();
    if (this.#buffered.length === 0) return undefined;
    const isNumber = this.format === "number";
    let count = isNumber ? 1 : this.#buffered.length;
    if (!isNumber && wanted !== undefined) count = typeof wanted === "number" ? wanted | 0 : wanted.byteLength;
    if (count <= 0 || count > this.#buffered.length) throw new Error("invalid");
    const bytes = new Uint8Array(this.#buffered.subarray(0, count));
    this.#buffered = this.#buffered.subarray(count);
    if (this.#buffered.length < WINDOW_SIZE_BYTES) socket.resume();
    if (this.#buffered.length === 0 && this.#hasEnded) this.#trigger("error");
    if (isNumber) return bytes[0];
    if (wanted === undefined || typeof wanted === "number") return bytes.buffer;
    viewOf(wanted).set(bytes);
    return count;
  }

  /** Gives the bytes that may still be written; nothing once the other end is gone. */
  write(data: Uint8Array | ArrayBuffer): number | undefined {
    const socket = this.#open();
    if (this.#hasEnded) return undefined;
    if (!this.#isReady) throw new Error("not ready");
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
    if (this.#socket === undefined) return;
    try {
      callback();
    } catch (error) {
      crashes.push(error);
    }
  }
}

/** Answers an address with itself, in the next turn, as Moddable's resolver does. */
export class FakeResolver {
  #turn: NodeJS.Immediate | undefined;

  resolve(options: { readonly host: string; readonly onResolved: (host: string, address: string) => void }): void {
    this.#turn = setImmediate(() => options.onResolved(options.host, options.host));
  }

  close(): void {
    clearImmediate(this.#turn);
  }
}

/** Moddable's `timer`, as far as the client uses it: one-shots for the next turn. */
const TIMER = `export default {
  set: (callback) => setImmediate(callback),
  clear: (timer) => void (timer && clearImmediate(timer)),
};
`;

/** The SDK's client, or undefined where there is no SDK. Gives ArrayBuffer the function that XS has. */
export async function loadHTTPClient(): Promise<ModdableHTTPClientConstructor | undefined> {
  const source = join(process.env["MODDABLE"] ?? "", "examples", "io", "tcp", "httpclient", "httpclient.js");
  if (!process.env["MODDABLE"] || !existsSync(source)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "holdfast-http-"));
  try {
    writeFileSync(join(folder, "timer.mjs"), TIMER);
    writeFileSync(join(folder, "client.mjs"), readFileSync(source, "utf8").replace('"timer"', '"./timer.mjs"'));
    const fromString = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text)).buffer as ArrayBuffer;
    Object.defineProperty(ArrayBuffer, "fromString", { value: fromString, configurable: true });
    const module = (await import(pathToFileURL(join(folder, "client.mjs")).href)) as { default: ModdableHTTPClientConstructor };
    return module.default;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
