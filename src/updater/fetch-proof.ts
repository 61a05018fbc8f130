/**
 * What a start has shown of its way to the next update: the proof that the health gate asks for before it keeps an image.
 *
 * An image that cannot fetch the next update must not be kept, and that a server answered is not enough: ranges, proxies, keys
 * and memory fail later on that way. So on trial a chunk of whatever is offered is fetched, by the download's own rules
 * (chunk-fetch.ts). What does not come is never held against the image at once: it may be the server's fault, so the round
 * fails, and the next one tries again. See docs/design/updater.md.
 */
import { FirmwareError } from "../errors.js";
import { ChunkFetch } from "./chunk-fetch.js";
import type { Connection } from "./connection.js";
import type { DDIClient } from "./ddi-client.js";
import type { UpdaterOptions } from "./updater-options.js";
import type { SignedImage, Verdict } from "./verdict.js";

/**
 * How far a start got: none · answered: the server had nothing to offer · manifest: it had a signed update, by the right keys ·
 * chunk: a chunk of its image came, and is what was signed. Signatures are looked at on trial, and of what does not run.
 */
export type FetchProofLevel = "none" | "answered" | "manifest" | "chunk";

export interface FetchProofOptions {
  readonly updater: Pick<UpdaterOptions, "Digest" | "stallTimeoutMs" | "bytesPerSecondMin"> & {
    readonly slots: { readonly isTrial: boolean };
  };
  readonly connection: Connection;
  readonly client: DDIClient;
}

export class FetchProof {
  readonly #options: FetchProofOptions;
  #level: FetchProofLevel = "none";
  /** Something was offered on trial: less than a chunk of it proves nothing any more. */
  #isChunkDue = false;
  #fetch: ChunkFetch | undefined;

  constructor(options: FetchProofOptions) {
    this.#options = options;
  }

  /** The most that was shown so far. */
  get level(): FetchProofLevel {
    return this.#level;
  }

  /**
   * A chunk was fetched and is right; or nothing is due, because all that was offered, if anything, was signed and declined. An
   * image that a tool has flashed has no action to fetch a chunk of: a server that answers is all it can show.
   */
  get isEnough(): boolean {
    return this.#level === "chunk" || (this.#level !== "none" && !this.#isChunkDue);
  }

  /** The server answered, and offers nothing. */
  noteAnswer(): void {
    if (this.#level === "none") this.#level = "answered";
  }

  /** Something is offered, and this becomes of it. What stays open on trial makes a chunk due, for good. */
  noteVerdict({ kind, isSigned }: Verdict): void {
    if (isSigned && this.#level !== "chunk") this.#level = "manifest";
    if (this.#options.updater.slots.isTrial && kind !== "decline") this.#isChunkDue = true;
  }

  /**
   * Fetches a chunk of what is `offered`, unless one was fetched before or there is none to be had; then `onDone`, which may
   * come from inside this call. What goes wrong is thrown here or into the connection, and is the end of the round.
   */
  fetch(offered: SignedImage | undefined, onDone: () => void): void {
    if (offered === undefined || this.#level === "chunk") {
      onDone();
      return;
    }
    const { image, path } = offered;
    if (path === undefined) {
      throw new FirmwareError("missing", `the action has no artifact of ${image.imageSizeBytes} bytes, expected the image`);
    }
    const { updater, connection, client } = this.#options;
    const { Digest, stallTimeoutMs, bytesPerSecondMin } = updater;
    this.#fetch = new ChunkFetch({
      connection,
      client,
      path,
      stallTimeoutMs,
      bytesPerSecondMin,
      image,
      Digest,
      onDone: () => {
        this.#level = "chunk";
        onDone();
      },
    });
    this.#fetch.begin();
  }

  /** Lets go of what is under way, once the connection has. What was shown stays. */
  letGo(): void {
    this.#fetch?.close();
    this.#fetch = undefined;
  }
}
