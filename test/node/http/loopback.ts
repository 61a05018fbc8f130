/**
 * Scripted HTTP servers on the loopback interface: what a script says, byte by byte, over node:net.
 *
 * Not node:http, because a server that ends a body early, resets a connection or talks nonsense is what the specs need.
 * Waiting is on events: after every turn of the event loop the condition is looked at, and what never happens is an error.
 */
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { HTTPClientOptions } from "../../../src/ports/http-client.js";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "../../ports/http-client-conversation.js";

/** Turns of the loop without any activity after which nothing more is due. */
const QUIET_TURN_COUNT = 200;
/** Turns after which a condition will not come true any more: seconds of a busy loop. */
const TURN_COUNT_MAX = 2_000_000;
const CHUNK_BYTES = 64 * 1024;

/** What a server does with a connection before it talks: nothing, or TLS. */
export interface Link {
  /** The socket that the server talks over. */
  accept(raw: Socket): Socket;
  /** `socket` of the options of its clients. */
  readonly clientSocket: object;
}

const IN_THE_CLEAR: Link = Object.freeze({ accept: (raw: Socket) => raw, clientSocket: Object.freeze({}) });

/** All servers of one spec. */
export class Loopback {
  readonly #link: Link;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #activityCount = 0;

  /** `link`: what servers have where none is said. */
  constructor(link: Link = IN_THE_CLEAR) {
    this.#link = link;
  }

  async serve(answers: readonly ScriptedAnswer[], link: Link = this.#link): Promise<ScriptedServer> {
    const scripted = new LoopbackServer(answers, () => {
      this.#activityCount += 1;
    });
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      scripted.accept(link.accept(socket), socket);
    });
    scripted.options = optionsFor(await this.#listen(server), link);
    return scripted;
  }

  /** A port that was free a moment ago. */
  async nobody(link: Link = this.#link): Promise<HTTPClientOptions> {
    const server = createServer();
    const port = await this.#listen(server);
    await new Promise((resolve) => server.close(resolve));
    return optionsFor(port, link);
  }

  async until(condition: () => boolean): Promise<void> {
    for (let count = 0; count < TURN_COUNT_MAX; count++) {
      if (condition()) return;
      await nextTurn();
    }
    throw new Error("it never happened");
  }

  async turn(): Promise<void> {
    let seen = this.#activityCount;
    for (let quietCount = 0; quietCount < QUIET_TURN_COUNT; quietCount++) {
      await nextTurn();
      if (this.#activityCount !== seen) quietCount = 0;
      seen = this.#activityCount;
    }
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as { port: number }).port;
  }
}

function optionsFor(port: number, link: Link): HTTPClientOptions {
  return { host: "127.0.0.1", port, socket: link.clientSocket, dns: {} };
}

class LoopbackServer implements ScriptedServer {
  options: HTTPClientOptions = optionsFor(0, IN_THE_CLEAR);
  readonly requests: ScriptedRequest[] = [];
  openConnectionCount = 0;
  sentByteLength = 0;
  readonly #answers: ScriptedAnswer[];
  readonly #active: () => void;
  #socket: Socket | undefined;
  #raw: Socket | undefined;
  #parts: string[] = [];
  #end: ScriptedAnswer["end"];

  constructor(answers: readonly ScriptedAnswer[], active: () => void) {
    this.#answers = [...answers];
    this.#active = active;
  }

  /** `raw` is what `socket` runs over, or the same. */
  accept(socket: Socket, raw: Socket): void {
    let text = "";
    this.openConnectionCount += 1;
    this.#active();
    socket.on("error", this.#active); // A client that goes away is what some specs are about.
    if (raw !== socket) raw.on("error", this.#active);
    raw.on("close", () => {
      this.openConnectionCount -= 1;
      this.#active();
    });
    socket.on("data", (chunk) => {
      this.#active();
      text += chunk.toString("latin1");
      const request = parseRequest(text);
      if (request === undefined) return;
      text = "";
      this.requests.push(request);
      this.#raw = raw;
      this.#answer(socket, this.#answers.shift() ?? {});
    });
  }

  next(): void {
    const part = this.#parts.shift();
    if (part !== undefined && this.#socket?.writable === true) this.#send(this.#socket, "", part);
  }

  #answer(socket: Socket, answer: ScriptedAnswer): void {
    const { status = 200, statusText = "OK", headers = {}, body = [], raw } = answer;
    const [first = "", ...rest] = body;
    this.#socket = socket;
    this.#parts = rest;
    this.#end = answer.end ?? "close";
    const contentLength = answer.contentLength ?? body.join("").length;
    const lines = [`HTTP/1.1 ${status} ${statusText}`, `Content-Length: ${contentLength}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    this.#send(socket, raw ?? `${lines.join("\r\n")}\r\n\r\n`, first);
  }

  /** The head and the first bytes in one segment; the next chunk when the last one has gone. */
  #send(socket: Socket, head: string, body: string, offset = 0): void {
    const chunk = body.slice(offset, offset + CHUNK_BYTES);
    socket.write(head + chunk, "latin1", (error) => {
      this.#active();
      if (error) return;
      this.sentByteLength += chunk.length;
      if (offset + chunk.length < body.length) this.#send(socket, "", body, offset + chunk.length);
      else if (this.#parts.length === 0) this.#finish(socket);
    });
  }

  #finish(socket: Socket): void {
    if (this.#end === "close") socket.end();
    if (this.#end === "reset") this.#raw?.resetAndDestroy();
  }
}

/** A request, once it is there in full: with the body that content-length or chunked encoding announces. */
function parseRequest(text: string): ScriptedRequest | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [requestLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const headers = new Map<string, string>();
  for (const line of lines)
    headers.set(line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim());
  const rest = text.slice(headEnd + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? parseChunks(rest) : rest;
  if (body === undefined || body.length < Number(headers.get("content-length") ?? 0)) return undefined;
  return { method, path, headers, body };
}

function parseChunks(text: string): string | undefined {
  let body = "";
  let offset = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", offset);
    if (lineEnd < 0) return undefined;
    const byteLength = Number.parseInt(text.slice(offset, lineEnd), 16);
    if (byteLength === 0) return text.endsWith("\r\n\r\n") ? body : undefined;
    body += text.slice(lineEnd + 2, lineEnd + 2 + byteLength);
    offset = lineEnd + 2 + byteLength + 2;
  }
}
