/** The formats there and back for random input, our hashes against the system's, and parsers that refuse noise as corrupt. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { Digest } from "../../../hosts/node/digest.js";
import { md5 } from "../../../src/data/md5.js";
import { errorCodeOf } from "../../../src/errors.js";
import {
  buildImage,
  ChipId,
  encodeAppDescriptor,
  encodeOtaEntry,
  encodePartitionTable,
  isBlankOtaEntry,
  isValidOtaEntry,
  mappedAddress,
  nextSequence,
  OtaState,
  type Partition,
  parseImageHead,
  parsePartitionCsv,
  parsePartitionTable,
  readAppDescriptor,
  readOtaEntry,
  segmentDataOffset,
  slotOfSequence,
  verifyImage,
} from "../../../src/image/index.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { sha256 } from "../../spec/image/sha256.js";
import { sourceOf } from "../../spec/image/small-image.js";

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 600 });
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength });

/** Tables of data partitions, sized in sectors, with gaps, plus slots of one size. */
const tables: fc.Arbitrary<Partition[]> = fc
  .record({
    data: fc.array(
      fc.record({
        subtype: fc.integer({ min: 4, max: 0xfe }),
        gap: fc.integer({ min: 0, max: 3 }),
        sectors: fc.integer({ min: 1, max: 9 }),
        encrypted: fc.boolean(),
        readonly: fc.boolean(),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    slotCount: fc.integer({ min: 0, max: 16 }),
    slotPages: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ data, slotCount, slotPages }) => {
    const partitions: Partition[] = [];
    let end = 0x9000;
    const add = (row: Omit<Partition, "offset">, offset: number): void => {
      partitions.push({ ...row, offset });
      end = offset + row.size;
    };
    const plain = { encrypted: false, readonly: false };
    for (const [index, { gap, sectors, ...row }] of data.entries()) {
      add({ label: `data ${index}`, type: 1, size: sectors * 4096, ...row }, end + gap * 4096);
    }
    if (slotCount > 0) add({ label: "otadata", type: 1, subtype: 0, size: 0x2000, ...plain }, end);
    for (let slot = 0; slot < slotCount; slot++) {
      const offset = Math.ceil(end / 0x10000) * 0x10000;
      add({ label: `ota_${slot}`, type: 0, subtype: 0x10 + slot, size: slotPages * 0x10000, ...plain }, offset);
    }
    return partitions;
  });

function csvOf(partitions: readonly Partition[]): string {
  const rows = partitions.map((row) => {
    const flags = [row.encrypted ? "encrypted" : "", row.readonly ? "readonly" : ""].filter((flag) => flag !== "");
    const size = row.size % 1024 === 0 ? `${row.size / 1024}K` : String(row.size);
    return [row.label, row.type, `0x${row.subtype.toString(16)}`, row.offset, size, flags.join(":")].join(", ");
  });
  return `# Name, Type, SubType, Offset, Size, Flags\n${rows.join("\n")}\n`;
}

/** What `body` gives, or undefined where it throws corrupt; any other error comes through. */
function orCorrupt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (errorCodeOf(error) !== "corrupt") throw error;
    return undefined;
  }
}

describe("formats: round trips", () => {
  it("partition table: CSV to partitions to bytes to partitions", () => {
    fc.assert(
      fc.property(tables, (partitions) => {
        const read = parsePartitionCsv(csvOf(partitions));
        equal(read, partitions);
        equal(parsePartitionTable(encodePartitionTable(read)), { partitions, md5: "present" });
      }),
    );
  });

  it("partition table: bytes to partitions to the same bytes", () => {
    fc.assert(
      fc.property(tables, (partitions) => {
        const table = encodePartitionTable(partitions);
        equal(encodePartitionTable(parsePartitionTable(table).partitions), table);
      }),
    );
  });

  it("otadata: numbers to bytes to numbers, and to the same bytes", () => {
    fc.assert(
      fc.property(uint32, uint32, (sequence, state) => {
        const entry = readOtaEntry(encodeOtaEntry(sequence, state));
        equal([entry.sequence, entry.state], [sequence, state]);
        equal(encodeOtaEntry(entry.sequence, entry.state), encodeOtaEntry(sequence, state));
        const usable = !isBlankOtaEntry(entry) && state !== OtaState.invalid && state !== OtaState.aborted;
        equal(isValidOtaEntry(entry), usable);
      }),
    );
  });

  it("otadata: the next sequence is above, for the slot, and none between is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffe0 }),
        fc.integer({ min: 1, max: 16 }),
        fc.nat(15),
        (after, slotCount, any) => {
          const slot = any % slotCount;
          const next = nextSequence(after, slot, slotCount);
          ok(next > after && next <= after + slotCount);
          equal(slotOfSequence(next, slotCount), slot);
        },
      ),
    );
  });

  it("app descriptor: options to bytes to fields", () => {
    const options = fc.record({
      version: text(31),
      projectName: text(31),
      secureVersion: uint32,
      time: text(15),
      date: text(15),
      idfVersion: text(31),
      elfSha256: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      minEfuseBlockRevision: fc.nat(0xffff),
      maxEfuseBlockRevision: fc.nat(0xffff),
    });
    fc.assert(
      fc.property(options, (fields) => {
        equal(readAppDescriptor(encodeAppDescriptor(fields)), { ...fields, mmuPageSizeLog2: 16 });
      }),
    );
  });

  it("application image: segments to image to verdict", () => {
    const segments = fc.array(fc.record({ mapped: fc.boolean(), data: fc.uint8Array({ maxLength: 6000 }) }), { maxLength: 5 });
    fc.assert(
      fc.property(
        segments,
        fc.constantFrom(...Object.values(ChipId)),
        fc.boolean(),
        text(31),
        (rest, chipId, hashed, version) => {
          const first = { mapped: true, data: encodeAppDescriptor({ version, projectName: "p" }) };
          const all = [first, ...rest];
          const lengths = all.map((segment) => segment.data.length);
          const image = buildImage({
            chipId,
            entryAddress: 0x40000000,
            segments: all.map(({ mapped, data }, index) => ({
              address: mapped ? mappedAddress(chipId, "data", segmentDataOffset(lengths, index)) : 0x3ffe0000,
              data,
            })),
            Digest,
            hash: hashed ? "appended" : "none",
          });
          const verified = verifyImage({ source: sourceOf(image), sizeBytesMax: image.length, Digest, chipId });
          equal(verified.sizeBytes, image.length);
          const hash = hashed ? image.slice(-32) : new Uint8Array(createHash("sha256").update(image).digest());
          equal(verified.hash, hash);
          equal(verified.head, parseImageHead(image, { chipId }));
          equal(verified.head.descriptor?.version, version);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("formats: hashes", () => {
  it("MD5 is the system's", () => {
    fc.assert(fc.property(bytes, (message) => equal(md5(message), new Uint8Array(createHash("md5").update(message).digest()))));
  });

  it("SHA-256 of the specs is the system's", () => {
    fc.assert(
      fc.property(bytes, (message) => equal(sha256(message), new Uint8Array(createHash("sha256").update(message).digest()))),
    );
  });
});

describe("formats: noise is corrupt, never a crash", () => {
  const image = buildImage({
    chipId: ChipId.esp32c3,
    entryAddress: 0,
    segments: [{ address: 0x3c000020, data: encodeAppDescriptor({ version: "1", projectName: "p" }) }],
    Digest,
  });
  const table = encodePartitionTable([
    { label: "nvs", type: 1, subtype: 2, offset: 0x9000, size: 0x4000, encrypted: false, readonly: false },
  ]);

  it("in a partition table", () => {
    fc.assert(
      fc.property(fc.nat(table.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }), (offset, noise) => {
        const damaged = table.slice();
        damaged.set(noise.subarray(0, damaged.length - offset), offset);
        orCorrupt(() => parsePartitionTable(damaged));
        orCorrupt(() => parsePartitionTable(noise));
      }),
    );
  });

  it("in a CSV file", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (noise) => void orCorrupt(() => parsePartitionCsv(noise))));
    const cell = fc.constantFrom("", "app", "data", "ota_0", "ota", "0x10000", "4K", "1M", "nvs", "readonly", "9", "#", "-1");
    const rows = fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 5 });
    fc.assert(
      fc.property(rows, (cells) => void orCorrupt(() => parsePartitionCsv(cells.map((row) => row.join(",")).join("\n")))),
      { numRuns: 300 },
    );
  });

  it("in an image", () => {
    fc.assert(
      fc.property(fc.nat(image.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }), (offset, noise) => {
        const damaged = image.slice();
        damaged.set(noise.subarray(0, damaged.length - offset), offset);
        const verified = orCorrupt(() => verifyImage({ source: sourceOf(damaged), sizeBytesMax: 4096, Digest }));
        // What passes is either the image itself or one that no longer says that it has a hash.
        if (verified?.head.header.hashAppended) equal(damaged, image);
        orCorrupt(() => parseImageHead(damaged));
        orCorrupt(() => verifyImage({ source: sourceOf(noise), sizeBytesMax: 4096, Digest }));
      }),
      { numRuns: 500 },
    );
  });
});
