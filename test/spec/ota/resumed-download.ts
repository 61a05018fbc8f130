/** A download that goes on where another one ended: what stands in the slot is checked, the rest is fetched. */
import { SlotWriter } from "../../../src/ota/slot-writer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { patched, smallImage, verify } from "../image/small-image.js";
import { signedImage } from "./signed-image.js";
import { TracedFlash } from "./traced-flash.js";

const CHUNK_SIZE_BYTES = 2 * SECTOR_SIZE_BYTES;
/** Two chunks and a part of a third. */
const IMAGE = smallImage({ payload: Uint8Array.from({ length: 18_000 }, (_, index) => index * 13) });

class Bench {
  readonly memory = new MemoryFlash({ nextota: 8 * SECTOR_SIZE_BYTES });
  readonly flash = new TracedFlash(this.memory);

  get slot(): Uint8Array {
    return this.memory.partitions.get("nextota")!;
  }

  open(writtenChunkCount: number, image = IMAGE): SlotWriter {
    return new SlotWriter({
      flash: this.flash,
      Digest: SpecDigest,
      slots: { mayWriteOther: true },
      chipId: 5,
      image: signedImage(image, CHUNK_SIZE_BYTES),
      writtenChunkCount,
    });
  }

  /** A first writer that gets `sizeBytes` of the image and is given up. */
  begin(sizeBytes: number): void {
    const writer = this.open(0);
    feed(writer, sizeBytes);
    writer.close();
    this.flash.trace.length = 0;
  }
}

/** Hands over what the writer wants, `sizeBytes` at the most; gives how much that was. */
function feed(writer: SlotWriter, sizeBytes = Number.POSITIVE_INFINITY, image = IMAGE): number {
  let fedBytes = 0;
  while ((writer.phase === "receiving" || writer.phase === "head") && fedBytes < sizeBytes) {
    const count = Math.min(writer.roomBytes, 1000, sizeBytes - fedBytes);
    const { offset } = writer.wanted;
    writer.write(image.subarray(offset, offset + count));
    fedBytes += count;
  }
  return fedBytes;
}

function finish(writer: SlotWriter): void {
  while (!writer.verify());
  writer.commit();
  writer.close();
}

describe("a download that goes on", () => {
  it("asks for the first sector and for what is behind the last chunk, reads the rest, and touches nothing of it", () => {
    const bench = new Bench();
    bench.begin(2 * CHUNK_SIZE_BYTES + 500);
    const writer = bench.open(2);
    equal([writer.phase, writer.wanted], ["head", { offset: 0, sizeBytes: SECTOR_SIZE_BYTES }]);
    equal(feed(writer), SECTOR_SIZE_BYTES);
    equal(writer.phase, "checking");
    let sectorCount = 1;
    while (!writer.check()) sectorCount++;
    equal(sectorCount, 4, "a sector a call");
    equal([writer.phase, writer.checkedChunkCount], ["receiving", 2]);
    equal(writer.wanted, { offset: 2 * CHUNK_SIZE_BYTES, sizeBytes: IMAGE.length - 2 * CHUNK_SIZE_BYTES });
    const changes = bench.flash.trace.filter((operation) => !operation.startsWith("read"));
    equal(changes, ["erase 0", "write 16..4096"], "erased once more: a cut may have left it as if");
    feed(writer);
    finish(writer);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
    verify(bench.slot);
  });

  it("takes no chunk that is not right any more, nor one behind it", () => {
    const cases: readonly (readonly [damagedAt: number, checkedCount: number])[] = [
      [SECTOR_SIZE_BYTES + 7, 0],
      [CHUNK_SIZE_BYTES, 1],
      [2 * CHUNK_SIZE_BYTES - 1, 1],
    ];
    for (const [damagedAt, checkedCount] of cases) {
      const bench = new Bench();
      bench.begin(2 * CHUNK_SIZE_BYTES);
      bench.slot[damagedAt]! ^= 4;
      const writer = bench.open(2);
      feed(writer, SECTOR_SIZE_BYTES);
      while (!writer.check());
      equal([writer.checkedChunkCount, writer.wanted.offset], [checkedCount, checkedCount * CHUNK_SIZE_BYTES], `${damagedAt}`);
      feed(writer);
      finish(writer);
      equal(bench.slot.subarray(0, IMAGE.length), IMAGE, `${damagedAt}`);
    }
  });

  it("takes no more chunks than are said to be there: a word that was cut may read right once", () => {
    const bench = new Bench();
    bench.begin(2 * CHUNK_SIZE_BYTES);
    const writer = bench.open(1);
    feed(writer, SECTOR_SIZE_BYTES);
    while (!writer.check());
    equal(writer.wanted, { offset: CHUNK_SIZE_BYTES, sizeBytes: CHUNK_SIZE_BYTES });
  });

  it("of which all is there needs its first sector and no more", () => {
    const bench = new Bench();
    bench.begin(Number.POSITIVE_INFINITY);
    const writer = bench.open(3);
    equal(feed(writer), SECTOR_SIZE_BYTES);
    while (!writer.check());
    equal(writer.phase, "verifying");
    finish(writer);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
  });

  it("with a first sector that is another begins at the beginning", () => {
    const bench = new Bench();
    bench.begin(CHUNK_SIZE_BYTES);
    const writer = bench.open(1);
    feed(writer, SECTOR_SIZE_BYTES, patched(IMAGE, 3000, IMAGE[3000]! ^ 1));
    while (!writer.check());
    equal([writer.phase, writer.wanted.offset], ["receiving", 0]);
    feed(writer);
    finish(writer);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
  });

  it("whose first sector breaks off asks for it from its beginning", () => {
    const bench = new Bench();
    bench.begin(CHUNK_SIZE_BYTES);
    const writer = bench.open(1);
    feed(writer, 1500);
    writer.rewind();
    equal([writer.phase, writer.wanted], ["head", { offset: 0, sizeBytes: SECTOR_SIZE_BYTES }]);
    throws(() => writer.write(new Uint8Array(SECTOR_SIZE_BYTES)), "corrupt", /magic byte/);
    ok(bench.slot[0] === 0xff, "and nothing boots");
  });

  it("has nothing in the slot that boots, at any step", () => {
    const bench = new Bench();
    bench.begin(2 * CHUNK_SIZE_BYTES);
    const writer = bench.open(2);
    feed(writer, SECTOR_SIZE_BYTES);
    while (!writer.check()) equal(bench.slot[0], 0xff);
    while (writer.phase === "receiving") {
      feed(writer, 100);
      equal(bench.slot[0], 0xff);
    }
  });
});
