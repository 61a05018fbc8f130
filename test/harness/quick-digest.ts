/**
 * A digest that costs next to nothing, for specs that hash the same images a thousand times on an interpreting engine.
 *
 * A polynomial over whole words, spread over the 32 bytes that a SHA-256 has. Whoever cuts the power forges nothing, and one
 * word that differs always shows, as the factor is odd; a spec about forgery takes a real digest.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type { Digest } from "../../src/ports/digest.js";
import { WORD_SIZE_BYTES } from "./cut.js";

const DIGEST_WORD_COUNT = 8;

export class QuickDigest implements Digest {
  #state = 1;
  #isClosed = false;

  /** Whole words, as images and their chunks are made of. */
  write(bytes: Uint8Array): void {
    this.#demandOpen();
    assert(bytes.length % WORD_SIZE_BYTES === 0, "QuickDigest: whole words");
    const words = new Uint32Array(bytes.slice().buffer); // A copy begins at a multiple of four, whatever its source did.
    const count = words.length;
    let state = this.#state;
    for (let index = 0; index < count; index++) state = ((state << 5) - state + words[index]!) | 0; // Times 31.
    this.#state = state;
  }

  digest(): Uint8Array {
    this.#demandOpen();
    this.#isClosed = true;
    const digest = new Uint8Array(DIGEST_WORD_COUNT * WORD_SIZE_BYTES);
    const view = new DataView(digest.buffer);
    for (let word = 0; word < DIGEST_WORD_COUNT; word++) view.setInt32(word * WORD_SIZE_BYTES, this.#state ^ word);
    return digest;
  }

  close(): void {
    this.#isClosed = true;
  }

  #demandOpen(): void {
    if (this.#isClosed) throw new FirmwareError("closed", "digest: closed");
  }
}

/** The quick digest of `bytes`. */
export function quickDigestOf(bytes: Uint8Array): Uint8Array {
  const digest = new QuickDigest();
  digest.write(bytes);
  return digest.digest();
}
