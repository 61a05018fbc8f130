/**
 * SHA-256 by Moddable's own code in C, for the level without the native part: slower than the chip's, and as right.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Digest, DigestConstructor } from "../../src/ports/digest.js";

/** What is used of the class `Digest` of the module `crypt`. */
export interface ModdableDigest {
  /** A byte buffer; a view's bounds are kept. */
  write(bytes: Uint8Array): void;
  /** The digest. It closes nothing: what is called behind it goes on with a state that is used up, and says nothing. */
  close(): ArrayBuffer;
}
export type ModdableDigestConstructor = new (type: "SHA256") => ModdableDigest;

class CryptDigest implements Digest {
  #digest: ModdableDigest | undefined;

  constructor(Class: ModdableDigestConstructor) {
    this.#digest = new Class("SHA256");
  }

  write(bytes: Uint8Array): void {
    this.#open().write(bytes);
  }

  digest(): Uint8Array {
    const digest = this.#open();
    this.#digest = undefined;
    return new Uint8Array(digest.close());
  }

  close(): void {
    this.#digest = undefined; // Its memory goes with the object.
  }

  #open(): ModdableDigest {
    if (this.#digest === undefined) throw new FirmwareError("closed", "Digest: used after digest() or close()");
    return this.#digest;
  }
}

/** The class over Moddable's. */
export function createDigest(options: { readonly Digest: ModdableDigestConstructor }): DigestConstructor {
  return class extends CryptDigest {
    constructor() {
      super(options.Digest);
    }
  };
}
