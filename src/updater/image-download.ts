/**
 * One image on its way into the other slot: chunk after chunk by HTTP Range, each held against its signed digest.
 *
 * A chunk is one request (image-range.ts), of the very resource that the first chunk came from. A chunk that fails on the way
 * is asked for again, a bounded number of times, after a wait; those before it are not. An answer that is not what was asked
 * for is given up. So bytes, rate and time all have an end. See docs/design/updater.md.
 */
import { assert } from "../assert.js";
import { errorCodeOf } from "../errors.js";
import type { SlotWriter } from "../ota/slot-writer.js";
import type { ResponseSink } from "./connection.js";
import { ImageRange, type ImageRangeOptions } from "./image-range.js";

const SECOND_MS = 1000;
/** What is taken from the network at a time: a copy that lives beside the sector that it goes into. */
const READ_SIZE_MAX = 1024;
/** Chunks that may be other than signed: TCP lets a flipped bit through once in a while, a forger every time. */
const MISMATCH_COUNT_MAX = 1;
/** Whoever asks for more is asked by the next poll. */
const RETRY_WAIT_MAX_MS = 60 * SECOND_MS;

export interface ImageDownloadOptions extends ImageRangeOptions {
  readonly writer: SlotWriter;
  /** Chunks that may be asked for again, over the whole image. */
  readonly retryCountMax: number;
  /** The wait before the nth repetition, n from 0. */
  readonly retryWaitMs: (retryIndex: number) => number;
  /** A chunk was found right and more are to come. True: go on at once. Otherwise with `resume()`. */
  readonly onChunk: () => boolean;
  /** The first sector of a download that goes on is here: what stands in the slot can be checked. Then `resume()`. */
  readonly onHead: () => void;
  /** The last chunk was found right. */
  readonly onDone: () => void;
}

export class ImageDownload implements ResponseSink {
  readonly #options: ImageDownloadOptions;
  readonly #range: ImageRange;
  #retryCount = 0;
  #mismatchCount = 0;

  constructor(options: ImageDownloadOptions) {
    assert(options.retryCountMax >= 0, "ImageDownload: the bound is not negative");
    this.#options = options;
    this.#range = new ImageRange(options);
  }

  /** More chunks were other than signed than a link does by itself. */
  get isForged(): boolean {
    return this.#mismatchCount > MISMATCH_COUNT_MAX;
  }

  /** Asks for what the writer wants next: the rest of a chunk as a rule. */
  resume(): void {
    this.#range.ask(this.#options.writer.wanted, this);
  }

  /**
   * An exchange failed: the wait until `resume()` asks for the chunk again; `undefined` where that is no use, or was done often
   * enough. An answer that is not what was asked for is no matter of luck.
   */
  retryAfter(error: unknown): number | undefined {
    const { writer, client, retryCountMax, retryWaitMs } = this.#options;
    const isNoUse = this.isForged || errorCodeOf(error) === "refused" || !this.#isReceiving;
    if (isNoUse || this.#retryCount >= retryCountMax) return undefined;
    writer.rewind();
    const waitMs = Math.max(retryWaitMs(this.#retryCount), client.retryAfterMs ?? 0);
    if (waitMs > RETRY_WAIT_MAX_MS) return undefined;
    client.takeRetryAfterMs();
    this.#retryCount++;
    return waitMs;
  }

  get roomBytes(): number {
    return Math.max(1, Math.min(READ_SIZE_MAX, this.#options.writer.roomBytes));
  }

  get #isReceiving(): boolean {
    const { phase } = this.#options.writer;
    return phase === "receiving" || phase === "head";
  }

  onHead(status: number, headers: ReadonlyMap<string, string>): void {
    this.#range.demandHead(status, headers);
  }

  onBytes(bytes: Uint8Array): void {
    this.#range.demandRoom(bytes.length);
    try {
      this.#options.writer.write(bytes);
    } catch (error) {
      if (errorCodeOf(error) === "corrupt") this.#mismatchCount++;
      throw error;
    }
  }

  onEnd(): void {
    const { writer, onHead, onDone, onChunk, imageSizeBytes } = this.#options;
    this.#range.demandWhole();
    if (writer.phase === "checking") onHead();
    else if (writer.checkedBytes === imageSizeBytes) onDone();
    else if (onChunk()) this.resume();
  }
}
