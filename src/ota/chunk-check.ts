/**
 * Whether what arrives is what was signed, chunk by chunk, while it arrives.
 *
 * A hash over the whole image would tell only at the end: whoever is on the link could make a device write a megabyte of
 * nothing, again and again, and no cut download could be told from a forged one. So the signed manifest has a digest of each
 * chunk, and a byte counts as progress when its chunk is right. See docs/design/ota.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { Digest, DigestConstructor } from "../ports/digest.js";
import { DIGEST_SIZE_BYTES } from "./manifest-fields.js";

/** The part of a release that says what the image's bytes are. */
export interface ChunkedImage {
  readonly imageSizeBytes: number;
  readonly chunkSizeBytes: number;
  /** One SHA-256 after another; the last chunk may be shorter. */
  readonly chunkDigests: Uint8Array;
}

export class ChunkCheck {
  readonly #image: ChunkedImage;
  readonly #Digest: DigestConstructor;
  #digest: Digest | undefined;
  #checkedCount = 0;
  /** Bytes of the open chunk so far. */
  #openBytes = 0;

  constructor(options: { readonly image: ChunkedImage; readonly Digest: DigestConstructor }) {
    const { imageSizeBytes, chunkSizeBytes, chunkDigests } = options.image;
    const chunkCount = Math.ceil(imageSizeBytes / chunkSizeBytes);
    assert(chunkDigests.length === chunkCount * DIGEST_SIZE_BYTES, "ChunkCheck: there is a digest for each chunk");
    this.#image = options.image;
    this.#Digest = options.Digest;
  }

  /** Chunks that were found right, from the first one on. */
  get checkedCount(): number {
    return this.#checkedCount;
  }

  /** Where the open chunk begins. */
  get checkedBytes(): number {
    return Math.min(this.#checkedCount * this.#image.chunkSizeBytes, this.#image.imageSizeBytes);
  }

  /** Bytes that the open chunk still needs; 0 when all chunks are right. */
  get openRoomBytes(): number {
    const { imageSizeBytes, chunkSizeBytes } = this.#image;
    return Math.min(chunkSizeBytes, imageSizeBytes - this.checkedBytes) - this.#openBytes;
  }

  /**
   * Takes the next bytes, at most `openRoomBytes` of them. With the last one of a chunk, compares: throws `corrupt`, and the
   * chunk is open anew from its beginning, where it is another.
   */
  write(bytes: Uint8Array): void {
    assert(bytes.length > 0 && bytes.length <= this.openRoomBytes, "ChunkCheck: at most up to the end of the chunk");
    this.#digest ??= new this.#Digest();
    this.#digest.write(bytes);
    this.#openBytes += bytes.length;
    if (this.openRoomBytes > 0) return;
    const found = this.#digest.digest();
    this.#digest = undefined;
    this.#openBytes = 0;
    const offset = this.#checkedCount * DIGEST_SIZE_BYTES;
    for (let index = 0; index < DIGEST_SIZE_BYTES; index++) {
      if (found[index] === this.#image.chunkDigests[offset + index]) continue;
      const count = this.#image.chunkDigests.length / DIGEST_SIZE_BYTES;
      throw new FirmwareError("corrupt", `image: chunk ${this.#checkedCount + 1} of ${count} is not what was signed`);
    }
    this.#checkedCount++;
  }

  /** Forgets the open chunk's bytes. */
  rewind(): void {
    this.#digest?.close();
    this.#digest = undefined;
    this.#openBytes = 0;
  }
}
