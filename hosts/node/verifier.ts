/**
 * ES256 by the system's library (OpenSSL through node:crypto), as the device has it in its chip's. See docs/design/ports.md.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Verifier as VerifierPort, VerifyRequest } from "../../src/ports/verifier.js";

const COORDINATE_SIZE_BYTES = 32;
const SIGNATURE_SIZE_BYTES = 64;

/** The key of an x and a y; `undefined` where they are no point of the curve. */
function keyOf(publicKey: Uint8Array): KeyObject | undefined {
  if (publicKey.length !== 2 * COORDINATE_SIZE_BYTES) return undefined;
  const coordinate = (offset: number): string =>
    Buffer.from(publicKey.subarray(offset, offset + COORDINATE_SIZE_BYTES)).toString("base64url");
  try {
    const key = { kty: "EC", crv: "P-256", x: coordinate(0), y: coordinate(COORDINATE_SIZE_BYTES) };
    return createPublicKey({ key, format: "jwk" });
  } catch {
    return undefined;
  }
}

/** The system's. */
export const verifier: VerifierPort = Object.freeze({
  verify({ publicKey, message, signature }: VerifyRequest): boolean {
    const key = keyOf(publicKey);
    if (key === undefined || signature.length !== SIGNATURE_SIZE_BYTES) return false;
    return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
});
