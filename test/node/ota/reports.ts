/** What a server hears of an action: what is so and no sooner, each thing once, and what was lost on the way a round later. */
import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer, ScriptedRequest } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { makeImage, type Rig, type RigOptions, startedRig } from "./rig.js";

const IMAGE = makeImage("2.0.0");
const DONE = "closed success: it runs and is confirmed";
const TAKEN = [`download none: 2.0.0, ${IMAGE.length} bytes`, "downloaded none: 2.0.0"];

/** A device that is offered 2.0.0; the first report of which `isLost` says so meets `answer`. */
function rigThatLoses(isLost: (body: string) => boolean, answer: ScriptedAnswer, options: RigOptions = {}): Rig {
  const rig = startedRig(options);
  let lossCount = 0;
  rig.fleet.meddle = (subject, good, { body }: ScriptedRequest) => {
    return subject === "feedback" && isLost(body) && lossCount++ === 0 ? answer : good();
  };
  rig.offer(IMAGE, { version: "2.0.0" });
  return rig;
}

describe("a success is reported", () => {
  it("only after the confirm, when the image is in otadata to stay", () => {
    const rig = startedRig({ settings: { trialUptimeMs: 20_000 } });
    rig.offer(IMAGE, { version: "2.0.0" });
    let stateAtReport: unknown;
    rig.fleet.meddle = (subject, good, { body }) => {
      if (subject === "feedback" && body.includes('"success"')) {
        stateAtReport = [rig.node?.core.slots.isTrial, rig.slots()[1], rig.inspect().history.confirmed !== undefined];
      }
      return good();
    };
    ok(rig.runUntilLine("update succeeded"));
    equal(stateAtReport, [false, "2.0.0 valid", true]);
    equal(rig.fleet.reports(), [...TAKEN, "proceeding none: it runs, on trial", DONE]);
  });

  it("at the next round where the server could not take it", () => {
    for (const answer of [{ status: 500 }, { status: 401 }, { end: "refuse" as const }, { end: "stall" as const }]) {
      const rig = rigThatLoses((body) => body.includes('"success"'), answer);
      ok(rig.runUntilLine("update succeeded"), rig.device.lines.join("\n"));
      rig.device.advance(60_000);
      equal(rig.linesWith("update failed").length, 1);
      equal(rig.fleet.reports().filter((report) => report === DONE).length, 1);
      equal(rig.linesWith("succeeded"), ["2.0.0 update succeeded 2.0.0"]);
    }
  });

  it("also by a later start", () => {
    const rig = rigThatLoses((body) => body.includes('"success"'), { status: 500 });
    ok(rig.runUntilLine("2.0.0 update failed"));
    rig.device.cutPower();
    rig.device.advance(60_000);
    equal([rig.fleet.reports().at(-1), rig.device.life.version], [DONE, "2.0.0"]);
  });

  it("with any answer that says yes", () => {
    for (const status of [201, 202, 204]) {
      const rig = startedRig();
      rig.fleet.meddle = (subject, good) => (subject === "feedback" ? { ...good(), status } : good());
      rig.offer(IMAGE, { version: "2.0.0" });
      ok(rig.runUntilLine("update succeeded"));
    }
  });
});

describe("the way there", () => {
  it("goes on without reports that a server cannot take", () => {
    for (const execution of ['"download"', '"downloaded"']) {
      const rig = rigThatLoses((body) => body.includes(execution), { status: 500 });
      ok(rig.runUntilLine("update succeeded"), rig.device.lines.join("\n"));
      equal([rig.linesWith("update failed"), rig.fleet.reports().at(-1)], [[], DONE]);
    }
  });

  it("of a second attempt begins with what was wrong with the first", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    rig.fleet.meddle = (subject, good) => (subject === "image" && rig.traffic.to(path).length === 1 ? { status: 404 } : good());
    ok(rig.runUntilKept("2.0.0"));
    const [first] = TAKEN;
    equal(rig.fleet.reports().slice(0, 2), [
      first,
      `${first}; the last attempt: download: the server answered 404, expected 206`,
    ]);
  });
});

describe("what is declined is reported", () => {
  it("once, and a round later where the server could not take it", () => {
    const rig = startedRig();
    let lossCount = 0;
    rig.fleet.meddle = (subject, good) => (subject === "feedback" && lossCount++ < 2 ? { status: 503 } : good());
    rig.offer(IMAGE, { version: "2.0.0", release: { deviceClass: "toaster" } });
    rig.device.advance(200_000);
    equal(rig.fleet.reports(), ["closed failure: update: it is for the class toaster, expected node"]);
    equal([rig.linesWith("update failed").length, rig.linesWith("declined").length], [2, 1], "and people heard it once");
  });

  it("for an image in quarantine, when the one before it runs again", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "crashAtStart" } });
    rig.offer(IMAGE, { version: "2.0.0" });
    rig.device.advance(100_000);
    equal(rig.fleet.reports(), [...TAKEN, "closed failure: its image is in quarantine"]);
    equal(rig.fleet.actionId, undefined);
  });
});

describe("what is postponed is reported", () => {
  it("once, and stays open: during a trial", () => {
    const rig = startedRig({ settings: { trialUptimeMs: 25_000 } });
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("2.0.0 boots"));
    rig.offer(makeImage("3.0.0"), { version: "3.0.0" });
    rig.device.advance(24_000);
    const postponed = "scheduled none: the running image has no verdict yet";
    equal(rig.fleet.reports(), [...TAKEN, postponed]);
    equal(rig.linesWith("postponed"), ["2.0.0 update postponed 3.0.0: the running image has no verdict yet"]);
    ok(rig.runUntilKept("3.0.0"));
    equal(rig.fleet.reports().filter((report) => report === postponed).length, 1);
  });

  it("once a start: for an image that was sent away without a verdict", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "undecided" } });
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    const reportCount = (): number => rig.fleet.reports().filter((report) => report.startsWith("scheduled none")).length;
    rig.device.advance(100_000);
    equal([reportCount(), rig.fleet.reports().at(-1)], [1, "scheduled none: its image was sent away without a verdict"]);
    rig.device.reset("brownOut");
    rig.device.advance(100_000);
    equal(reportCount(), 2);
    ok(rig.fleet.actionId !== undefined, "its action is open");
  });

  it("and is not begun while its server lets it wait", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    let mode = "skip";
    rig.fleet.meddle = (subject, good) => {
      const answer = good();
      return subject === "deployment" ? { ...answer, body: String(answer.body).replaceAll('"forced"', `"${mode}"`) } : answer;
    };
    rig.device.advance(100_000);
    equal([rig.fleet.reports(), rig.traffic.to(path)], [["scheduled none: it is not wanted now"], []]);
    mode = "attempt";
    ok(rig.runUntilKept("2.0.0"));
  });
});
