/** The order in which an image reaches its slot, operation by operation: no cut leaves anything there that would boot. */
import { SlotWriter } from "../../../src/ota/slot-writer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, PowerCut, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { inSlot, patched, smallImage, verify } from "../image/small-image.js";
import { signedImage } from "./signed-image.js";
import { TracedFlash } from "./traced-flash.js";

const SLOT_SIZE_BYTES = 4 * SECTOR_SIZE_BYTES;
const CHUNK_SIZE_BYTES = 2 * SECTOR_SIZE_BYTES;
const MAGIC = 0xe9;
/** Two sectors and 80 bytes. */
const IMAGE = smallImage({ payload: Uint8Array.from({ length: 7920 }, (_, index) => index * 7) });
/** What the slot held before: another whole image. */
const OLD = inSlot(smallImage(), SLOT_SIZE_BYTES);

class Bench {
  readonly memory = new MemoryFlash({ nextota: SLOT_SIZE_BYTES });
  readonly flash = new TracedFlash(this.memory);
  readonly writer: SlotWriter;

  constructor(options: { readonly writeAlign?: number; readonly image?: Uint8Array; readonly chunkSizeBytes?: number } = {}) {
    this.memory.writeAlign = options.writeAlign ?? 4;
    this.slot.set(OLD);
    this.writer = new SlotWriter({
      flash: this.flash,
      Digest: SpecDigest,
      slots: { mayWriteOther: true },
      chipId: 5,
      image: signedImage(options.image ?? IMAGE, options.chunkSizeBytes ?? CHUNK_SIZE_BYTES),
    });
  }

  get slot(): Uint8Array {
    return this.memory.partitions.get("nextota")!;
  }

  /** Feeds what is missing, up to `end`, as it comes from a network: in pieces that know no sectors. */
  receive(image = IMAGE, end = image.length): void {
    while (this.writer.receivedBytes < end) {
      const offset = this.writer.receivedBytes;
      this.writer.write(image.subarray(offset, Math.min(offset + Math.min(1460, this.writer.roomBytes), end)));
      if (this.flash.changes.length > 0) ok(this.slot[0] !== MAGIC, `a magic byte after ${offset} bytes`);
    }
  }

  finish(image = IMAGE): void {
    this.receive(image);
    while (!this.writer.verify()) ok(this.slot[0] !== MAGIC, "a magic byte while it is read back");
    this.writer.commit();
  }
}

/** Reads of a few bytes that follow one another, as one. */
function joined(trace: readonly string[]): string[] {
  const all: string[] = [];
  let [from, to] = [-1, -1];
  for (const line of trace) {
    const [, start, end] = /^read (\d+)\.\.(\d+)$/.exec(line) ?? [];
    const isPiece = start !== undefined && Number(end) - Number(start) <= 256;
    if (isPiece && Number(start) === to) {
      to = Number(end);
      all[all.length - 1] = `read ${from}..${to}`;
      continue;
    }
    [from, to] = isPiece ? [Number(start), Number(end)] : [-1, -1];
    all.push(line);
  }
  return all;
}

describe("the slot writer", () => {
  it("touches the flash in this order", () => {
    equal(IMAGE.length, 2 * SECTOR_SIZE_BYTES + 80);
    const bench = new Bench();
    bench.finish();
    const expected: readonly (readonly [string, string])[] = [
      ["erase 0", "the header was checked in RAM; from here on the slot is no image"],
      ["read 0..4096", "blank, or nothing else is touched"],
      ["write 16..4096", "the first sector, without its first line"],
      ["read 16..4096", "kept, or its chunk is fetched once more"],
      ["erase 1", "one sector a time, so that the scheduler has its turn"],
      ["write 4096..8192", "the second sector"],
      ["read 4096..8192", "kept"],
      ["erase 2", ""],
      ["write 8192..8272", "the rest, no more than it needs"],
      ["read 8192..8272", "kept"],
      ["read 16..4096", "read back and hashed; the first line comes from RAM"],
      ["read 4096..8192", "sector by sector"],
      ["read 8192..8272", "and here the hash is known to be right"],
      ["write 4..16", "the line, without its first word"],
      ["read 4..16", "kept, or the magic byte is never written"],
      ["write 0..4", "the magic byte: an image from here on"],
      ["read 0..16", "kept"],
    ];
    const trace = joined(bench.flash.trace);
    for (const [index, [operation, why]] of expected.entries()) equal(trace[index], operation, why);
    equal(trace.length, expected.length);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
    verify(bench.slot);
  });

  it("has the same trace however the image is cut into chunks: chunks are checked in RAM", () => {
    const traces = [1, 2, 4].map((sectorCount) => {
      const bench = new Bench({ chunkSizeBytes: sectorCount * SECTOR_SIZE_BYTES });
      bench.finish();
      return bench.flash.trace;
    });
    equal(traces[1], traces[0]);
    equal(traces[2], traces[0]);
  });

  it("writes a chunk again from its first sector, where it was another than the signed one", () => {
    const bench = new Bench();
    throws(() => bench.receive(patched(IMAGE, CHUNK_SIZE_BYTES - 1, 0x5a)), "corrupt", /chunk 1 of 2 is not what was signed/);
    throws(() => bench.receive(patched(IMAGE, IMAGE.length - 1, 0x5a)), "corrupt", /chunk 2 of 2 is not what was signed/);
    bench.finish();
    const expected = [
      ["erase 0", "write 16..4096", "erase 1", "write 4096..8192"], // The first chunk, found wrong by its last byte,
      ["erase 0", "write 16..4096", "erase 1", "write 4096..8192"], // once more,
      ["erase 2", "write 8192..8272"], // and the second, twice.
      ["erase 2", "write 8192..8272"],
      ["write 4..16", "write 0..4"],
    ];
    equal(bench.flash.changes, expected.flat());
    verify(bench.slot);
  });

  it("writes an encrypted slot by lines of 16, the one with the magic byte last", () => {
    const bench = new Bench({ writeAlign: 16 });
    bench.finish();
    const writes = bench.flash.trace.filter((line) => line.startsWith("write"));
    equal(writes, ["write 16..4096", "write 4096..8192", "write 8192..8272", "write 0..16"]);
    equal(bench.slot.subarray(0, IMAGE.length), IMAGE);
  });

  it("writes an image of less than a sector, in one erase and three writes", () => {
    const image = smallImage();
    const bench = new Bench({ image });
    bench.finish(image);
    equal(bench.flash.changes, ["erase 0", "write 16..368", "write 4..16", "write 0..4"]);
    verify(bench.slot);
  });

  it("fills the last word of an image that does not end on one with what erased flash holds", () => {
    const bench = new Bench({ writeAlign: 16 });
    bench.finish();
    ok(bench.slot.subarray(IMAGE.length, 3 * SECTOR_SIZE_BYTES).every((byte) => byte === 0xff));
  });
});

describe("the slot writer, when the power is cut,", () => {
  /** Numbers of steps that end before, right after the beginning, in the middle and just before the end of each change. */
  function cutsOf(finish: (bench: Bench) => void): Set<number> {
    const bench = new Bench();
    const bounds: number[] = [];
    bench.flash.noteChange = () => bounds.push(bench.memory.stepCount);
    finish(bench);
    bounds.push(bench.memory.stepCount);
    const cuts = new Set<number>();
    for (let index = 0; index + 1 < bounds.length; index++) {
      const [start, end] = [bounds[index]!, bounds[index + 1]!];
      for (const stepCount of [start, start + 1, (start + end) >> 1, end - 1]) cuts.add(Math.min(stepCount, end - 1));
    }
    return cuts;
  }

  /** Where the magic byte is there, the image is whole: the old one, untouched, or the new one. */
  function sweep(finish: (bench: Bench) => void): void {
    let heldOldCount = 0;
    for (const stepCount of cutsOf(finish)) {
      const bench = new Bench();
      bench.memory.stepsLeft = stepCount;
      throws(() => finish(bench), /power/);
      if (bench.slot[0] !== MAGIC) continue;
      heldOldCount++;
      equal(bench.slot, OLD, `cut after ${stepCount} steps, before the first erase`);
    }
    equal(heldOldCount, 1);
  }

  it("leaves nothing with a magic byte that is not a whole image, wherever that was", () => {
    sweep((bench) => bench.finish());
  });

  it("leaves no more where a chunk came wrong before", () => {
    sweep((bench) => {
      const error = throws(() => bench.receive(patched(IMAGE, 5000, 0x5a)), /power|chunk 1 of 2/);
      if (error instanceof PowerCut) throw error;
      bench.finish();
    });
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
