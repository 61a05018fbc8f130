/**
 * Updates that a device must not take, each with one thing wrong and everything else right: what it says, and that the same
 * update with the one thing put right is taken.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { Digest } from "../../../hosts/node/digest.js";
import { publicKeyOf } from "../../../hosts/node/signing/key-pair.js";
import {
  type DeploymentOptions,
  joinUpdate,
  type ReleaseOptions,
  signDeployment,
  signRelease,
} from "../../../hosts/node/signing/sign-update.js";
import { verifier } from "../../../hosts/node/verifier.js";
import { errorCodeOf, messageOf } from "../../../src/errors.js";
import type { FloorRecord } from "../../../src/ota/floor-record.js";
import { History } from "../../../src/ota/history.js";
import { imageIdOf, NO_IMAGE, RecordType } from "../../../src/ota/journal-record.js";
import {
  authenticateUpdate,
  imageNamedBy,
  type JudgedUpdate,
  type JudgeOptions,
  judgeUpdate,
  type UpdateIdentity,
  type UpdateMemory,
} from "../../../src/ota/update-judge.js";
import { equal, ok, rejects, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { DEPLOYMENT, deployKey, deployPublic, image, NOW_S, RELEASE, releaseKey, releasePublic } from "./workbench.js";

const strangerKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const nextKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

const IDENTITY: UpdateIdentity = Object.freeze({
  vendor: "example.com",
  deviceClass: "sensor-node",
  hardwareRevision: 3,
  device: "A1",
  releaseKeys: [releasePublic.point],
  deployKeys: [deployPublic.point],
});
const MEMORY: UpdateMemory = Object.freeze({
  releaseFloor: 7,
  deploymentFloor: 11,
  securityFloor: 3,
  timeFloorS: NOW_S - 1000,
  nextKeyDigest: undefined,
});

interface Change {
  readonly release?: Partial<ReleaseOptions>;
  readonly deployment?: Partial<DeploymentOptions>;
  readonly identity?: Partial<UpdateIdentity>;
  readonly memory?: Partial<UpdateMemory>;
  readonly nowS?: number | undefined;
  readonly runningIdentity?: Uint8Array;
  /** What is done to the bytes on the way. */
  readonly tamper?: (parts: { release: Uint8Array; deployment: Uint8Array }) => Promise<Uint8Array> | Uint8Array;
}

async function updateWith(change: Change = {}): Promise<Uint8Array> {
  const release = await signRelease({ ...RELEASE, key: releaseKey, ...change.release });
  const deployment = await signDeployment({ ...DEPLOYMENT, release, key: deployKey, ...change.deployment });
  return change.tamper?.({ release, deployment }) ?? joinUpdate(release, deployment);
}

async function judge(change: Change = {}): Promise<JudgedUpdate> {
  const options: JudgeOptions = {
    identity: { ...IDENTITY, ...change.identity },
    memory: { ...MEMORY, ...change.memory },
    present: {
      nowS: "nowS" in change ? change.nowS : NOW_S + 10,
      runningIdentity: change.runningIdentity ?? new Uint8Array(32),
    },
    verifier,
    Digest,
  };
  return judgeUpdate(await updateWith(change), options);
}

const signedBy = (key: KeyObject) => ({ key });
const flip = (bytes: Uint8Array, index: number): Uint8Array => {
  const copy = bytes.slice();
  copy[index]! ^= 1;
  return copy;
};

type Refusal = readonly [attack: string, change: Change, code: string, reason: RegExp];

const REFUSALS: readonly Refusal[] = [
  ["an image that nobody signed for", { release: signedBy(strangerKey) }, "corrupt", /^release: not signed by a release key/],
  ["a deployment by a stranger", { deployment: signedBy(strangerKey) }, "corrupt", /^deployment: not signed by a deploy/],
  ["a release by the deploy key, which is online", { release: signedBy(deployKey) }, "corrupt", /^release: not signed/],
  ["a deployment by the release key", { deployment: signedBy(releaseKey) }, "corrupt", /^deployment: not signed/],
  [
    "a byte of the release's payload changed",
    { tamper: ({ release, deployment }) => joinUpdate(flip(release, 40), deployment) },
    "corrupt",
    /names another release/,
  ],
  [
    "a byte of the deployment's signature changed",
    { tamper: ({ release, deployment }) => joinUpdate(release, flip(deployment, deployment.length - 1)) },
    "corrupt",
    /^deployment: not signed/,
  ],
  [
    "a deployment beside another release (mix and match)",
    {
      tamper: async ({ deployment }) =>
        joinUpdate(await signRelease({ ...RELEASE, sequenceNumber: 9, key: releaseKey }), deployment),
    },
    "corrupt",
    /names another release, expected the one beside it/,
  ],
  [
    "an older release (rollback)",
    { release: { sequenceNumber: 6 } },
    "refused",
    /its release 6 is an old one, or revoked, expected 7/,
  ],
  [
    "an older security version",
    { release: { securityVersion: 2 } },
    "refused",
    /its security version is 2, expected 3 or later/,
  ],
  [
    "an older deployment (replay)",
    { deployment: { sequenceNumber: 10 } },
    "refused",
    /deployment 10 is an old one, expected 11/,
  ],
  ["a release that this deployment revokes", { deployment: { releaseSequenceFloor: 8 } }, "refused", /revoked, expected 8/],
  ["an expired deployment (freeze)", { nowS: NOW_S + 86_401 }, "refused", /it expired 1 s ago/],
  ["an expired release", { release: { expiresS: NOW_S + 5 } }, "refused", /it expired 5 s ago/],
  [
    "an expired deployment, without a clock, by what was seen since",
    { nowS: undefined, memory: { timeFloorS: NOW_S + 90_000 } },
    "refused",
    /it expired 3600 s ago/,
  ],
  ["another vendor's", { release: { vendor: "example.org" } }, "refused", /vendor example\.org, expected example\.com/],
  ["one for another class", { release: { deviceClass: "gateway" } }, "refused", /class gateway, expected sensor-node/],
  ["one for newer hardware", { release: { hardwareRevisionMin: 4 } }, "refused", /hardware revisions 4 … 5, expected 3/],
  ["one for older hardware", { identity: { hardwareRevision: 6 } }, "refused", /hardware revisions 2 … 5, expected 6/],
  ["one for another device (replay)", { deployment: { device: "B2" } }, "refused", /for the device B2, expected A1/],
  [
    "one that builds on another image (wrong precursor)",
    { release: { precursor: new Uint8Array(32).fill(9) } },
    "refused",
    /replaces another image than the running one/,
  ],
  [
    "the old key, once a confirmed release has named its successor",
    { memory: { nextKeyDigest: publicKeyOf(nextKey).digest } },
    "corrupt",
    /^release: not signed by a release key of this device, expected one of 0/,
  ],
];

describe("an update", () => {
  it("is taken where all is right, and remembered", async () => {
    const { release, deployment, memory } = await judge();
    equal([release.version, deployment.sequenceNumber], ["2.0.0", 11]);
    equal(memory, MEMORY);
  });

  it("moves the number of deployments, and the bound of releases where its deployment revokes some", async () => {
    const { memory } = await judge({
      deployment: { sequenceNumber: 12, releaseSequenceFloor: 7 },
      memory: { releaseFloor: 5 },
    });
    equal(memory, { ...MEMORY, deploymentFloor: 12 });
  });

  it("moves the bound of the time by what its release says, and not by its deployment", async () => {
    // A deploy key is online. Stolen, it could have set the clock of a device without one years ahead, for good.
    const aYearAhead = { issuedS: NOW_S + 31_536_000, expiresS: NOW_S + 31_536_001 };
    equal((await judge({ deployment: aYearAhead })).memory.timeFloorS, MEMORY.timeFloorS);
    equal((await judge({ release: { issuedS: NOW_S } })).memory.timeFloorS, NOW_S);
    equal((await judge({ release: { issuedS: NOW_S - 5000 } })).memory.timeFloorS, MEMORY.timeFloorS, "it never sinks");
  });

  for (const [attack, change, code, reason] of REFUSALS) {
    it(`is refused: ${attack}`, async () => {
      let error: unknown;
      try {
        await judge(change);
      } catch (thrown) {
        error = thrown;
      }
      ok(error !== undefined, "it was taken");
      equal(errorCodeOf(error), code, messageOf(error));
      ok(reason.test(messageOf(error)), messageOf(error));
    });
  }

  it("may be offered again by the same deployment, after a cut", async () => {
    const { memory } = await judge();
    equal((await judge({ memory })).deployment.sequenceNumber, 11);
  });

  it("for this device, this revision and this precursor is taken", async () => {
    const runningIdentity = image.slice(-32);
    await judge({ deployment: { device: "A1" }, release: { precursor: runningIdentity }, runningIdentity });
    for (const hardwareRevision of [2, 5]) await judge({ identity: { hardwareRevision } });
    await judge({ nowS: NOW_S + 86_400 });
    await judge({ nowS: undefined });
  });

  it("moves the key by a confirm, and what binds while its image runs", async () => {
    const nextDigest = publicKeyOf(nextKey).digest;
    const { release, memory } = await judge({ release: { sequenceNumber: 8, securityVersion: 5, nextKeyDigest: nextDigest } });
    equal([memory.releaseFloor, memory.securityFloor, memory.nextKeyDigest], [7, 3, undefined], "not before");
    const history = new History();
    const fold = (record: FloorRecord): void => history.fold({ ...record, sequence: 0 });
    const imageId = imageIdOf(release.imageIdentity);
    const confirm = (id: string): void => fold({ type: RecordType.confirmed, detail: 0, imageId: id, first: 0, second: 1 });
    for (const record of history.floors.growth(memory, history.memory)) fold(record);
    for (const record of history.releases.recordsFor(imageId, release)) fold(record);
    equal(history.memory, memory, "nor by its arming");
    confirm(NO_IMAGE);
    equal(history.memory, memory, "nor by another image's confirm");
    confirm(imageId);
    const confirmed = history.memory;
    equal([confirmed.releaseFloor, confirmed.securityFloor, confirmed.nextKeyDigest], [8, 5, nextDigest.slice(0, 16)]);
    const keys = { releaseKeys: [releasePublic.point, publicKeyOf(nextKey).point] };
    const next = { sequenceNumber: 9, securityVersion: 5 };
    await judge({ memory: confirmed, identity: keys, release: { ...next, key: nextKey } });
    await rejects(
      judge({ memory: confirmed, identity: keys, release: { ...next, key: releaseKey } }),
      "corrupt",
      /^release: not signed by a release key of this device, expected one of 1$/,
    );
  });
});

describe("an update that is not for this device, or not for now", () => {
  it("can be told to be signed by the right keys", async () => {
    const keyring = { identity: IDENTITY, memory: MEMORY, verifier, Digest };
    const foreign = await updateWith({
      release: { vendor: "example.org" },
      deployment: { sequenceNumber: 1, expiresS: NOW_S },
    });
    equal(authenticateUpdate(foreign, keyring).release.vendor, "example.org");
    const forged = await updateWith({ release: signedBy(strangerKey) });
    throws(() => authenticateUpdate(forged, keyring), "corrupt", /^release: not signed/);
    const renamed = { ...keyring, memory: { ...MEMORY, nextKeyDigest: publicKeyOf(nextKey).digest } };
    throws(() => authenticateUpdate(foreign, renamed), "corrupt", /^release: not signed/);
  });

  it("names its image to anybody, signed or not", async () => {
    equal(imageNamedBy(await updateWith({ release: signedBy(strangerKey) })), image.slice(-32));
    throws(() => imageNamedBy(new Uint8Array(40)), "corrupt");
  });
});
