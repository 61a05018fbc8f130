/** `holdfast ota verify`: an update in words, read by the device's own code, and whether it is whole and signed. */
import { createHash } from "node:crypto";
import { readPublicKey } from "../../hosts/node/signing/key-pair.js";
import { verifier } from "../../hosts/node/verifier.js";
import { FirmwareError } from "../../src/errors.js";
import { isSignedBy, parseSign1 } from "../../src/ota/cose-sign1.js";
import { type Deployment, parseDeployment, parseEnvelope, parseRelease, type Release } from "../../src/ota/manifest.js";
import { grouped } from "../terminal.js";
import { readBytes, reading } from "./files.js";
import type { VerifyOptions } from "./options.js";

const HARDWARE_MAX = 0xffff_ffff;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const date = (seconds: number): string => new Date(seconds * 1000).toISOString();
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Prints what it is, then what is wrong with it; exit code 0 where nothing is. */
export function verifyCommand(path: string, options: VerifyOptions): number {
  const bytes = readBytes(path, "an update, as holdfast ota sign makes it");
  const parts = reading(path, () => parseEnvelope(bytes));
  const messages = reading(path, () => ({ release: parseSign1(parts.release), deployment: parseSign1(parts.deployment) }));
  const release = reading(path, () => parseRelease(messages.release.payload));
  const deployment = reading(path, () => parseDeployment(messages.deployment.payload));
  for (const [word, text] of wordsOf(release, deployment)) console.log(`${word.padEnd(16)}  ${text}`);
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
  console.log(`${"signatures".padEnd(16)}  right, both`);
  return 0;
}

function wordsOf(release: Release, deployment: Deployment): readonly (readonly [word: string, text: string])[] {
  const { hardwareRevisionMin: least, hardwareRevisionMax: greatest } = release;
  const hardware = least === 0 && greatest === HARDWARE_MAX ? "all" : `${least} … ${greatest}`;
  return [
    ["release", `${release.sequenceNumber}: ${release.vendor} ${release.deviceClass} ${release.version}`],
    ["hardware", hardware],
    ["security version", `${release.securityVersion}`],
    ["image", `${grouped(release.imageSizeBytes)} bytes, SHA-256 ${hex(release.imageDigest)}`],
    ["chunks", `${release.chunkDigests.length / 32} of ${grouped(release.chunkSizeBytes)} bytes`],
    ["signed", release.issuedS === undefined ? "not said when" : date(release.issuedS)],
    ["expires", release.expiresS === undefined ? "never" : date(release.expiresS)],
    ["replaces", release.precursor ? `the image ${hex(release.precursor.subarray(0, 8))} only` : "any image"],
    ["next key", release.nextKeyDigest ? hex(release.nextKeyDigest.subarray(0, 8)) : "the same"],
    ["deployment", `${deployment.sequenceNumber}: ${date(deployment.issuedS)} … ${date(deployment.expiresS)}`],
    ["for", deployment.device ?? "every device of the class"],
    [
      "revokes",
      deployment.releaseSequenceFloor === undefined ? "nothing" : `releases below ${deployment.releaseSequenceFloor}`,
    ],
  ];
}

function faultsOfImage(image: Uint8Array, path: string, release: Release): readonly string[] {
  if (image.length === release.imageSizeBytes && sha256(image) === hex(release.imageDigest)) return [];
  return [`${path} is not the image of the release`];
}
