/**
 * The device's side of hawkBit's Direct Device Integration API: polls, reads actions, reports, in the words of its server.
 *
 * The protocol is spoken by Zephyr, SWUpdate, RAUC and others, so a fleet is not bound to a server of ours. Each call is one
 * exchange on the connection; what comes back is delivered from a scheduler task. Which parts: docs/spec/ddi.md.
 */
import { assert } from "../assert.js";
import { parseHTTPDate } from "../data/http-date.js";
import { isPrintableText } from "../data/printable.js";
import { decodeUTF8 } from "../data/utf8.js";
import type { Connection, ServerAddress } from "./connection.js";
import {
  type Action,
  DOCUMENT_SIZE_MAX,
  isPathSegment,
  type PollDocument,
  parseAction,
  parseCancel,
  parsePoll,
} from "./ddi-documents.js";
import { DocumentSink, retryAfterMsOf } from "./document-sink.js";

/** Where in its server a device is. */
export interface DDIAddress extends ServerAddress {
  readonly tenant: string;
  /** This device's name. */
  readonly controllerId: string;
  /** The device's own security token ("TargetToken"); `undefined` where the server asks for none. */
  readonly token?: string | undefined;
}

/** How an action stands. `detail` is for people. */
export interface Report {
  readonly execution: "proceeding" | "download" | "downloaded" | "scheduled" | "canceled" | "rejected" | "closed";
  readonly finished: "none" | "success" | "failure";
  readonly detail: string;
}

export interface DDIClientOptions {
  readonly connection: Connection;
  readonly server: DDIAddress;
  readonly timeoutMs: number;
  /** The server's clock, by a link that proves who it is. Milliseconds since 1970. */
  readonly onServerTime: (nowMs: number) => void;
}

export class DDIClient {
  readonly #options: DDIClientOptions;
  #retryAfterMs: number | undefined;

  constructor(options: DDIClientOptions) {
    const { tenant, controllerId, token = "" } = options.server;
    assert(isPathSegment(tenant) && isPathSegment(controllerId), "DDIClient: tenant and device are plain words");
    assert(isPrintableText(token), "DDIClient: the token is printable");
    this.#options = options;
  }

  /** For how long the last answer asked to be left alone. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }

  /** The same, once: it has nothing to say of a later failure. */
  takeRetryAfterMs(): number | undefined {
    const retryAfterMs = this.#retryAfterMs;
    this.#retryAfterMs = undefined;
    return retryAfterMs;
  }

  get #base(): string {
    const { tenant, controllerId } = this.#options.server;
    return `/${tenant}/controller/v1/${controllerId}`;
  }

  poll(onPoll: (poll: PollDocument) => void): void {
    const { server } = this.#options;
    this.#read(this.#base, "poll", DOCUMENT_SIZE_MAX, (bytes) => onPoll(parsePoll(decodeUTF8(bytes), server)));
  }

  /** A deployment or a confirmation, by the path that the poll gave. */
  readAction(path: string, onAction: (action: Action) => void): void {
    const { server } = this.#options;
    this.#read(path, "deployment", DOCUMENT_SIZE_MAX, (bytes) => onAction(parseAction(decodeUTF8(bytes), server)));
  }

  readCancel(path: string, onCancel: (cancel: { readonly id: string; readonly stopId: string }) => void): void {
    this.#read(path, "cancel", DOCUMENT_SIZE_MAX, (bytes) => onCancel(parseCancel(decodeUTF8(bytes))));
  }

  /** A small artifact, whole. */
  readArtifact(path: string, what: string, sizeBytesMax: number, onBytes: (bytes: Uint8Array) => void): void {
    this.#read(path, what, sizeBytesMax, onBytes);
  }

  report(actionId: string, report: Report, onDone: () => void): void {
    this.#write("POST", `${this.#base}/deploymentBase/${actionId}/feedback`, feedbackOf(actionId, report), onDone);
  }

  reportCancel(cancelId: string, report: Report, onDone: () => void): void {
    this.#write("POST", `${this.#base}/cancelAction/${cancelId}/feedback`, feedbackOf(cancelId, report), onDone);
  }

  confirm(actionId: string, verdict: { readonly isTaken: boolean; readonly detail: string }, onDone: () => void): void {
    const confirmation = verdict.isTaken ? "confirmed" : "denied";
    const body = { confirmation, code: verdict.isTaken ? 1 : -1, details: [verdict.detail] };
    this.#write("POST", `${this.#base}/confirmationBase/${actionId}/feedback`, body, onDone);
  }

  putAttributes(path: string, attributes: Readonly<Record<string, string>>, onDone: () => void): void {
    this.#write("PUT", path, { mode: "merge", data: { ...attributes } }, onDone);
  }

  /** What every request of this device carries. */
  headers(entries: readonly (readonly [string, string])[] = []): Map<string, string> {
    const { token } = this.#options.server;
    const headers = new Map<string, string>();
    if (token !== undefined) headers.set("authorization", `TargetToken ${token}`);
    for (const [name, value] of entries) headers.set(name, value);
    return headers;
  }

  /** For whoever sends its own requests: what a head says beside its status. */
  noteHead(status: number, headers: ReadonlyMap<string, string>): void {
    this.#retryAfterMs = retryAfterMsOf(status, headers);
    const date = this.#options.server.tls === undefined ? undefined : headers.get("date");
    const nowMs = date === undefined ? undefined : parseHTTPDate(date);
    if (nowMs !== undefined) this.#options.onServerTime(nowMs);
  }

  #read(path: string, what: string, sizeBytesMax: number, onDocument: (bytes: Uint8Array) => void): void {
    const { connection, timeoutMs } = this.#options;
    const onHead = (status: number, headers: ReadonlyMap<string, string>): void => this.noteHead(status, headers);
    const sink = new DocumentSink({ what, sizeBytesMax, onHead, onDocument });
    connection.send(
      { path, headers: this.headers([["accept", "application/hal+json, application/json, */*"]]), timeoutMs },
      sink,
    );
  }

  #write(method: "POST" | "PUT", path: string, body: object, onDone: () => void): void {
    const { connection, timeoutMs } = this.#options;
    const onHead = (status: number, headers: ReadonlyMap<string, string>): void => this.noteHead(status, headers);
    const sink = new DocumentSink({
      what: "report",
      sizeBytesMax: DOCUMENT_SIZE_MAX,
      isAnySuccess: true,
      onHead,
      onDocument: onDone,
    });
    connection.send({ method, path, headers: this.headers(), body: JSON.stringify(body), timeoutMs }, sink);
  }
}

function feedbackOf(id: string, { execution, finished, detail }: Report): object {
  return { id, status: { execution, result: { finished }, details: [detail] } };
}
