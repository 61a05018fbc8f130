/**
 * What a signed update says of an image and of who may have it now: two small maps, each signed by a role of its own.
 *
 * The release names the image (what); its key stays offline. The deployment names a release and a term (who, until when); its
 * key is online, so what it signs expires soon. The words are SUIT's (RFC 9124) where it has one. Everything is read and
 * judged before a byte is fetched. Bytes: docs/spec/manifest.md; the reasons: docs/design/ota.md.
 */
import { CborReader } from "../data/cbor-reader.js";
import { FirmwareError } from "../errors.js";
import { DIGEST_SIZE_BYTES, ManifestFields } from "./manifest-fields.js";

/** Both signed parts and the map around them. */
export const ENVELOPE_SIZE_MAX = 4096;
export const CHUNK_COUNT_MAX = 96;
export const CHUNK_SIZE_MIN_BYTES = 16 * 1024;
const CHUNK_SIZE_MAX_BYTES = 0x4000_0000;
const VERSION = 1;

/** The keys are in signed data: they are never used again for something else. */
export const ReleaseKey = Object.freeze({
  manifestVersion: 1,
  sequenceNumber: 2,
  vendor: 3,
  class: 4,
  hardwareRevisionMin: 5,
  hardwareRevisionMax: 6,
  version: 7,
  securityVersion: 8,
  imageSize: 9,
  imageDigest: 10,
  imageIdentity: 11,
  chunkSize: 12,
  chunkDigests: 13,
  expires: 14,
  precursor: 15,
  nextKeyDigest: 16,
  issued: 17,
});

export const DeploymentKey = Object.freeze({
  manifestVersion: 1,
  sequenceNumber: 2,
  releaseDigest: 3,
  issued: 4,
  expires: 5,
  device: 6,
  releaseSequenceFloor: 7,
});

/** Signed by the release key. Digests are SHA-256, 32 bytes, parts of the data that was parsed. */
export interface Release {
  /** Grows with every release of a class. */
  readonly sequenceNumber: number;
  readonly vendor: string;
  readonly deviceClass: string;
  /** Least and greatest hardware revision that it is for. */
  readonly hardwareRevisionMin: number;
  readonly hardwareRevisionMax: number;
  readonly version: string;
  /** Never below that of an image that was confirmed before. */
  readonly securityVersion: number;
  readonly imageSizeBytes: number;
  /** Over all bytes of the image. */
  readonly imageDigest: Uint8Array;
  /** The SHA-256 that the image carries at its end, by which journal and quarantine know it. */
  readonly imageIdentity: Uint8Array;
  readonly chunkSizeBytes: number;
  /** One digest after another, for each chunk; the last chunk may be shorter. */
  readonly chunkDigests: Uint8Array;
  /** Seconds since 1970; `undefined`: never. */
  readonly expiresS: number | undefined;
  /** The `imageIdentity` of the only image that this one may replace; `undefined`: any. */
  readonly precursor: Uint8Array | undefined;
  /** Of the public key that signs the releases after this one; `undefined`: the same key. */
  readonly nextKeyDigest: Uint8Array | undefined;
  /** When it was signed: the device's time is never before it. Seconds since 1970; `undefined`: not said. */
  readonly issuedS: number | undefined;
}

/** Signed by the deploy key. */
export interface Deployment {
  /** Grows with every deployment. */
  readonly sequenceNumber: number;
  /** Of the whole COSE_Sign1 of the release. */
  readonly releaseDigest: Uint8Array;
  /** When it was signed. Seconds since 1970. */
  readonly issuedS: number;
  readonly expiresS: number;
  /** The only device that it is for; `undefined`: every one of the class. */
  readonly device: string | undefined;
  /** Releases below it are revoked; `undefined`: none are by this. */
  readonly releaseSequenceFloor: number | undefined;
}

/** Reads a release's payload. Throws `corrupt` naming the first field that is wrong. Total. */
export function parseRelease(payload: Uint8Array): Release {
  const fields = new ManifestFields(payload, "release");
  fields.uint(ReleaseKey.manifestVersion, "manifest version", VERSION, VERSION);
  const sequenceNumber = fields.uint(ReleaseKey.sequenceNumber, "sequence number", 1);
  const vendor = fields.text(ReleaseKey.vendor, "vendor");
  const deviceClass = fields.text(ReleaseKey.class, "class");
  const hardwareRevisionMin = fields.uint(ReleaseKey.hardwareRevisionMin, "least hardware revision");
  const hardwareRevisionMax = fields.uint(ReleaseKey.hardwareRevisionMax, "greatest hardware revision", hardwareRevisionMin);
  const version = fields.text(ReleaseKey.version, "version");
  const securityVersion = fields.uint(ReleaseKey.securityVersion, "security version");
  const imageSizeBytes = fields.uint(ReleaseKey.imageSize, "image size", 1);
  const imageDigest = fields.bytes(ReleaseKey.imageDigest, "image digest");
  const imageIdentity = fields.bytes(ReleaseKey.imageIdentity, "image identity");
  const chunkSizeBytes = fields.uint(ReleaseKey.chunkSize, "chunk size", CHUNK_SIZE_MIN_BYTES, CHUNK_SIZE_MAX_BYTES);
  const chunkCount = Math.ceil(imageSizeBytes / chunkSizeBytes);
  if ((chunkSizeBytes & (chunkSizeBytes - 1)) !== 0 || chunkCount > CHUNK_COUNT_MAX) {
    throw fields.fail(`chunk size is ${chunkSizeBytes}`, `a power of two that gives at most ${CHUNK_COUNT_MAX} chunks`);
  }
  const chunkDigests = fields.bytes(ReleaseKey.chunkDigests, "chunk digests", chunkCount * DIGEST_SIZE_BYTES);
  const expiresS = fields.optionalUint(ReleaseKey.expires, "expiry");
  const precursor = fields.optionalBytes(ReleaseKey.precursor, "precursor");
  const nextKeyDigest = fields.optionalBytes(ReleaseKey.nextKeyDigest, "next key");
  const issuedS = fields.optionalUint(ReleaseKey.issued, "time of issue");
  fields.end();
  return {
    sequenceNumber,
    vendor,
    deviceClass,
    hardwareRevisionMin,
    hardwareRevisionMax,
    version,
    securityVersion,
    imageSizeBytes,
    imageDigest,
    imageIdentity,
    chunkSizeBytes,
    chunkDigests,
    expiresS,
    precursor,
    nextKeyDigest,
    issuedS,
  };
}

/** Reads a deployment's payload. Throws `corrupt` naming the first field that is wrong. Total. */
export function parseDeployment(payload: Uint8Array): Deployment {
  const fields = new ManifestFields(payload, "deployment");
  fields.uint(DeploymentKey.manifestVersion, "manifest version", VERSION, VERSION);
  const sequenceNumber = fields.uint(DeploymentKey.sequenceNumber, "sequence number", 1);
  const releaseDigest = fields.bytes(DeploymentKey.releaseDigest, "release digest");
  const issuedS = fields.uint(DeploymentKey.issued, "time of issue");
  const expiresS = fields.uint(DeploymentKey.expires, "expiry", issuedS);
  const device = fields.optionalText(DeploymentKey.device, "device");
  const releaseSequenceFloor = fields.optionalUint(DeploymentKey.releaseSequenceFloor, "least release");
  fields.end();
  return { sequenceNumber, releaseDigest, issuedS, expiresS, device, releaseSequenceFloor };
}

/** The two signed parts of an update, each a COSE_Sign1; parts of `bytes`. Throws `corrupt`. */
export function parseEnvelope(bytes: Uint8Array): { readonly release: Uint8Array; readonly deployment: Uint8Array } {
  if (bytes.length > ENVELOPE_SIZE_MAX) {
    throw new FirmwareError("corrupt", `update: ${bytes.length} bytes, expected at most ${ENVELOPE_SIZE_MAX}`);
  }
  const reader = new CborReader(bytes);
  if (reader.array() !== 2) throw new FirmwareError("corrupt", "update: expected a release and a deployment");
  const release = reader.bytes();
  const deployment = reader.bytes();
  reader.end();
  return { release, deployment };
}
