/**
 * The documents of the server, whole, against those of hawkBit's published documentation.
 *
 * The expected ones are the examples of docs/rest-api/ddi.html of eclipse-hawkbit/hawkbit (OpenAPI 3.0.1, "hawkBit REST
 * APIs" v1, as of 2026-08-21), written out by hand, with these changes: one chunk, as a deployment here has one software
 * module; links of the API itself instead of a CDN's, as hawkBit gives them by default
 * (hawkbit-artifactdl-defaults.properties); no maintenance window, as there are none here; hashes of the text that is
 * served; http, as no TLS is spoken in this spec.
 */
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { ABC, Bench, report } from "./bench.js";

const BASE = "http://management-api.host.com/TENANT_ID/controller/v1/CONTROLLER_ID";
const FILE = `${BASE}/softwaremodules/8/artifacts/binary.tgz`;
const HOST = Object.freeze({ host: "management-api.host.com" });
const OFFER = Object.freeze({
  name: "one Firmware",
  version: "1.0.79",
  artifacts: [{ filename: "binary.tgz", bytes: Buffer.from(ABC.text) }],
});

/** The number that only has to be one of 32 bits is taken out, and looked at. */
function withoutState(text: string): unknown {
  const [, state] = /\?c=(-?\d+)"/.exec(text) ?? [];
  ok(state === undefined || Number(state) === (Number(state) | 0), `c=${state}`);
  return JSON.parse(text.replace(/\?c=-?\d+"/, '?c=STATE"'));
}

const DEPLOYMENT = {
  download: "forced",
  update: "forced",
  chunks: [
    {
      part: "os",
      version: "1.0.79",
      name: "one Firmware",
      artifacts: [
        {
          filename: "binary.tgz",
          hashes: { sha1: ABC.sha1, md5: ABC.md5, sha256: ABC.sha256 },
          size: 3,
          _links: { "download-http": { href: FILE }, "md5sum-http": { href: `${FILE}.MD5SUM` } },
        },
      ],
    },
  ],
};

describe("DDI server: the documents are those of the published API", () => {
  let bench: Bench;

  afterEach(() => bench.close());

  async function open(options: { isConfirmationNeeded?: boolean } = {}): Promise<void> {
    bench = await new Bench({ tenant: "TENANT_ID", pollMs: 12 * 3_600_000, now: () => 1_691_065_895_439, ...options }).open();
    await bench.get();
  }

  /** So many deployments that the newest has this number. */
  function deployUpTo(number: number): void {
    while (bench.server.deploy(OFFER) !== String(number));
  }

  it("DdiControllerBase: the period, and links to an action, the installed one and the attributes", async () => {
    await open();
    deployUpTo(4);
    await bench.post("/deploymentBase/4/feedback", report("closed", "success"));
    deployUpTo(5);
    equal(withoutState((await bench.get("", HOST)).text), {
      config: { polling: { sleep: "12:00:00" } },
      _links: {
        deploymentBase: { href: `${BASE}/deploymentBase/5?c=STATE` },
        installedBase: { href: `${BASE}/installedBase/4` },
        configData: { href: `${BASE}/configData` },
      },
    });
  });

  it("DdiDeploymentBase, with the history of the action, newest first", async () => {
    await open();
    deployUpTo(8);
    for (const detail of ["Started download", "Download done", "Write firmware", "Reboot"]) {
      await bench.post("/deploymentBase/8/feedback", report("proceeding", "none", { details: [detail] }));
    }
    equal(withoutState((await bench.get("/deploymentBase/8?actionHistory=10", HOST)).text), {
      id: "8",
      deployment: DEPLOYMENT,
      actionHistory: {
        status: "RETRIEVED",
        messages: ["Reboot", "Write firmware", "Download done", "Started download", "Assignment initiated by user 'holdfast'"],
      },
    });
    equal(withoutState((await bench.get("/deploymentBase/8", HOST)).text), { id: "8", deployment: DEPLOYMENT });
  });

  it("DdiDeploymentBase under installedBase, once it is installed", async () => {
    await open();
    deployUpTo(8);
    await bench.post("/deploymentBase/8/feedback", report("closed", "success", { details: ["done"], code: 200 }));
    equal(withoutState((await bench.get("/installedBase/8?actionHistory=2", HOST)).text), {
      id: "8",
      deployment: DEPLOYMENT,
      actionHistory: { status: "FINISHED", messages: ["Device reported status code: 200", "done"] },
    });
  });

  it("DdiCancel: its id is that of the action to stop", async () => {
    await open();
    deployUpTo(11);
    bench.server.cancel();
    equal(withoutState((await bench.get("", HOST)).text), {
      config: { polling: { sleep: "12:00:00" } },
      _links: { cancelAction: { href: `${BASE}/cancelAction/11` }, configData: { href: `${BASE}/configData` } },
    });
    equal(await bench.document("/cancelAction/11"), { id: "11", cancelAction: { stopId: "11" } });
  });

  it("DdiConfirmationBase and DdiConfirmationBaseAction, for an action that waits", async () => {
    await open({ isConfirmationNeeded: true });
    deployUpTo(8);
    equal(withoutState((await bench.get("/confirmationBase", HOST)).text), {
      autoConfirm: { active: false },
      _links: {
        activateAutoConfirm: { href: `${BASE}/confirmationBase/activateAutoConfirm` },
        confirmationBase: { href: `${BASE}/confirmationBase/8?c=STATE` },
      },
    });
    equal(withoutState((await bench.get("/confirmationBase/8", HOST)).text), { id: "8", confirmation: DEPLOYMENT });
  });

  it("DdiAutoConfirmationState, with who turned it on, why and when", async () => {
    await open({ isConfirmationNeeded: true });
    const body = { initiator: "exampleUserId", remark: "exampleRemark" };
    await bench.post("/confirmationBase/activateAutoConfirm", body);
    equal(withoutState((await bench.get("/confirmationBase", HOST)).text), {
      autoConfirm: { active: true, initiator: "exampleUserId", remark: "exampleRemark", activatedAt: 1_691_065_895_439 },
      _links: { deactivateAutoConfirm: { href: `${BASE}/confirmationBase/deactivateAutoConfirm` } },
    });
  });

  it("a list of DdiArtifact", async () => {
    await open();
    deployUpTo(8);
    const { text } = await bench.get("/softwaremodules/8/artifacts", HOST);
    equal(withoutState(text), DEPLOYMENT.chunks[0]!.artifacts);
  });
});
