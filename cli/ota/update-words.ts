/** Signed updates in words: one row of a name and what it is, for each field. */
import { createHash } from "node:crypto";
import type { Deployment, Release } from "../../src/ota/manifest.js";
import { grouped } from "../terminal.js";

/** One line of a description. */
export type Row = readonly [word: string, text: string];

const HARDWARE_MAX = 0xffff_ffff;
const DIGEST_SIZE_BYTES = 32;
const WORD_WIDTH = 16;

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const date = (seconds: number): string => new Date(seconds * 1000).toISOString();

export function releaseWords(release: Release): readonly Row[] {
  const { hardwareRevisionMin: least, hardwareRevisionMax: greatest } = release;
  const hardware = least === 0 && greatest === HARDWARE_MAX ? "all" : `${least} … ${greatest}`;
  return [
    ["release", `${release.sequenceNumber}: ${release.vendor} ${release.deviceClass} ${release.version}`],
    ["hardware", hardware],
    ["security version", `${release.securityVersion}`],
    ["image", `${grouped(release.imageSizeBytes)} bytes, SHA-256 ${hex(release.imageDigest)}`],
    ["chunks", `${release.chunkDigests.length / DIGEST_SIZE_BYTES} of ${grouped(release.chunkSizeBytes)} bytes`],
    ["signed", release.issuedS === undefined ? "not said when" : date(release.issuedS)],
    ["expires", release.expiresS === undefined ? "never" : date(release.expiresS)],
    ["replaces", release.precursor ? `the image ${hex(release.precursor.subarray(0, 8))} only` : "any image"],
    ["next key", release.nextKeyDigest ? hex(release.nextKeyDigest.subarray(0, 8)) : "the same"],
  ];
}

export function deploymentWords(deployment: Deployment): readonly Row[] {
  const { sequenceNumber, issuedS, expiresS, device, releaseSequenceFloor: floor } = deployment;
  return [
    ["deployment", `${sequenceNumber}: ${date(issuedS)} … ${date(expiresS)}`],
    ["for", device ?? "every device of the class"],
    ["revokes", floor === undefined ? "nothing" : `releases below ${floor}`],
  ];
}

/** What is wrong with `image` as the image of `release`. */
export function faultsOfImage(image: Uint8Array, path: string, release: Release): readonly string[] {
  if (image.length === release.imageSizeBytes && sha256(image) === hex(release.imageDigest)) return [];
  return [`${path} is not the image of the release`];
}

export function printRows(rows: readonly Row[]): void {
  for (const [word, text] of rows) console.log(`${word.padEnd(WORD_WIDTH)}  ${text}`);
}
