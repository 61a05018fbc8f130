/** Whoever holds the link or the server and no key: what is not signed as it should be is never armed, and costs little. */
import { generateKeyPairSync } from "node:crypto";
import { joinUpdate } from "../../../hosts/node/signing/sign-update.js";
import { parseEnvelope } from "../../../src/ota/manifest.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { DEPLOY_KEY, RELEASE_KEY } from "./fleet.js";
import { makeImage, type Rig, SLOT_SIZE_BYTES, startedRig } from "./rig.js";
import { demandDeclined } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");
const LARGE = makeImage("2.0.0", { sectorCount: 10 });
const STRANGER = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const NOT_RELEASED = /^release: not signed by a release key of this device, expected one of 1$/;
const NOT_DEPLOYED = /^deployment: not signed by a deployment key of this device, expected one of 1$/;

/** After all that was declined, a good update is taken. */
function demandUpdatable(rig: Rig): void {
  rig.offer(makeImage("3.0.0"), { version: "3.0.0" });
  ok(rig.runUntilKept("3.0.0"), rig.device.lines.join("\n"));
}

describe("an arbitrary image", () => {
  it("whose release is signed by a stranger is declined", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", release: { key: STRANGER } });
    demandDeclined(rig, NOT_RELEASED);
    demandUpdatable(rig);
  });

  it("whose deployment is signed by a stranger is declined", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", deployment: { key: STRANGER } });
    demandDeclined(rig, NOT_DEPLOYED);
  });

  it("with the signature of another update is declined", () => {
    const rig = startedRig();
    const good = rig.fleet.sign(makeImage("1.5.0"), { version: "1.5.0" });
    const signatures = [parseEnvelope(good).release, parseEnvelope(good).deployment].map((part) => part.slice(-64));
    rig.offer(IMAGE, {
      version: "2.0.0",
      tamper: (update) => {
        const { release, deployment } = parseEnvelope(update);
        release.set(signatures[0]!, release.length - 64);
        deployment.set(signatures[1]!, deployment.length - 64);
        return update;
      },
    });
    demandDeclined(rig, NOT_DEPLOYED);
  });
});

describe("a signature of the wrong role", () => {
  it("of the deploy key under a release is declined", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", release: { key: DEPLOY_KEY } });
    demandDeclined(rig, NOT_RELEASED);
  });

  it("of the release key under a deployment is declined", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", deployment: { key: RELEASE_KEY } });
    demandDeclined(rig, NOT_DEPLOYED);
  });

  it("of both, changed for each other, is declined", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", release: { key: DEPLOY_KEY }, deployment: { key: RELEASE_KEY } });
    demandDeclined(rig, NOT_DEPLOYED);
  });
});

describe("parts of several updates (mix and match)", () => {
  it("put together, each of them signed, are declined", () => {
    const rig = startedRig();
    const [first, second] = ["1.5.0", "2.0.0"].map((version) => rig.fleet.sign(makeImage(version), { version }));
    const mixed = joinUpdate(parseEnvelope(first!).release, parseEnvelope(second!).deployment);
    for (const update of [mixed, joinUpdate(parseEnvelope(second!).release, parseEnvelope(first!).deployment)]) {
      rig.fleet.serve(update, { bytes: IMAGE, version: "2.0.0" });
      demandDeclined(rig, /^update: the deployment names another release, expected the one beside it$/);
    }
    demandUpdatable(rig);
  });

  it("in the other order are declined", () => {
    const rig = startedRig();
    const tamper = (update: Uint8Array): Uint8Array => {
      const { release, deployment } = parseEnvelope(update);
      return joinUpdate(deployment, release);
    };
    rig.offer(IMAGE, { version: "2.0.0", tamper });
    demandDeclined(rig, /^cbor: a byte string at byte \d+, expected a text$/);
  });
});

/** The device has all bytes of 2.0.0 in its slot, but for the first sector, and has not begun to read them back. */
function downloadedRig(): Rig {
  const rig = startedRig();
  rig.offer(LARGE, { version: "2.0.0" });
  ok(rig.device.runUntil(() => rig.node?.updater()?.phase === "verifying", 60_000));
  equal(rig.node!.updater()!.progress.verifiedBytes, 0);
  return rig;
}

const LOST = /^1\.0\.0 update failed: slot: the flash did not keep chunk \d; expected it as it was written/;

function demandNeverArmed(rig: Rig, because: RegExp): void {
  const isOver = (): boolean => rig.linesWith("declined").length + rig.linesWith("failed").length > 0;
  ok(rig.device.runUntil(isOver, 60_000), rig.device.lines.join("\n"));
  const line = [...rig.linesWith("declined"), ...rig.linesWith("failed")][0]!;
  ok(because.test(line), line);
  equal([rig.linesWith("armed"), rig.lives()], [[], ["1.0.0 in 0 by powerOn"]]);
  equal(rig.slots()[0], "1.0.0 valid");
}

describe("an image that is replaced after its chunks were checked", () => {
  it("in one bit of any sector is not armed: what counts is what is read back", () => {
    for (let sector = 1; sector < Math.ceil(LARGE.length / 4096); sector++) {
      const rig = downloadedRig();
      rig.flash.flipBit(2 * SLOT_SIZE_BYTES + sector * 4096 + 1000, 3);
      demandNeverArmed(rig, LOST);
    }
  });

  it("is fetched again from there, by a bit that turned over, and kept", () => {
    const rig = downloadedRig();
    rig.flash.flipBit(2 * SLOT_SIZE_BYTES + 5 * 4096, 3);
    ok(rig.runUntilKept("2.0.0"), rig.device.lines.join("\n"));
    equal([rig.linesWith("declined"), rig.linesWith("failed").length], [[], 1]);
  });

  it("as a whole by another image that would boot is not armed", () => {
    const other = makeImage("2.0.0", { sectorCount: 10, marker: "another build" });
    const rig = downloadedRig();
    for (let sector = 1; sector <= Math.ceil(other.length / 4096); sector++) {
      rig.flash.eraseSector((2 * SLOT_SIZE_BYTES) / 4096 + sector);
    }
    rig.flash.program(2 * SLOT_SIZE_BYTES + 4096, padded(other.subarray(4096)));
    demandNeverArmed(rig, LOST);
  });

  it("in its first sector, which is still blank, is not armed", () => {
    const rig = downloadedRig();
    const word = LARGE.findIndex((byte, index) => index >= 16 && byte !== 0) & ~3;
    rig.flash.program(2 * SLOT_SIZE_BYTES + word, new Uint8Array(4));
    demandNeverArmed(rig, LOST);
    equal(rig.slotBytes(1).slice(0, 4), new Uint8Array(4).fill(0xff), "and nothing there would boot");
  });

  it("while it waits in its slot for another trial is fetched again", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "undecided" }, settings: { retryRejectedMs: 60_000 } });
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    rig.flash.flipBit(2 * SLOT_SIZE_BYTES + 5000, 3);
    ok(rig.device.runUntil(() => rig.device.lives.length === 4, 100_000));
    equal([rig.device.life.version, rig.traffic.downloads(path).length], ["2.0.0", 2]);
    ok(rig.runs(IMAGE), "what was armed is what was signed");
  });
});

/** Words are what a flash programs. */
function padded(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(0xff);
  copy.set(bytes);
  return copy;
}
