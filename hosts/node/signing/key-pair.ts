/**
 * The two roles' keys as files: a private one for its owner alone, and the public one beside it.
 *
 * PKCS #8 and SubjectPublicKeyInfo in PEM, so that any tool can read them, and nothing is ever overwritten: a lost release key
 * is a fleet that takes no updates. See docs/design/ota.md.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { FirmwareError, messageOf } from "../../../src/errors.js";
import { KEY_ID_SIZE_BYTES } from "../../../src/ota/cose-sign1.js";

const OWNER_ONLY = 0o600;
/** Of a group and of everybody. */
const OTHERS = 0o077;
const PERMISSIONS = 0o777;
const CURVE = "prime256v1";

/** A public key as a device holds it, and its names. */
export interface PublicKey {
  /** x and y, 64 bytes. */
  readonly point: Uint8Array;
  /** SHA-256 of the point. */
  readonly digest: Uint8Array;
  /** The first 8 bytes of the digest: what a signature names its key by. */
  readonly id: Uint8Array;
}

/** Makes a pair of files, `path` and `path`.pub. Throws `refused` where one of them is there already. */
export function createKeyFiles(path: string): PublicKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: CURVE });
  writeNew(path, privateKey.export({ type: "pkcs8", format: "pem" }) as string, OWNER_ONLY);
  writeNew(`${path}.pub`, publicKey.export({ type: "spki", format: "pem" }) as string, 0o644);
  return publicKeyOf(publicKey);
}

/**
 * Throws `missing` where there is no such file, `invalid` where it holds no private key on P-256, `refused` where others may
 * read it: then it may have been read.
 */
export function readPrivateKey(path: string): KeyObject {
  const text = readText(path);
  const key = demandCurve(path, () => {
    if (!isPublic(text)) return createPrivateKey(text);
    throw new FirmwareError("invalid", `${path}: is a public key; expected the private half, without .pub`);
  });
  const mode = statSync(path).mode & PERMISSIONS;
  if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
    const expected = `expected 0600: chmod 600 ${path}, and a new key if somebody may have read it`;
    throw new FirmwareError("refused", `${path}: has the mode 0${mode.toString(8)}, others may use it; ${expected}`);
  }
  return key;
}

function isPublic(text: string): boolean {
  return text.includes("-----BEGIN PUBLIC KEY-----");
}

/** Of a file of a public key, or of a private one. */
export function readPublicKey(path: string): PublicKey {
  return publicKeyOf(demandCurve(path, () => createPublicKey(readText(path))));
}

/** The public half of any key. */
export function publicKeyOf(key: KeyObject): PublicKey {
  const { x = "", y = "" } = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  const point = new Uint8Array(Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]));
  const digest = new Uint8Array(createHash("sha256").update(point).digest());
  return Object.freeze({ point, digest, id: digest.slice(0, KEY_ID_SIZE_BYTES) });
}

function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: "wx" });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw isThere
      ? new FirmwareError("refused", `${path}: is there already; expected a new file: a key is never overwritten`)
      : new FirmwareError("io", `${path}: ${messageOf(error)}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new FirmwareError("missing", `${path}: ${messageOf(error)}; expected a key file`);
  }
}

function demandCurve(path: string, read: () => KeyObject): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch (error) {
    if (error instanceof FirmwareError) throw error;
  }
  if (key?.asymmetricKeyDetails?.namedCurve === CURVE) return key;
  throw new FirmwareError("invalid", `${path}: holds no usable key; expected one on P-256, in PEM`);
}
