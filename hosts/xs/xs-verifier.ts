/**
 * ES256 by the chip, as the ESP32 has a library for it: key, signature and message go over the wire, the answer comes back.
 *
 * The arithmetic is the system's OpenSSL, which the chip's process has through Node. Linked into the C part it would be one
 * more thing that a newcomer has to install before anything runs. See docs/design/xs-host.md.
 */
import type { Verifier, VerifyRequest } from "../../src/ports/verifier.js";
import { Operation, VERIFY_FIELD_SIZE_BYTES } from "../simulated/wire.js";
import type { Native } from "./native.js";

/** Over one wire. */
export function createVerifier(native: Native): Verifier {
  return Object.freeze({
    verify({ publicKey, message, signature }: VerifyRequest): boolean {
      // Fields of another length would run into one another on the wire.
      if (publicKey.length !== VERIFY_FIELD_SIZE_BYTES || signature.length !== VERIFY_FIELD_SIZE_BYTES) return false;
      const bytes = new Uint8Array(2 * VERIFY_FIELD_SIZE_BYTES + message.length);
      bytes.set(publicKey);
      bytes.set(signature, VERIFY_FIELD_SIZE_BYTES);
      bytes.set(message, 2 * VERIFY_FIELD_SIZE_BYTES);
      return new DataView(native.call(Operation.verify, 0, 0, bytes)!).getUint32(0, true) === 1;
    },
  });
}
