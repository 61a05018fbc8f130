/** The verifier's steps: how much each reads, what lies across two reads, progress, refusal of a closed one. */

import { FirmwareError } from "../../../src/errors.js";
import { buildImage, ChipId, type ImageSource, ImageVerifier } from "../../../src/image/index.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "./sha256.js";
import { inSlot, RAM_ADDRESS, smallImage, sourceOf, verify } from "./small-image.js";

/** An image whose second segment header starts at `offset` (a multiple of 4, at least 36). */
function imageSplitAt(offset: number): Uint8Array {
  const data = Uint8Array.from({ length: offset - 32 }, (_, index) => (index * 7) & 0xff);
  const segments = [
    { address: RAM_ADDRESS, data },
    { address: RAM_ADDRESS, data: Uint8Array.of(9, 8, 7, 6) },
  ];
  return buildImage({ chipId: ChipId.esp32c3, entryAddress: 0, segments, Digest: SpecDigest });
}

/** A slot that keeps a list of its reads and fails one that crosses its end. */
class RecordingSource implements ImageSource {
  readonly reads: string[] = [];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(buffer: Uint8Array, offset: number): number {
    ok(offset + buffer.length <= this.#bytes.length, "read beyond the slot");
    this.reads.push(`${offset}+${buffer.length}`);
    buffer.set(this.#bytes.subarray(offset, offset + buffer.length));
    return buffer.length;
  }
}

describe("image verifier: steps", () => {
  it("read 4096 bytes each, in order, and stop with the image", () => {
    const image = imageSplitAt(9000);
    const source = new RecordingSource(inSlot(image, 16384));
    const verifier = new ImageVerifier({ source, sizeBytesMax: 16384, Digest: SpecDigest });
    const progress: unknown[] = [];
    for (let done = false; !done; ) {
      equal(verifier.image, undefined);
      done = verifier.step();
      progress.push([done, verifier.doneBytes]);
    }
    equal(progress, [
      [false, 4096],
      [false, 8192],
      [true, 12288],
    ]);
    equal(source.reads, ["0+4096", "4096+4096", "8192+4096"]);
    equal(verifier.image?.sizeBytes, image.length);
    equal(verifier.step(), true, "once done, it stays done");
    equal(source.reads.length, 3);
    verifier.close();
    equal(verifier.image?.sizeBytes, image.length, "the verdict outlives close");
  });

  it("agree wherever a segment header, the checksum or the hash is cut by a read", () => {
    for (let offset = 4096 - 64; offset <= 4096 + 16; offset += 4) {
      const image = imageSplitAt(offset);
      equal(verify(inSlot(image)).sizeBytes, image.length, `second header at ${offset}`);
      equal(verify(image).hash, image.slice(-32));
      const damaged = inSlot(image);
      damaged[image.length - 1]! ^= 1;
      throws(() => verify(damaged), "corrupt", /SHA-256/);
    }
  });

  it("accept an image that fills the slot to the last byte", () => {
    const image = imageSplitAt(4096 - 48);
    equal(image.length, 4096);
    const source = new RecordingSource(image);
    const verifier = new ImageVerifier({ source, sizeBytesMax: 4096, Digest: SpecDigest });
    ok(verifier.step());
    verifier.close();
  });

  it("never read beyond a slot that is no multiple of 4096", () => {
    const image = imageSplitAt(4200);
    const source = new RecordingSource(inSlot(image, 4500));
    const verifier = new ImageVerifier({ source, sizeBytesMax: 4500, Digest: SpecDigest });
    while (!verifier.step());
    equal(source.reads, ["0+4096", "4096+404"]);
    verifier.close();
  });

  it("close the digest when the image is refused, and refuse any further step", () => {
    const verifier = new ImageVerifier({ source: sourceOf(new Uint8Array(64)), sizeBytesMax: 64, Digest: SpecDigest });
    throws(() => verifier.step(), "corrupt");
    throws(() => verifier.step(), "closed");
    equal(SpecDigest.open.size, 0);
  });

  it("pass on what the source throws, and close", () => {
    const source = {
      read(): number {
        throw new FirmwareError("io", "flash: no answer");
      },
    };
    const verifier = new ImageVerifier({ source, sizeBytesMax: 4096, Digest: SpecDigest });
    throws(() => verifier.step(), "io");
    equal(SpecDigest.open.size, 0);
  });

  it("throw closed after close, before anything is read", () => {
    const source = new RecordingSource(inSlot(smallImage()));
    const verifier = new ImageVerifier({ source, sizeBytesMax: 8192, Digest: SpecDigest });
    verifier.close();
    verifier.close();
    throws(() => verifier.step(), "closed");
    equal(source.reads, []);
    equal(SpecDigest.open.size, 0);
  });
});
