/** What this host's HTTP client refuses before anything is sent, with the code and the sentence of each refusal. */
import { HTTPClient } from "../../../hosts/node/http-client.js";
import type { HTTPClientOptions, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, throws } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import type { ScriptedServer } from "../../ports/http-client-conversation.js";
import { Loopback } from "./loopback.js";

let loopback: Loopback;
let server: ScriptedServer;

beforeEach(async () => {
  loopback = new Loopback();
  server = await loopback.serve([]);
});

afterEach(() => loopback.close());

describe("HTTP client of hosts/node", () => {
  it("refuses client options that are not usable", () => {
    const wrong: readonly object[] = [
      { host: "" },
      { port: 0 },
      { port: 65536 },
      { port: "80" },
      { socket: 1 },
      { dns: null },
      { onError: 1 },
    ];
    for (const change of wrong) throws(() => new HTTPClient({ ...server.options, ...change } as HTTPClientOptions), "invalid");
  });

  it("refuses requests that cannot be sent, before anything is", async () => {
    const lines: string[] = [];
    const client = new HTTPClient({ ...server.options, onError: () => lines.push("error") });
    const wrong: readonly object[] = [
      { method: "GE T" },
      { method: "CONNECT" },
      { path: "/a b" },
      { path: "" },
      { headers: new Map([["x y", "1"]]) },
      { headers: new Map([["x", "1\r\ny: 2"]]) },
      { headers: new Map([["content-length", "-1"]]) },
      { headers: new Map([["transfer-encoding", "gzip"]]) },
      {
        headers: new Map([
          ["transfer-encoding", "chunked"],
          ["content-length", "1"],
        ]),
      },
      { headersMask: "etag" },
      { onDone: "done" },
    ];
    for (const request of wrong) throws(() => client.request(request as HTTPRequestOptions), "invalid", /^HTTPClient: /);
    throws(() => client.request({ headers: new Map([["trailer", "x"]]) }), "unsupported");
    throws(() => client.request(undefined as unknown as HTTPRequestOptions), "invalid");
    await loopback.turn();
    equal([server.openConnectionCount, lines], [0, []]);
  });

  it("refuses to read a length that is none", () => {
    const request = new HTTPClient(server.options).request({});
    throws(() => request.read(-1), "invalid", /-1/);
    throws(() => request.read(1.5), "invalid");
    throws(() => request.read([] as unknown as Uint8Array), "invalid");
  });
});
