/** `holdfast ota verify`: an update in words, read by the device's own code, and whether it is whole and signed. */
import { readPublicKey } from "../../hosts/node/signing/key-pair.js";
import { verifier } from "../../hosts/node/verifier.js";
import { FirmwareError } from "../../src/errors.js";
import { isSignedBy, parseSign1 } from "../../src/ota/cose-sign1.js";
import { parseDeployment, parseEnvelope, parseRelease } from "../../src/ota/manifest.js";
import { readBytes, reading } from "./files.js";
import type { VerifyOptions } from "./options.js";
import { deploymentWords, faultsOfImage, hex, printRows, releaseWords, sha256 } from "./update-words.js";

/** Prints what it is, then what is wrong with it; exit code 0 where nothing is. */
export function verifyCommand(path: string, options: VerifyOptions): number {
  const bytes = readBytes(path, "an update, as holdfast ota sign makes it");
  const parts = reading(path, () => parseEnvelope(bytes));
  const messages = reading(path, () => ({ release: parseSign1(parts.release), deployment: parseSign1(parts.deployment) }));
  const release = reading(path, () => parseRelease(messages.release.payload));
  const deployment = reading(path, () => parseDeployment(messages.deployment.payload));
  printRows([...releaseWords(release), ...deploymentWords(deployment)]);
  const faults: string[] = [];
  for (const role of ["release", "deployment"] as const) {
    const key = readPublicKey(role === "release" ? options.releaseKey : options.deployKey);
    const isRight = isSignedBy(messages[role], key.point, verifier);
    if (!isRight)
      faults.push(`the ${role} is signed by key ${hex(messages[role].keyId)}; expected ${hex(key.id)}, and a right signature`);
  }
  if (hex(deployment.releaseDigest) !== sha256(parts.release)) faults.push("the deployment names another release");
  if (options.image !== undefined) faults.push(...faultsOfImage(readBytes(options.image, "an image"), options.image, release));
  if (faults.length > 0) throw new FirmwareError("corrupt", `${path}: ${faults.join("; ")}`);
  printRows([["signatures", "right, both"]]);
  return 0;
}
