/**
 * Makes what src/ota/manifest.ts reads: a release signed by one key, a deployment signed by another, and the update around
 * them.
 *
 * CBOR and COSE come from libraries of their own (cborg, @auth0/cose), so the device's reader is held against somebody else's
 * writer. Bytes: docs/spec/manifest.md.
 */
import { createHash, type KeyObject } from "node:crypto";
import { Algorithms, Headers, ProtectedHeaders, Sign1, UnprotectedHeaders } from "@auth0/cose";
import { encode } from "cborg";
import { FirmwareError } from "../../../src/errors.js";
import { imageSourceOf, verifyImage } from "../../../src/image/index.js";
import {
  CHUNK_COUNT_MAX,
  CHUNK_SIZE_MIN_BYTES,
  DeploymentKey,
  ENVELOPE_SIZE_MAX,
  ReleaseKey,
} from "../../../src/ota/manifest.js";
import { Digest } from "../digest.js";
import { publicKeyOf } from "./key-pair.js";

const HEADER_ALGORITHM = Headers.Algorithm;
const IMAGE_HASH_SIZE_BYTES = 32;

export interface ReleaseOptions {
  /** The application image, as it will stand in the slot. */
  readonly image: Uint8Array;
  readonly sequenceNumber: number;
  readonly vendor: string;
  readonly deviceClass: string;
  readonly hardwareRevisionMin?: number;
  readonly hardwareRevisionMax?: number;
  readonly version: string;
  readonly securityVersion?: number;
  /** Default: the smallest power of two from 16 KiB that gives at most 96 chunks. */
  readonly chunkSizeBytes?: number;
  readonly expiresS?: number;
  readonly precursor?: Uint8Array;
  readonly nextKeyDigest?: Uint8Array;
  readonly issuedS?: number;
  /** The release key. */
  readonly key: KeyObject;
}

export interface DeploymentOptions {
  /** The signed release. */
  readonly release: Uint8Array;
  readonly sequenceNumber: number;
  readonly issuedS: number;
  readonly expiresS: number;
  readonly device?: string;
  readonly releaseSequenceFloor?: number;
  /** The deploy key. */
  readonly key: KeyObject;
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

/** A signed release. Throws `corrupt` where the image would not boot, `invalid` where it carries no hash. */
export async function signRelease(options: ReleaseOptions): Promise<Uint8Array> {
  return signWith(options.key, encodeRelease(options));
}

/** A release's payload, not signed. */
export function encodeRelease(options: Omit<ReleaseOptions, "key">): Uint8Array {
  const { image } = options;
  const chunkSizeBytes = options.chunkSizeBytes ?? chunkSizeFor(image.length);
  const digests: Uint8Array[] = [];
  for (let offset = 0; offset < image.length; offset += chunkSizeBytes) {
    digests.push(sha256(image.subarray(offset, offset + chunkSizeBytes)));
  }
  return encodeMap({
    [ReleaseKey.manifestVersion]: 1,
    [ReleaseKey.sequenceNumber]: options.sequenceNumber,
    [ReleaseKey.vendor]: options.vendor,
    [ReleaseKey.class]: options.deviceClass,
    [ReleaseKey.hardwareRevisionMin]: options.hardwareRevisionMin ?? 0,
    [ReleaseKey.hardwareRevisionMax]: options.hardwareRevisionMax ?? 0xffff_ffff,
    [ReleaseKey.version]: options.version,
    [ReleaseKey.securityVersion]: options.securityVersion ?? 0,
    [ReleaseKey.imageSize]: image.length,
    [ReleaseKey.imageDigest]: sha256(image),
    [ReleaseKey.imageIdentity]: identityOf(image),
    [ReleaseKey.chunkSize]: chunkSizeBytes,
    [ReleaseKey.chunkDigests]: new Uint8Array(Buffer.concat(digests)),
    [ReleaseKey.expires]: options.expiresS,
    [ReleaseKey.precursor]: options.precursor,
    [ReleaseKey.nextKeyDigest]: options.nextKeyDigest,
    [ReleaseKey.issued]: options.issuedS,
  });
}

/** A signed deployment. */
export async function signDeployment(options: DeploymentOptions): Promise<Uint8Array> {
  return signWith(options.key, encodeDeployment(options));
}

/** A deployment's payload, not signed. */
export function encodeDeployment(options: Omit<DeploymentOptions, "key">): Uint8Array {
  return encodeMap({
    [DeploymentKey.manifestVersion]: 1,
    [DeploymentKey.sequenceNumber]: options.sequenceNumber,
    [DeploymentKey.releaseDigest]: sha256(options.release),
    [DeploymentKey.issued]: options.issuedS,
    [DeploymentKey.expires]: options.expiresS,
    [DeploymentKey.device]: options.device,
    [DeploymentKey.releaseSequenceFloor]: options.releaseSequenceFloor,
  });
}

/** Both parts as one. Throws `invalid` where they are too large for a device. */
export function joinUpdate(release: Uint8Array, deployment: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(encode([release, deployment]));
  if (bytes.length <= ENVELOPE_SIZE_MAX) return bytes;
  throw new FirmwareError("invalid", `update: ${bytes.length} bytes, expected at most ${ENVELOPE_SIZE_MAX}; use larger chunks`);
}

/** The smallest power of two from 16 KiB that gives at most 96 chunks. */
export function chunkSizeFor(imageSizeBytes: number): number {
  let size = CHUNK_SIZE_MIN_BYTES;
  while (Math.ceil(imageSizeBytes / size) > CHUNK_COUNT_MAX) size *= 2;
  return size;
}

/** The hash that the image carries, once it is seen to be right. */
function identityOf(image: Uint8Array): Uint8Array {
  const { sizeBytes, head, hash } = verifyImage({ source: imageSourceOf(image), sizeBytesMax: image.length, Digest });
  if (!head.header.hashAppended) throw new FirmwareError("invalid", "image: carries no SHA-256, expected hash_appended");
  if (sizeBytes !== image.length) {
    const rest = image.length - sizeBytes;
    throw new FirmwareError(
      "invalid",
      `image: ${rest} bytes behind its end, expected none: they would be signed and mean nothing`,
    );
  }
  return hash.slice(0, IMAGE_HASH_SIZE_BYTES);
}

function encodeMap(fields: Readonly<Record<number, string | number | Uint8Array | undefined>>): Uint8Array {
  const map = new Map<number, string | number | Uint8Array>();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) map.set(Number(key), value);
  return new Uint8Array(encode(map));
}

async function signWith(key: KeyObject, payload: Uint8Array): Promise<Uint8Array> {
  const header = new ProtectedHeaders([
    [HEADER_ALGORITHM, Algorithms.ES256],
    [Headers.KeyID, publicKeyOf(key).id],
  ]);
  const signed = await Sign1.sign(header, new UnprotectedHeaders([]), payload, key as never);
  return new Uint8Array(signed.encode());
}
