/** What a controller says of itself: the three modes, hawkBit's bounds, and each refusal by the name of what is wrong. */
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { Bench, CONTROLLER } from "./bench.js";

const BEFORE = Object.freeze({ k1: "v1", k2: "v2" });

const CHANGES: readonly (readonly [body: object, after: Readonly<Record<string, string>>])[] = [
  [{ data: { k2: "new", k3: "v3" } }, { k1: "v1", k2: "new", k3: "v3" }],
  [
    { mode: "merge", data: { k3: "v3" } },
    { k1: "v1", k2: "v2", k3: "v3" },
  ],
  [{ mode: null, data: { k1: null } }, { k2: "v2" }],
  [{ mode: "replace", data: { k3: "v3", k4: null } }, { k3: "v3" }],
  [{ mode: "remove", data: { k1: "whatever", k9: "" } }, { k2: "v2" }],
  [
    { data: JSON.parse('{"__proto__":"x","constructor":"y"}') },
    JSON.parse('{"k1":"v1","k2":"v2","__proto__":"x","constructor":"y"}'),
  ],
];

const NOT_READABLE = "hawkbit.server.error.rest.body.notReadable";
const WRONG_ATTRIBUTES = "hawkbit.server.error.repo.invalidTargetAttributes";
const LONG = "x".repeat(129);

const REFUSED: readonly (readonly [body: object, errorCode: string, message: RegExp])[] = [
  [{}, NOT_READABLE, /^data: found nothing, expected an object$/],
  [{ id: "51659181" }, NOT_READABLE, /^data: found nothing/],
  [{ data: [] }, NOT_READABLE, /^data: found an array, expected an object$/],
  [{ data: {} }, NOT_READABLE, /^data: found nothing in it, expected at least one attribute$/],
  [{ data: { hwRevision: 2 } }, NOT_READABLE, /^data\.hwRevision: found 2, expected a text$/],
  [{ data: { a: { b: "c" } } }, NOT_READABLE, /^data\.a: found an object, expected a text$/],
  [
    { mode: "KJHGKJHGKJHG", data: { a: "b" } },
    NOT_READABLE,
    /^mode: found "KJHGKJHGKJHG", expected one of merge, replace, remove$/,
  ],
  [{ data: { [LONG]: "a" } }, WRONG_ATTRIBUTES, /the name "x+" has 129 characters, expected at most 128/],
  [{ data: { a: LONG } }, WRONG_ATTRIBUTES, /the value of "a" has 129 characters, expected at most 128/],
  [{ data: { a: "\u0000" } }, WRONG_ATTRIBUTES, /the value of "a" has a character that is not for attributes/],
  [{ data: { ü: "a" } }, WRONG_ATTRIBUTES, /the name "ü" has a character/],
];

describe("DDI server: attributes of a controller", () => {
  let bench: Bench;
  const attributes = () => bench.server.controllers.get(CONTROLLER)!.attributes;

  beforeEach(async () => {
    bench = await new Bench({ attributeCountMax: 4 }).open();
    await bench.get();
    await bench.put("/configData", { data: BEFORE });
  });
  afterEach(() => bench.close());

  for (const [body, after] of CHANGES) {
    it(`${JSON.stringify(body)} leaves ${JSON.stringify(after)}`, async () => {
      const reply = await bench.put("/configData", body);
      equal([reply.status, reply.text], [200, ""]);
      equal(Object.entries(attributes()), Object.entries(after));
    });
  }

  for (const [body, errorCode, message] of REFUSED) {
    it(`refuses ${JSON.stringify(body).slice(0, 60)}, and changes nothing`, async () => {
      const reply = await bench.put("/configData", body);
      const refusal = JSON.parse(reply.text) as { errorCode: string; message: string };
      equal([reply.status, refusal.errorCode], [400, errorCode]);
      ok(message.test(refusal.message), refusal.message);
      equal(attributes(), BEFORE);
    });
  }

  it("takes as many as agreed; one more is over the quota, and fewer is always taken", async () => {
    equal((await bench.put("/configData", { data: { k3: "v3", k4: "v4" } })).status, 200);
    const full = await bench.put("/configData", { data: { k5: "v5" } });
    equal(full.status, 429);
    equal(JSON.parse(full.text), {
      errorCode: "hawkbit.server.error.quota.tooManyEntries",
      message: "data: 5 attributes in all, expected at most 4",
    });
    equal(full.headers["retry-after"], undefined, "waiting does not help");
    equal((await bench.put("/configData", { data: { k1: "again" } })).status, 200);
    equal((await bench.put("/configData", { mode: "remove", data: { k1: null } })).status, 200);
    equal(Object.keys(attributes()), ["k2", "k3", "k4"]);
  });

  it("are asked for once", async () => {
    equal(await bench.links(), []);
  });
});
