/**
 * Whether this device may take this update now: every question that can be answered before a byte of the image is fetched.
 *
 * One place and one order, signatures first, so that no unsigned word decides anything; and one reason in words for each
 * refusal, because a fleet is looked after by people. What a device has to remember (counters, a bound of the time, the next
 * key) comes in as a value and goes out as one. Bytes: docs/spec/manifest.md; the reasons: docs/design/ota.md.
 */
import { areEqualBytes } from "../data/bytes.js";
import { FirmwareError } from "../errors.js";
import type { DigestConstructor } from "../ports/digest.js";
import type { Verifier } from "../ports/verifier.js";
import { isSignedBy, KEY_ID_SIZE_BYTES, parseSign1, type Sign1 } from "./cose-sign1.js";
import { type Deployment, parseDeployment, parseEnvelope, parseRelease, type Release } from "./manifest.js";

/** What the firmware was built with, and what the factory wrote. */
export interface UpdateIdentity {
  readonly vendor: string;
  readonly deviceClass: string;
  readonly hardwareRevision: number;
  /** This device's own name, for deployments to one device. */
  readonly device: string;
  /** x and y of a key, 64 bytes each. More than one only while keys are being changed. */
  readonly releaseKeys: readonly Uint8Array[];
  readonly deployKeys: readonly Uint8Array[];
}

/** What is remembered over restarts. All of it only grows, but for the next key. */
export interface UpdateMemory {
  /** Releases below it are not taken. */
  readonly releaseFloor: number;
  /** The last deployment that was taken: one with a smaller number is a replay. */
  readonly deploymentFloor: number;
  /** The security version of the image that was last confirmed. */
  readonly securityFloor: number;
  /** The present is not before it: the last release's signing, the last time by a trusted clock. Seconds since 1970. */
  readonly timeFloorS: number;
  /**
   * The digest of the only key that may sign releases from now on, or its beginning, 16 bytes; `undefined`: every one of the
   * firmware's.
   */
  readonly nextKeyDigest: Uint8Array | undefined;
}

/** What is so at this moment. */
export interface UpdatePresent {
  /** The time by a clock that is trusted; `undefined` without one. Seconds since 1970. */
  readonly nowS: number | undefined;
  /** The hash that the running image carries, 32 bytes. */
  readonly runningIdentity: Uint8Array;
}

export interface JudgeOptions {
  readonly identity: UpdateIdentity;
  readonly memory: UpdateMemory;
  readonly present: UpdatePresent;
  readonly verifier: Verifier;
  readonly Digest: DigestConstructor;
}

type Keyring = Pick<JudgeOptions, "identity" | "memory" | "verifier" | "Digest">;

/** An update that may be taken, and what is to be remembered from now on, whatever becomes of it. */
export interface JudgedUpdate {
  readonly release: Release;
  readonly deployment: Deployment;
  readonly memory: UpdateMemory;
}

/** Both parts of an update, each signed by a key of its role, and belonging together. Says nothing about this device. */
export interface AuthenticUpdate {
  readonly release: Release;
  readonly deployment: Deployment;
}

/**
 * Throws `corrupt` for what is no update, or not signed by whom it should be; `refused`, with the reason, for one that is not
 * for this device or not for now.
 */
export function judgeUpdate(bytes: Uint8Array, options: JudgeOptions): JudgedUpdate {
  const { identity, memory } = options;
  const { release, deployment } = authenticateUpdate(bytes, options);
  demandDevice(release, deployment, identity);
  demandNow(release, deployment, options);
  const { releaseSequenceFloor = 0, sequenceNumber: deploymentFloor } = deployment;
  return {
    release,
    deployment,
    memory: {
      ...memory,
      deploymentFloor,
      releaseFloor: Math.max(memory.releaseFloor, releaseSequenceFloor),
      // Not the deployment's: whoever has the online key could set a clockless device's time years ahead, for good.
      timeFloorS: Math.max(memory.timeFloorS, release.issuedS ?? 0),
    },
  };
}

/** Throws `corrupt` for what is no update, or not signed by whom it should be. */
export function authenticateUpdate(bytes: Uint8Array, options: Keyring): AuthenticUpdate {
  const parts = parseEnvelope(bytes);
  const deployment = parseDeployment(demandSigned(parts.deployment, "deployment", options.identity.deployKeys, options));
  if (!areEqualBytes(deployment.releaseDigest, digestOf(parts.release, options.Digest))) {
    throw new FirmwareError("corrupt", "update: the deployment names another release, expected the one beside it");
  }
  const release = parseRelease(demandSigned(parts.release, "release", releaseKeysOf(options), options));
  return { release, deployment };
}

/**
 * The image that an update names, by identity, trusted or not: enough to tell that it runs already, which is no matter of
 * trust. Signed updates need not be kept for that: a key that was good when the image came may be out of force by now.
 */
export function imageNamedBy(bytes: Uint8Array): Uint8Array {
  return parseRelease(parseSign1(parseEnvelope(bytes).release).payload).imageIdentity;
}

/** The payload of a message that one of `keys` signed. */
function demandSigned(bytes: Uint8Array, role: string, keys: readonly Uint8Array[], options: Keyring): Uint8Array {
  const message = parseSign1(bytes);
  for (let index = 0; index < keys.length; index++) {
    if (isOf(message, keys[index]!, options.Digest) && isSignedBy(message, keys[index]!, options.verifier))
      return message.payload;
  }
  throw new FirmwareError("corrupt", `${role}: not signed by a ${role} key of this device, expected one of ${keys.length}`);
}

/** Whether the message says that it is signed with the key: what saves a verification for each other key. */
function isOf(message: Sign1, key: Uint8Array, Digest: DigestConstructor): boolean {
  return areEqualBytes(message.keyId, digestOf(key, Digest).subarray(0, KEY_ID_SIZE_BYTES));
}

/** Once a confirmed release has named its successor's key, no other counts, though the firmware may still bring it. */
function releaseKeysOf({ identity, memory, Digest }: Keyring): readonly Uint8Array[] {
  const next = memory.nextKeyDigest;
  if (next === undefined) return identity.releaseKeys;
  return identity.releaseKeys.filter((key) => areEqualBytes(digestOf(key, Digest).subarray(0, next.length), next));
}

function demandDevice(release: Release, deployment: Deployment, identity: UpdateIdentity): void {
  if (release.vendor !== identity.vendor) throw refused(`it is of the vendor ${release.vendor}`, identity.vendor);
  if (release.deviceClass !== identity.deviceClass) {
    throw refused(`it is for the class ${release.deviceClass}`, identity.deviceClass);
  }
  const { hardwareRevisionMin: least, hardwareRevisionMax: greatest } = release;
  if (identity.hardwareRevision < least || identity.hardwareRevision > greatest) {
    throw refused(`it is for the hardware revisions ${least} … ${greatest}`, `${identity.hardwareRevision}`);
  }
  if (deployment.device !== undefined && deployment.device !== identity.device) {
    throw refused(`it is for the device ${deployment.device}`, identity.device);
  }
}

function demandNow(release: Release, deployment: Deployment, { memory, present }: JudgeOptions): void {
  if (deployment.sequenceNumber < memory.deploymentFloor) {
    throw refused(`its deployment ${deployment.sequenceNumber} is an old one`, `${memory.deploymentFloor} or later`);
  }
  const floor = Math.max(memory.releaseFloor, deployment.releaseSequenceFloor ?? 0);
  if (release.sequenceNumber < floor) {
    throw refused(`its release ${release.sequenceNumber} is an old one, or revoked`, `${floor} or later`);
  }
  if (release.securityVersion < memory.securityFloor) {
    throw refused(`its security version is ${release.securityVersion}`, `${memory.securityFloor} or later`);
  }
  // Without a clock the bound is all there is. Old deployments are refused by their number, whatever the time.
  const nowS = Math.max(memory.timeFloorS, present.nowS ?? 0);
  const expiresS = Math.min(deployment.expiresS, release.expiresS ?? deployment.expiresS);
  if (nowS > expiresS) throw refused(`it expired ${nowS - expiresS} s ago`, "one that is still good");
  if (release.precursor && !areEqualBytes(release.precursor, present.runningIdentity)) {
    throw refused("it replaces another image than the running one", "its precursor to run");
  }
}

function refused(found: string, expected: string): FirmwareError {
  return new FirmwareError("refused", `update: ${found}, expected ${expected}`);
}

function digestOf(bytes: Uint8Array, Digest: DigestConstructor): Uint8Array {
  const digest = new Digest();
  digest.write(bytes);
  return digest.digest();
}
