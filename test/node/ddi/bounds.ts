/** Whatever a client could make grow has a bound: controllers, actions, reports, texts; and what an offer must be. */
import { equal, ok, throws } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { ask, Bench, OFFER, report } from "./bench.js";

const QUOTA = "hawkbit.server.error.quota.tooManyEntries";

describe("DDI server: bounds", () => {
  let bench: Bench;

  afterEach(() => bench.close());

  it("full of controllers, it takes no new one and serves those that it knows", async () => {
    bench = await new Bench({ controllerCountMax: 2 }).open();
    const poll = (id: string) => ask(bench.port, "GET", bench.path("", id));
    equal([(await poll("a")).status, (await poll("b")).status], [200, 200]);
    const third = await poll("c");
    equal(
      [third.status, JSON.parse(third.text)],
      [429, { errorCode: QUOTA, message: "2 controllers are known; expected no more" }],
    );
    equal((await ask(bench.port, "GET", bench.path("/confirmationBase", "c"))).status, 429);
    equal((await poll("a")).status, 200);
    throws(() => bench.server.deploy(OFFER, { controllerId: "c" }), "full", /2 controllers are known/);
    equal(bench.server.deploy(OFFER, { controllerId: "a" }), "1", "a refused deployment takes no number");
    equal([...bench.server.controllers.keys()], ["a", "b"]);
  });

  it("forgets the oldest of too many actions, but not the installed one", async () => {
    bench = await new Bench({ actionCountMax: 2 }).open();
    await bench.get();
    bench.server.deploy(OFFER);
    await bench.post("/deploymentBase/1/feedback", report("closed", "success"));
    for (let count = 0; count < 3; count++) bench.server.deploy(OFFER);
    const statusOf = async (id: string) => (await bench.post(`/deploymentBase/${id}/feedback`, report("proceeding"))).status;
    equal([await statusOf("1"), await statusOf("2"), await statusOf("3"), await statusOf("4")], [410, 404, 410, 200]);
    equal((await bench.get("/installedBase/1")).status, 200);
  });

  it("takes so many reports on an action, and then only the one that closes it", async () => {
    bench = await new Bench({ feedbackCountMax: 2 }).open();
    await bench.get();
    bench.server.deploy(OFFER);
    const statusOf = async (body: object) => (await bench.post("/deploymentBase/1/feedback", body)).status;
    equal([await statusOf(report("proceeding")), await statusOf(report("proceeding"))], [200, 200]);
    const full = await bench.post("/deploymentBase/1/feedback", report("proceeding"));
    equal([full.status, JSON.parse(full.text).errorCode, full.headers["retry-after"]], [429, QUOTA, undefined]);
    equal(bench.server.feedback.length, 2);
    equal(await statusOf(report("closed", "success")), 200);
  });

  it("takes 50 texts in one report, as hawkBit does, and not one more", async () => {
    bench = await new Bench().open();
    await bench.get();
    bench.server.deploy(OFFER);
    const details = (count: number) =>
      report("proceeding", "none", { details: Array.from({ length: count }, (_, index) => `${index}`) });
    equal((await bench.post("/deploymentBase/1/feedback", details(50))).status, 200);
    const more = await bench.post("/deploymentBase/1/feedback", details(51));
    equal([more.status, JSON.parse(more.text)], [429, { errorCode: QUOTA, message: "details: 51 texts, expected at most 50" }]);
  });

  it("keeps the newest records, and gives back the newest 100 texts of an action", async () => {
    bench = await new Bench({ recordCountMax: 2 }).open();
    await bench.get();
    bench.server.deploy(OFFER);
    for (let round = 0; round < 3; round++) {
      const details = Array.from({ length: 40 }, (_, index) => `${round}.${index}`);
      await bench.post("/deploymentBase/1/feedback", report("proceeding", "none", { code: round, details }));
    }
    equal(
      bench.server.feedback.map(({ code }) => code),
      [1, 2],
    );
    const messages = async (count: number): Promise<readonly string[]> => {
      const { text } = await bench.get(`/deploymentBase/1?actionHistory=${count}`);
      return (JSON.parse(text) as { actionHistory?: { messages: readonly string[] } }).actionHistory?.messages ?? [];
    };
    equal((await messages(3)).slice(0, 3), ["Device reported status code: 2", "2.39", "2.38"]);
    equal([(await messages(0)).length, (await messages(-1)).length, (await messages(101)).length], [0, 100, 100]);
  });

  it("offers no nonsense: what an offer must be is asserted before it has a number", async () => {
    bench = await new Bench().open();
    const file = { filename: "f", bytes: new Uint8Array(1) };
    const offers = [
      { name: "", version: "1", artifacts: [file] },
      { name: "n", version: "", artifacts: [file] },
      { name: "n", version: "1", artifacts: [] },
      { name: "n", version: "1", artifacts: [file, file] },
      ...["", ".", "..", "a\nb", "ü", "a.MD5SUM", "a".repeat(257)].map((filename) => ({
        name: "n",
        version: "1",
        artifacts: [{ ...file, filename }],
      })),
      { name: "n", version: "1", artifacts: [{ filename: "f", bytes: new Uint8Array(0) }] },
    ];
    for (const offer of offers) throws(() => bench.server.deploy(offer), /^deploy: /);
    throws(() => bench.server.deploy(OFFER, { controllerId: " " }), /expected the id of a controller/);
    throws(() => bench.server.cancel({ controllerId: "stranger" }), /expected a controller that is known/);
    equal(bench.server.deploy(OFFER), "1");
  });

  it("is made with settings that make sense, or not at all", async () => {
    bench = await new Bench().open();
    const wrong = [
      { tenant: "a/b" },
      { tenant: "" },
      { pollMs: 0 },
      { pollMs: 86_400_000 },
      { bytesPerSecond: 0 },
      { targetToken: "" },
      { controllerCountMax: 0 },
      { actionCountMax: 1 },
      { attributeCountMax: 0 },
      { recordCountMax: 0 },
      { bodySizeMaxBytes: 0 },
      { connectionCountMax: 0 },
    ];
    for (const options of wrong) {
      const error = throws(() => new Bench(options)) as Error;
      ok(error.name === "AssertionError", `${JSON.stringify(options)}: ${error}`);
    }
  });
});
