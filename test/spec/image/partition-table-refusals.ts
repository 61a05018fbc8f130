/** What may not be written as a partition table, and that the message names line, label, what was found and what expected. */
import { encodePartitionTable, type Partition, parsePartitionCsv } from "../../../src/image/index.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const HEAD = "# Name, Type, SubType, Offset, Size, Flags\nnvs, data, nvs, 0x9000, 0x4000\n";

function refused(rows: string, message: RegExp, flashSizeBytes?: number): void {
  throws(() => parsePartitionCsv(HEAD + rows, { flashSizeBytes }), "corrupt", message);
}

describe("partition csv: reads", () => {
  it("names, numbers, suffixes, comments and blank offsets", () => {
    const text = [
      "# the usual layout",
      "",
      "nvs,      data, nvs,     ,  16K,",
      "otadata,  data, ota,     ,  0x2000",
      "  # a comment may be indented",
      "  phy_init, data, phy,     ,  4k,,",
      "ota_0,    app,  ota_0,   ,  1M, encrypted",
      "ota_1,    0,    0x11,    ,  0x100000",
      "raw,      0x40, 0xFE, 0x300000, 4096, encrypted:readonly",
      "config,   data, ,        ,  8192, readonly",
    ].join("\r\n");
    const rows = parsePartitionCsv(text).map((row) => [row.label, row.type, row.subtype, row.offset, row.size]);
    equal(rows, [
      ["nvs", 1, 2, 0x9000, 0x4000],
      ["otadata", 1, 0, 0xd000, 0x2000],
      ["phy_init", 1, 1, 0xf000, 0x1000],
      ["ota_0", 0, 0x10, 0x10000, 0x100000],
      ["ota_1", 0, 0x11, 0x110000, 0x100000],
      ["raw", 0x40, 0xfe, 0x300000, 0x1000],
      ["config", 1, 6, 0x301000, 0x2000],
    ]);
    const flags = parsePartitionCsv(text).map((row) => `${row.encrypted ? "e" : ""}${row.readonly ? "r" : ""}`);
    equal(flags, ["", "", "", "e", "", "er", "r"]);
  });

  it("aligns a blank offset to 64 KiB for applications only", () => {
    const rows = parsePartitionCsv(`${HEAD}factory, app, factory, , 1M\nlog, data, fat, , 0x1000`);
    equal(
      rows.map((row) => row.offset),
      [0x9000, 0x10000, 0x110000],
    );
  });

  it("the highest slot", () => {
    const slots = Array.from({ length: 16 }, (_, slot) => `s${slot}, app, ota_${slot}, , 64K`).join("\n");
    equal(parsePartitionCsv(`${HEAD}otadata, data, ota, , 8K\n${slots}`)[17]!.subtype, 0x1f);
  });
});

describe("partition csv: refuses", () => {
  it("an overlap", () => refused("x, data, fat, 0xc000, 4K", /line 3: "x": offset 0xc000, expected at least 0xd000/));
  it("an offset within the table", () => {
    throws(
      () => parsePartitionCsv("x, data, fat, 0x8000, 4K"),
      "corrupt",
      /line 1: "x": offset 0x8000, expected at least 0x9000/,
    );
  });
  it("a misaligned application", () => {
    refused("x, app, factory, 0x11000, 1M", /line 3: "x": offset 0x11000, expected a multiple of 0x10000/);
  });
  it("misaligned data", () => refused("x, data, fat, 0xd100, 4K", /line 3: "x": offset 0xd100, expected a multiple of 0x1000/));
  it("a size that is no whole sector", () => refused("x, data, fat, , 5000", /line 3: "x": size 0x1388, expected a multiple/));
  it("a size of 0", () => refused("x, data, fat, , 0", /line 3: "x": size 0x0, expected a multiple of 0x1000 above 0/));
  it("an empty size", () => refused("x, data, fat, 0xd000", /line 3: "x": size is empty, expected bytes/));
  it("an unknown type", () => refused("x, date, fat, , 4K", /line 3: "x": type "date", expected app, data or a number/));
  it("an empty type", () => refused("x", /line 3: "x": type "", expected app, data or a number/));
  it("a type out of range", () => refused("x, 0xff, 1, , 4K", /line 3: "x": type 255, expected 0x00 … 0xfe/));
  it("an unknown subtype", () =>
    refused("x, data, nsv, , 4K", /line 3: "x": subtype "nsv", expected ota, phy, nvs, .*a number/));
  it("a subtype of another type", () => refused("x, data, factory, , 4K", /line 3: "x": subtype "factory"/));
  it("a subtype out of range", () => refused("x, data, 256, , 4K", /line 3: "x": subtype 256, expected/));
  it("an empty subtype of an application", () => refused("x, app, , , 1M", /line 3: "x": subtype is empty, expected factory/));
  it("slot 16", () => refused("x, app, ota_16, , 1M", /line 3: "x": subtype "ota_16", expected factory, test, ota_0 … ota_15/));
  it("a name inherited from Object", () => refused("x, constructor, 1, , 4K", /line 3: "x": type "constructor"/));
  for (const number of ["0x", "4KB", "4 K", "1G", "-4096", "4096.0", "0o17", "010", "1e3", "0xg000", "4_096"]) {
    it(`the number ${number}`, () =>
      refused(`x, data, fat, , ${number}`, /line 3: "x": size ".*", expected a number as 0x1000/));
  }
  it("a number of 33 bits", () => refused("x, data, fat, , 4096M", /line 3: "x": size "4096M", expected a number below/));
  it("a typo in an offset", () => refused("x, data, fat, 0xd00o, 4K", /line 3: "x": offset "0xd00o", expected a number/));
  it("a label twice", () => refused("nvs, data, fat, , 4K", /line 3: "nvs": label is taken/));
  it("a label of 17 characters", () =>
    refused("seventeen_letters, data, fat, , 4K", /line 3: .* 17 characters, expected at most 16/));
  it("an empty label", () => refused(", data, fat, , 4K", /line 3: "": label is empty/));
  it("a label that is not ASCII", () => refused("spæt, data, fat, , 4K", /line 3: .* character code 230/));
  it("an unknown flag", () =>
    refused("x, data, fat, , 4K, readOnly", /line 3: "x": flag "readOnly", expected encrypted or readonly/));
  it("a comment behind a row, as the original does", () => refused("x, data, fat, , 4K # why", /line 3: "x": size "4K # why"/));
  it("a seventh field", () => refused("x, data, fat, , 4K, , 7", /line 3: "x": field "7" follows the flags/));
  it("what ends beyond the flash", () => {
    refused("x, data, fat, , 4M", /line 3: "x": ends at 0x40d000, expected at most the flash size 0x400000/, 0x400000);
  });
  it("otadata of another size", () => refused("o, data, ota, , 4K", /line 3: "o": size 0x1000, expected 0x2000 for otadata/));
  it("a second otadata", () => refused("o, data, ota, , 8K\np, data, ota, , 8K", /line 4: "p": a second otadata/));
  it("a second factory", () => refused("f, app, factory, , 1M\ng, app, factory, , 1M", /line 4: "g": a second factory/));
  it("a readonly otadata", () => refused("o, data, ota, , 8K, readonly", /line 3: "o": flag readonly, expected none/));
  it("slots of unequal size", () => {
    refused(
      "o, data, ota, , 8K\na, app, ota_0, , 1M\nb, app, ota_1, , 960K",
      /line 5: "b": size 0xf0000, expected 0x100000 as "a"/,
    );
  });
  it("a gap in the slots", () => {
    refused("o, data, ota, , 8K\na, app, ota_0, , 1M\nb, app, ota_2, , 1M", /line 5: "b": subtype ota_2, expected ota_1/);
  });
  it("the same slot twice", () => {
    refused("o, data, ota, , 8K\na, app, ota_0, , 1M\nb, app, ota_0, , 1M", /line 5: "b": subtype ota_0, expected ota_1/);
  });
  it("slots without otadata", () => refused("a, app, ota_0, , 1M", /line 3: "a": an application slot without otadata/));
  it("95 partitions", () => {
    const rows = Array.from({ length: 94 }, (_, index) => `p${index}, data, fat, , 4K`);
    refused(rows.join("\n"), /95 partitions, expected at most 94/);
    equal(parsePartitionCsv(HEAD + rows.slice(1).join("\n")).length, 94);
  });
  it("a file without a partition", () => {
    throws(() => parsePartitionCsv("# nothing\n\n"), "corrupt", /no partition/);
  });
});

describe("partition table: is not written", () => {
  const row: Partition = { label: "a", type: 1, subtype: 6, offset: 0x9000, size: 0x2000, encrypted: false, readonly: false };

  it("with an overlap, in whatever order", () => {
    const other = { ...row, label: "b", offset: 0xa000 };
    throws(
      () => encodePartitionTable([row, other]),
      "corrupt",
      /^partition table: "b": offset 0xa000 overlaps "a", expected at least 0xb000/,
    );
    throws(() => encodePartitionTable([other, row]), "corrupt", /"b": offset 0xa000 overlaps "a"/);
  });

  it("with more rows than fit", () => {
    const rows = Array.from({ length: 95 }, (_, index) => ({ ...row, label: `p${index}`, offset: 0x9000 + index * 0x2000 }));
    throws(() => encodePartitionTable(rows), "corrupt", /95 partitions/);
    equal(encodePartitionTable(rows.slice(1)).length, 0xc00);
  });

  it("beyond the flash", () => {
    throws(() => encodePartitionTable([row], { flashSizeBytes: 0xa000 }), "corrupt", /ends at 0xb000/);
  });

  it("with an offset or size that is no number", () => {
    throws(() => encodePartitionTable([{ ...row, offset: Number.NaN }]), "corrupt", /offset/);
    throws(() => encodePartitionTable([{ ...row, size: 0x1000 + 0.5 }]), "corrupt", /size/);
  });
});
