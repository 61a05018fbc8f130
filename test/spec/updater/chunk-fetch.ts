/** The chunk that proves the way to the next update: which one it is, what is kept of it, and what is left open after it. */
import type { ChunkedImage } from "../../../src/ota/chunk-check.js";
import type { Digest, DigestConstructor } from "../../../src/ports/digest.js";
import { ChunkFetch } from "../../../src/updater/chunk-fetch.js";
import { DDIClient } from "../../../src/updater/ddi-client.js";
import { FetchProof } from "../../../src/updater/fetch-proof.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { signedImage } from "../ota/signed-image.js";
import { Bench, STALL_MS } from "./connection-bench.js";

const CHUNK = 64;
const BYTES = Uint8Array.from({ length: 3 * CHUNK + 1 }, (_, index) => index * 7);

const ADDRESS = { host: "updates.example.com", port: 8080, tenant: "DEFAULT", controllerId: "A1", token: "abc" };

/** Counts the digests that are neither closed nor done. */
class OpenDigests {
  count = 0;
  readonly Digest: DigestConstructor;

  constructor() {
    const counted = this;
    this.Digest = class implements Digest {
      readonly #digest = new SpecDigest();
      #isOpen = true;

      constructor() {
        counted.count++;
      }

      write(bytes: Uint8Array): void {
        this.#digest.write(bytes);
      }

      digest(): Uint8Array {
        this.#end();
        return this.#digest.digest();
      }

      close(): void {
        this.#end();
        this.#digest.close();
      }

      #end(): void {
        if (this.#isOpen) counted.count--;
        this.#isOpen = false;
      }
    };
  }
}

function clientOf({ connection }: Bench): DDIClient {
  return new DDIClient({ connection, server: ADDRESS, timeoutMs: STALL_MS, onServerTime: () => {} });
}

class Fetching {
  readonly bench = new Bench();
  readonly fetch: ChunkFetch;
  readonly open = new OpenDigests();

  constructor(image: ChunkedImage, bytesPerSecondMin?: number) {
    this.fetch = new ChunkFetch({
      connection: this.bench.connection,
      client: clientOf(this.bench),
      path: "/image.bin",
      stallTimeoutMs: STALL_MS,
      bytesPerSecondMin,
      image,
      Digest: this.open.Digest,
      onDone: () => this.bench.note("done"),
    });
    this.fetch.begin();
  }

  get range(): string | undefined {
    return this.bench.request.options.headers?.get("range");
  }

  /** Answers with the part from `offset` on. */
  answer(offset: number, part: Uint8Array, sizeBytes: number): string[] {
    const { request } = this.bench;
    const range = `bytes ${offset}-${offset + part.length - 1}/${sizeBytes}`;
    request.head(206, { etag: '"1"', "content-range": range });
    // By pieces: on XS arguments are on a small stack.
    for (let at = 0; at < part.length; at += 256) request.deliver(...part.subarray(at, at + 256));
    request.done();
    return this.bench.turn();
  }
}

describe("the chunk of a proof", () => {
  it("is the last full one, or all of an image that is less than one", () => {
    for (const [sizeBytes, range] of [
      [3 * CHUNK + 1, "bytes=128-191"],
      [3 * CHUNK, "bytes=128-191"],
      [2 * CHUNK - 1, "bytes=0-63"],
      [CHUNK, "bytes=0-63"],
      [CHUNK - 1, "bytes=0-62"],
      [1, "bytes=0-0"],
    ] as const) {
      const bytes = BYTES.subarray(0, sizeBytes);
      const fetching = new Fetching(signedImage(bytes, CHUNK));
      equal(fetching.range, range, `of ${sizeBytes} bytes`);
      const offset = Number(range.slice(6).split("-")[0]);
      equal(fetching.answer(offset, bytes.subarray(offset, offset + CHUNK).slice(0, sizeBytes - offset), sizeBytes), ["done"]);
    }
  });

  it("is asked for with the device's token, and with nothing of an earlier answer", () => {
    const headers = [...new Fetching(signedImage(BYTES, CHUNK)).bench.request.options.headers!];
    equal(headers, [
      ["authorization", "TargetToken abc"],
      ["range", "bytes=128-191"],
    ]);
  });

  it("is read in pieces of 1 KiB, whatever a chunk is", () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index);
    const fetching = new Fetching(signedImage(bytes, 4096));
    equal(fetching.answer(0, bytes.subarray(0, 4096), 5000), ["done"]);
    equal(new Set(fetching.bench.request.wantedBytes), new Set([1024]));
  });

  it("leaves no digest open, whether it came, is another, or is given up on the way", () => {
    const right = new Fetching(signedImage(BYTES, CHUNK));
    equal([right.open.count, right.answer(128, BYTES.subarray(128, 192), BYTES.length), right.open.count], [1, ["done"], 0]);
    const wrong = new Fetching(signedImage(BYTES, CHUNK));
    const because = "fail corrupt image: the 64 bytes at 128 are not what was signed";
    equal([wrong.answer(128, BYTES.subarray(0, 64), BYTES.length), wrong.open.count], [[because], 0]);
    const cut = new Fetching(signedImage(BYTES, CHUNK));
    equal([cut.answer(128, BYTES.subarray(128, 129), BYTES.length).length, cut.open.count], [1, 1]);
    cut.fetch.close();
    cut.fetch.close();
    equal(cut.open.count, 0);
  });

  it("is let go by the proof whose round is given up", () => {
    const bench = new Bench();
    const open = new OpenDigests();
    const updater = { slots: { isTrial: true }, Digest: open.Digest, stallTimeoutMs: STALL_MS };
    const proof = new FetchProof({ updater, connection: bench.connection, client: clientOf(bench) });
    proof.fetch({ image: signedImage(BYTES, CHUNK), path: "/image.bin" }, () => bench.note("done"));
    equal(open.count, 1);
    bench.connection.hangUp();
    proof.letGo();
    proof.letGo();
    equal([open.count, bench.turn(), proof.level, proof.isEnough], [0, [], "none", false]);
  });

  it("may take the stall's time and its bytes at the least rate, and no longer", () => {
    const { bench } = new Fetching(signedImage(BYTES, CHUNK), 32);
    bench.request.head(206, { etag: '"1"', "content-range": `bytes 128-191/${BYTES.length}` });
    for (let index = 0; index < 5; index++) {
      bench.request.deliver(index);
      equal(bench.turn(599), [], `after ${index + 1} bytes`);
    }
    equal(bench.turn(5), ["fail timeout the server took longer than it may"], "1 s, and 2 s for 64 bytes");
  });
});
