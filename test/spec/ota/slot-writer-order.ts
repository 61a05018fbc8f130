/** The order in which an image reaches its slot, operation by operation: no cut leaves anything there that would boot. */
import { imageIdOf } from "../../../src/ota/journal-record.js";
import { SlotWriter } from "../../../src/ota/slot-writer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, PowerCut, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { inSlot, smallImage, verify } from "../image/small-image.js";
import { TracedFlash } from "./traced-flash.js";

const SLOT_SIZE_BYTES = 4 * SECTOR_SIZE_BYTES;
/** Two sectors and 80 bytes. */
const IMAGE = smallImage({ payload: Uint8Array.from({ length: 7920 }, (_, index) => index * 7) });
/** What the slot held before: another whole image. */
const OLD = inSlot(smallImage(), SLOT_SIZE_BYTES);

class Bench {
  readonly memory = new MemoryFlash({ nextota: SLOT_SIZE_BYTES });
  readonly flash = new TracedFlash(this.memory);
  readonly writer: SlotWriter;

  constructor(writeAlign = 4, image = IMAGE) {
    this.memory.writeAlign = writeAlign;
    this.slot.set(OLD);
    this.writer = new SlotWriter({
      flash: this.flash,
      Digest: SpecDigest,
      slots: { mayWriteOther: true },
      chipId: 5,
      sizeBytes: image.length,
      imageId: imageIdOf(image, image.length - 32),
    });
  }

  get slot(): Uint8Array {
    return this.memory.partitions.get("nextota")!;
  }

  /** Feeds the image as it comes from a network: in pieces that know no sectors. */
  receive(image = IMAGE): void {
    let offset = 0;
    while (offset < image.length) {
      const count = Math.min(1460, this.writer.roomBytes, image.length - offset);
      this.writer.write(image.subarray(offset, offset + count));
      offset += count;
    }
  }

  finish(): void {
    this.receive();
    while (!this.writer.verify());
    this.writer.commit();
  }
}

describe("the slot writer", () => {
  it("touches the flash in this order", () => {
    equal(IMAGE.length, 2 * SECTOR_SIZE_BYTES + 80);
    const bench = new Bench();
    bench.finish();
    const expected: readonly (readonly [string, string])[] = [
      ["erase 0", "the header was checked in RAM; from here on the slot is no image"],
      ["read 0..4096", "blank, or nothing else is touched"],
      ["erase 1", "one sector a time, so that the scheduler has its turn"],
      ["write 4096..8192", "the second sector"],
      ["erase 2", ""],
      ["write 8192..8272", "the rest, no more than it needs"],
      ["read 4096..8192", "read back and hashed; sector 0 comes from RAM"],
      ["read 8192..8272", "and here the hash is known to be right"],
      ["write 16..4096", "the first sector, without its first line"],
      ["write 4..16", "the line, without its first word"],
      ["read 4..4096", "kept, or the magic byte is never written"],
      ["write 0..4", "the magic byte: an image from here on"],
      ["read 0..4096", "kept"],
    ];
    for (const [index, [operation, why]] of expected.entries()) equal(bench.flash.trace[index], operation, why);
    equal(bench.flash.trace.length, expected.length);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
    verify(bench.slot);
  });

  it("writes an encrypted slot by lines of 16, the one with the magic byte last", () => {
    const bench = new Bench(16);
    bench.finish();
    const writes = bench.flash.trace.filter((line) => line.startsWith("write"));
    equal(writes, ["write 4096..8192", "write 8192..8272", "write 16..4096", "write 0..16"]);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
  });

  it("writes an image of less than a sector, in one erase and three writes", () => {
    const image = smallImage();
    const bench = new Bench(4, image);
    bench.receive(image);
    while (!bench.writer.verify());
    bench.writer.commit();
    equal(bench.flash.changes, ["erase 0", "write 16..4096", "write 4..16", "write 0..4"]);
    verify(bench.slot);
  });

  it("fills the last word of an image that does not end on one with what erased flash holds", () => {
    const bench = new Bench(16);
    bench.finish();
    ok(bench.slot.subarray(IMAGE.length, 3 * SECTOR_SIZE_BYTES).every((byte) => byte === 0xff));
  });

  it("leaves nothing with a magic byte that is not a whole image, wherever the power goes", () => {
    const dry = new Bench();
    dry.finish();
    const { stepCount: end } = dry.memory;
    let heldOldCount = 0;
    for (let stepCount = 0; stepCount < end; stepCount += stepCount < 10 || stepCount > end - 10 ? 1 : 13) {
      const bench = new Bench();
      bench.memory.stepsLeft = stepCount;
      throws(() => bench.finish(), /power/);
      if (bench.slot[0] !== 0xe9) continue;
      heldOldCount++;
      verify(bench.slot);
      equal(bench.slot, OLD, `cut after ${stepCount} steps, before the first erase`);
    }
    equal(heldOldCount, 1);
  });

  it("holds the whole image once the last word is written, and not a step before", () => {
    const dry = new Bench();
    dry.finish();
    const bench = new Bench();
    bench.memory.stepsLeft = dry.memory.stepCount - 1;
    ok(throws(() => bench.finish()) instanceof PowerCut);
    equal(bench.slot.subarray(0, 4), Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    equal(bench.slot.subarray(4, IMAGE.length), IMAGE.subarray(4));
  });
});
