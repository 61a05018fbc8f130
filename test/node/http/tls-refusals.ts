/**
 * What this host says of a server that it refuses, and of options of TLS that cannot be used: one sentence each, with what was
 * wrong and what was expected.
 *
 * That it refuses them is in the port's suite; here are the words, and the kinds that only this host can be shown.
 */
import type { Socket } from "node:net";
import { HTTPClient, HTTPSClient } from "../../../hosts/node/http-client.js";
import type { HTTPClientOptions } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { after, afterEach, before, beforeEach, describe, it } from "../../harness/spec.js";
import type { TLSFlaw } from "../../ports/https-client.js";
import { makeCertificate } from "./certificates.js";
import { type Link, Loopback } from "./loopback.js";
import { TLSWorld } from "./tls-link.js";

const ROOTS = '"Spare Root", "Fleet Root"';
const NOW = /[0-9-]{10}T[0-9:]{8}Z/.source;
const BY_THE_CLOCK = `expected one that is valid at ${NOW}, which is what the computer's clock says`;
const MISUSED = "a certificate of the server's chain is used for what it must not; expected a server's, signed by authorities";

const WORDS: readonly (readonly [flaw: TLSFlaw, words: string])[] = [
  ["unknownRoot", `the server's chain ends at "Stranger Root", which is no given root; expected a chain to one of ${ROOTS}`],
  ["strangersName", "a certificate of the server's chain is not signed by the one that it names; expected one that is"],
  [
    "selfSigned",
    'the server\'s certificate, of "Update Server", is signed by itself and is no given root; ' +
      `expected a chain to one of ${ROOTS}`,
  ],
  [
    "noChain",
    'the server\'s chain breaks off at "Update Server", whose issuer "Fleet Authority" is neither sent nor a given root; ' +
      `expected a chain to one of ${ROOTS}`,
  ],
  ["noAuthority", MISUSED],
  ["clientsOnly", MISUSED],
  ["expired", `the certificate of "Update Server" ended at 2021-01-01T00:00:00Z; ${BY_THE_CLOCK}`],
  ["expiredChain", `the certificate of "Old Authority" ended at 2021-01-01T00:00:00Z; ${BY_THE_CLOCK}`],
  ["notYetValid", `the certificate of "Update Server" begins at 2090-01-01T00:00:00Z; ${BY_THE_CLOCK}`],
  ["wrongName", "the server's certificate is for DNS:elsewhere.device.example, IP Address:127.0.0.2; expected 127.0.0.1"],
  ["commonName", "the server's certificate is for no name, as it has no subjectAltName; expected updates.device.example"],
  ["oldVersion", "the server speaks too old a version of TLS; expected 1.2 or 1.3"],
  ["plain", "what the server says is no TLS, it may be plain HTTP; expected a port with TLS"],
  ["cut", "the connection ended within the TLS handshake; expected it to be completed"],
];

let loopback: Loopback;
let world: TLSWorld;

before(() => {
  world = new TLSWorld();
});

beforeEach(() => {
  loopback = new Loopback(world.link());
});

afterEach(() => loopback.close());

/** The one error of a request to a server behind `link`, and how many requests it got. */
async function errorOf(link: Link, change: Partial<HTTPClientOptions> = {}): Promise<string> {
  const server = await loopback.serve([], link);
  const errors: (Error | undefined)[] = [];
  const lines: string[] = [];
  const client = new HTTPSClient({ ...server.options, ...change, onError: (error) => errors.push(error) });
  client.request({ path: "/offer", onHeaders: () => lines.push("headers"), onDone: () => lines.push("done") });
  await loopback.until(() => errors.length + lines.length > 0);
  await loopback.turn();
  equal([errors.length, lines, server.requests.length], [1, [], 0]);
  throws(
    () => {
      throw errors[0];
    },
    "io",
    /^HTTPClient: GET \/offer: /,
  );
  return errors[0]!.message.slice("HTTPClient: GET /offer: ".length);
}

describe("HTTPS client of hosts/node: what it says of a server", () => {
  for (const [flaw, words] of WORDS) {
    it(`with the flaw ${flaw}`, async () => {
      const found = await errorOf(world.flawed(flaw));
      const pattern = words.split(NOW).map((part) => part.replaceAll(/[()[\]{}.*+?^$|\\/]/g, "\\$&"));
      ok(new RegExp(`^${pattern.join(NOW)}$`).test(found), found);
    });
  }

  it("whose root has ended", async () => {
    const { root } = world;
    const ended = makeCertificate({ name: root.name, isAuthority: true, keys: root, notAfter: "20210101000000Z" });
    const found = await errorOf(world.link(), { socket: { secure: { roots: [ended.certificate] } } });
    ok(found.startsWith('the certificate of "Fleet Root" ended at 2021-01-01T00:00:00Z; expected '), found);
  });

  it("that names itself in characters that do not print", async () => {
    const names = makeCertificate({ name: "Root\n\u001b[2J\u202eevil", isAuthority: true });
    const found = await errorOf(world.linkOf([world.serverCertificate({ issuer: names })]));
    ok(found.includes('whose issuer "Root??[2J?evil" is neither sent'), found);
    const hosts = ["a\r\nb.example"];
    ok(/^[ -~]+$/.test(await errorOf(world.linkOf([world.serverCertificate({ hosts }), world.authority]))));
  });

  it("that answers an old version of TLS though it was not offered", async () => {
    // ServerHello of TLS 1.1 (0x0302) with a random of ones, no session, and a cipher suite of that time.
    const body = Buffer.concat([Buffer.of(3, 2), Buffer.alloc(32, 1), Buffer.of(0, 0xc0, 0x13, 0)]);
    const record = Buffer.concat([Buffer.of(22, 3, 2, 0, body.length + 4, 2, 0, 0, body.length), body]);
    const accept = (raw: Socket): Socket => raw.once("data", () => raw.write(record));
    const found = await errorOf({ clientSocket: world.clientSocket, accept });
    equal(found, "the server speaks too old a version of TLS; expected 1.2 or 1.3");
  });

  it("that shares no cipher suite", async () => {
    const chain = [world.serverCertificate(), world.authority];
    const found = await errorOf(world.linkOf(chain, { maxVersion: "TLSv1.2", ciphers: "AES128-SHA:@SECLEVEL=0" }));
    equal(found, "TLS failed: sslv3 alert handshake failure (ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE)");
  });

  it("that is not there", async () => {
    const errors: string[] = [];
    const options = await loopback.nobody();
    new HTTPSClient({ ...options, onError: (error) => errors.push(error?.message ?? "") }).request({});
    await loopback.until(() => errors.length > 0);
    ok(/^HTTPClient: GET \/: connect ECONNREFUSED /.test(errors[0]!), errors[0]);
  });
});

describe("HTTPS client of hosts/node: nothing loosens a check", () => {
  const name = "NODE_TLS_REJECT_UNAUTHORIZED";
  const given = process.env[name];
  const warn = process.emitWarning;

  before(() => {
    process.emitWarning = () => {}; // Node warns of the variable, which is not this spec's news.
    process.env[name] = "0";
  });

  after(() => {
    process.emitWarning = warn;
    if (given === undefined) delete process.env[name];
    else process.env[name] = given;
  });

  for (const flaw of ["selfSigned", "wrongName", "expired"] as const) {
    it(`not ${name}=0: ${flaw}`, async () => {
      ok((await errorOf(world.flawed(flaw))).startsWith("the "));
    });
  }

  it("not options of node:tls beside the roots", async () => {
    const { secure } = world.clientSocket;
    const loose = { rejectUnauthorized: false, checkServerIdentity: () => undefined, minVersion: "TLSv1" };
    for (const flaw of ["selfSigned", "wrongName", "oldVersion"] as const) {
      await errorOf(world.flawed(flaw), { socket: { ...loose, secure: { ...secure, ...loose } } });
    }
  });
});

describe("HTTPS client of hosts/node: options", () => {
  const refusals: readonly (readonly [socket: object, words: RegExp])[] = [
    [{}, /socket\.secure is missing; expected an object with the roots to be trusted$/],
    [{ secure: { roots: [] } }, /roots names nobody to trust; expected one certificate in PEM or more$/],
    [{ secure: { roots: ["root.pem"] } }, /root 0 holds no certificate; expected one in PEM$/],
  ];
  for (const [socket, words] of refusals) {
    it(`refuses ${JSON.stringify(socket)}`, async () => {
      const { options } = await loopback.serve([]);
      throws(() => new HTTPSClient({ ...options, socket }), "invalid", words);
    });
  }

  it("refuses a root that is broken, or that stands beside something else", async () => {
    const { options } = await loopback.serve([]);
    const open = (roots: readonly string[]) => () => new HTTPSClient({ ...options, socket: { secure: { roots } } });
    const { certificate } = world.root;
    throws(
      open([certificate, certificate.replace("MII", "MIX")]),
      "invalid",
      /root 1 is no certificate \(.+\); expected one in PEM$/,
    );
    const key = world.root.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    throws(open([certificate + key]), "invalid", /root 0 holds more than whole certificates/);
    throws(open([certificate + certificate.slice(0, 100)]), "invalid", /root 0 holds more than whole certificates/);
  });

  it("refuses a name that is none, in place of a host that is one", async () => {
    const { options } = await loopback.serve([]);
    const { secure } = world.clientSocket;
    const words = /the server's name is "\.example"; expected one as in DNS, without a dot at its ends, or an address$/;
    throws(() => new HTTPSClient({ ...options, socket: { secure: { ...secure, serverName: ".example" } } }), "invalid", words);
    throws(
      () => new HTTPSClient({ ...options, host: "[::1]", socket: { secure } }),
      "invalid",
      /the server's name is "\[::1\]"/,
    );
  });

  it("are refused by the client in the clear, which would ask nobody's roots", async () => {
    const { options } = await loopback.serve([]);
    throws(() => new HTTPClient(options), "invalid", /socket\.secure is for the client of network\.https$/);
  });
});
