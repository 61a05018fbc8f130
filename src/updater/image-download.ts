/**
 * One image on its way into the other slot: chunk after chunk by HTTP Range, each held against its signed digest.
 *
 * A chunk is one request. The answer has to be a 206 for exactly the bytes that were asked for, of the very resource that the
 * first chunk came from; anything else is given up, because a server that sends a whole file for a range, or another file, has
 * filled slots with nonsense before. A chunk that fails on the way is asked for again, a bounded number of times, after a wait;
 * those before it are not. So bytes, rate and time all have an end. See docs/design/updater.md.
 */
import { assert } from "../assert.js";
import { errorCodeOf, FirmwareError } from "../errors.js";
import type { SlotWriter } from "../ota/slot-writer.js";
import type { Connection, ResponseSink } from "./connection.js";
import type { DDIClient } from "./ddi-client.js";
import { demandStatus } from "./document-sink.js";

const PARTIAL_CONTENT = 206;
const SECOND_MS = 1000;
/** Chunks that may be other than signed: TCP lets a flipped bit through once in a while, a forger every time. */
const MISMATCH_COUNT_MAX = 1;
/** Whoever asks for more is asked by the next poll. */
const RETRY_WAIT_MAX_MS = 60 * SECOND_MS;

export interface ImageDownloadOptions {
  readonly connection: Connection;
  readonly client: DDIClient;
  readonly writer: SlotWriter;
  readonly path: string;
  readonly sizeBytes: number;
  readonly stallTimeoutMs: number;
  /** A chunk that comes slower is given up. */
  readonly bytesPerSecondMin: number;
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
  #etag: string | undefined;
  #retryCount = 0;
  #mismatchCount = 0;
  /** What was asked for last. */
  #asked = { offset: 0, sizeBytes: 0 };

  constructor(options: ImageDownloadOptions) {
    assert(options.bytesPerSecondMin > 0 && options.retryCountMax >= 0, "ImageDownload: the bounds are positive");
    this.#options = options;
  }

  /** More chunks were other than signed than a link does by itself. */
  get isForged(): boolean {
    return this.#mismatchCount > MISMATCH_COUNT_MAX;
  }

  /** Asks for what the writer wants next: the rest of a chunk as a rule. */
  resume(): void {
    const { connection, client, writer, path, stallTimeoutMs, bytesPerSecondMin } = this.#options;
    const { offset, sizeBytes } = writer.wanted;
    const entries: [string, string][] = [["range", `bytes=${offset}-${offset + sizeBytes - 1}`]];
    // A server that has another file by now answers with the whole of it, which ends the download.
    if (this.#etag !== undefined) entries.push(["if-range", this.#etag]);
    const timeoutMs = stallTimeoutMs + Math.ceil((SECOND_MS * sizeBytes) / bytesPerSecondMin);
    this.#asked = { offset, sizeBytes };
    connection.send({ path, headers: client.headers(entries), timeoutMs }, this);
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
    return Math.max(1, this.#options.writer.roomBytes);
  }

  get #isReceiving(): boolean {
    const { phase } = this.#options.writer;
    return phase === "receiving" || phase === "head";
  }

  onHead(status: number, headers: ReadonlyMap<string, string>): void {
    const { client, sizeBytes } = this.#options;
    client.noteHead(status, headers);
    if (status >= 500 || status === 429) demandStatus(status, PARTIAL_CONTENT); // Later, perhaps.
    if (status !== PARTIAL_CONTENT) throw refused(`the server answered ${status}`, "206");
    const { offset, sizeBytes: length } = this.#asked;
    const range = headers.get("content-range");
    const expected = `bytes ${offset}-${offset + length - 1}/${sizeBytes}`;
    if (range !== expected) throw refused(`the server sends ${range ?? "no content-range"}`, expected);
    const announced = headers.get("content-length");
    if (announced !== undefined && announced !== String(length)) {
      throw refused(`the server announces ${announced} bytes`, `${length}`);
    }
    const etag = headers.get("etag");
    if (etag === undefined || etag[0] !== '"')
      throw refused(`the server names its file ${etag ?? "not at all"}`, "a strong ETag");
    if (this.#etag !== undefined && etag !== this.#etag) throw refused(`the server has another file, ${etag}`, this.#etag);
    this.#etag = etag;
  }

  onBytes(bytes: Uint8Array): void {
    const { writer } = this.#options;
    const endBytes = this.#asked.offset + this.#asked.sizeBytes;
    if (!this.#isReceiving || writer.receivedBytes + bytes.length > endBytes)
      throw refused("the server sends more", "what was asked for");
    try {
      writer.write(bytes);
    } catch (error) {
      if (errorCodeOf(error) === "corrupt") this.#mismatchCount++;
      throw error;
    }
  }

  onEnd(): void {
    const { writer, onHead, onDone, onChunk, sizeBytes } = this.#options;
    const found = writer.receivedBytes - this.#asked.offset;
    if (found < this.#asked.sizeBytes) {
      const expected = `expected ${this.#asked.sizeBytes}`;
      throw new FirmwareError("io", `the answer ended after ${found} bytes of a chunk; ${expected}`);
    }
    if (writer.phase === "checking") onHead();
    else if (writer.checkedBytes === sizeBytes) onDone();
    else if (onChunk()) this.resume();
  }
}

function refused(found: string, expected: string): FirmwareError {
  return new FirmwareError("refused", `download: ${found}, expected ${expected}`);
}
