/**
 * What an HTTP client over TLS must do beside all that one in the clear must: trust the given roots alone, and nobody who
 * cannot prove the name.
 *
 * The subject's servers speak TLS by a chain of three certificates, made for the run; one with a flaw is right in all else.
 * Each refusal is one error, and nothing of a request has left before it. The list for both is `http-client.ts`.
 */
import type { HTTPClient, HTTPClientOptions, SecureOptions } from "../../src/ports/http-client.js";
import { equal, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";
import type { HTTPClientSubject, ScriptedServer } from "./http-client-conversation.js";

/** What is wrong with a server, and the words for it. */
export const TLS_FLAWS = Object.freeze({
  unknownRoot: "whose chain leads to a root that was not given",
  strangersName: "whose root has the name of a given one and another key",
  selfSigned: "whose certificate is signed by itself",
  noChain: "that does not send the certificate between its own and the root",
  noAuthority: "whose certificate is signed by one that may not sign others",
  clientsOnly: "whose certificate is for clients",
  expired: "whose certificate has ended",
  expiredChain: "whose authority's certificate has ended",
  notYetValid: "whose certificate begins in the future",
  wrongName: "whose certificate is for another name",
  commonName: "whose certificate bears the name as its common name only",
  oldVersion: "that speaks no TLS from 1.2 on",
  plain: "that speaks plain HTTP",
  cut: "that ends the connection within the handshake",
});
export type TLSFlaw = keyof typeof TLS_FLAWS | "stalled";

/** A name that the certificate of a server without a flaw bears beside its address. */
export const SERVER_NAME = "updates.device.example";

export interface HTTPSClientSubject extends HTTPClientSubject {
  /** A server with one flaw; its `options` are a client's that does nothing wrong. */
  serveFlawed(flaw: TLSFlaw): Promise<ScriptedServer>;
}

/** One client, two requests, and what was called back. */
class Talk {
  readonly lines: string[] = [];
  readonly client: HTTPClient;

  constructor(subject: HTTPSClientSubject, options: HTTPClientOptions) {
    this.client = new subject.HTTPClient({ ...options, onError: () => this.lines.push("error") });
    for (let count = 0; count < 2; count++) {
      this.client.request({
        onHeaders: (status) => this.lines.push(`headers ${status}`),
        onDone: () => this.lines.push("done"),
      });
    }
  }
}

/** The options of a client for this server, with `socket.secure` changed. */
function withSecure({ options }: ScriptedServer, change: object): HTTPClientOptions {
  const { secure } = options.socket as { readonly secure: SecureOptions };
  return { ...options, socket: { ...options.socket, secure: { ...secure, ...change } } };
}

/** Fails unless all that comes of two requests is one error, and nothing of them reached the server. */
async function refuses(subject: HTTPSClientSubject, server: ScriptedServer, options = server.options): Promise<void> {
  const { lines, client } = new Talk(subject, options);
  await subject.until(() => lines.length > 0);
  await subject.turn();
  equal([lines, server.requests.length], [["error"], 0]);
  client.close();
}

async function takes(subject: HTTPSClientSubject, options: HTTPClientOptions): Promise<void> {
  const { lines, client } = new Talk(subject, options);
  await subject.until(() => lines.length === 4 || lines.includes("error"));
  equal(lines, ["headers 200", "done", "headers 200", "done"]);
  client.close();
}

const FLAWED = (Object.keys(TLS_FLAWS) as (keyof typeof TLS_FLAWS)[]).map(
  (flaw): Obligation<HTTPSClientSubject> => ({
    must: `refuse a server ${TLS_FLAWS[flaw]}`,
    async check(subject) {
      await refuses(subject, await subject.serveFlawed(flaw));
    },
  }),
);

export const HTTPS_CLIENT_OBLIGATIONS: readonly Obligation<HTTPSClientSubject>[] = Object.freeze([
  {
    must: "refuse a construction that says nobody to trust",
    async check(subject) {
      const server = await subject.serve([]);
      const { secure, ...rest } = server.options.socket as { readonly secure: SecureOptions };
      const nothing = [{}, { secure: undefined }, { secure: null }, { secure: {} }, { secure: "" }];
      for (const socket of nothing) {
        throws(() => new subject.HTTPClient({ ...server.options, socket: { ...rest, ...socket } }), "invalid");
      }
      const [root = ""] = secure.roots;
      const wrong = [
        undefined,
        [],
        root,
        "",
        [""],
        ["a root"],
        [5],
        [root, ""],
        [root.slice(0, -40)],
        [root.replace("MII", "MIX")],
      ];
      for (const roots of wrong) throws(() => new subject.HTTPClient(withSecure(server, { roots })), "invalid");
      equal(server.openConnectionCount, 0);
    },
  },
  {
    must: "refuse a name of the server that is none",
    async check(subject) {
      const server = await subject.serve([]);
      for (const serverName of ["", ".example", "a..example", "a.example.", "a b", "a\n", 5, null]) {
        throws(() => new subject.HTTPClient(withSecure(server, { serverName })), "invalid");
      }
    },
  },
  {
    must: "take a server whose chain leads to any of the given roots",
    async check(subject) {
      const server = await subject.serve([{}, {}, {}, {}]);
      const { roots } = (server.options.socket as { readonly secure: SecureOptions }).secure;
      await takes(subject, server.options);
      await takes(subject, withSecure(server, { roots: Object.freeze([...roots].reverse()) }));
    },
  },
  {
    must: "check the name that it is given, instead of the host",
    async check(subject) {
      await takes(subject, withSecure(await subject.serve([{}, {}]), { serverName: SERVER_NAME }));
      const server = await subject.serve([]);
      await refuses(subject, server, withSecure(server, { serverName: `x${SERVER_NAME}` }));
      const flawed = await subject.serveFlawed("wrongName");
      await refuses(subject, flawed, withSecure(flawed, { serverName: SERVER_NAME }));
    },
  },
  ...FLAWED,
  {
    must: "wait for a handshake that stalls until it is closed",
    async check(subject) {
      const server = await subject.serveFlawed("stalled");
      const { lines, client } = new Talk(subject, server.options);
      await subject.until(() => server.openConnectionCount === 1);
      await subject.turn();
      client.close();
      await subject.until(() => server.openConnectionCount === 0);
      await subject.turn();
      equal([lines, server.requests.length], [[], 0]);
    },
  },
]);
