/**
 * What goes over the wire of an HTTPS client of this host: the name that is asked for, versions, names of every form, and ends
 * that nobody announced.
 */
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { HTTPClient, HTTPSClient } from "../../../hosts/node/http-client.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { openHost } from "../../../hosts/node/open-host.js";
import { VirtualChip } from "../../../hosts/node/virtual-chip.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { parsePartitionCsv } from "../../../src/image/partition-csv.js";
import { encodePartitionTable, PARTITION_TABLE_OFFSET } from "../../../src/image/partition-table.js";
import type { HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, before, beforeEach, describe, it } from "../../harness/spec.js";
import { SERVER_NAME } from "../../ports/https-client.js";
import { type Link, Loopback } from "./loopback.js";
import { TLSWorld } from "./tls-link.js";

let loopback: Loopback;
let world: TLSWorld;

before(() => {
  world = new TLSWorld();
});

beforeEach(() => {
  loopback = new Loopback(world.link());
});

afterEach(() => loopback.close());

/** What comes of one request to a server behind `link`, a line each. */
async function linesOf(link: Link, secure: object = {}, request: HTTPRequestOptions = {}, raw?: string): Promise<string[]> {
  const { options } = await loopback.serve(raw === undefined ? [] : [{ raw }], link);
  const lines: string[] = [];
  const client = new HTTPSClient({
    ...options,
    socket: { secure: { ...world.clientSocket.secure, ...secure } },
    onError: (error) => lines.push(error?.message ?? ""),
  });
  client.request({
    onHeaders: (status) => lines.push(`headers ${status}`),
    onReadable() {
      lines.push(`body ${Buffer.from(this.read()!).toString()}`);
    },
    onDone: () => lines.push("done"),
    ...request,
  });
  await loopback.until(() => lines.some((line) => line === "done" || line.startsWith("HTTPClient: ")));
  await loopback.turn();
  return lines;
}

const RIGHT = Object.freeze(["headers 200", "done"]);

/** A link that notes which name the client asked for and which version it spoke. */
function noting(notes: unknown[], link: Link): Link {
  const accept = (raw: Socket): Socket => {
    const socket = link.accept(raw) as TLSSocket;
    socket.on("secure", () => notes.push((socket as { servername?: unknown }).servername, socket.getProtocol()));
    return socket;
  };
  return { ...link, accept };
}

describe("HTTPS client of hosts/node: on the wire", () => {
  it("asks for the server's name, and for none where it is an address", async () => {
    const notes: unknown[] = [];
    equal(await linesOf(noting(notes, world.link())), RIGHT);
    equal(await linesOf(noting(notes, world.link()), { serverName: SERVER_NAME }), RIGHT);
    equal(notes, [false, "TLSv1.3", SERVER_NAME, "TLSv1.3"]);
  });

  it("takes TLS 1.2", async () => {
    const notes: unknown[] = [];
    const chain = [world.serverCertificate(), world.authority];
    equal(await linesOf(noting(notes, world.linkOf(chain, { maxVersion: "TLSv1.2" }))), RIGHT);
    equal(notes, [false, "TLSv1.2"]);
  });

  it("names the host and the port in the request, not the name of the certificate", async () => {
    const server = await loopback.serve([{}]);
    let isDone = false;
    const onDone = (): void => {
      isDone = true;
    };
    new HTTPSClient({
      ...server.options,
      socket: { secure: { ...world.clientSocket.secure, serverName: SERVER_NAME } },
    }).request({ onDone });
    await loopback.until(() => isDone);
    equal(server.requests[0]?.headers.get("host"), `127.0.0.1:${server.options.port}`);
  });

  const names: readonly (readonly [bears: string, asked: string, isRight: boolean])[] = [
    ["*.device.example", "updates.device.example", true],
    ["*.device.example", "a.updates.device.example", false],
    ["*.device.example", "device.example", false],
    ["up*.device.example", "updates.device.example", false],
    ["*", "updates", false],
    ["Updates.Device.Example", "updates.device.EXAMPLE", true],
    ["updates.device.example\0.other.example", "updates.device.example", false],
    ["::1", "::1", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["127.0.0.1", "127.0.0.2", false],
  ];
  for (const [bears, asked, isRight] of names) {
    it(`${isRight ? "takes" : "refuses"} a certificate for ${JSON.stringify(bears)} as that of ${asked}`, async () => {
      const link = world.linkOf([world.serverCertificate({ hosts: [bears] }), world.authority]);
      const lines = await linesOf(link, { serverName: asked });
      if (isRight) equal(lines, RIGHT);
      else ok(lines.length === 1 && lines[0]!.endsWith(`; expected ${asked}`), lines.join("; "));
    });
  }

  it("takes a server that signed its own certificate where just that one is given", async () => {
    const own = world.serverCertificate({ issuer: undefined });
    equal(await linesOf(world.linkOf([own]), { roots: [own.certificate] }), RIGHT);
  });

  it("takes roots that stand in one text", async () => {
    equal(await linesOf(world.link(), { roots: [world.clientSocket.secure.roots.join("# next\n")] }), RIGHT);
  });
});

describe("HTTPS client of hosts/node: ends", () => {
  const HEAD = "HTTP/1.1 200 OK\r\n";

  it("does not take the end of a connection for the end of a body", async () => {
    // Anybody on the link can end a connection, and Node does not say whether the server's farewell came before.
    const lines = await linesOf(world.link(), {}, {}, `${HEAD}\r\nabc`);
    const found = "the response ends where the connection does, which over TLS may be a cut";
    equal(lines, [`HTTPClient: GET /: ${found}; expected content-length or chunks`]);
  });

  it("takes a response without a body, and one in chunks", async () => {
    equal(await linesOf(world.link(), {}, {}, "HTTP/1.1 204 No Content\r\n\r\n"), ["headers 204", "done"]);
    equal(await linesOf(world.link(), {}, {}, "HTTP/1.1 304 Not Modified\r\n\r\n"), ["headers 304", "done"]);
    equal(await linesOf(world.link(), {}, { method: "HEAD" }, `${HEAD}\r\n`), RIGHT);
    const chunks = `${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    equal(await linesOf(world.link(), {}, {}, chunks), ["headers 200", "body abc", "done"]);
  });

  it("reports a body that is cut, after a handshake that was right", async () => {
    const lines = await linesOf(world.link(), {}, {}, `${HEAD}content-length: 4\r\n\r\nabc`);
    equal(lines.slice(0, 2), ["headers 200", "body abc"]);
    ok(lines.length === 3 && /^HTTPClient: GET \/: (aborted|.*ECONNRESET)/.test(lines[2]!), lines[2]);
  });

  it("says what a server wants that asks for the client's certificate", async () => {
    const { privateKey, certificate } = world.serverCertificate();
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    const secureContext = createSecureContext({ key, cert: certificate + world.authority.certificate });
    const asking = { isServer: true, secureContext, requestCert: true, rejectUnauthorized: true };
    // TLS 1.3 tells a client of it after the client's own handshake is over.
    const lines = await linesOf({ clientSocket: world.clientSocket, accept: (raw) => new TLSSocket(raw, asking) });
    equal(lines, [
      "HTTPClient: GET /: TLS failed: tlsv13 alert certificate required (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)",
    ]);
  });
});

describe("network.https of hosts/node", () => {
  const openWith = (network: object): ReturnType<typeof openHost>["network"] => {
    const flash = new NorFlash({ sizeBytes: 0x10000 });
    flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(parsePartitionCsv("nvs, data, nvs, 0x9000, 0x6000")));
    const time = new VirtualTime();
    return openHost({ chip: new VirtualChip({ time, flash, onReset: () => {} }), time, ...network }).network;
  };

  it("is the computer's network", () => {
    equal(openWith({}).https?.client.io === HTTPSClient, true);
  });

  it("is not there beside a network of the caller's own, unless that has one", () => {
    equal(openWith({ HTTPClient }).https, undefined);
    equal(openWith({ HTTPClient, HTTPSClient }).https?.client.io === HTTPSClient, true);
  });
});
