/**
 * A small honest update server that devices poll: hawkBit's Direct Device Integration API, version 1, over node:http.
 *
 * For a desk, a test bench and a fleet of a few: deployments and reports are held in memory, and one process serves them. It
 * keeps to the published API, so that a device which works with it works with hawkBit. Nothing that a client sends throws out
 * of it; a fault of its own is answered with 500 and reported like a refusal. Faults of servers are the business of specs, not
 * of this one. Resources, answers, bounds: docs/spec/ddi.md.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTLSServer } from "node:https";
import type { AddressInfo } from "node:net";
import { FirmwareError, messageOf } from "../../../src/errors.js";
import type { Answer, Headers } from "./answer.js";
import type { Controller } from "./controller.js";
import { ControllerRegistry } from "./controller-registry.js";
import { type DDIServerOptions, type DDIServerSettings, settingsOf } from "./ddi-server-options.js";
import type { Place } from "./documents.js";
import { namesWeakly } from "./entity-tag.js";
import { type Outcome, outcomeOf } from "./exchange.js";
import type { FeedbackRecord } from "./feedback-record.js";
import { chooseMediaType } from "./media-type.js";
import { PacedBody } from "./paced-body.js";
import { notFound, Refusal } from "./refusal.js";
import { ClientGone, readJSONBody } from "./request-body.js";
import { parseRequestPath, type RequestPath } from "./request-path.js";
import type { DeploymentOffer } from "./software-module.js";
import { demandTargetToken } from "./target-token.js";

/** A name or an address, and a port (RFC 3986, 3.2.2, without what nobody calls a host). */
const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** A request that was answered with no. */
export interface RefusedRequest {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  readonly status: number;
  readonly message: string;
}

export type { DDIServerOptions } from "./ddi-server-options.js";
export type { FeedbackRecord } from "./feedback-record.js";
export type { Artifact, DeploymentOffer } from "./software-module.js";

export class DDIServer {
  readonly #settings: DDIServerSettings;
  readonly #registry: ControllerRegistry;
  readonly #server: Server;
  readonly #feedback: FeedbackRecord[] = [];
  #sentBytes = 0;
  #requestCount = 0;
  #isClosed = false;
  #onSent: ((sentBytes: number) => void) | undefined;
  #onFeedback: ((record: FeedbackRecord) => void) | undefined;
  #onFirstPoll: ((controllerId: string) => void) | undefined;
  #onRefused: ((refused: RefusedRequest) => void) | undefined;

  /** Throws `invalid` where key and certificate are none. */
  constructor(options: DDIServerOptions = {}) {
    this.#settings = settingsOf(options);
    this.#registry = new ControllerRegistry(this.#settings);
    this.#server = openServer(this.#settings.tls);
    this.#server.maxConnections = this.#settings.connectionCountMax;
    this.#server.on("error", () => {}); // Of listening, listen() tells; of one connection, its client.
    this.#server.on("request", (request, response) => void this.#receive(request, response));
  }

  /** Listens, on 127.0.0.1 and a free port unless told otherwise, and gives the port. Rejects with `busy` or `io`. */
  async listen(options: { readonly port?: number; readonly host?: string } = {}): Promise<number> {
    const { port = 0, host = "127.0.0.1" } = options;
    if (this.#isClosed) throw new FirmwareError("closed", "DDIServer: is closed");
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => reject(listenError(error, host, port)));
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * A new action for every controller, those that come later included, or for one, which is made where it is not known. It
   * takes the place of the one before. Gives the action's id. Throws `full`.
   */
  deploy(offer: DeploymentOffer, options: { readonly controllerId?: string } = {}): string {
    return this.#registry.deploy(offer, options.controllerId);
  }

  /** Asks the controllers, or one that is known, to cancel what is open. Until they have, it stays open. */
  cancel(options: { readonly controllerId?: string } = {}): void {
    this.#registry.cancel(options.controllerId);
  }

  /** The newest reports, oldest first. */
  get feedback(): readonly FeedbackRecord[] {
    return this.#feedback;
  }

  get controllers(): ReadonlyMap<
    string,
    Pick<Controller, "id" | "attributes" | "pollCount" | "lastPollMs" | "installedVersion">
  > {
    return this.#registry.controllers;
  }

  /** Bytes of artifact bodies handed to the network. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Requests whose header was whole, those that were refused included. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** Called with each slice that goes out. */
  set onSent(callback: ((sentBytes: number) => void) | undefined) {
    this.#onSent = callback;
  }

  /** Called with each report that was taken, once it is answered. */
  set onFeedback(callback: ((record: FeedbackRecord) => void) | undefined) {
    this.#onFeedback = callback;
  }

  /** Called once for each controller. */
  set onFirstPoll(callback: ((controllerId: string) => void) | undefined) {
    this.#onFirstPoll = callback;
  }

  set onRefused(callback: ((refused: RefusedRequest) => void) | undefined) {
    this.#onRefused = callback;
  }

  /** Ends every connection, in the middle of a body too. May be called again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** Total. What is called back is the owner's code, and is called outside of what is caught here. */
  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requestCount += 1;
    response.on("error", () => {}); // A client that goes away is its own affair.
    const events: (() => void)[] = [];
    try {
      const { answer } = await this.#outcomeOf(request, events);
      this.#answer(request, response, answer, events);
    } catch (error) {
      if (error instanceof ClientGone) return;
      events.push(this.#refuse(request, response, error));
    }
    for (const event of events) event();
  }

  /** Who asks, for what, whether it may: in the order in which a stranger learns least. */
  async #outcomeOf(request: IncomingMessage, events: (() => void)[]): Promise<Outcome> {
    const { tenant, targetToken, sleep, bodySizeMaxBytes } = this.#settings;
    const { method = "GET", headers, url = "/" } = request;
    if (targetToken !== undefined) demandTargetToken(headers.authorization, targetToken);
    const path = parseRequestPath(method, url);
    if (path.tenant !== tenant) throw notFound(`tenant ${JSON.stringify(path.tenant).slice(0, 80)} is not known`);
    const place = this.#placeOf(request, path);
    const isRegistering = path.resource === "controller" || path.resource === "confirmations";
    const controller = isRegistering ? this.#registry.register(path.controllerId) : this.#registry.find(path.controllerId);
    controller.countRequest();
    const isBodied = method === "PUT" || method === "POST";
    if (!isBodied && path.resource !== "artifact") chooseMediaType(headers.accept); // A refusal comes before any effect.
    const mayBeEmpty = path.resource === "activateAutoConfirm" || path.resource === "deactivateAutoConfirm";
    const body = isBodied ? await readJSONBody(request, { sizeMaxBytes: bodySizeMaxBytes, mayBeEmpty }) : undefined;
    const outcome = outcomeOf({ method, headers, path, body, controller, place, sleep });
    if (path.resource === "controller" && controller.pollCount === 1) events.push(() => this.#onFirstPoll?.(controller.id));
    const { record } = outcome;
    if (record) {
      this.#feedback.push(record);
      if (this.#feedback.length > this.#settings.recordCountMax) this.#feedback.shift();
      events.push(() => this.#onFeedback?.(record));
    }
    return outcome;
  }

  /** Links lead back to where the request was sent to: a proxy that keeps Host is passed through. */
  #placeOf(request: IncomingMessage, path: RequestPath): Place {
    const { localAddress = "127.0.0.1", localPort = 0 } = request.socket;
    const own = localAddress.includes(":") ? `[${localAddress}]` : localAddress;
    const host = request.headers.host ?? `${own}:${localPort}`;
    if (!HOST.test(host))
      throw new Refusal(400, `Host: found ${JSON.stringify(host).slice(0, 80)}, expected a host and a port`);
    const scheme = this.#settings.tls ? "https" : "http";
    return { scheme, base: `${scheme}://${host}/${path.tenant}/controller/v1/${encodeURIComponent(path.controllerId)}` };
  }

  #answer(request: IncomingMessage, response: ServerResponse, answer: Answer, events: (() => void)[]): void {
    switch (answer.kind) {
      case "document":
        sendDocument(request, response, answer.document);
        return;
      case "text":
        sendText(response, 200, answer.headers, answer.text);
        return;
      case "done":
        response.writeHead(200, { "content-length": 0 }).end();
        return;
      case "artifact": {
        const { status, headers, bytes } = answer;
        response.writeHead(status, bytes ? { ...headers, "content-length": bytes.length } : headers);
        if (bytes && request.method === "GET") events.push(() => this.#sendBytes(response, bytes));
        else response.end();
      }
    }
  }

  #sendBytes(response: ServerResponse, bytes: Uint8Array): void {
    const body = new PacedBody({
      bytes,
      bytesPerSecond: this.#settings.bytesPerSecond,
      write: (slice, onWritten) => response.write(slice, (error) => error ?? onWritten()),
      end: () => response.end(),
      wait: (callback, delayMs) => {
        const timeout = setTimeout(callback, delayMs);
        return () => clearTimeout(timeout);
      },
      onSlice: (sizeBytes) => {
        this.#sentBytes += sizeBytes;
        this.#onSent?.(this.#sentBytes);
      },
    });
    response.once("close", () => body.close());
  }

  /** Answers, and gives what is left to do: to tell the owner. */
  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): () => void {
    const refusal = error instanceof Refusal ? error : new Refusal(500, `a fault of the server: ${messageOf(error)}`);
    const { status, message } = refusal;
    const headers = { ...refusal.headers, "content-type": "application/json" };
    if (!response.headersSent) sendText(response, status, headers, JSON.stringify(refusal.document));
    return () => this.#onRefused?.({ method: request.method ?? "", target: request.url ?? "", status, message });
  }
}

function openServer(tls: { readonly key: string; readonly cert: string } | undefined): Server {
  if (tls === undefined) return createServer();
  try {
    return createTLSServer({ key: tls.key, cert: tls.cert });
  } catch (error) {
    throw new FirmwareError("invalid", `tls: ${messageOf(error)}; expected a key and its certificate, in PEM`);
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): FirmwareError {
  if (error.code === "EADDRINUSE") {
    return new FirmwareError("busy", `port ${port} of ${host} is in use already; expected one that is free`);
  }
  return new FirmwareError("io", `cannot listen on port ${port} of ${host}: ${messageOf(error)}`);
}

/** With an entity tag over the text, made as hawkBit's filter makes it, and 304 for a client that has it. */
function sendDocument(request: IncomingMessage, response: ServerResponse, document: object): void {
  const mediaType = chooseMediaType(request.headers.accept);
  const text = JSON.stringify(document);
  const etag = `"0${createHash("md5").update(text).digest("hex")}"`;
  const ifNoneMatch = request.headers["if-none-match"];
  if (ifNoneMatch !== undefined && namesWeakly(ifNoneMatch, etag)) response.writeHead(304, { etag }).end();
  else sendText(response, 200, { etag, "content-type": mediaType }, text);
}

/** Node leaves the body of an answer to HEAD out by itself. */
function sendText(response: ServerResponse, status: number, headers: Headers, text: string): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
}
