/**
 * A server on the loopback interface, an offer, and a client that says exactly what a spec tells it to.
 *
 * The client is node:http without an agent: one connection a request, so that nothing of one spec is left for the next.
 */
import { type IncomingHttpHeaders, request as openRequest } from "node:http";
import { DDIServer, type DDIServerOptions, type DeploymentOffer } from "../../../hosts/node/ddi/ddi-server.js";

/** Texts whose hashes stand in RFC 1321 and FIPS 180-4. */
export const ABC = Object.freeze({
  text: "abc",
  md5: "900150983cd24fb0d6963f7d28e17f72",
  sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
  sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
});

export const OFFER: DeploymentOffer = Object.freeze({
  name: "one Firmware",
  version: "1.0.79",
  artifacts: Object.freeze([
    Object.freeze({ filename: "binary.tgz", bytes: new Uint8Array(Buffer.from(ABC.text)) }),
    Object.freeze({ filename: "image.bin", bytes: new Uint8Array(10_000).map((_, index) => index % 251) }),
  ]),
});

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: object | string | Uint8Array;
}

/** One request to one server. */
export function ask(port: number, method: string, path: string, { headers = {}, body }: Ask = {}): Promise<Reply> {
  const isDocument = typeof body === "object" && !(body instanceof Uint8Array);
  const bytes = isDocument ? JSON.stringify(body) : body;
  return new Promise((resolve, reject) => {
    const request = openRequest({
      host: "127.0.0.1",
      port,
      method,
      path,
      agent: false,
      headers: { ...(bytes === undefined ? {} : { "content-type": "application/json" }), ...headers },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const all = Buffer.concat(chunks);
        resolve({ status: response.statusCode!, headers: response.headers, bytes: all, text: all.toString("utf8") });
      });
    });
    request.end(bytes);
  });
}

/** A feedback as the published API has it. */
export function report(execution: string, finished = "none", more: object = {}): object {
  return { status: { execution, result: { finished }, ...more } };
}

export const CONTROLLER = "CONTROLLER_ID";

/** A server that listens, and one controller's view of it. */
export class Bench {
  readonly server: DDIServer;
  port = 0;
  readonly #tenant: string;

  constructor(options: DDIServerOptions = {}) {
    this.server = new DDIServer(options);
    this.#tenant = options.tenant ?? "DEFAULT";
  }

  async open(): Promise<this> {
    this.port = await this.server.listen();
    return this;
  }

  /** Where the links of a document begin. */
  get base(): string {
    return `http://127.0.0.1:${this.port}${this.path()}`;
  }

  path(below = "", controllerId = CONTROLLER): string {
    return `/${this.#tenant}/controller/v1/${controllerId}${below}`;
  }

  get(below = "", headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return ask(this.port, "GET", this.path(below), { headers });
  }

  post(below: string, body: object): Promise<Reply> {
    return ask(this.port, "POST", this.path(below), { body });
  }

  put(below: string, body: object): Promise<Reply> {
    return ask(this.port, "PUT", this.path(below), { body });
  }

  /** The document behind a path; the controller's own with nothing below. */
  async document(below = ""): Promise<unknown> {
    return JSON.parse((await this.get(below)).text) as unknown;
  }

  /** The names of what a poll links to. */
  async links(): Promise<readonly string[]> {
    const { _links: links = {} } = (await this.document()) as { readonly _links?: object };
    return Object.keys(links);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
