/** The binary partition table: known bytes, and what the bootloader refuses and accepts. */
import { md5 } from "../../../src/data/md5.js";
import { encodePartitionTable, type Partition, parsePartitionTable } from "../../../src/image/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

function partition(label: string, type: number, subtype: number, offset: number, size: number): Partition {
  return { label, type, subtype, offset, size, encrypted: false, readonly: false };
}

const table: readonly Partition[] = [
  { ...partition("nvs", 1, 2, 0x9000, 0x4000), encrypted: true },
  partition("otadata", 1, 0, 0xd000, 0x2000),
  { ...partition("sixteen_letters_", 1, 6, 0xf000, 0x1000), readonly: true },
  partition("ota_0", 0, 0x10, 0x10000, 0x100000),
  partition("ota_1", 0, 0x11, 0x110000, 0x100000),
];
const MD5_ROW = table.length * 32;
const good = encodePartitionTable(table);

function changed(offset: number, ...bytes: number[]): Uint8Array {
  const copy = good.slice();
  copy.set(bytes, offset);
  return copy;
}

/** The table with its MD5 made anew. */
function resummed(bytes: Uint8Array): Uint8Array {
  bytes.set(md5(bytes, 0, MD5_ROW), MD5_ROW + 16);
  return bytes;
}

describe("partition table: bytes", () => {
  it("has a row of 32 bytes for each partition", () => {
    equal(good.length, 0xc00);
    const expected = [0xaa, 0x50, 1, 2, 0x00, 0x90, 0, 0, 0x00, 0x40, 0, 0, 0x6e, 0x76, 0x73].concat(Array(13).fill(0));
    equal([...good.subarray(0, 32)], expected.concat([1, 0, 0, 0]));
  });

  it("has a label of 16 characters without NUL, and flags", () => {
    equal(String.fromCharCode(...good.subarray(64 + 12, 64 + 28)), "sixteen_letters_");
    equal([...good.subarray(64 + 28, 96)], [2, 0, 0, 0]);
  });

  it("has an MD5 over all rows before it, then FF to the end", () => {
    equal([...good.subarray(MD5_ROW, MD5_ROW + 16)], [0xeb, 0xeb].concat(Array(14).fill(0xff)));
    equal(good.slice(MD5_ROW + 16, MD5_ROW + 32), md5(good, 0, MD5_ROW));
    equal(good.slice(MD5_ROW + 32), new Uint8Array(0xc00 - MD5_ROW - 32).fill(0xff));
  });

  it("reads back as written, from a whole sector too", () => {
    equal(parsePartitionTable(good), { partitions: table, md5: "present" });
    const sector = new Uint8Array(4096);
    sector.set(good);
    equal(parsePartitionTable(sector).partitions, table);
  });

  it("reads back from the middle of a larger buffer", () => {
    const flash = new Uint8Array(0x8000 + 0xc00);
    flash.set(good, 0x8000);
    equal(parsePartitionTable(flash.subarray(0x8000)).partitions, table);
  });
});

describe("partition table: boots", () => {
  it("without an MD5 row", () => {
    const bytes = good.slice();
    bytes.fill(0xff, MD5_ROW, MD5_ROW + 32);
    equal(parsePartitionTable(bytes), { partitions: table, md5: "absent" });
  });

  it("with rows that our own rules would refuse", () => {
    const bytes = resummed(changed(2 * 32 + 4, 0x00, 0xd0)); // Overlaps otadata.
    equal(parsePartitionTable(bytes).partitions[2]!.offset, 0xd000);
  });
});

describe("partition table: does not boot", () => {
  it("with a wrong MD5", () => {
    throws(() => parsePartitionTable(changed(MD5_ROW + 16, good[MD5_ROW + 16]! ^ 1)), "corrupt", /row 5: wrong MD5/);
  });

  it("with a stale MD5: any byte of any row changed", () => {
    for (let offset = 2; offset < MD5_ROW; offset++) {
      throws(() => parsePartitionTable(changed(offset, good[offset]! ^ 0x10)), "corrupt", /wrong MD5|magic/);
    }
  });

  it("with two MD5 rows", () => {
    const bytes = changed(MD5_ROW + 32, ...good.subarray(MD5_ROW, MD5_ROW + 32));
    throws(() => parsePartitionTable(bytes), "corrupt", /row 6: a second MD5 row/);
  });

  it("with a bad magic", () => {
    throws(() => parsePartitionTable(changed(32, 0xab)), "corrupt", /row 1: magic 0x50ab, expected 0x50aa/);
    throws(() => parsePartitionTable(new Uint8Array(0xc00)), "corrupt", /row 0: magic 0x0000/);
  });

  it("without an end", () => {
    const row = good.subarray(0, 32);
    const bytes = new Uint8Array(0xc00);
    for (let offset = 0; offset < bytes.length; offset += 32) bytes.set(row, offset);
    throws(() => parsePartitionTable(bytes), "corrupt", /no end in 96 rows/);
    throws(() => parsePartitionTable(good.subarray(0, MD5_ROW + 32)), "corrupt", /no end in 6 rows/);
    throws(() => parsePartitionTable(new Uint8Array(0)), "corrupt", /no end in 0 rows/);
  });

  it("with a partition beyond the flash", () => {
    equal(parsePartitionTable(good, { flashSizeBytes: 0x210000 }).partitions.length, 5);
    throws(
      () => parsePartitionTable(good, { flashSizeBytes: 0x200000 }),
      "corrupt",
      /row 4: "ota_1" ends at 0x210000, expected at most 0x200000/,
    );
  });

  it("with a partition behind the MD5 row (ours: it would be unprotected)", () => {
    const bytes = changed(MD5_ROW + 32, ...good.subarray(0, 32));
    throws(() => parsePartitionTable(bytes), "corrupt", /row 6: "nvs" follows the MD5 row/);
  });
});
