/** What a poll is answered with: registration, the period, links of this moment, entity tags, media types. */
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { ask, Bench, CONTROLLER, OFFER, report } from "./bench.js";

const PERIODS: readonly (readonly [pollMs: number, sleep: string])[] = [
  [1000, "00:00:01"],
  [1001, "00:00:02"],
  [60_000, "00:01:00"],
  [86_399_000, "23:59:59"],
];

const MEDIA_TYPES: readonly (readonly [accept: string, mediaType: string | undefined])[] = [
  ["*/*", "application/hal+json"],
  ["application/*", "application/hal+json"],
  ["application/json", "application/json"],
  ["application/hal+json", "application/hal+json"],
  ["application/json, */*", "application/json"],
  ["application/hal+json;q=0.5, application/json;q=0.9", "application/json"],
  ["application/json;q=0, */*", "application/hal+json"],
  ["text/html, APPLICATION/JSON;charset=utf-8", "application/json"],
  ["application/atom+xml", undefined],
  ["application/cbor", undefined],
  ["application/json;q=0", undefined],
  ["application/json;q=much", undefined],
];

describe("DDI server: a poll", () => {
  let bench: Bench;

  afterEach(() => bench.close());

  it("makes the controller, says so once, and asks for its attributes", async () => {
    bench = await new Bench({ now: () => 5000 }).open();
    const firsts: string[] = [];
    bench.server.onFirstPoll = (controllerId) => firsts.push(controllerId);
    equal(bench.server.controllers.size, 0);
    equal(await bench.document(), { _links: { configData: { href: `${bench.base}/configData` } } });
    await bench.get();
    equal(firsts, [CONTROLLER]);
    const { pollCount, lastPollMs, attributes } = bench.server.controllers.get(CONTROLLER)!;
    equal([pollCount, lastPollMs, attributes], [2, 5000, {}]);
    equal(bench.server.requestCount, 2);
  });

  it("is an empty document where there is nothing to say", async () => {
    bench = await new Bench().open();
    await bench.get();
    await bench.put("/configData", { data: { hwRevision: "2" } });
    equal(await bench.document(), {});
  });

  for (const [pollMs, sleep] of PERIODS) {
    it(`tells a period of ${pollMs} ms as ${sleep}`, async () => {
      bench = await new Bench({ pollMs }).open();
      const { config } = (await bench.document()) as { readonly config: unknown };
      equal(config, { polling: { sleep } });
    });
  }

  it("gives a later controller what is deployed to all, and another nothing of what is deployed to one", async () => {
    bench = await new Bench().open();
    bench.server.deploy(OFFER, { controllerId: "other" });
    equal(await bench.links(), ["configData"]);
    equal(bench.server.controllers.get("other")?.pollCount, 0, "made, but not polled");
    equal(bench.server.deploy(OFFER), "2");
    equal(await bench.links(), ["deploymentBase", "configData"]);
    const late = await ask(bench.port, "GET", bench.path("", "late"));
    ok(late.text.includes("/late/deploymentBase/2?c="), late.text);
    equal((await bench.get("/deploymentBase/1")).status, 404);
  });

  it("gives a later controller nothing once all is to be canceled", async () => {
    bench = await new Bench().open();
    bench.server.deploy(OFFER);
    bench.server.cancel();
    equal(await bench.links(), ["configData"]);
  });

  it("has a tag that changes with the document, and 304 for whoever has it", async () => {
    bench = await new Bench().open();
    const first = await bench.get();
    const etag = first.headers.etag!;
    ok(/^"0[0-9a-f]{32}"$/.test(etag), etag);
    for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const again = await bench.get("", { "if-none-match": condition });
      equal([again.status, again.text, again.headers.etag], [304, "", etag], condition);
    }
    bench.server.deploy(OFFER);
    const changed = await bench.get("", { "if-none-match": etag });
    equal(changed.status, 200);
    ok(changed.headers.etag !== etag);
    // The same state once more: one deployment done, and attributes given.
    await bench.post("/deploymentBase/1/feedback", report("closed", "failure"));
    equal((await bench.get("", { "if-none-match": etag })).status, 304);
  });

  for (const [accept, mediaType] of MEDIA_TYPES) {
    it(`for Accept: ${accept} is ${mediaType ?? "refused, and no poll"}`, async () => {
      bench = await new Bench().open();
      const reply = await bench.get("", { accept });
      equal(reply.status, mediaType === undefined ? 406 : 200);
      equal(reply.headers["content-type"], mediaType ?? "application/json");
      equal(bench.server.controllers.get(CONTROLLER)?.pollCount, mediaType === undefined ? 0 : 1);
    });
  }

  it("is answered to HEAD without a body", async () => {
    bench = await new Bench().open();
    const reply = await ask(bench.port, "HEAD", bench.path());
    const { text, headers } = await bench.get();
    equal([reply.status, reply.text, reply.headers["content-length"]], [200, "", String(text.length)]);
    equal(reply.headers.etag, headers.etag);
  });

  it("links to where it was sent: a name, a port of its own, an absolute target, an id that needs escapes", async () => {
    bench = await new Bench().open();
    const hrefOf = (text: string): string =>
      (JSON.parse(text) as { _links: { configData: { href: string } } })._links.configData.href;
    const named = await ask(bench.port, "GET", "/DEFAULT/controller/v1/A%201%2F%C3%BC", {
      headers: { host: "fleet.local:81" },
    });
    equal(hrefOf(named.text), "http://fleet.local:81/DEFAULT/controller/v1/A%201%2F%C3%BC/configData");
    ok(bench.server.controllers.has("A 1/ü"));
    const absolute = await ask(bench.port, "GET", `http://127.0.0.1:${bench.port}${bench.path()}`);
    equal(hrefOf(absolute.text), `${bench.base}/configData`);
  });
});
