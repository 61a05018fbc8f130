/**
 * COSE_Sign1 (RFC 9052, 4.2) with ES256, as far as an update needs it: taken apart strictly, and the bytes that were signed.
 *
 * One algorithm, one header shape, no detached payload, no external data: what is not needed is not accepted, because every
 * variant that is accepted is one that an attacker may choose. Bytes: docs/spec/manifest.md.
 */
import { CborReader, CborType } from "../data/cbor-reader.js";
import { encodeUTF8 } from "../data/utf8.js";
import { FirmwareError } from "../errors.js";
import type { Verifier } from "../ports/verifier.js";

const TAG_SIGN1 = 18;
const HEADER_ALGORITHM = 1;
const HEADER_KEY_ID = 4;
const ES256 = -7;
export const KEY_ID_SIZE_BYTES = 8;
export const SIGNATURE_SIZE_BYTES = 64;
const SCALAR_SIZE_BYTES = 32;

/** The order of P-256's group (SEC 2, 2.4.2), big endian. */
const GROUP_ORDER: readonly number[] = Object.freeze([
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
  0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
]);

/** A message taken apart; the arrays are parts of it, not copies. Nothing of it is trusted yet. */
export interface Sign1 {
  /** The protected header as it is encoded: it is signed too. */
  readonly header: Uint8Array;
  /** The first KEY_ID_SIZE_BYTES bytes of the SHA-256 of the signer's public key. */
  readonly keyId: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** Throws `corrupt` for anything but a tagged COSE_Sign1 with ES256 and a key id. Total. */
export function parseSign1(bytes: Uint8Array): Sign1 {
  const reader = new CborReader(bytes);
  if (reader.tag() !== TAG_SIGN1) throw new FirmwareError("corrupt", `signature: expected a COSE_Sign1, tag ${TAG_SIGN1}`);
  if (reader.array() !== 4) throw new FirmwareError("corrupt", "signature: expected the four parts of a COSE_Sign1");
  const header = reader.bytes();
  const keyId = parseHeader(header);
  if (reader.map() !== 0) throw new FirmwareError("corrupt", "signature: expected an empty unprotected header");
  const payload = reader.bytes();
  const signature = reader.bytes();
  reader.end();
  if (signature.length !== SIGNATURE_SIZE_BYTES) {
    throw new FirmwareError("corrupt", `signature: ${signature.length} bytes, expected ${SIGNATURE_SIZE_BYTES}`);
  }
  return { header, keyId, payload, signature };
}

/** The algorithm and the key id, and nothing else: a header that is not known could be critical. */
function parseHeader(header: Uint8Array): Uint8Array {
  const reader = new CborReader(header);
  let algorithm: number | undefined;
  let keyId: Uint8Array | undefined;
  reader.uintMap((key) => {
    if (key === HEADER_ALGORITHM) algorithm = reader.int();
    else if (key === HEADER_KEY_ID) keyId = reader.bytes();
    else throw new FirmwareError("corrupt", `signature: the header ${key}, expected algorithm and key id only`);
  });
  reader.end();
  if (algorithm !== ES256) throw new FirmwareError("corrupt", `signature: algorithm ${algorithm}, expected ES256 (${ES256})`);
  if (keyId?.length !== KEY_ID_SIZE_BYTES) {
    throw new FirmwareError("corrupt", `signature: expected a key id of ${KEY_ID_SIZE_BYTES} bytes`);
  }
  return keyId;
}

/**
 * Whether the message was signed with the private half of `publicKey` (x and y, 64 bytes). r and s are range-checked here,
 * before any library sees them: one in the field does not come back from s = 0.
 */
export function isSignedBy(message: Sign1, publicKey: Uint8Array, verifier: Verifier): boolean {
  const { signature } = message;
  if (!isScalar(signature.subarray(0, SCALAR_SIZE_BYTES)) || !isScalar(signature.subarray(SCALAR_SIZE_BYTES))) return false;
  return verifier.verify({ publicKey, message: signedBytes(message), signature });
}

/** 1 … n − 1. */
function isScalar(bytes: Uint8Array): boolean {
  let isZero = true;
  let order = 0;
  for (let index = 0; index < SCALAR_SIZE_BYTES; index++) {
    if (bytes[index] !== 0) isZero = false;
    if (order === 0) order = bytes[index]! - GROUP_ORDER[index]!;
  }
  return !isZero && order < 0;
}

/** The Sig_structure (RFC 9052, 4.4): context, protected header, no external data, payload. */
export function signedBytes(message: Pick<Sign1, "header" | "payload">): Uint8Array {
  const context = encodeUTF8("Signature1");
  const parts = [
    new Uint8Array([(CborType.array << 5) | 4, (CborType.text << 5) | context.length]),
    context,
    headOf(CborType.bytes, message.header.length),
    message.header,
    headOf(CborType.bytes, 0),
    headOf(CborType.bytes, message.payload.length),
    message.payload,
  ];
  let size = 0;
  for (const part of parts) size += part.length;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** The head of a string of up to 65,535 bytes, in its shortest form. */
function headOf(type: number, length: number): Uint8Array {
  if (length < 24) return new Uint8Array([(type << 5) | length]);
  if (length < 0x100) return new Uint8Array([(type << 5) | 24, length]);
  return new Uint8Array([(type << 5) | 25, length >>> 8, length & 0xff]);
}
