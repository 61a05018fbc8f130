/** The shipped tables keep every rule of theirs; an application's own table that breaks one is refused in one line. */
import { readFileSync } from "node:fs";
import { packageFolder } from "../../../cli/target/package-files.js";
import { readPartitions, shippedPartitions } from "../../../cli/target/partitions.js";
import { FLASH_SIZES, flashSizeBytes } from "../../../cli/target/target.js";
import { DEFAULT_PARTITIONS_CSV } from "../../../hosts/node/simulator/factory.js";
import { factoryOf, otaSlotsOf } from "../../../src/image/partition.js";
import { parsePartitionCsv } from "../../../src/image/partition-csv.js";
import { encodePartitionTable, parsePartitionTable } from "../../../src/image/partition-table.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { complains, Workbench } from "./workbench.js";

const SLOT_SIZE_BYTES = { "4MB": 0x1e0000, "8MB": 0x300000, "16MB": 0x400000 };

describe("target: partition tables", () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });

  afterEach(() => bench.close());

  for (const flash of FLASH_SIZES) {
    it(`ships one for ${flash}: two equal slots without a factory, to the last sector, as the simulated device has it`, () => {
      const file = shippedPartitions(packageFolder(), flash);
      equal(readPartitions(file, { flash }).slotSizeBytes, SLOT_SIZE_BYTES[flash]);
      const partitions = parsePartitionCsv(readFileSync(file, "utf8"), { flashSizeBytes: flashSizeBytes(flash) });
      equal(
        otaSlotsOf(partitions).map((slot) => [slot.size, slot.offset % 0x10000]),
        [
          [SLOT_SIZE_BYTES[flash], 0],
          [SLOT_SIZE_BYTES[flash], 0],
        ],
      );
      equal(factoryOf(partitions), undefined);
      const last = partitions.at(-1)!;
      equal(last.offset + last.size, flashSizeBytes(flash));
      equal(parsePartitionTable(encodePartitionTable(partitions)).partitions, partitions);
      const kindsOf = (csv: string): string[] =>
        parsePartitionCsv(csv)
          .map(({ label, type, subtype }) => `${label} ${type} ${subtype}`)
          .sort();
      equal(kindsOf(readFileSync(file, "utf8")), kindsOf(DEFAULT_PARTITIONS_CSV));
      const journal = partitions.find(({ label }) => label === "journal")!;
      equal(journal.size, parsePartitionCsv(DEFAULT_PARTITIONS_CSV).find(({ label }) => label === "journal")!.size);
    });
  }

  it("writes the shipped one, or the application's own, byte by byte", async () => {
    equal((await bench.run(bench.application(), { flash: "8MB" })).line, undefined);
    equal(bench.prepared("esp32c3/partitions.csv"), readFileSync(shippedPartitions(packageFolder(), "8MB"), "utf8"));
    const own = bench.table((csv) => csv.replace(/^storage,/m, "records,"));
    equal((await bench.run(bench.partitioned(own))).line, undefined);
    equal(bench.prepared("esp32c3/partitions.csv"), own);
  });

  it("refuses slots of unequal size", async () => {
    const csv = bench.table((text) => text.replace(/^(ota_1.*)0x1e0000/m, "$10x1d0000"));
    complains(
      await bench.run(bench.partitioned(csv)),
      "board.csv: partition table: line ",
      '"ota_1": size 0x1d0000, expected 0x1e0000',
    );
    ok(bench.isUntouched);
  });

  it("refuses a table without a partition that is needed, and names all that are", async () => {
    for (const label of ["nvs", "journal", "coredump"]) {
      const csv = bench.table((text) => text.replace(new RegExp(`^${label},.*\n`, "m"), ""));
      complains(await bench.run(bench.partitioned(csv)), `board.csv: partition table: no "${label}"; expected nvs, otadata,`);
    }
    const csv = bench.table((text) => text.replace(/^otadata,.*\n/m, ""));
    complains(await bench.run(bench.partitioned(csv)), "board.csv: partition table: line ", "without otadata");
    ok(bench.isUntouched);
  });

  it("refuses a partition of another kind, and a journal of an odd number of sectors", async () => {
    const kind = bench.table((text) => text.replace(/^nvs, +data, nvs,/m, "nvs, data, phy,"));
    complains(await bench.run(bench.partitioned(kind)), '"nvs": type 1, subtype 1; expected type 1 and subtype 2');
    const odd = bench.table((text) => text.replace(/^(journal.*)0x4000/m, "$10x3000"));
    complains(await bench.run(bench.partitioned(odd)), '"journal": size 12288; expected a multiple of 8192');
  });

  it("refuses a table that is larger than the flash", async () => {
    const folder = bench.application(
      { esp32: { partitions: "big.csv", flash: "4MB" } },
      { "big.csv": readFileSync(shippedPartitions(packageFolder(), "8MB"), "utf8") },
    );
    complains(await bench.run(folder), "big.csv: partition table: line ", "expected at most the flash size 0x400000");
  });
});
