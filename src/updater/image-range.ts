/**
 * A part of an image, asked for by HTTP Range and taken only where the answer is that part and nothing else.
 *
 * The download of an update and the health gate's proof that the next one can be had ask in this one place, so that what the
 * proof shows is what a download will meet. A server that sends a whole file for a range, another range, or another file than
 * before has filled slots with nonsense: it is refused before a byte counts. See docs/design/updater.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { Connection, ResponseSink } from "./connection.js";
import type { DDIClient } from "./ddi-client.js";
import { demandStatus } from "./document-sink.js";

const PARTIAL_CONTENT = 206;
const SECOND_MS = 1000;
const BYTES_PER_SECOND_MIN = 256;

export interface ImageRangeOptions {
  readonly connection: Connection;
  readonly client: DDIClient;
  readonly path: string;
  readonly imageSizeBytes: number;
  readonly stallTimeoutMs: number;
  /** A part that comes slower is given up. Default 256. */
  readonly bytesPerSecondMin?: number | undefined;
}

export class ImageRange {
  readonly #options: ImageRangeOptions;
  #etag: string | undefined;
  /** What was asked for last. */
  #asked = { offset: 0, sizeBytes: 0 };
  #receivedBytes = 0;

  constructor(options: ImageRangeOptions) {
    assert(options.bytesPerSecondMin === undefined || options.bytesPerSecondMin > 0, "ImageRange: the least rate is positive");
    this.#options = options;
  }

  /** Asks for `sizeBytes` bytes from `offset` on. The sink hands head, bytes and end to the three calls below. */
  ask(part: { readonly offset: number; readonly sizeBytes: number }, sink: ResponseSink): void {
    const { connection, client, path, stallTimeoutMs, bytesPerSecondMin = BYTES_PER_SECOND_MIN } = this.#options;
    const { offset, sizeBytes } = part;
    assert(sizeBytes > 0, "ImageRange: a part has bytes");
    const entries: [string, string][] = [["range", `bytes=${offset}-${offset + sizeBytes - 1}`]];
    // A server that has another file by now answers with the whole of it, which is refused.
    if (this.#etag !== undefined) entries.push(["if-range", this.#etag]);
    const timeoutMs = stallTimeoutMs + Math.ceil((SECOND_MS * sizeBytes) / bytesPerSecondMin);
    this.#asked = { offset, sizeBytes };
    this.#receivedBytes = 0;
    connection.send({ path, headers: client.headers(entries), timeoutMs }, sink);
  }

  /** Judges a head. Throws `io` for an answer that may be better later, `refused` for one that is not what was asked for. */
  demandHead(status: number, headers: ReadonlyMap<string, string>): void {
    const { client, imageSizeBytes } = this.#options;
    client.noteHead(status, headers);
    if (status >= 500 || status === 429) demandStatus(status, PARTIAL_CONTENT); // Later, perhaps.
    if (status !== PARTIAL_CONTENT) throw refused(`the server answered ${status}`, "206");
    const { offset, sizeBytes } = this.#asked;
    const range = headers.get("content-range");
    const expected = `bytes ${offset}-${offset + sizeBytes - 1}/${imageSizeBytes}`;
    if (range !== expected) throw refused(`the server sends ${range ?? "no content-range"}`, expected);
    const announced = headers.get("content-length");
    if (announced !== undefined && announced !== String(sizeBytes)) {
      throw refused(`the server announces ${announced} bytes`, `${sizeBytes}`);
    }
    const etag = headers.get("etag");
    if (etag === undefined || etag[0] !== '"')
      throw refused(`the server names its file ${etag ?? "not at all"}`, "a strong ETag");
    if (this.#etag !== undefined && etag !== this.#etag) throw refused(`the server has another file, ${etag}`, this.#etag);
    this.#etag = etag;
  }

  /** `count` bytes more have come. Throws `refused` for more than was asked for. */
  demandRoom(count: number): void {
    this.#receivedBytes += count;
    if (this.#receivedBytes > this.#asked.sizeBytes) throw refused("the server sends more", "what was asked for");
  }

  /** The body is over. Throws `io` where bytes are missing. */
  demandWhole(): void {
    const { sizeBytes } = this.#asked;
    if (this.#receivedBytes === sizeBytes) return;
    const found = `the answer ended after ${this.#receivedBytes} bytes of a chunk`;
    throw new FirmwareError("io", `${found}; expected ${sizeBytes}`);
  }
}

function refused(found: string, expected: string): FirmwareError {
  return new FirmwareError("refused", `download: ${found}, expected ${expected}`);
}
