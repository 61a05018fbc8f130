/** What an ESP32 keeps a firmware from erasing, by exception instead of its abort; and which partition a path is. */
import { openFlashStorage } from "../../../hosts/simulated/flash.js";
import type { Partition } from "../../../src/image/partition.js";
import type { FlashPartition } from "../../../src/ports/flash.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { factoryFresh, PARTITIONS } from "./device.js";

/** The label of the partition that "nextota" leads to: a mark is written there and looked for in the flash. */
function nextSlotOf(runningSlot: number, partitions: readonly Partition[] = PARTITIONS): string | undefined {
  const flash = factoryFresh();
  const mark = Uint8Array.from([0xca, 0xfe, 0x19, 0x84]);
  const partition = openFlashStorage({ flash, partitions, runningSlot }).open({ path: "nextota" });
  partition.eraseBlock(0);
  partition.write(mark, 0);
  return partitions.find(({ offset }) => flash.read(offset, 4).every((byte, index) => byte === mark[index]))?.label;
}

function expectProtected(partition: FlashPartition, why: RegExp): void {
  const before = partition.read(64, 0);
  throws(() => partition.eraseBlock(0), "refused", why);
  throws(() => partition.write(new Uint8Array(16), 0), "refused", why);
  equal(partition.read(64, 0), before, "what is in flash");
}

describe("Flash paths", () => {
  it("nextota is the other slot of two, and the next one of three, round and round", () => {
    equal(nextSlotOf(0), "ota_1");
    equal(nextSlotOf(1), "ota_0");
    const third = { ...PARTITIONS.find(({ label }) => label === "storage")!, label: "ota_2", type: 0, subtype: 0x12 };
    const three = [...PARTITIONS.filter(({ label }) => label !== "storage"), third];
    equal(nextSlotOf(1, three), "ota_2");
    equal(nextSlotOf(2, three), "ota_0");
  });

  it("nextota and running are missing while the running slot is not known, nextota too where there is one slot", () => {
    const flash = factoryFresh();
    const unknown = openFlashStorage({ flash, partitions: PARTITIONS });
    throws(() => unknown.open({ path: "running" }), "missing");
    throws(() => unknown.open({ path: "nextota" }), "missing", /no partition "nextota"/);
    const partitions = PARTITIONS.filter(({ label }) => label !== "ota_1");
    const single = openFlashStorage({ flash, partitions, runningSlot: 0 });
    throws(() => single.open({ path: "nextota" }), "missing");
  });

  it("running reads the image that runs", () => {
    const storage = openFlashStorage({ flash: factoryFresh(), partitions: PARTITIONS, runningSlot: 0 });
    equal(new Uint8Array(storage.open({ path: "running", mode: "r" }).read(1, 0)), Uint8Array.of(0xe9));
  });
});

describe("Flash protection", () => {
  it("refuses to change the slot that runs, by either of its names, and lets the other be changed", () => {
    const storage = openFlashStorage({ flash: factoryFresh(), partitions: PARTITIONS, runningSlot: 0 });
    expectProtected(storage.open({ path: "running" }), /the running image is in it/);
    expectProtected(storage.open({ path: "ota_0" }), /the running image is in it/);
    storage.open({ path: "ota_1" }).eraseBlock(0);
  });

  it("refuses to change what lies at or below the partition table", () => {
    const table = { ...PARTITIONS[0]!, label: "table", type: 3, subtype: 0, offset: 0x8000, size: 0x1000 };
    const bootloader = { ...table, label: "bootloader", type: 2, offset: 0, size: 0x8000 };
    const storage = openFlashStorage({ flash: factoryFresh(), partitions: [bootloader, table, ...PARTITIONS], runningSlot: 0 });
    expectProtected(storage.open({ path: "table" }), /bootloader and partition table are protected/);
    expectProtected(storage.open({ path: "bootloader" }), /protected/);
  });

  it("refuses to change a partition that the table calls read-only", () => {
    const storage = openFlashStorage({ flash: factoryFresh(), partitions: PARTITIONS, runningSlot: 0 });
    expectProtected(storage.open({ path: "factory-data" }), /read-only/);
  });

  it("leaves otadata open to be written, as the ESP32 does", () => {
    const otadata = openFlashStorage({ flash: factoryFresh(), partitions: PARTITIONS, runningSlot: 0 }).open({
      path: "otadata",
    });
    otadata.eraseBlock(0, 2);
    otadata.write(new Uint8Array(32), 0);
  });

  it("says what was wrong by code: invalid, missing, unsupported, refused, closed", () => {
    const storage = openFlashStorage({ flash: factoryFresh(), partitions: PARTITIONS, runningSlot: 0 });
    throws(() => storage.open({ path: "absent" }), "missing", /"absent"/);
    throws(() => storage.open({ path: "nvs", mode: "w+" as "r" }), "invalid", /mode w\+, expected "r" or "r\+"/);
    throws(() => storage.open({ path: "nvs", format: "string" as "buffer" }), "unsupported");
    const reader = storage.open({ path: "nvs", mode: "r" });
    throws(() => reader.eraseBlock(0), "refused", /opened with mode "r"/);
    const partition = storage.open({ path: "nvs" });
    throws(() => partition.write(new Uint8Array(4), 0x4000), "invalid", /4 bytes at 16384, expected an end of at most 16384/);
    throws(() => partition.write(new Uint8Array(4), 2), "invalid", /multiples of 4/);
    throws(() => partition.read(4, 0x4000), "invalid", /an offset below 16384/);
    partition.close();
    throws(() => partition.status(), "closed");
  });

  it("refuses a partition that is not whole sectors of the flash", () => {
    const flash = factoryFresh();
    const odd = [{ ...PARTITIONS[0]!, size: 0x1800 }];
    throws(() => openFlashStorage({ flash, partitions: odd }), "invalid", /nvs: 6144 bytes at 36864/);
    throws(() => openFlashStorage({ flash, partitions: PARTITIONS, runningSlot: 2 }), "invalid", /slot 2 runs/);
  });
});
