/** From listen to close: busy ports, TLS, and a server that goes away in the middle of a body. */
import { createHash } from "node:crypto";
import { get } from "node:https";
import { createConnection } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import sinon from "sinon";
import { DDIServer } from "../../../hosts/node/ddi/ddi-server.js";
import { equal, ok, rejects, throws } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { makeCertificate } from "../http/certificates.js";
import { ask, Bench, OFFER } from "./bench.js";

describe("DDI server: listening", () => {
  afterEach(() => sinon.restore());

  it("refuses a port that is in use, and names it; once closed, it listens no more", async () => {
    const bench = await new Bench().open();
    const second = new DDIServer();
    const error = await rejects(
      second.listen({ port: bench.port }),
      "busy",
      /^port \d+ of 127\.0\.0\.1 is in use already; expected/,
    );
    ok((error as Error).message.includes(String(bench.port)));
    await second.close();
    await bench.close();
    await bench.close();
    await rejects(bench.server.listen(), "closed");
    await rejects(ask(bench.port, "GET", bench.path()));
  });

  it("cannot listen where nobody can", async () => {
    const server = new DDIServer();
    await rejects(server.listen({ host: "192.0.2.1" }), "io", /cannot listen on port 0 of 192\.0\.2\.1/);
    await server.close();
  });

  it("closed in the middle of a body, ends the connection and sends nothing more", async () => {
    const clock = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const bench = await new Bench({ bytesPerSecond: 1 }).open();
    await bench.get();
    bench.server.deploy(OFFER);
    const request = `GET ${bench.path("/softwaremodules/1/artifacts/image.bin")} HTTP/1.1\r\nHost: h\r\n\r\n`;
    let reply = "";
    const socket = createConnection({ host: "127.0.0.1", port: bench.port }, () => socket.write(request));
    socket.on("error", () => {}); // Whether a reset or an end: it is over.
    socket.on("data", (chunk) => {
      reply += chunk.toString("latin1");
    });
    const over = new Promise((resolve) => socket.on("close", resolve));
    while (!/\r\n\r\n./s.test(reply) || clock.countTimers() === 0) await nextTurn(); // The next byte is due in a second.
    await bench.close();
    await over;
    ok(/content-length: 10000\r\n/.test(reply), reply);
    equal([reply.split("\r\n\r\n")[1]!.length, bench.server.sentBytes, clock.countTimers()], [1, 1, 0]);
  });

  it("goes on when a client goes away in the middle of a body, of its own or of the server's", async () => {
    const bench = await new Bench().open();
    const big = new Uint8Array(8_000_000);
    await bench.get();
    bench.server.deploy({ name: "n", version: "1", artifacts: [{ filename: "big", bytes: big }] });
    const requests = [
      `GET ${bench.path("/softwaremodules/1/artifacts/big")} HTTP/1.1\r\nHost: h\r\n\r\n`,
      `POST ${bench.path("/deploymentBase/1/feedback")} HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n{`,
      "GET / HTTP/1.1\r\nHo",
      "nonsense\r\n\r\n",
    ];
    for (const request of requests) {
      const before = bench.server.requestCount;
      const socket = createConnection({ host: "127.0.0.1", port: bench.port }, () => socket.write(request));
      socket.on("error", () => {});
      if (request.includes("Host: h")) while (bench.server.requestCount === before) await nextTurn();
      socket.resetAndDestroy();
    }
    equal((await bench.get()).status, 200);
    ok(bench.server.sentBytes < big.length);
    equal(bench.server.feedback, []);
    await bench.close();
  });

  it("tells its owner of each slice of an artifact", async () => {
    const bench = await new Bench().open();
    await bench.get();
    bench.server.deploy(OFFER);
    const sent: number[] = [];
    bench.server.onSent = (sentBytes) => sent.push(sentBytes);
    const { bytes } = await bench.get("/softwaremodules/1/artifacts/image.bin");
    equal([bytes.length, sent], [10_000, [4096, 8192, 10_000]]);
    await bench.close();
  });
});

describe("DDI server: TLS", () => {
  const identity = makeCertificate({ name: "localhost", hosts: ["127.0.0.1", "localhost"] });
  const tls = {
    key: identity.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: identity.certificate,
  };

  it("refuses a key and a certificate that are none, or not of each other", () => {
    const other = makeCertificate({ name: "other" });
    throws(
      () => new DDIServer({ tls: { key: "key", cert: tls.cert } }),
      "invalid",
      /^tls: .*expected a key and its certificate, in PEM/,
    );
    throws(() => new DDIServer({ tls: { key: tls.key, cert: other.certificate } }), "invalid");
  });

  it("links by https, to the artifacts as download and md5sum", async () => {
    const server = new DDIServer({ tls });
    const port = await server.listen();
    server.deploy(OFFER);
    const read = (path: string) =>
      new Promise<Buffer>((resolve, reject) => {
        const request = get({ host: "127.0.0.1", port, path, agent: false, ca: identity.certificate }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => resolve(Buffer.concat(chunks)));
        });
        request.on("error", reject);
      });
    try {
      const base = "/DEFAULT/controller/v1/A1";
      ok((await read(base)).toString().includes(`"href":"https://127.0.0.1:${port}${base}/deploymentBase/1?c=`));
      const artifacts = JSON.parse((await read(`${base}/deploymentBase/1`)).toString()).deployment.chunks[0].artifacts;
      const file = `https://127.0.0.1:${port}${base}/softwaremodules/1/artifacts/binary.tgz`;
      equal(artifacts[0]._links, { download: { href: file }, md5sum: { href: `${file}.MD5SUM` } });
      const image = await read(`${base}/softwaremodules/1/artifacts/image.bin`);
      equal(createHash("sha256").update(image).digest("hex"), artifacts[1].hashes.sha256);
    } finally {
      await server.close();
    }
  });
});
