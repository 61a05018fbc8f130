/**
 * Whoever has stolen one of the two keys, and how a key is taken out of force: what the thief can do without the other one is
 * bounded, and said here where it is not nothing.
 */
import { generateKeyPairSync } from "node:crypto";
import { publicKeyOf } from "../../../hosts/node/signing/key-pair.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { DEPLOY_KEY, IDENTITY, NOW_S, RELEASE_KEY } from "./fleet.js";
import { makeImage, type Rig, startedRig } from "./rig.js";
import { demandDeclined } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");
const NEW = makeImage("3.0.0");
const THIEF_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const NEXT_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const NEXT_DIGEST = publicKeyOf(NEXT_KEY).digest;
const DAY_S = 86_400;
const UINT32_MAX = 0xffff_ffff;
const NOT_RELEASED = /^release: not signed by a release key of this device/;
const NOT_DEPLOYED = /^deployment: not signed by a deployment key of this device/;

function updatedRig(rig: Rig, version: string): Rig {
  ok(rig.runUntilKept(version), rig.device.lines.join("\n"));
  rig.device.advance(20_000);
  return rig;
}

describe("the deploy key, stolen, alone", () => {
  it("signs no image: neither as a release nor beside one of the thief's", () => {
    const rig = startedRig();
    for (const key of [DEPLOY_KEY, THIEF_KEY]) {
      rig.offer(IMAGE, { version: "2.0.0", release: { key }, deployment: { key: DEPLOY_KEY } });
      demandDeclined(rig, NOT_RELEASED);
    }
  });

  it("deploys a release that exists, and none that is older than the confirmed one", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", release: { sequenceNumber: 6 } });
    updatedRig(rig, "2.0.0");
    rig.offer(makeImage("1.5.0"), { version: "1.5.0", release: { sequenceNumber: 5 }, deployment: { sequenceNumber: 90 } });
    demandDeclined(rig, /^update: its release 5 is an old one/);
    rig.offer(NEW, { version: "3.0.0", release: { sequenceNumber: 7 }, deployment: { sequenceNumber: 91 } });
    updatedRig(rig, "3.0.0");
  });

  it("moves no clock: the time of a device without one does not come from a deployment", () => {
    const rig = startedRig();
    const issuedS = NOW_S + 3650 * DAY_S;
    rig.offer(IMAGE, { version: "2.0.0", deployment: { issuedS, expiresS: issuedS + DAY_S } });
    updatedRig(rig, "2.0.0");
    equal([rig.node!.core.slots.updateMemory.timeFloorS, rig.device.host.wallClock.quality], [0, "none"]);
    rig.offer(NEW, { version: "3.0.0" });
    updatedRig(rig, "3.0.0");
  });

  it("revokes no more than up to the release beside it, so it locks no device out", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", deployment: { releaseSequenceFloor: UINT32_MAX } });
    demandDeclined(rig, /^update: its release 1 is an old one, or revoked, expected 4294967295 or later$/);
    equal(rig.node!.core.slots.updateMemory.releaseFloor, 0, "and nothing of it is kept");
    rig.offer(NEW, { version: "3.0.0" });
    updatedRig(rig, "3.0.0");
  });

  it("can use up the numbers of deployments: what is not covered; the last one of them is still taken", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", deployment: { sequenceNumber: UINT32_MAX } });
    updatedRig(rig, "2.0.0");
    rig.offer(NEW, { version: "3.0.0", deployment: { sequenceNumber: 3 } });
    demandDeclined(rig, /^update: its deployment 3 is an old one, expected 4294967295 or later$/);
    rig.offer(NEW, { version: "3.0.0", deployment: { sequenceNumber: UINT32_MAX } });
    updatedRig(rig, "3.0.0");
  });
});

describe("the release key, stolen, alone", () => {
  it("deploys nothing: a release needs a deployment", () => {
    const rig = startedRig();
    for (const key of [RELEASE_KEY, THIEF_KEY]) {
      rig.offer(IMAGE, { version: "2.0.0", deployment: { key } });
      demandDeclined(rig, NOT_DEPLOYED);
    }
  });
});

/** Every version is built with both keys, as in the time of a change. */
const CHANGING = { releaseKeys: [...IDENTITY.releaseKeys, publicKeyOf(NEXT_KEY).point] };
const IDENTITIES = { "1.0.0": CHANGING, "2.0.0": CHANGING, "3.0.0": CHANGING };

describe("a release that names the next key", () => {
  it("ends the old one by its confirm, for good", () => {
    const rig = startedRig({ identities: IDENTITIES });
    rig.offer(IMAGE, { version: "2.0.0", release: { nextKeyDigest: NEXT_DIGEST } });
    updatedRig(rig, "2.0.0");
    for (const reason of ["software", "powerOn"] as const) {
      rig.offer(NEW, { version: "3.0.0" });
      demandDeclined(rig, NOT_RELEASED);
      rig.device.reset(reason);
      rig.device.advance(100);
    }
    rig.offer(NEW, { version: "3.0.0", release: { key: NEXT_KEY } });
    updatedRig(rig, "3.0.0");
    rig.offer(IMAGE, { version: "2.0.0" });
    demandDeclined(rig, NOT_RELEASED);
  });

  it("does not before: an image that is sent away takes no key with it", () => {
    const rig = startedRig({ identities: IDENTITIES, behaviours: { "2.0.0": "unhealthy" } });
    rig.offer(IMAGE, { version: "2.0.0", release: { nextKeyDigest: NEXT_DIGEST } });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    equal(rig.node!.core.slots.updateMemory.nextKeyDigest, undefined);
    rig.device.advance(20_000);
    rig.offer(NEW, { version: "3.0.0" });
    updatedRig(rig, "3.0.0");
  });

  it("is itself signed by the old one, which counts until its own confirm", () => {
    const rig = startedRig({ identities: IDENTITIES, settings: { trialUptimeMs: 20_000 } });
    rig.offer(IMAGE, { version: "2.0.0", release: { nextKeyDigest: NEXT_DIGEST } });
    ok(rig.runUntilLine("2.0.0 boots: software, trial"));
    rig.device.advance(5000);
    equal(rig.linesWith("postponed"), [], "on trial it knows its own update");
    updatedRig(rig, "2.0.0");
    equal(rig.fleet.reports().at(-1), "closed success: it runs and is confirmed");
  });
});

describe("a deployment that revokes releases", () => {
  it("ends them when it is taken, confirmed or not, by its own release's number at the most", () => {
    const rig = startedRig({ behaviours: { "3.0.0": "unhealthy" } });
    rig.offer(NEW, { version: "3.0.0", release: { sequenceNumber: 8 }, deployment: { releaseSequenceFloor: 7 } });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    rig.device.advance(20_000);
    rig.offer(IMAGE, { version: "2.0.0", release: { sequenceNumber: 6 } });
    demandDeclined(rig, /^update: its release 6 is an old one, or revoked, expected 7 or later$/);
    rig.device.reset("powerOn");
    rig.device.advance(100);
    rig.offer(IMAGE, { version: "2.0.0", release: { sequenceNumber: 7 } });
    updatedRig(rig, "2.0.0");
  });
});

const THIEF_POINT = publicKeyOf(THIEF_KEY).point;

describe("a firmware that was built with keys that nobody has", () => {
  const identities = [
    ["release", { releaseKeys: [THIEF_POINT] }],
    ["deploy", { deployKeys: [THIEF_POINT] }],
  ] as const;
  for (const [role, identity] of identities) {
    it(`of the ${role} role gets no proof, is never confirmed, and leaves its action open for the one before it`, () => {
      // It declined its own action as not signed. The server closed it, the next poll brought nothing, and nothing was wrong
      // with nothing: the gate confirmed a firmware that takes no update for the rest of its life.
      const rig = startedRig({ identities: { "2.0.0": identity } });
      rig.offer(IMAGE, { version: "2.0.0" });
      ok(rig.runUntilLine("1.0.0 boots: software, run"), rig.device.lines.join("\n"));
      equal(rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (update server)"]);
      equal(rig.linesWith("2.0.0 update postponed 2.0.0").length, 1);
      ok(rig.fleet.actionId !== undefined, "its action is open");
      rig.device.advance(20_000);
      rig.offer(NEW, { version: "3.0.0" });
      updatedRig(rig, "3.0.0");
    });
  }

  it("gets none either where the server already wants another version, and does not close that action", () => {
    const rig = startedRig({ identities: { "2.0.0": { releaseKeys: [THIEF_POINT] } } });
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("2.0.0 boots: software, trial"));
    rig.offer(NEW, { version: "3.0.0" });
    updatedRig(rig, "3.0.0");
    equal(rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (update server)", "3.0.0 trial: confirmed (all checks)"]);
    equal(
      rig.fleet.reports().filter((report) => report.startsWith("closed")),
      ["closed success: it runs and is confirmed"],
    );
  });
});
