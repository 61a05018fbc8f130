/** Artifacts over the wire: the whole, parts, conditions, HEAD, checksums, and whose they are. */
import { deepFreeze } from "../../../src/freeze.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { ABC, ask, Bench, OFFER, report } from "./bench.js";

const TAG = `"${ABC.sha1}"`;
const FILE = "/softwaremodules/1/artifacts/binary.tgz";

type Headers = Readonly<Record<string, string>>;

/** "abc" under conditions, in the order of RFC 9110, 13.2.2. */
const CONDITIONS: readonly (readonly [headers: Headers, status: number, text: string])[] = deepFreeze([
  [{}, 200, "abc"],
  [{ range: "bytes=1-1" }, 206, "b"],
  [{ range: "bytes=-1", "if-range": TAG }, 206, "c"],
  [{ range: "bytes=-1", "if-range": `W/${TAG}` }, 200, "abc"],
  [{ range: "bytes=-1", "if-range": '"another"' }, 200, "abc"],
  [{ range: "bytes=3-", "if-range": '"another"' }, 200, "abc"],
  [{ range: "bytes=0-0,2-2" }, 200, "abc"],
  [{ range: "bytes=2-1" }, 200, "abc"],
  [{ "if-match": TAG }, 200, "abc"],
  [{ "if-match": `"another", ${TAG}`, range: "bytes=0-0" }, 206, "a"],
  [{ "if-match": "*" }, 200, "abc"],
  [{ "if-match": ABC.sha1 }, 200, "abc"],
  [{ "if-none-match": '"another"' }, 200, "abc"],
  [{ "if-none-match": `W/${TAG}` }, 304, ""],
  [{ "if-none-match": TAG, range: "bytes=0-0" }, 304, ""],
  [{ "if-modified-since": "Tue, 15 Nov 2050 08:12:31 GMT" }, 200, "abc"],
]);

describe("DDI server: artifacts", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await new Bench().open();
    await bench.get();
    bench.server.deploy(OFFER);
  });
  afterEach(() => bench.close());

  for (const [headers, status, text] of CONDITIONS) {
    it(`with ${JSON.stringify(headers)} is ${status} ${JSON.stringify(text)}`, async () => {
      const reply = await bench.get(FILE, headers);
      equal([reply.status, reply.text, reply.headers.etag], [status, text, TAG]);
    });
  }

  it("comes with hawkBit's header", async () => {
    const { "content-length": length, ...whole } = (await bench.get(FILE)).headers;
    equal(length, "3");
    for (const [name, value] of Object.entries({
      "accept-ranges": "bytes",
      "content-disposition": "attachment;filename=binary.tgz",
      "content-type": "application/octet-stream",
      etag: TAG,
      "x-content-type-options": "nosniff",
    })) {
      equal(whole[name], value, name);
    }
    const part = await bench.get(FILE, { range: "bytes=1-" });
    equal([part.headers["content-range"], part.headers["content-length"]], ["bytes 1-2/3", "2"]);
  });

  it("is put together from its parts", async () => {
    const { bytes } = OFFER.artifacts[1]!;
    const parts: Buffer[] = [];
    for (let offset = 0; offset < bytes.length; offset += 4096) {
      const range = `bytes=${offset}-${offset + 4095}`;
      parts.push((await bench.get("/softwaremodules/1/artifacts/image.bin", { range })).bytes);
    }
    ok(Buffer.concat(parts).equals(bytes));
    equal(bench.server.sentBytes, bytes.length);
  });

  it("is 416 behind its end, with its length, and 412 for a wrong If-Match", async () => {
    const behind = await bench.get(FILE, { range: "bytes=3-" });
    equal([behind.status, behind.headers["content-range"]], [416, "bytes */3"]);
    equal(JSON.parse(behind.text), { message: "Range: found bytes=3-, expected a part of 3 bytes" });
    const other = await bench.get(FILE, { "if-match": `W/${TAG}`, range: "bytes=3-" });
    equal([other.status, JSON.parse(other.text)], [412, { message: `If-Match: expected ${TAG}` }]);
  });

  it("has the same header for HEAD, no body, and no parts", async () => {
    const head = await ask(bench.port, "HEAD", bench.path(FILE), { headers: { range: "bytes=1-1" } });
    equal([head.status, head.text, head.headers["content-length"], head.headers.etag], [200, "", "3", TAG]);
    equal(bench.server.sentBytes, 0);
  });

  it("has a checksum that md5sum -c reads, which counts as no artifact", async () => {
    const reply = await bench.get(`${FILE}.MD5SUM`);
    equal([reply.status, reply.text], [200, `${ABC.md5}  binary.tgz`]);
    equal(reply.headers["content-type"], "text/plain");
    equal(reply.headers["content-disposition"], "attachment;filename=binary.tgz.MD5SUM");
    equal(bench.server.sentBytes, 0);
    const head = await ask(bench.port, "HEAD", bench.path(`${FILE}.MD5SUM`));
    equal([head.text, head.headers["content-length"]], ["", String(reply.text.length)]);
  });

  it("may have a name that needs escapes and quotes", async () => {
    const filename = 'a/b "1"\\%41.bin';
    bench.server.deploy({ name: "n", version: "1", artifacts: [{ filename, bytes: Buffer.from("x") }] });
    const [artifact] = JSON.parse((await bench.get("/softwaremodules/2/artifacts")).text) as [
      { filename: string; _links: Record<string, { href: string }> },
    ];
    equal(artifact.filename, filename);
    const reply = await ask(bench.port, "GET", artifact._links["download-http"]!.href);
    equal([reply.status, reply.text], [200, "x"]);
    equal(reply.headers["content-disposition"], 'attachment;filename="a/b \\"1\\"\\\\%41.bin"');
    equal(
      (await ask(bench.port, "GET", artifact._links["md5sum-http"]!.href)).text,
      `9dd4e461268c8034f5c8564e155c67a6  ${filename}`,
    );
  });

  it("is there for whom it is deployed to, while it is open or installed, and else for nobody", async () => {
    const status = async () => [(await bench.get(FILE)).status, (await bench.get("/softwaremodules/1/artifacts")).status];
    equal(await status(), [200, 200], "deployed");
    bench.server.cancel();
    equal(await status(), [404, 404], "to be canceled");
    await bench.post("/cancelAction/1/feedback", report("rejected"));
    equal(await status(), [200, 200], "not canceled");
    await bench.post("/deploymentBase/1/feedback", report("closed", "success"));
    bench.server.deploy({ ...OFFER, version: "2" });
    equal(await status(), [200, 200], "installed");
    await bench.post("/deploymentBase/2/feedback", report("closed", "success"));
    equal(await status(), [404, 404], "replaced");
    await ask(bench.port, "GET", bench.path("", "other"));
    equal((await ask(bench.port, "GET", bench.path(FILE, "other"))).status, 404, "another controller");
  });

  it("is kept as it was when it was offered", async () => {
    const bytes = new Uint8Array(Buffer.from("abc"));
    bench.server.deploy({ name: "n", version: "1", artifacts: [{ filename: "f", bytes }] });
    bytes.fill(0);
    equal((await bench.get("/softwaremodules/2/artifacts/f")).text, "abc");
  });
});
