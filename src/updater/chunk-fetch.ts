/**
 * One chunk of a signed image, fetched, hashed as it comes, held against its digest, and dropped: the health gate's proof that
 * a new image can have the next update.
 *
 * An image on trial may write to no slot, so nothing of the chunk is kept: RAM holds a digest and one read from the network.
 * The chunk is the last full one, or the only one. It lies far behind the beginning, where a server or a cache that gets ranges
 * wrong shows it, and it has as many bytes as a chunk ever has; and it is the same for each device, so that the first one fills
 * the caches on the way for all, and a failure can be seen again. One by chance would find a damaged file sooner; but the file
 * is the server's fault, and no reason to send an image away. See docs/design/updater.md.
 */
import { areEqualBytes } from "../data/bytes.js";
import { FirmwareError } from "../errors.js";
import type { ChunkedImage } from "../ota/chunk-check.js";
import { DIGEST_SIZE_BYTES } from "../ota/manifest-fields.js";
import type { Digest, DigestConstructor } from "../ports/digest.js";
import type { ResponseSink } from "./connection.js";
import { ImageRange, type ImageRangeOptions } from "./image-range.js";

const READ_SIZE_BYTES = 1024;

export interface ChunkFetchOptions extends Omit<ImageRangeOptions, "imageSizeBytes"> {
  /** As it was signed. */
  readonly image: ChunkedImage;
  readonly Digest: DigestConstructor;
  /** The chunk came, and is what was signed. The connection is free. */
  readonly onDone: () => void;
}

/** What goes wrong is thrown into the connection, which ends in its `onFail`. */
export class ChunkFetch implements ResponseSink {
  readonly #range: ImageRange;
  readonly #digest: Digest;
  readonly #expected: Uint8Array;
  readonly #part: { readonly offset: number; readonly sizeBytes: number };
  readonly #onDone: () => void;

  /** Takes one Digest. Keeps nothing of `image`. */
  constructor(options: ChunkFetchOptions) {
    const { image, Digest, onDone, ...ways } = options;
    const { imageSizeBytes, chunkSizeBytes, chunkDigests } = image;
    const index = Math.max(0, Math.floor(imageSizeBytes / chunkSizeBytes) - 1);
    const offset = index * chunkSizeBytes;
    this.#part = { offset, sizeBytes: Math.min(chunkSizeBytes, imageSizeBytes - offset) };
    this.#expected = chunkDigests.slice(index * DIGEST_SIZE_BYTES, (index + 1) * DIGEST_SIZE_BYTES);
    this.#range = new ImageRange({ ...ways, imageSizeBytes });
    this.#digest = new Digest();
    this.#onDone = onDone;
  }

  /** Sends the request. */
  begin(): void {
    this.#range.ask(this.#part, this);
  }

  /** Frees the digest. Before the end it goes with the connection's hangUp. */
  close(): void {
    this.#digest.close();
  }

  get roomBytes(): number {
    return READ_SIZE_BYTES;
  }

  onHead(status: number, headers: ReadonlyMap<string, string>): void {
    this.#range.demandHead(status, headers);
  }

  onBytes(bytes: Uint8Array): void {
    this.#range.demandRoom(bytes.length);
    this.#digest.write(bytes);
  }

  onEnd(): void {
    this.#range.demandWhole();
    if (!areEqualBytes(this.#digest.digest(), this.#expected)) {
      const { offset, sizeBytes } = this.#part;
      throw new FirmwareError("corrupt", `image: the ${sizeBytes} bytes at ${offset} are not what was signed`);
    }
    this.#onDone();
  }
}
