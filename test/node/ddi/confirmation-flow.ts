/**
 * The flow of consent: an action waits for the controller's yes, which may be taken back, or be given in advance.
 *
 * Source: DdiConfirmationBaseTest of eclipse-hawkbit/hawkbit and the descriptions in docs/rest-api/ddi.html.
 */
import { equal } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { ask, Bench, OFFER, report } from "./bench.js";

const CONFIRMED = Object.freeze({ confirmation: "confirmed", code: 200, details: ["by the user"] });
const DENIED = Object.freeze({ confirmation: "denied" });

describe("DDI server: confirmation", () => {
  let bench: Bench;
  const consent = (body: object, id = "1") => bench.post(`/confirmationBase/${id}/feedback`, body);

  beforeEach(async () => {
    bench = await new Bench({ isConfirmationNeeded: true }).open();
    await bench.get();
    await bench.put("/configData", { data: { hwRevision: "2" } });
    bench.server.deploy(OFFER);
  });
  afterEach(() => bench.close());

  it("comes first: until it is given there is nothing to deploy", async () => {
    equal(await bench.links(), ["confirmationBase"]);
    equal((await bench.get("/confirmationBase/1")).status, 200);
    equal((await bench.get("/deploymentBase/1")).status, 404);
    const early = await bench.post("/deploymentBase/1/feedback", report("closed", "success"));
    equal([early.status, bench.server.feedback], [404, []]);
  });

  it("given, it is noted with the record's own words, and the deployment is there", async () => {
    equal((await consent(CONFIRMED)).status, 200);
    equal(await bench.links(), ["deploymentBase"]);
    equal((await bench.get("/confirmationBase/1")).status, 404);
    equal(bench.server.feedback, [
      {
        controllerId: "CONTROLLER_ID",
        actionId: "1",
        kind: "confirmation",
        execution: "confirmed",
        finished: "none",
        details: ["by the user"],
        code: 200,
        progress: undefined,
      },
    ]);
    const { text } = await bench.get("/deploymentBase/1?actionHistory=2");
    equal((JSON.parse(text) as { actionHistory: unknown }).actionHistory, {
      status: "RETRIEVED",
      messages: ["Confirmation status code: 200", "by the user"],
    });
    equal((await consent(CONFIRMED)).status, 404, "a second time");
  });

  it("denied, the action goes on waiting", async () => {
    equal((await consent(DENIED)).status, 200);
    equal(await bench.links(), ["confirmationBase"]);
    equal((await consent(CONFIRMED)).status, 200);
    equal(await bench.links(), ["deploymentBase"]);
  });

  it("may be taken back from an open action, and not from one that is to be canceled or is closed", async () => {
    await consent(CONFIRMED);
    equal((await consent(DENIED)).status, 200);
    equal(await bench.links(), ["confirmationBase"]);
    await consent(CONFIRMED);
    bench.server.cancel();
    equal((await consent(DENIED)).status, 404);
    equal(await bench.links(), ["cancelAction"]);
    await bench.post("/cancelAction/1/feedback", report("closed", "success"));
    equal([(await consent(DENIED)).status, (await consent(CONFIRMED)).status], [410, 410]);
  });

  it("in advance, it confirms what waits and what comes, until it is turned off", async () => {
    equal((await ask(bench.port, "POST", bench.path("/confirmationBase/activateAutoConfirm"))).status, 200);
    equal(await bench.links(), ["deploymentBase"]);
    const { autoConfirm } = (await bench.document("/confirmationBase")) as { autoConfirm: Record<string, unknown> };
    equal(
      [autoConfirm["active"], autoConfirm["remark"]],
      [true, "Initiated using the Device Direct Integration API without providing a remark."],
    );
    const again = await bench.post("/confirmationBase/activateAutoConfirm", {});
    equal([again.status, JSON.parse(again.text).errorCode], [409, "hawkbit.server.error.repo.autoConfAlreadyActive"]);
    bench.server.deploy(OFFER);
    equal(await bench.links(), ["deploymentBase"]);
    equal((await ask(bench.port, "POST", bench.path("/confirmationBase/deactivateAutoConfirm"))).status, 200);
    bench.server.deploy(OFFER);
    equal(await bench.links(), ["confirmationBase"]);
  });

  it("cannot be denied where no consent is needed", async () => {
    const other = await new Bench().open();
    try {
      await other.get();
      other.server.deploy(OFFER);
      equal((await other.post("/confirmationBase/1/feedback", DENIED)).status, 404);
      equal(await other.links(), ["deploymentBase", "configData"]);
    } finally {
      await other.close();
    }
  });

  it("is asked of a controller that first comes for its confirmations", async () => {
    const { status } = await ask(bench.port, "GET", bench.path("/confirmationBase", "late"));
    equal([status, bench.server.controllers.get("late")?.pollCount], [200, 0]);
  });
});
