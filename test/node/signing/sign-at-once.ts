/**
 * The same signed updates as hosts/node/signing makes, without a promise: specs that offer hundreds of them read as a story.
 *
 * COSE by hand over node:crypto, so it is a third writer that the device's reader is held against.
 */
import { createHash, type KeyObject, sign } from "node:crypto";
import { decode, encode } from "cborg";
import { publicKeyOf } from "../../../hosts/node/signing/key-pair.js";
import {
  chunkSizeFor,
  type DeploymentOptions,
  encodeDeployment,
  encodeRelease,
  joinUpdate,
  type ReleaseOptions,
} from "../../../hosts/node/signing/sign-update.js";
import { signedBytes } from "../../../src/ota/cose-sign1.js";
import { ReleaseKey } from "../../../src/ota/manifest.js";

const ALGORITHM = 1;
const ES256 = -7;
const KEY_ID = 4;
const TAG_SIGN1 = 18;

export interface UpdateContents {
  readonly release: ReleaseOptions;
  readonly deployment: Omit<DeploymentOptions, "release">;
  /** What is put into the release's fields that no tool of ours would sign. */
  readonly changeRelease?: ((fields: Map<number, unknown>) => void) | undefined;
}

/** What was signed, by key and payload: a spec that makes the same update a thousand times signs it once. */
const SIGNED = new WeakMap<KeyObject, Map<string, Uint8Array>>();

/** A payload as a COSE_Sign1. */
export function signPayload(key: KeyObject, payload: Uint8Array): Uint8Array {
  const ofKey = SIGNED.get(key) ?? new Map<string, Uint8Array>();
  SIGNED.set(key, ofKey);
  const name = Buffer.from(payload).toString("base64");
  const message = ofKey.get(name) ?? signAnew(key, payload);
  ofKey.set(name, message);
  return message.slice();
}

function signAnew(key: KeyObject, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(
    encode(
      new Map<number, number | Uint8Array>([
        [ALGORITHM, ES256],
        [KEY_ID, publicKeyOf(key).id],
      ]),
    ),
  );
  const signature = sign("sha256", signedBytes({ header, payload }), { key, dsaEncoding: "ieee-p1363" });
  const message = encode([header, new Map(), payload, new Uint8Array(signature)]);
  return new Uint8Array([(6 << 5) | TAG_SIGN1, ...message]);
}

/** A release, a deployment of it, and both as one update. */
export function signAtOnce({ release, deployment, changeRelease }: UpdateContents): Uint8Array {
  const payload = encodeRelease(release);
  const signedRelease = signPayload(release.key, changeRelease ? changed(payload, changeRelease) : payload);
  const signedDeployment = signPayload(deployment.key, encodeDeployment({ ...deployment, release: signedRelease }));
  return joinUpdate(signedRelease, signedDeployment);
}

/** A payload with its fields changed, encoded anew. */
export function changed(payload: Uint8Array, change: (fields: Map<number, unknown>) => void): Uint8Array {
  const fields = decode(payload, { useMaps: true }) as Map<number, unknown>;
  change(fields);
  return new Uint8Array(encode(fields));
}

/** Has a release say of any bytes what it would say of an image; `identity` is the hash that they carry. */
export function describeBytes(fields: Map<number, unknown>, bytes: Uint8Array, identity = bytes.subarray(-32)): void {
  const chunkSizeBytes = chunkSizeFor(bytes.length);
  const digests: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += chunkSizeBytes) {
    digests.push(sha256(bytes.subarray(offset, offset + chunkSizeBytes)));
  }
  fields.set(ReleaseKey.imageSize, bytes.length);
  fields.set(ReleaseKey.imageDigest, sha256(bytes));
  fields.set(ReleaseKey.imageIdentity, identity);
  fields.set(ReleaseKey.chunkSize, chunkSizeBytes);
  fields.set(ReleaseKey.chunkDigests, new Uint8Array(Buffer.concat(digests)));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
