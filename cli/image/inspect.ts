/**
 * `holdfast image inspect`: a file in words, read by the device's own code, so that what it says is what a device would see.
 *
 * Signatures are only named here: who may sign is not in the file. `holdfast ota verify` holds them against the keys.
 */

import { Digest } from "../../hosts/node/digest.js";
import { FirmwareError } from "../../src/errors.js";
import { ChipId, type ImageHead, imageSourceOf, verifyImage } from "../../src/image/index.js";
import { parseSign1 } from "../../src/ota/cose-sign1.js";
import { imageIdOf } from "../../src/ota/journal-record.js";
import { parseDeployment, parseEnvelope, parseRelease, type Release } from "../../src/ota/manifest.js";
import { readBytes, reading } from "../ota/files.js";
import { deploymentWords, faultsOfImage, hex, printRows, type Row, releaseWords, sha256 } from "../ota/update-words.js";
import { grouped } from "../terminal.js";

export interface InspectOptions {
  readonly update?: string;
}

const IMAGE_MAGIC = 0xe9;
/** The first bytes of an array of two, and of tag 18. */
const CBOR_PAIR = 0x82;
const CBOR_SIGN1 = 0xd2;
const ANY_REVISION = 0xffff;
const EXPECTED = "an application image, or a signed update, release or deployment";

/** Prints what it is; exit code 0. Throws `corrupt` for what is none of them, or not whole. */
export function inspectCommand(path: string, options: InspectOptions): number {
  const bytes = readBytes(path, EXPECTED);
  if (bytes[0] === IMAGE_MAGIC) {
    printRows(reading(path, () => imageWords(bytes)));
    if (options.update !== undefined) printUpdateOf(bytes, path, options.update);
    return 0;
  }
  if (options.update !== undefined) throw new FirmwareError("invalid", `${path}: --update goes with an application image`);
  if (bytes[0] === CBOR_PAIR) printRows(reading(path, () => updateWords(bytes)));
  else if (bytes[0] === CBOR_SIGN1) printRows(reading(path, () => signedWords(bytes)));
  else throw new FirmwareError("corrupt", `${path}: begins with 0x${hex(bytes.subarray(0, 1))}; expected ${EXPECTED}`);
  return 0;
}

function printUpdateOf(image: Uint8Array, imagePath: string, path: string): void {
  const bytes = readBytes(path, "a signed update");
  printRows(reading(path, () => updateWords(bytes)));
  const release = reading(path, () => releaseOf(bytes));
  const faults = faultsOfImage(image, imagePath, release);
  if (faults.length > 0) throw new FirmwareError("corrupt", `${path}: ${faults.join("; ")}`);
  printRows([["of this image", "yes: size and SHA-256"]]);
}

/** Header, descriptor, segments, hashes. Throws `corrupt` where a bootloader would not start it. */
function imageWords(image: Uint8Array): readonly Row[] {
  const { head, sizeBytes, hash } = verifyImage({ source: imageSourceOf(image), sizeBytesMax: image.length, Digest });
  const behind = image.length - sizeBytes;
  return [
    ["image", `${grouped(sizeBytes)} bytes${behind > 0 ? `, and ${grouped(behind)} behind its end` : ""}`],
    ...headerWords(head),
    ...descriptorWords(head),
    ["carried SHA-256", head.header.hashAppended ? `${hex(hash)}, right` : "none"],
    ["journal's name", imageIdOf(hash)],
    ["file's SHA-256", sha256(image)],
  ];
}

function headerWords({ header }: ImageHead): readonly Row[] {
  const chip = Object.entries(ChipId).find(([, id]) => id === header.chipId)?.[0] ?? "unknown";
  const { minChipRevision: least, maxChipRevision: greatest } = header;
  const isAny = least === 0 && (greatest === 0 || greatest === ANY_REVISION);
  return [
    ["chip", `${chip} (0x${header.chipId.toString(16).padStart(4, "0")})${isAny ? "" : `, revision ${least} … ${greatest}`}`],
    ["entry", `0x${header.entryAddress.toString(16).padStart(8, "0")}`],
    ["segments", `${header.segmentCount}`],
  ];
}

function descriptorWords({ descriptor }: ImageHead): readonly Row[] {
  if (descriptor === undefined) return [["descriptor", "none"]];
  const { projectName, version, date, time, idfVersion, secureVersion, elfSha256 } = descriptor;
  const built = `${date} ${time}`.trim();
  return [
    ["project", `${projectName} ${version}`],
    ["security version", `${secureVersion}`],
    ["built", built === "" ? "not said when" : built],
    ["ESP-IDF", idfVersion === "" ? "not said" : idfVersion],
    ["ELF SHA-256", elfSha256.every((byte) => byte === 0) ? "not said" : hex(elfSha256)],
  ];
}

function releaseOf(update: Uint8Array): Release {
  return parseRelease(parseSign1(parseEnvelope(update).release).payload);
}

function updateWords(bytes: Uint8Array): readonly Row[] {
  const parts = parseEnvelope(bytes);
  const deployment = parseDeployment(parseSign1(parts.deployment).payload);
  const names =
    hex(deployment.releaseDigest) === sha256(parts.release) ? "the release above" : "another release: not to be used";
  return [
    ["signed update", `${grouped(bytes.length)} bytes`],
    ...signedWords(parts.release),
    ...signedWords(parts.deployment),
    ["it deploys", names],
  ];
}

/** A release or a deployment, whichever it is. */
function signedWords(bytes: Uint8Array): readonly Row[] {
  const { keyId, payload } = parseSign1(bytes);
  const signer: Row = ["by key", hex(keyId)];
  try {
    return [...releaseWords(parseRelease(payload)), signer];
  } catch (error) {
    try {
      return [...deploymentWords(parseDeployment(payload)), signer];
    } catch {
      throw error;
    }
  }
}
