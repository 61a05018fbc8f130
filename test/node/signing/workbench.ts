/** Two keys, an image, and an update signed with them: what the specs of signing take apart. */
import { generateKeyPairSync } from "node:crypto";
import { publicKeyOf } from "../../../hosts/node/signing/key-pair.js";
import { joinUpdate, type ReleaseOptions, signDeployment, signRelease } from "../../../hosts/node/signing/sign-update.js";
import { smallImage } from "../../spec/image/small-image.js";

const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

export const releaseKey = newKey();
export const deployKey = newKey();
export const releasePublic = publicKeyOf(releaseKey);
export const deployPublic = publicKeyOf(deployKey);
export const image = smallImage({ payload: new Uint8Array(40_000) });

/** A day in November 2026, in seconds. */
export const NOW_S = 1_795_000_000;

export const RELEASE: Omit<ReleaseOptions, "key"> = Object.freeze({
  image,
  sequenceNumber: 7,
  vendor: "example.com",
  deviceClass: "sensor-node",
  hardwareRevisionMin: 2,
  hardwareRevisionMax: 5,
  version: "2.0.0",
  securityVersion: 3,
  expiresS: NOW_S + 1_000_000,
  issuedS: NOW_S - 86_400,
});

export const DEPLOYMENT = Object.freeze({ sequenceNumber: 11, issuedS: NOW_S, expiresS: NOW_S + 86_400 });

export async function signedUpdate(): Promise<{ release: Uint8Array; deployment: Uint8Array; update: Uint8Array }> {
  const release = await signRelease({ ...RELEASE, key: releaseKey });
  const deployment = await signDeployment({ ...DEPLOYMENT, release, key: deployKey });
  return { release, deployment, update: joinUpdate(release, deployment) };
}
