/**
 * What the HTTP client suite needs of a host, and the words in which it speaks: a scripted server and a recorded conversation.
 *
 * The subject brings the server, so that a host without sockets can be judged with one of its own. Nothing waits for time, only
 * for what has to happen.
 */
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../src/ports/http-client.js";

/** What the server does once a request has arrived in full. Text is ASCII. */
export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Default "OK". */
  readonly statusText?: string;
  /** Names as they are to go over the wire. content-length is added. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The first part goes with the head, each other one at `next()`. Default: no body. */
  readonly body?: readonly string[];
  /** Default: the length of the whole body. */
  readonly contentLength?: number;
  /** What follows the last part. Default "close". */
  readonly end?: "close" | "reset" | "hold";
  /** Sent instead of a response. */
  readonly raw?: string;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface ScriptedServer {
  /** Options of a client for it. */
  readonly options: HTTPClientOptions;
  /** What has arrived in full, in order. */
  readonly requests: readonly ScriptedRequest[];
  readonly openConnectionCount: number;
  /** Body bytes that the server got rid of. */
  readonly sentByteLength: number;
  /** Sends the next part of the body under way. */
  next(): void;
}

export interface HTTPClientSubject {
  readonly HTTPClient: HTTPClientConstructor;
  /** More than all buffers between server and client hold. */
  readonly bufferByteLengthMax: number;
  /** A server that gives these answers, one a request. */
  serve(answers: readonly ScriptedAnswer[]): Promise<ScriptedServer>;
  /** Options of a client for a port where nobody listens. */
  nobody(): Promise<HTTPClientOptions>;
  /** Lets things happen until `condition` holds; rejects where it never does. */
  until(condition: () => boolean): Promise<void>;
  /** Lets happen whatever is due. */
  turn(): Promise<void>;
}

/** One server, one client, and what was called back, a line each: "headers 200 OK", "readable 3", "done", "error". */
export class Conversation {
  readonly lines: string[] = [];
  readonly client: HTTPClient;
  readonly subject: HTTPClientSubject;
  readonly server: ScriptedServer;
  received = "";

  constructor(subject: HTTPClientSubject, server: ScriptedServer) {
    this.subject = subject;
    this.server = server;
    this.client = new subject.HTTPClient({ ...server.options, onError: () => this.lines.push("error") });
  }

  /** A request that is recorded; it reads what waits at once, unless `reads` says not to. */
  ask(options: HTTPRequestOptions = {}, reads = true): HTTPRequest {
    const conversation = this;
    return this.client.request({
      onHeaders(status, _headers, statusText) {
        conversation.lines.push(`headers ${status} ${statusText}`);
      },
      onReadable(count) {
        conversation.lines.push(`readable ${count}`);
        if (reads) conversation.received += textOf(this.read());
      },
      onDone() {
        conversation.lines.push("done");
      },
      ...options,
    });
  }

  /** Waits until the last line is `line`. */
  async ends(line: string): Promise<void> {
    await this.subject.until(() => this.lines.at(-1) === line);
  }
}

/** A conversation with a server that gives `answers`, one a request. */
export async function converse(subject: HTTPClientSubject, ...answers: ScriptedAnswer[]): Promise<Conversation> {
  return new Conversation(subject, await subject.serve(answers));
}

/** Bytes as ASCII; nothing as an empty text. */
export function textOf(buffer: ArrayBuffer | undefined): string {
  let text = "";
  for (const byte of new Uint8Array(buffer ?? new ArrayBuffer(0))) text += String.fromCharCode(byte);
  return text;
}

/** ASCII as bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
