/**
 * The life of an action by the reports on it, as hawkBit has it: what ends it, what is only noted, and what comes too late.
 *
 * Source: "State Machine Mapping" in the documentation of the Direct Device Integration API, and the tests
 * DdiDeploymentBaseTest and DdiCancelActionTest, of eclipse-hawkbit/hawkbit.
 */
import { equal } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { Bench, OFFER, report } from "./bench.js";

/** What a poll links to after one report, besides the attributes; `installedBase` only where it is installed. */
type Life = readonly [kind: string, execution: string, finished: string, links: readonly string[], status: string];

const OPEN: readonly string[] = ["deploymentBase"];
const CANCELING: readonly string[] = ["cancelAction"];

const DEPLOYMENT_REPORTS: readonly Life[] = [
  ["deploymentBase", "closed", "success", ["installedBase"], "FINISHED"],
  ["deploymentBase", "closed", "none", ["installedBase"], "FINISHED"],
  ["deploymentBase", "closed", "failure", [], "ERROR"],
  ["deploymentBase", "proceeding", "none", OPEN, "RETRIEVED"],
  ["deploymentBase", "proceeding", "failure", OPEN, "RETRIEVED"],
  ["deploymentBase", "download", "none", OPEN, "RETRIEVED"],
  ["deploymentBase", "downloaded", "none", OPEN, "RETRIEVED"],
  ["deploymentBase", "scheduled", "none", OPEN, "RETRIEVED"],
  ["deploymentBase", "resumed", "none", OPEN, "RETRIEVED"],
  ["deploymentBase", "canceled", "success", OPEN, "RETRIEVED"],
  ["deploymentBase", "rejected", "none", OPEN, "RETRIEVED"],
];

const CANCEL_REPORTS: readonly Life[] = [
  ["cancelAction", "closed", "success", [], ""],
  ["cancelAction", "closed", "none", [], ""],
  ["cancelAction", "closed", "failure", OPEN, "RETRIEVED"],
  ["cancelAction", "rejected", "success", OPEN, "RETRIEVED"],
  ["cancelAction", "canceled", "success", CANCELING, ""],
  ["cancelAction", "proceeding", "none", CANCELING, ""],
  ["cancelAction", "scheduled", "none", CANCELING, ""],
  ["cancelAction", "resumed", "none", CANCELING, ""],
  ["deploymentBase", "closed", "success", ["installedBase"], "FINISHED"],
  ["deploymentBase", "closed", "failure", [], "ERROR"],
  ["deploymentBase", "proceeding", "none", CANCELING, ""],
];

describe("DDI server: the life of an action", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await new Bench().open();
    await bench.get();
    await bench.put("/configData", { data: { hwRevision: "2" } });
    bench.server.deploy(OFFER);
  });
  afterEach(() => bench.close());

  /** Without the attributes, which are wanted anew after each success. */
  async function links(): Promise<readonly string[]> {
    return (await bench.links()).filter((name) => name !== "configData");
  }

  /** What the action's history calls its state; empty where no document tells it. */
  async function status(): Promise<string> {
    const { text } = await bench.get("/deploymentBase/1?actionHistory=1");
    return (JSON.parse(text) as { actionHistory?: { status: string } }).actionHistory?.status ?? "";
  }

  for (const [title, reports] of [
    ["deployed", DEPLOYMENT_REPORTS],
    ["to be canceled", CANCEL_REPORTS],
  ] as const) {
    for (const [kind, execution, finished, expected, expectedStatus] of reports) {
      it(`${title}: ${kind} ${execution}, ${finished} leaves ${expected.join(" and ") || "nothing"}`, async () => {
        await bench.get("/deploymentBase/1");
        if (title === "to be canceled") bench.server.cancel();
        equal(await links(), title === "deployed" ? OPEN : CANCELING);
        equal((await bench.post(`/${kind}/1/feedback`, report(execution, finished))).status, 200);
        equal(await links(), expected);
        equal(await status(), expectedStatus);
      });
    }
  }

  it("tells each report as it came, and keeps it", async () => {
    const seen: unknown[] = [];
    bench.server.onFeedback = (record) => seen.push(record);
    const progress = { cnt: 2, of: 5 };
    await bench.post("/deploymentBase/1/feedback", {
      id: 1,
      timestamp: 1_627_997_501_890,
      status: { execution: "proceeding", result: { finished: "none", progress }, code: 7, details: ["a", "b"] },
    });
    await bench.post("/deploymentBase/1/feedback", {
      status: { execution: "closed", result: { finished: "success", progress: { cnt: 1 } }, code: null, details: null },
    });
    const common = { controllerId: "CONTROLLER_ID", actionId: "1", kind: "deployment" };
    equal(bench.server.feedback, [
      { ...common, execution: "proceeding", finished: "none", details: ["a", "b"], code: 7, progress },
      { ...common, execution: "closed", finished: "success", details: [], code: undefined, progress: undefined },
    ]);
    equal(seen, bench.server.feedback);
  });

  it("answers 410 to a report on a closed action, however it was closed, and notes nothing", async () => {
    const late = () => bench.post("/deploymentBase/1/feedback", report("closed", "success"));
    await bench.post("/deploymentBase/1/feedback", report("closed", "failure"));
    equal((await late()).status, 410);
    equal((await late()).text, '{"message":"action 1 is closed (ERROR)"}');
    equal(bench.server.deploy(OFFER), "2");
    bench.server.cancel();
    await bench.post("/cancelAction/2/feedback", report("closed", "success"));
    equal((await bench.post("/deploymentBase/2/feedback", report("closed", "success"))).status, 410);
    equal(bench.server.feedback.length, 2);
    equal(bench.server.controllers.get("CONTROLLER_ID")?.installedVersion, undefined);
  });

  it("answers 405 to a report on a cancellation that nobody asked for, and takes one that comes twice", async () => {
    const cancel = () => bench.post("/cancelAction/1/feedback", report("closed", "success"));
    const early = await cancel();
    equal([early.status, early.headers["allow"]], [405, ""]);
    equal(JSON.parse(early.text), {
      errorCode: "hawkbit.server.error.action.notCancelable",
      message: "action 1 is not to be canceled",
    });
    bench.server.cancel();
    equal([(await cancel()).status, (await cancel()).status], [200, 200]);
    equal(await links(), []);
    // A rejection after it does not bring the action back.
    equal((await bench.post("/cancelAction/1/feedback", report("rejected"))).status, 200);
    equal(await links(), []);
  });

  it("has the documents of a state in that state only", async () => {
    const statuses = async () => {
      const names = ["deploymentBase", "cancelAction", "installedBase", "confirmationBase"];
      return Promise.all(names.map(async (name) => (await bench.get(`/${name}/1`)).status));
    };
    equal(await statuses(), [200, 404, 404, 404], "deployed");
    bench.server.cancel();
    equal(await statuses(), [404, 200, 404, 404], "to be canceled");
    await bench.post("/cancelAction/1/feedback", report("rejected"));
    equal(await statuses(), [200, 404, 404, 404], "not canceled");
    await bench.post("/deploymentBase/1/feedback", report("closed", "success"));
    equal(await statuses(), [200, 404, 200, 404], "installed");
  });

  it("lets a newer action take the place of an open one, which is closed", async () => {
    equal(bench.server.deploy(OFFER), "2");
    equal((await bench.get("/deploymentBase/1")).status, 404);
    equal((await bench.post("/deploymentBase/1/feedback", report("closed", "success"))).status, 410);
    equal((await bench.get("/deploymentBase/2")).status, 200);
  });

  it("keeps the installed one while the next is open, and asks for attributes after each success only", async () => {
    await bench.post("/deploymentBase/1/feedback", report("closed", "success"));
    equal(await bench.links(), ["installedBase", "configData"]);
    equal(bench.server.controllers.get("CONTROLLER_ID")?.installedVersion, "1.0.79");
    await bench.put("/configData", { data: { hwRevision: "3" } });
    bench.server.deploy(OFFER);
    equal(await bench.links(), ["deploymentBase", "installedBase"]);
    await bench.post("/deploymentBase/2/feedback", report("closed", "failure"));
    equal(await bench.links(), ["installedBase"]);
    equal((await bench.get("/installedBase/2")).status, 404);
  });
});

describe("DDI server: superseding by cancellation, as hawkBit does it by default", () => {
  it("asks to cancel the older one first, and then gives the newer", async () => {
    const bench = await new Bench({ superseding: "cancel" }).open();
    try {
      await bench.get();
      for (const id of ["1", "2", "3"]) equal(bench.server.deploy(OFFER), id);
      for (const id of ["1", "2"]) {
        equal(await bench.links(), ["cancelAction", "configData"]);
        equal(await bench.document(`/cancelAction/${id}`), { id, cancelAction: { stopId: id } });
        await bench.post(`/cancelAction/${id}/feedback`, report("closed", "success"));
      }
      equal(await bench.links(), ["deploymentBase", "configData"]);
      equal((await bench.get("/deploymentBase/3")).status, 200);
    } finally {
      await bench.close();
    }
  });
});
