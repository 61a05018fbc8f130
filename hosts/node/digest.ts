/**
 * SHA-256 by the system's library (OpenSSL through node:crypto), as the device has it in hardware.
 *
 * In JavaScript an image of a megabyte takes seconds on a microcontroller, so the core knows only the port; here the port
 * is a few lines. The hash follows FIPS 180-4. See docs/design/ports.md.
 */
import { createHash, type Hash } from "node:crypto";
import { FirmwareError } from "../../src/errors.js";
import type { DigestConstructor, Digest as DigestPort } from "../../src/ports/digest.js";

class NodeDigest implements DigestPort {
  #hash: Hash | undefined = createHash("sha256");

  write(bytes: Uint8Array): void {
    this.#openHash().update(bytes);
  }

  /** A fresh array: the caller may keep it. */
  digest(): Uint8Array {
    const result = this.#openHash().digest();
    this.#hash = undefined;
    return new Uint8Array(result);
  }

  close(): void {
    this.#hash = undefined;
  }

  #openHash(): Hash {
    if (this.#hash === undefined) throw new FirmwareError("closed", "Digest: used after digest() or close()");
    return this.#hash;
  }
}

/** The class under the port's name, as a host hands it out. */
export const Digest: DigestConstructor = NodeDigest;
