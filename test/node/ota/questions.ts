/** What a server asks a device: what it is (configData), and whether it would take an update (confirmationBase). */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import type { Offer } from "./fleet.js";
import { makeImage, type Rig, startedRig } from "./rig.js";

const IMAGE = makeImage("2.0.0");

describe("a device's attributes", () => {
  it("are sent where they are asked for, once a start", () => {
    const rig = startedRig();
    rig.device.advance(30_000);
    equal(rig.fleet.attributes, [], "nobody asked");
    rig.fleet.wantsAttributes = true;
    rig.device.advance(30_000);
    equal(rig.fleet.attributes, [{ mode: "merge", data: { version: "1.0.0" } }]);
    rig.fleet.wantsAttributes = true;
    rig.device.advance(30_000);
    equal(rig.fleet.attributes.length, 1);
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
    equal(rig.fleet.attributes.slice(1), [{ mode: "merge", data: { version: "2.0.0" } }]);
  });

  it("are sent again by the next round where the server could not take them", () => {
    const rig = startedRig();
    rig.fleet.wantsAttributes = true;
    rig.fleet.meddle = (subject, good) => {
      return subject === "attributes" && rig.traffic.requests.length < 5 ? { status: 500 } : good();
    };
    rig.device.advance(100_000);
    equal([rig.fleet.attributes.length, rig.linesWith("update failed").length], [1, 2]);
  });

  it("come before an action of the same poll, which follows in the same round", () => {
    const rig = startedRig();
    rig.fleet.wantsAttributes = true;
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("offered"));
    equal(
      rig.traffic.requests.slice(0, 4).map(({ method, path }) => `${method} ${path.slice(path.lastIndexOf("/") + 1)}`),
      ["GET A1", "PUT configData", "GET 1?c=1", "GET 1.cose"],
    );
  });
});

/** A rig whose server asks first. */
function askingRig(version = "1.0.0"): Rig {
  const rig = startedRig();
  if (version !== "1.0.0") {
    rig.offer(makeImage(version), { version });
    ok(rig.runUntilKept(version));
    rig.device.advance(20_000);
    rig.fleet.feedback.length = 0;
  }
  rig.fleet.asksFirst = true;
  return rig;
}

describe("a question whether an update would be taken", () => {
  it("is answered with yes for one that is signed for this device, before a byte of it", () => {
    const rig = askingRig();
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.device.runUntil(() => rig.fleet.feedback.length > 0, 60_000));
    equal([rig.fleet.reports(), rig.traffic.to(path)], [["confirmed 1: signed for this device"], []]);
    ok(rig.runUntilLine("update succeeded"));
    equal(rig.fleet.reports()[1], `download none: 2.0.0, ${IMAGE.length} bytes`);
  });

  const flip = (update: Uint8Array): Uint8Array => update.map((byte, at) => (at === update.length - 1 ? byte ^ 1 : byte));
  const bad: readonly (readonly [name: string, change: Partial<Offer>, because: RegExp])[] = [
    ["that nobody signed", { tamper: flip }, /^deployment: not signed/],
    ["for another device", { deployment: { device: "B2" } }, /^update: it is for the device B2, expected A1$/],
    ["for another class", { release: { deviceClass: "toaster" } }, /^update: it is for the class toaster, expected node$/],
  ];
  for (const [name, change, because] of bad) {
    it(`is answered with no and the reason for one ${name}, and nothing is begun`, () => {
      const rig = askingRig();
      const path = rig.offer(IMAGE, { version: "2.0.0", ...change });
      rig.device.advance(100_000);
      const answers = rig.fleet.feedback.map(({ execution, finished, detail }) => [execution, finished, because.test(detail)]);
      ok(answers.length > 0, "it answered");
      for (const answer of answers) equal(answer, ["denied", "-1", true]);
      equal([rig.traffic.to(path), rig.lives().length, rig.linesWith("declined").length], [[], 1, 1]);
    });
  }

  it("is answered with no for an image in quarantine", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "crashAtStart" } });
    rig.offer(IMAGE, { version: "2.0.0" });
    rig.device.advance(60_000);
    rig.fleet.asksFirst = true;
    rig.offer(IMAGE, { version: "2.0.0", release: { sequenceNumber: 1 } });
    rig.device.advance(20_000);
    equal(rig.fleet.reports().at(-1), "denied -1: its image is in quarantine");
  });

  it("is answered with yes for the image that runs", () => {
    const rig = askingRig("2.0.0");
    rig.offer(IMAGE, { version: "2.0.0" });
    rig.device.advance(40_000);
    equal(rig.fleet.reports(), ["confirmed 1: signed for this device", "closed success: it runs and is confirmed"]);
  });

  it("is asked again where the answer was lost", () => {
    const rig = askingRig();
    rig.offer(IMAGE, { version: "2.0.0" });
    let lossCount = 0;
    rig.fleet.meddle = (subject, good) => (subject === "feedback" && lossCount++ === 0 ? { status: 500 } : good());
    ok(rig.runUntilKept("2.0.0"));
    equal(rig.fleet.reports()[0], "confirmed 1: signed for this device");
  });
});
