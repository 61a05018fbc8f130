/** What arrives is held against its signed digest chunk by chunk; what is wrong costs one chunk, and never the download. */
import { AssertionError } from "../../../src/assert.js";
import { ChunkCheck } from "../../../src/ota/chunk-check.js";
import { SlotWriter } from "../../../src/ota/slot-writer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { patched, smallImage, verify } from "../image/small-image.js";
import { signedImage } from "./signed-image.js";

const CHUNK = 64;
/** Two chunks and a byte. */
const BYTES = Uint8Array.from({ length: 2 * CHUNK + 1 }, (_, index) => index * 11);

function checkOf(bytes: Uint8Array, chunkSizeBytes = CHUNK): ChunkCheck {
  return new ChunkCheck({ image: signedImage(bytes, chunkSizeBytes), Digest: SpecDigest });
}

/** Writes all of `bytes` in pieces of `pieceBytes`, as far as there is room. */
function feed(check: ChunkCheck, bytes: Uint8Array, pieceBytes: number): void {
  for (let offset = 0; offset < bytes.length; ) {
    const end = Math.min(offset + Math.min(pieceBytes, check.openRoomBytes), bytes.length);
    check.write(bytes.subarray(offset, end));
    offset = end;
  }
}

describe("a chunk check", () => {
  it("takes what was signed, however it is cut, and counts whole chunks only", () => {
    for (const pieceBytes of [1, 7, CHUNK, 1000]) {
      const check = checkOf(BYTES);
      equal([check.checkedCount, check.checkedBytes, check.openRoomBytes], [0, 0, CHUNK]);
      feed(check, BYTES.subarray(0, CHUNK - 1), pieceBytes);
      equal([check.checkedCount, check.checkedBytes, check.openRoomBytes], [0, 0, 1]);
      feed(check, BYTES.subarray(CHUNK - 1, CHUNK), pieceBytes);
      equal([check.checkedCount, check.checkedBytes, check.openRoomBytes], [1, CHUNK, CHUNK]);
      feed(check, BYTES.subarray(CHUNK, 2 * CHUNK), pieceBytes);
      equal([check.checkedCount, check.checkedBytes, check.openRoomBytes], [2, 2 * CHUNK, 1], "the last one is shorter");
      feed(check, BYTES.subarray(2 * CHUNK), pieceBytes);
      equal([check.checkedCount, check.checkedBytes, check.openRoomBytes], [3, BYTES.length, 0]);
    }
  });

  it("takes an image of whole chunks, of one chunk, and of less", () => {
    for (const sizeBytes of [2 * CHUNK, CHUNK, CHUNK - 1, 1]) {
      const bytes = BYTES.subarray(0, sizeBytes);
      const check = checkOf(bytes);
      feed(check, bytes, 10);
      equal([check.checkedBytes, check.openRoomBytes], [sizeBytes, 0], `${sizeBytes} bytes`);
    }
  });

  it("refuses a chunk with any one bit changed, names it, and has it open anew", () => {
    for (let bit = 0; bit < 8 * BYTES.length; bit += 5) {
      const check = checkOf(BYTES);
      const index = bit >> 3;
      const chunk = Math.floor(index / CHUNK);
      const wrong = patched(BYTES, index, BYTES[index]! ^ (1 << (bit & 7)));
      const message = new RegExp(`^image: chunk ${chunk + 1} of 3 is not what was signed$`);
      throws(() => feed(check, wrong, 20), "corrupt", message);
      equal([check.checkedCount, check.checkedBytes], [chunk, chunk * CHUNK], `bit ${bit}`);
      feed(check, BYTES.subarray(chunk * CHUNK), 20);
      equal(check.checkedBytes, BYTES.length);
    }
  });

  it("compares all 32 bytes of a digest, and those of its own chunk", () => {
    for (let byte = 0; byte < 3 * 32; byte++) {
      const image = signedImage(BYTES, CHUNK);
      const chunkDigests = patched(image.chunkDigests, byte, image.chunkDigests[byte]! ^ 0x80);
      const check = new ChunkCheck({ image: { ...image, chunkDigests }, Digest: SpecDigest });
      throws(() => feed(check, BYTES, 1000), "corrupt", new RegExp(`chunk ${(byte >> 5) + 1} of 3`));
    }
    const swapped = patched(BYTES, 0, ...BYTES.subarray(CHUNK, 2 * CHUNK), ...BYTES.subarray(0, CHUNK));
    throws(() => feed(checkOf(BYTES), swapped, 1000), "corrupt", /chunk 1 of 3/);
  });

  it("forgets the open chunk, and only that, when it is told to", () => {
    const check = checkOf(BYTES);
    feed(check, BYTES.subarray(0, CHUNK), 20);
    check.rewind();
    equal([check.checkedBytes, check.openRoomBytes], [CHUNK, CHUNK]);
    feed(check, new Uint8Array(30), 20);
    check.rewind();
    equal([check.checkedBytes, check.openRoomBytes], [CHUNK, CHUNK]);
    feed(check, BYTES.subarray(CHUNK), 20);
    equal(check.checkedBytes, BYTES.length);
  });

  it("asserts that no byte comes beyond the open chunk, and none at all where there is none", () => {
    const check = checkOf(BYTES);
    ok(throws(() => check.write(new Uint8Array(CHUNK + 1))) instanceof AssertionError, "two chunks in one");
    ok(throws(() => check.write(new Uint8Array(0))) instanceof AssertionError, "nothing");
    feed(check, BYTES, 1000);
    ok(throws(() => check.write(Uint8Array.of(0))) instanceof AssertionError, "behind the image");
  });

  it("leaves no digest of the hardware open: after a chunk, right or wrong, and after a rewind", () => {
    const before = SpecDigest.open.size;
    const check = checkOf(BYTES);
    feed(check, BYTES.subarray(0, CHUNK), 20);
    equal(SpecDigest.open.size, before, "after a right one");
    throws(() => feed(check, new Uint8Array(CHUNK), 20), "corrupt");
    equal(SpecDigest.open.size, before, "after a wrong one");
    feed(check, BYTES.subarray(CHUNK, CHUNK + 1), 20);
    equal(SpecDigest.open.size, before + 1, "one, while a chunk is open");
    check.rewind();
    equal(SpecDigest.open.size, before, "after a rewind");
  });
});

const SLOT_SIZE_BYTES = 8 * SECTOR_SIZE_BYTES;
const CHUNK_SIZE_BYTES = 2 * SECTOR_SIZE_BYTES;
/** Two chunks, a sector and 80 bytes. */
const IMAGE = smallImage({ payload: Uint8Array.from({ length: 5 * SECTOR_SIZE_BYTES - 272 }, (_, index) => index * 7) });

function makeWriter(): { writer: SlotWriter; slot: Uint8Array; memory: MemoryFlash } {
  const memory = new MemoryFlash({ nextota: SLOT_SIZE_BYTES });
  const image = signedImage(IMAGE, CHUNK_SIZE_BYTES);
  const writer = new SlotWriter({ flash: memory, Digest: SpecDigest, slots: { mayWriteOther: true }, chipId: 5, image });
  return { writer, slot: memory.partitions.get("nextota")!, memory };
}

/** Writes on from where the writer is, in pieces of `pieceBytes` at the most, up to `end`. */
function receive(writer: SlotWriter, image = IMAGE, end = image.length, pieceBytes = 1460): void {
  while (writer.receivedBytes < end) {
    const offset = writer.receivedBytes;
    writer.write(image.subarray(offset, Math.min(offset + Math.min(pieceBytes, writer.roomBytes), end)));
  }
}

describe("the slot writer, chunk by chunk,", () => {
  it("goes on from the beginning of a wrong chunk, and ends with the whole image", () => {
    equal(IMAGE.length, 5 * SECTOR_SIZE_BYTES + 80);
    for (const [wrongByte, chunk] of [
      [5000, 0],
      [CHUNK_SIZE_BYTES, 1],
      [IMAGE.length - 1, 2],
    ] as const) {
      const { writer, slot } = makeWriter();
      const wrong = patched(IMAGE, wrongByte, IMAGE[wrongByte]! ^ 1);
      throws(() => receive(writer, wrong), "corrupt", new RegExp(`chunk ${chunk + 1} of 3`));
      const start = chunk * CHUNK_SIZE_BYTES;
      equal([writer.phase, writer.receivedBytes, writer.checkedBytes], ["receiving", start, start]);
      throws(() => receive(writer, wrong), "corrupt", new RegExp(`chunk ${chunk + 1} of 3`));
      receive(writer);
      while (!writer.verify());
      writer.commit();
      verify(slot);
      equal(slot.subarray(0, IMAGE.length), IMAGE, `byte ${wrongByte}`);
    }
  });

  it("has no magic byte in the slot after a wrong first chunk, whatever follows", () => {
    const { writer, slot } = makeWriter();
    slot.set(IMAGE); // What it holds is an image that would boot.
    throws(() => receive(writer, patched(IMAGE, 4095, 0x5a)), "corrupt", /chunk 1 of 3/);
    equal(slot.subarray(0, 16), new Uint8Array(16).fill(0xff));
    writer.close();
    equal(slot[0], 0xff, "and given up there");
  });

  it("forgets a part of a chunk: in the middle of a sector, at its end, in the first and in the last", () => {
    for (const cutAt of [100, SECTOR_SIZE_BYTES, SECTOR_SIZE_BYTES + 1, CHUNK_SIZE_BYTES, 13_000, IMAGE.length - 1]) {
      const { writer, slot } = makeWriter();
      receive(writer, IMAGE, cutAt);
      writer.rewind();
      const start = Math.floor(cutAt / CHUNK_SIZE_BYTES) * CHUNK_SIZE_BYTES;
      equal([writer.phase, writer.receivedBytes, writer.checkedBytes], ["receiving", start, start], `cut at ${cutAt}`);
      equal(writer.wanted.sizeBytes, Math.min(CHUNK_SIZE_BYTES, IMAGE.length - start));
      writer.rewind(); // Twice is once.
      receive(writer);
      while (!writer.verify());
      writer.commit();
      equal(slot.subarray(0, IMAGE.length), IMAGE, `cut at ${cutAt}`);
    }
  });

  it("has room up to the end of the sector, of the chunk and of the image, whichever comes first", () => {
    for (const pieceBytes of [1, 1000, 4095, 4096]) {
      const { writer } = makeWriter();
      for (let offset = 0; offset < IMAGE.length; ) {
        const sectorEnd = (Math.floor(offset / SECTOR_SIZE_BYTES) + 1) * SECTOR_SIZE_BYTES;
        const chunkEnd = (Math.floor(offset / CHUNK_SIZE_BYTES) + 1) * CHUNK_SIZE_BYTES;
        equal(writer.roomBytes, Math.min(sectorEnd, IMAGE.length) - offset, `at ${offset}`);
        equal(writer.wanted.sizeBytes, Math.min(chunkEnd, IMAGE.length) - offset, `at ${offset}`);
        const count = Math.min(pieceBytes, writer.roomBytes);
        writer.write(IMAGE.subarray(offset, offset + count));
        offset += count;
        equal(writer.checkedBytes, offset === IMAGE.length ? offset : offset - (offset % CHUNK_SIZE_BYTES));
      }
      equal([writer.roomBytes, writer.wanted.sizeBytes, writer.phase], [0, 0, "verifying"]);
    }
  });

  it("goes on from the beginning of a chunk after a flash that failed once, told to rewind", () => {
    const { writer, slot, memory } = makeWriter();
    receive(writer, IMAGE, CHUNK_SIZE_BYTES + 100);
    memory.stepsLeft = 0;
    throws(() => receive(writer), /power/);
    memory.stepsLeft = Number.POSITIVE_INFINITY;
    writer.rewind();
    equal(writer.receivedBytes, CHUNK_SIZE_BYTES);
    receive(writer);
    while (!writer.verify());
    writer.commit();
    equal(slot.subarray(0, IMAGE.length), IMAGE);
  });

  it("leaves no digest of the hardware open when it is closed, in the middle of a chunk and of the read-back", () => {
    const before = SpecDigest.open.size;
    const cut = makeWriter().writer;
    receive(cut, IMAGE, 100);
    ok(SpecDigest.open.size > before);
    cut.close();
    const verifying = makeWriter().writer;
    receive(verifying);
    verifying.verify();
    ok(SpecDigest.open.size > before);
    verifying.close();
    equal(SpecDigest.open.size, before);
  });
});
