/** `holdfast ota sign`: a deployment of a release, and the update that a device reads. */
import { publicKeyOf, readPrivateKey } from "../../hosts/node/signing/key-pair.js";
import { joinUpdate, signDeployment } from "../../hosts/node/signing/sign-update.js";
import { parseSign1 } from "../../src/ota/cose-sign1.js";
import { parseDeployment, parseRelease } from "../../src/ota/manifest.js";
import { readBytes, reading, writeBytes } from "./files.js";
import type { SignOptions } from "./options.js";

const DAY_S = 86_400;

/** Does not ask for the release key: whoever deploys need not be who releases. */
export async function signCommand(path: string, options: SignOptions): Promise<number> {
  const release = readBytes(path, "a signed release, as holdfast ota pack makes it");
  const { deviceClass, version } = reading(path, () => parseRelease(parseSign1(release).payload));
  const key = readPrivateKey(options.key);
  const issuedS = options.issued ?? Math.floor(Date.now() / 1000);
  const signed = await signDeployment({
    release,
    key,
    sequenceNumber: options.sequence,
    issuedS,
    expiresS: issuedS + options.days * DAY_S,
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(options.revokeBelow === undefined ? {} : { releaseSequenceFloor: options.revokeBelow }),
  });
  const deployment = reading(path, () => parseDeployment(parseSign1(signed).payload));
  const update = joinUpdate(release, signed);
  writeBytes(options.out, update);
  const whom = deployment.device === undefined ? `every ${deviceClass}` : deployment.device;
  const until = new Date(deployment.expiresS * 1000).toISOString();
  console.log(`deployment ${deployment.sequenceNumber}: ${deviceClass} ${version} for ${whom}, until ${until}`);
  console.log(`signed by key ${Buffer.from(publicKeyOf(key).id).toString("hex")}`);
  console.log(`${options.out}: ${update.length} bytes`);
  return 0;
}
