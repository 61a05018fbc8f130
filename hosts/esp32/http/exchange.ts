/**
 * One request and its response, on a connection of its own: queued → under way → over.
 *
 * A kept connection that the server closes while idle looks like one that was lost, and an error of the port is final; so each
 * request opens one. Sending and receiving go on side by side: a server may answer before it has heard all. The body is not
 * decoded ahead: what frames it is taken out when the reader comes to it, in a turn of its own, so that no call of the reader's
 * is answered from within, and a server is held back by TCP. See docs/design/esp32-host.md.
 */
import { errorCodeOf, FirmwareError, messageOf } from "../../../src/errors.js";
import type { HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { byteBuffer } from "../byte-buffer.js";
import { type ByteTaker, Connection, type ConnectionOptions } from "./connection.js";
import { encodeLatin1 } from "./latin1.js";
import type { RequestPlan } from "./request-plan.js";
import type { ResponseBody } from "./response-body.js";
import { ResponseParser } from "./response-parser.js";

/** A chunk's size in hexadecimal digits, and two line ends; more than 64 KiB − 1 in one chunk is never offered. */
const CHUNK_FRAME_BYTES = 4 + 2 + 2;
const CHUNK_MAX_BYTES = 0xffff;
const LAST_CHUNK = "0\r\n\r\n";

/** Where an exchange takes place. */
export type ExchangeNetwork = Omit<ConnectionOptions, "onReadable" | "onWritable">;

export class Exchange implements HTTPRequest {
  readonly #plan: RequestPlan;
  readonly #callbacks: HTTPRequestOptions;
  readonly #over: (failure?: FirmwareError) => void;
  readonly #parser: ResponseParser;
  /** Absent before it is under way and after it is over. */
  #connection: Connection | undefined;
  /** What goes out before anything else may: the head, or the end of a body in chunks. */
  #unsent: Uint8Array | undefined;
  /** Bytes of the body that may still be written; Infinity until the last chunk. */
  #unwrittenBytes: number;
  #body: ResponseBody | undefined;
  #readBytes = 0;
  /** How many had arrived at the last onReadable: it comes again only when that grows. */
  #toldBytes = 0;

  /** `over` is called once, from the event loop: without a failure when the response was read in full. */
  constructor(plan: RequestPlan, callbacks: HTTPRequestOptions, over: (failure?: FirmwareError) => void) {
    this.#plan = plan;
    this.#callbacks = { ...callbacks };
    this.#over = over;
    this.#parser = new ResponseParser(plan);
    this.#unsent = plan.head;
    this.#unwrittenBytes = plan.bodyByteLength;
  }

  start(network: ExchangeNetwork): void {
    this.#connection = new Connection({
      ...network,
      onReadable: () => this.#receive(),
      onWritable: () => this.#send(),
    });
  }

  /** Ends it without a callback. */
  cancel(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  read(byteLength?: number): ArrayBuffer | undefined;
  read(buffer: Uint8Array): number | undefined;
  read(wanted: number | Uint8Array = Number.MAX_SAFE_INTEGER): ArrayBuffer | number | undefined {
    const isCount = typeof wanted === "number";
    if (isCount && !(Number.isSafeInteger(wanted) && wanted >= 0)) {
      throw new FirmwareError("invalid", `HTTPRequest: a read of ${wanted} bytes, expected a whole number, 0 or more`);
    }
    const given = isCount ? undefined : byteBuffer(wanted, "HTTPRequest");
    const connection = this.#connection;
    const body = this.#body;
    const readableBytes = this.#readableBytes();
    if (connection === undefined || body === undefined || readableBytes === 0) return undefined;
    const count = Math.min(isCount ? wanted : given!.length, readableBytes);
    const target = given?.subarray(0, count) ?? new Uint8Array(count);
    connection.read(target);
    body.take(count);
    this.#readBytes += count;
    if (body.runBytes === 0 || connection.endReason !== undefined) connection.wake();
    return isCount ? (target.buffer as ArrayBuffer) : count;
  }

  write(buffer?: Uint8Array | ArrayBuffer): number {
    const connection = this.#connection;
    if (connection === undefined || this.#unsent !== undefined || this.#unwrittenBytes === 0) {
      throw new FirmwareError("refused", "HTTPRequest: no request body is being sent");
    }
    if (buffer === undefined) return this.#endBody(connection);
    const bytes = byteBuffer(buffer, "HTTPRequest");
    const count = bytes.length;
    if (count > this.#unwrittenBytes) {
      throw new FirmwareError("invalid", `HTTPRequest: ${count} bytes are more than content-length leaves`);
    }
    if (count > this.#roomBytes()) {
      throw new FirmwareError("full", `HTTPRequest: ${count} bytes are more than may be written; wait for onWritable`);
    }
    if (count > 0) {
      connection.write(this.#isChunked ? chunkOf(bytes) : bytes);
      this.#unwrittenBytes -= count;
    }
    return this.#roomBytes();
  }

  get #isChunked(): boolean {
    return this.#plan.bodyByteLength === Number.POSITIVE_INFINITY;
  }

  #endBody(connection: Connection): number {
    if (!this.#isChunked) {
      throw new FirmwareError("invalid", "HTTPRequest: write() without bytes ends a body in chunks, not one of a given length");
    }
    this.#unwrittenBytes = 0;
    this.#unsent = encodeLatin1(LAST_CHUNK);
    this.#sendUnsent(connection);
    return 0;
  }

  /** Bytes that a write may bring now. */
  #roomBytes(): number {
    const writableBytes = this.#connection?.writableBytes ?? 0;
    if (!this.#isChunked) return Math.min(writableBytes, this.#unwrittenBytes);
    return Math.max(0, Math.min(writableBytes - CHUNK_FRAME_BYTES, CHUNK_MAX_BYTES));
  }

  #send(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#sendUnsent(connection);
    if (this.#unsent !== undefined || this.#unwrittenBytes === 0) return;
    const roomBytes = this.#roomBytes();
    if (roomBytes > 0) this.#callbacks.onWritable?.call(this, roomBytes);
  }

  #sendUnsent(connection: Connection): void {
    const unsent = this.#unsent;
    if (unsent === undefined) return;
    const count = Math.min(unsent.length, connection.writableBytes);
    if (count > 0) connection.write(unsent.subarray(0, count));
    this.#unsent = count < unsent.length ? unsent.subarray(count) : undefined;
  }

  /** Bytes have arrived, or the reader came to the end of a run, or the connection ended. */
  #receive(): void {
    const body = this.#body ?? this.#receiveHead();
    const connection = this.#connection;
    if (body === undefined || connection === undefined) return;
    if (body.runBytes === 0 && !this.#feed(connection, body)) return;
    if (body.isComplete) {
      this.#finish();
      return;
    }
    const readableBytes = this.#readableBytes();
    if (readableBytes === 0) {
      this.#judgeEnd(connection, body);
    } else if (this.#readBytes + readableBytes > this.#toldBytes) {
      this.#toldBytes = this.#readBytes + readableBytes;
      this.#callbacks.onReadable?.call(this, readableBytes);
    }
  }

  /** Gives the body once the head is there and was told of. */
  #receiveHead(): ResponseBody | undefined {
    const connection = this.#connection;
    if (connection === undefined || !this.#feed(connection, this.#parser)) return undefined;
    const { head } = this.#parser;
    if (head === undefined) {
      this.#judgeEnd(connection, undefined);
      return undefined;
    }
    this.#body = head.body;
    this.#callbacks.onHeaders?.call(this, head.status, head.headers, head.statusText);
    return head.body;
  }

  /** Gives false where that was the end of it. */
  #feed(connection: Connection, taker: ByteTaker): boolean {
    try {
      connection.feed(taker);
      return true;
    } catch (error) {
      const code = errorCodeOf(error);
      if (code === undefined) throw error; // A fault of this code, not of the network.
      this.#fail(code, messageOf(error));
      return false;
    }
  }

  /** Body bytes that wait, as far as the present run goes. */
  #readableBytes(): number {
    return Math.min(this.#body?.runBytes ?? 0, this.#connection?.readableBytes ?? 0);
  }

  /** Nothing waits to be read. */
  #judgeEnd({ endReason }: Connection, body: ResponseBody | undefined): void {
    if (endReason === undefined) return;
    if (body?.endsWithConnection) this.#finish();
    else this.#fail("io", body === undefined ? endReason : `${endReason} before the end of the body`);
  }

  #finish(): void {
    this.cancel();
    try {
      this.#callbacks.onDone?.call(this);
    } finally {
      this.#over();
    }
  }

  #fail(code: FirmwareError["code"], because: string): void {
    this.cancel();
    const { method, path } = this.#plan;
    this.#over(new FirmwareError(code, `HTTPClient: ${method} ${path}: ${because}`));
  }
}

/** In one piece, because lwIP has a bound on pieces too. */
function chunkOf(bytes: Uint8Array): Uint8Array {
  const size = encodeLatin1(`${bytes.length.toString(16)}\r\n`);
  const chunk = new Uint8Array(size.length + bytes.length + 2);
  chunk.set(size);
  chunk.set(bytes, size.length);
  chunk[chunk.length - 2] = 13;
  chunk[chunk.length - 1] = 10;
  return chunk;
}
