/**
 * The bootloader's model where no boot was recorded: tables that do not boot, fallback order, writes, power cuts, validation.
 */
import { type BootloaderOptions, type BootResult, runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import {
  ChipId,
  encodeOtaEntry,
  encodePartitionTable,
  OtaState,
  PARTITION_TABLE_OFFSET,
  parsePartitionCsv,
  readOtaEntry,
} from "../../../src/image/index.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { patched, rehashed, smallImage } from "../../spec/image/small-image.js";
import { MemoryFlash } from "./memory-flash.js";

const OTADATA = 0xd000;
const TABLE_SIZE_BYTES = 0xc00;
const image = smallImage();
const factoryTable = layout("factory, app, factory, , 64K\n");
const plainTable = layout("");

/** nvs, otadata, what is asked for, then three slots of 64 KiB from 0x10000 or 0x20000. */
function layout(rows: string): Uint8Array {
  const slots = [0, 1, 2].map((slot) => `ota_${slot}, app, ota_${slot}, , 64K`).join("\n");
  return encodePartitionTable(parsePartitionCsv(`nvs, data, nvs, , 16K\notadata, data, ota, , 8K\n${rows}${slots}`));
}

interface Setting {
  readonly table?: Uint8Array;
  /** Addresses that hold a good image. */
  readonly good?: readonly number[];
  readonly entries?: readonly (Uint8Array | undefined)[];
}

function flashWith(setting: Setting): MemoryFlash {
  const flash = new MemoryFlash(0x100000);
  flash.bytes.set(setting.table ?? plainTable, PARTITION_TABLE_OFFSET);
  for (const offset of setting.good ?? [0x10000, 0x20000, 0x30000]) flash.bytes.set(image, offset);
  for (const [index, entry] of (setting.entries ?? []).entries()) {
    if (entry !== undefined) flash.bytes.set(entry, OTADATA + index * 4096);
  }
  return flash;
}

function boot(flash: MemoryFlash, options: Partial<BootloaderOptions> = {}): BootResult {
  return runBootloader({ flash, rollback: true, validation: "always", chipId: ChipId.esp32c3, Digest, ...options });
}

describe("bootloader model: tables", () => {
  function bootTable(table: Uint8Array): BootResult {
    return boot(flashWith({ table }));
  }

  it("boots one without MD5", () => {
    const table = plainTable.slice();
    table.fill(0xff, 5 * 32, 6 * 32);
    equal(bootTable(table).partition?.label, "ota_0");
  });

  it("does not boot one that is damaged, and says why", () => {
    const twice = plainTable.slice();
    twice.set(plainTable.subarray(5 * 32, 6 * 32), 6 * 32);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [patched(plainTable, 5 * 32 + 20, 0), /wrong MD5/],
      [patched(plainTable, 12, 0x4e), /wrong MD5/],
      [twice, /second MD5/],
      [patched(plainTable, 0, 0), /magic/],
      [new Uint8Array(TABLE_SIZE_BYTES).fill(0xff), /no bootable partition/],
    ];
    for (const [table, message] of cases) {
      const result = bootTable(table);
      equal([result.partition, result.slot], [undefined, undefined]);
      ok(message.test(result.log.join("\n")), result.log.join("\n"));
    }
  });

  it("does not boot one with a partition beyond the flash", () => {
    const rows = parsePartitionCsv("factory, app, factory, , 64K\nx, data, fat, , 2M");
    const result = boot(flashWith({ table: encodePartitionTable(rows) }));
    equal(result.partition, undefined);
    ok(/"x" ends at/.test(result.log.join("\n")));
  });

  it("does not boot one with an otadata of 4 KiB", () => {
    const table = patched(plainTable, 32 + 9, 0x10);
    table.fill(0xff, 5 * 32, 6 * 32); // No MD5, so that only the size is wrong.
    const result = bootTable(table);
    equal(result.partition, undefined);
    ok(/otadata has 4096 bytes/.test(result.log.join("\n")));
  });

  it("boots factory where there is no otadata", () => {
    const table = encodePartitionTable(parsePartitionCsv("app, app, factory, , 64K"));
    const result = boot(flashWith({ table }));
    equal([result.partition?.label, result.slot], ["app", undefined]);
  });
});

describe("bootloader model: fallback", () => {
  it("goes down, then factory, then up", () => {
    // factory 0x10000, ota_0 0x20000, ota_1 0x30000, ota_2 0x40000; sequence 2 stands for ota_1.
    const entries = [undefined, encodeOtaEntry(2, OtaState.valid)];
    const order = [0x30000, 0x20000, 0x10000, 0x40000];
    const booted = order.map((_, index) => {
      return boot(flashWith({ table: factoryTable, good: order.slice(index), entries })).partition?.label;
    });
    equal(booted, ["ota_1", "ota_0", "factory", "ota_2"]);
  });

  it("gives up where nothing is good, with one line each", () => {
    const result = boot(flashWith({ table: factoryTable, good: [], entries: [encodeOtaEntry(1, OtaState.valid)] }));
    equal(result.partition, undefined);
    equal(result.log, [
      "otadata[0] selects ota_0",
      "ota_0 does not boot: image: magic byte 0xff, expected 0xe9",
      "factory does not boot: image: magic byte 0xff, expected 0xe9",
      "ota_1 does not boot: image: magic byte 0xff, expected 0xe9",
      "ota_2 does not boot: image: magic byte 0xff, expected 0xe9",
      "no bootable partition",
    ]);
  });

  it("does not correct otadata: a damaged new image stays pending and is aborted at the next boot", () => {
    const flash = flashWith({ good: [0x10000], entries: [encodeOtaEntry(1, 2), encodeOtaEntry(2, OtaState.new)] });
    equal(boot(flash).slot, 0);
    equal(readOtaEntry(flash.bytes, OTADATA + 4096).state, OtaState.pendingVerify);
    equal(boot(flash).slot, 0);
    equal(readOtaEntry(flash.bytes, OTADATA + 4096).state, OtaState.aborted);
  });
});

describe("bootloader model: writes", () => {
  it("erases a sector and programs 32 bytes, before the image is looked at", () => {
    const flash = flashWith({ entries: [encodeOtaEntry(1, OtaState.new)] });
    equal(boot(flash).slot, 0);
    equal(flash.writes, ["erase 13", "program 0xd000 32"]);
  });

  it("keeps label and checksum of an entry whose state it changes", () => {
    const entry = patched(encodeOtaEntry(1, OtaState.pendingVerify), 4, 0x61, 0x62);
    entry.set([1, 2, 3, 4], 28);
    const flash = flashWith({ entries: [entry, encodeOtaEntry(2, OtaState.valid)] });
    boot(flash);
    equal(flash.read(OTADATA, 32), patched(entry, 24, OtaState.aborted));
  });

  it("writes the slot that boots into an otadata that was never written", () => {
    const flash = flashWith({ good: [0x20000] });
    equal(boot(flash).slot, 1);
    equal(flash.read(OTADATA, 32), encodeOtaEntry(2, OtaState.valid));
    equal(flash.writes, ["erase 13", "program 0xd000 32"]);
    equal(boot(flash).slot, 1);
    equal(flash.writes.length, 2, "only once");
  });

  it("writes nothing without rollback, but into an otadata that was never written", () => {
    const flash = flashWith({ entries: [encodeOtaEntry(1, OtaState.pendingVerify), encodeOtaEntry(2, OtaState.new)] });
    equal(boot(flash, { rollback: false }).slot, 1);
    equal(flash.writes, []);
  });

  it("may lose power between erase and program: the entry is gone, the flash's error comes through", () => {
    const flash = flashWith({ entries: [encodeOtaEntry(1, OtaState.valid), encodeOtaEntry(2, OtaState.new)] });
    flash.writeCountLeft = 1;
    throws(() => boot(flash), /the power failed/);
    flash.writeCountLeft = Number.POSITIVE_INFINITY;
    equal(boot(flash).slot, 0);
  });
});

describe("bootloader model: validation", () => {
  const entries = [encodeOtaEntry(1, OtaState.valid), encodeOtaEntry(2, OtaState.valid)];

  it("refuses a damaged image, or one for another chip", () => {
    const flash = flashWith({ entries });
    flash.bytes[0x20000 + 300]! ^= 1;
    equal(boot(flash).slot, 0);
    equal(boot(flashWith({ entries }), { chipId: ChipId.esp32s3 }).partition, undefined);
    equal(boot(flashWith({ entries })).slot, 1);
  });

  it("skipped boots whatever has the magic byte, and nothing else", () => {
    const flash = flashWith({ entries });
    flash.bytes[0x20000 + 300]! ^= 1;
    equal(boot(flash, { validation: "skipped" }).slot, 1);
    flash.bytes[0x20000] = 0;
    equal(boot(flash, { validation: "skipped" }).slot, 0);
  });

  it("judges the chip's revision where it is given", () => {
    const flash = flashWith({ entries });
    flash.bytes.set(rehashed(patched(image, 15, 4)), 0x20000);
    equal(boot(flash, { chipRevision: 3 }).slot, 0);
    equal(boot(flash, { chipRevision: 4 }).slot, 1);
    equal(boot(flash).slot, 1);
  });
});
