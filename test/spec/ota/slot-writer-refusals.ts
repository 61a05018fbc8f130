/** What the slot writer refuses, what it says, and what of the old content it has touched by then. */
import { AssertionError } from "../../../src/assert.js";
import { SlotWriter, type SlotWriterOptions } from "../../../src/ota/slot-writer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { inSlot, patched, rehashed, smallImage } from "../image/small-image.js";
import { signedImage } from "./signed-image.js";
import { TracedFlash } from "./traced-flash.js";

const SLOT_SIZE_BYTES = 4 * SECTOR_SIZE_BYTES;
const IMAGE = smallImage({ payload: Uint8Array.from({ length: 7920 }, (_, index) => index * 7) });
const OLD = inSlot(smallImage(), SLOT_SIZE_BYTES);

class Bench {
  readonly memory = new MemoryFlash({ nextota: SLOT_SIZE_BYTES });
  readonly flash = new TracedFlash(this.memory);
  readonly slots = { mayWriteOther: true };
  writer: SlotWriter | undefined;

  constructor() {
    this.slot.set(OLD);
  }

  get slot(): Uint8Array {
    return this.memory.partitions.get("nextota")!;
  }

  open(options: Partial<SlotWriterOptions> = {}): SlotWriter {
    this.writer = new SlotWriter({
      flash: this.flash,
      Digest: SpecDigest,
      slots: this.slots,
      chipId: 5,
      image: signedImage(IMAGE),
      ...options,
    });
    return this.writer;
  }

  /** Opens a writer for `image`, signed as it is, and writes all of it. */
  receive(image: Uint8Array): SlotWriter {
    const writer = this.open({ image: signedImage(image) });
    this.feed(image);
    return writer;
  }

  feed(image: Uint8Array): void {
    const writer = this.writer!;
    for (let offset = 0; offset < image.length; ) {
      const count = Math.min(writer.roomBytes, image.length - offset);
      writer.write(image.subarray(offset, offset + count));
      offset += count;
    }
  }

  /** The old image is there, untouched, and nothing was tried. */
  demandUntouched(why: string): void {
    equal([this.slot, this.flash.changes], [OLD, []], why);
  }
}

/** Where something is wrong, all chunks are looked at once more before it is said. */
function verifyAll(writer: SlotWriter): void {
  for (;;) {
    if (writer.phase === "checking") writer.check();
    else if (writer.verify()) return;
  }
}

describe("the slot writer refuses, before any effect,", () => {
  it("to begin while the running image is unconfirmed: the other slot is what it would go back to", () => {
    const bench = new Bench();
    bench.slots.mayWriteOther = false;
    throws(() => bench.open(), "refused", /not confirmed; expected its trial to end/);
    equal(bench.flash.trace, []);
    bench.demandUntouched("refused");
  });

  it("an image that is larger than the slot", () => {
    const bench = new Bench();
    const sized = (sizeBytes: number): Uint8Array => inSlot(IMAGE, sizeBytes);
    const tooLarge = signedImage(sized(SLOT_SIZE_BYTES + 1));
    throws(() => bench.open({ image: tooLarge }), "full", /image of 16385 bytes: expected at most 16384/);
    bench.open({ image: signedImage(sized(SLOT_SIZE_BYTES)) });
    bench.demandUntouched("too large");
  });

  it("a release that does not fit itself, which no manifest says: chunks without a digest, or of no whole sectors", () => {
    const bench = new Bench();
    const image = signedImage(IMAGE);
    const wrong = [
      { ...image, chunkDigests: image.chunkDigests.subarray(32) },
      { ...image, chunkDigests: new Uint8Array(4 * 32) },
      { ...image, imageSizeBytes: 3 * SECTOR_SIZE_BYTES + 1 },
      { ...image, imageSizeBytes: Number.NaN },
      { ...image, chunkSizeBytes: 0 },
      signedImage(IMAGE, SECTOR_SIZE_BYTES + 16),
      signedImage(IMAGE, SECTOR_SIZE_BYTES / 2),
    ];
    for (const [index, one] of wrong.entries())
      ok(throws(() => bench.open({ image: one })) instanceof AssertionError, `release ${index}`);
    bench.demandUntouched("a wrong release");
  });

  const foreign = [
    {
      what: "another chip's image",
      image: patched(IMAGE, 12, 9),
      message: /chip id 0x0009 \(esp32s3\), expected 0x0005 \(esp32c3\)/,
    },
    { what: "a file that is no image", image: patched(IMAGE, 0, 0x7f), message: /magic byte 0x7f, expected 0xe9/ },
    { what: "a web page", image: new Uint8Array(5000).fill(0x3c), message: /magic byte 0x3c, expected 0xe9/ },
    { what: "an image of no segment", image: patched(IMAGE, 1, 0), message: /0 segments, expected 1 … 16/ },
    { what: "an image without a descriptor", image: patched(IMAGE, 32, 0), message: /descriptor magic .*expected 0xabcd5432/ },
    { what: "a header that ends in the middle", image: IMAGE.subarray(0, 20), message: /expected/ },
    { what: "a descriptor that ends in the middle", image: IMAGE.subarray(0, 33), message: /expected 0xabcd5432/ },
  ];
  for (const { what, image, message } of foreign) {
    it(`${what}`, () => {
      const bench = new Bench();
      bench.open({ image: signedImage(image) });
      throws(() => bench.feed(image), "corrupt", message);
      bench.demandUntouched(what);
      equal([bench.writer!.phase, bench.writer!.receivedBytes], ["receiving", 0], "it may have been a bit on the way");
      throws(() => bench.feed(image), "corrupt", message);
      bench.demandUntouched("and again");
    });
  }
});

describe("the slot writer gives up, and never has an image to arm,", () => {
  it("for a byte more than was signed: whoever feeds it looks at its room", () => {
    const bench = new Bench();
    const writer = bench.open();
    const excess = new Uint8Array(SECTOR_SIZE_BYTES + 1);
    ok(throws(() => writer.write(excess)) instanceof AssertionError, "beyond the sector");
    equal(writer.receivedBytes, 0);
    bench.feed(IMAGE.subarray(0, 2 * SECTOR_SIZE_BYTES));
    ok(throws(() => writer.write(new Uint8Array(81))) instanceof AssertionError, "beyond the image");
    bench.feed(IMAGE.subarray(2 * SECTOR_SIZE_BYTES));
    equal([writer.phase, writer.roomBytes], ["verifying", 0]);
    ok(throws(() => writer.write(Uint8Array.of(0))) instanceof AssertionError, "after the last byte comes verify");
    ok(throws(() => writer.rewind()) instanceof AssertionError, "there is nothing to come");
  });

  it("when the trial of another image begins in the middle", () => {
    const bench = new Bench();
    bench.open();
    bench.writer!.write(IMAGE.subarray(0, SECTOR_SIZE_BYTES));
    bench.slots.mayWriteOther = false;
    throws(() => bench.writer!.write(IMAGE.subarray(SECTOR_SIZE_BYTES, SECTOR_SIZE_BYTES + 100)), "refused", /not confirmed/);
    const late = new Bench();
    verifyAll(late.receive(IMAGE));
    late.slots.mayWriteOther = false;
    throws(() => late.writer!.commit(), "refused", /not confirmed/);
    equal([late.writer!.phase, late.slot[0]], ["failed", 0xff]);
  });

  const damaged = [
    { what: "has a wrong checksum", image: rehashed(patched(IMAGE, 5000, 1)), message: /checksum/i },
    { what: "has a wrong hash", image: patched(IMAGE, IMAGE.length - 1, 0x99), message: /hash|SHA-256/i },
    {
      what: "ends before its segments do",
      image: IMAGE.subarray(0, 6000),
      message: /segment 0 ends at 8208, expected at most 6000/,
    },
  ];
  for (const { what, image, message } of damaged) {
    it(`when the image ${what}`, () => {
      const bench = new Bench();
      bench.receive(image);
      throws(() => verifyAll(bench.writer!), "corrupt", message);
      ok(throws(() => bench.writer!.commit()) instanceof AssertionError);
      equal([bench.writer!.phase, bench.slot[0]], ["failed", 0xff]);
    });
  }

  it("when the image ends before what was signed does", () => {
    const bench = new Bench();
    bench.receive(inSlot(IMAGE, IMAGE.length + 16));
    throws(() => verifyAll(bench.writer!), "corrupt", /image of 8272 bytes by its headers; expected the 8288 that were signed/);
    equal([bench.writer!.phase, bench.slot[0]], ["failed", 0xff]);
  });

  it("when it is a whole image, but not the one that was signed, if only in the last byte of its identity", () => {
    const image = signedImage(IMAGE);
    for (const byte of [0, 8, 31]) {
      const bench = new Bench();
      const imageIdentity = patched(image.imageIdentity, byte, image.imageIdentity[byte]! ^ 1);
      bench.open({ image: { ...image, imageIdentity } });
      bench.feed(IMAGE);
      const message = /image hash begins with [0-9a-f]{16}; expected [0-9a-f]{16} as signed/;
      throws(() => verifyAll(bench.writer!), "corrupt", message);
      ok(throws(() => bench.writer!.commit()) instanceof AssertionError);
      equal([bench.writer!.phase, bench.slot[0]], ["failed", 0xff], `byte ${byte}`);
    }
  });

  it("when sector 0 is not blank after its erase", () => {
    const bench = new Bench();
    const memory = bench.memory;
    // An erase that a worn sector does not obey: its first byte stays programmed.
    bench.flash.open = (options) => {
      const partition = memory.open(options);
      return Object.assign(Object.create(partition) as typeof partition, {
        read: (target: Uint8Array, offset: number) => partition.read(target, offset),
        status: () => partition.status(),
        close: () => partition.close(),
        eraseBlock: () => {},
      });
    };
    bench.open();
    throws(() => bench.feed(IMAGE), "io", /sector 0 is not blank/);
    equal(bench.slot, OLD);
  });

  it("when the flash does not keep a byte of the body", () => {
    const bench = new Bench();
    bench.flash.badOffset = 6001;
    throws(() => bench.receive(IMAGE), "io", /did not keep sector 1; expected it as it was written/);
    const writer = bench.writer!;
    equal([writer.phase, writer.wanted.offset, bench.slot[0]], ["receiving", 4096, 0xff], "its chunk may be fetched anew");
    bench.flash.badOffset = undefined;
    bench.feed(IMAGE.subarray(4096));
    verifyAll(writer);
    writer.commit();
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
  });

  it("when the flash loses a byte before it is all read back, naming the chunk that is to be fetched anew", () => {
    // What was read back was taken for what was signed: the server was told that the release is no image, and its action ended.
    const bench = new Bench();
    const writer = bench.receive(IMAGE);
    bench.slot[6001]! ^= 1;
    throws(() => verifyAll(writer), "io", /did not keep chunk 2; expected it as it was written/);
    equal([writer.phase, bench.slot[0]], ["failed", 0xff]);
  });

  it("when the flash does not keep a byte of the first line, which then has no magic byte either", () => {
    // commit() looked at the first sector only when all of it was written. What was left in the slot then had its magic byte,
    // and a bootloader that looks at nothing else would have taken it for an image.
    for (const badOffset of [5, 12, 15]) {
      const bench = new Bench();
      bench.receive(IMAGE);
      verifyAll(bench.writer!);
      bench.flash.badOffset = badOffset;
      throws(() => bench.writer!.commit(), "io", /did not keep the image's first line/);
      equal([bench.writer!.phase, bench.slot[0]], ["failed", 0xff], `byte ${badOffset}`);
    }
  });
});
