/** What an update through ECMA-419's Update leaves in otadata and in the slot, version by version of ESP-IDF. */
import { runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import type { NorFlash } from "../../../hosts/node/nor-flash.js";
import { openFlashStorage } from "../../../hosts/simulated/flash.js";
import { type IDFVersion, openUpdateStorage } from "../../../hosts/simulated/update.js";
import { ChipId } from "../../../src/image/chip.js";
import { OtaState } from "../../../src/image/otadata.js";
import type { Update, UpdateOpenOptions } from "../../../src/ports/update.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { factoryFresh, imageOf, otadataOf, PARTITIONS, partitionOf, programImage, writeEntry } from "./device.js";

const VERSIONS: readonly IDFVersion[] = Object.freeze(["5.1", "5.5", "6.0"]);

interface Device {
  readonly flash: NorFlash;
  readonly idf: IDFVersion;
  readonly runningSlot: number;
  readonly rollback?: boolean;
  readonly chipId?: number;
}

function open(device: Device, options: Omit<UpdateOpenOptions, "partition"> = {}): Update {
  const { rollback = true, ...rest } = device;
  const update = openUpdateStorage({ partitions: PARTITIONS, Digest, rollback, ...rest });
  const storage = openFlashStorage({ flash: device.flash, partitions: PARTITIONS, runningSlot: device.runningSlot });
  return update.open({ partition: storage.open({ path: "nextota" }), ...options });
}

function install(device: Device, image: Uint8Array): void {
  const update = open(device);
  update.write(image);
  update.complete();
  update.close();
}

function booted(flash: NorFlash): number | undefined {
  return runBootloader({ flash, rollback: true, validation: "always", Digest }).slot;
}

/** A device that has started once from ota_0: otadata is as the bootloader leaves it. */
function started(): NorFlash {
  const flash = factoryFresh();
  equal(booted(flash), 0);
  equal(otadataOf(flash), ["1 valid", "blank"]);
  return flash;
}

/** One character a sector of ota_1: "." where it is blank, "#" where it is not. */
function sectorsOf(flash: NorFlash): string {
  const { offset, size } = partitionOf("ota_1");
  const isBlank = (at: number) => flash.read(at, 4096).every((byte) => byte === 0xff);
  return Array.from({ length: size / 4096 }, (_, sector) => (isBlank(offset + sector * 4096) ? "." : "#")).join("");
}

describe("Update and otadata", () => {
  for (const idf of VERSIONS) {
    it(`arms the other slot with the next number, ESP-IDF ${idf}`, () => {
      const flash = started();
      install({ flash, idf, runningSlot: 0 }, imageOf("2.0.0"));
      equal(otadataOf(flash), ["1 valid", "2 new"]);
      equal(booted(flash), 1);
      equal(otadataOf(flash), ["1 valid", "2 pending"]);
    });

    it(`writes the first entry where there is none, ESP-IDF ${idf}`, () => {
      const flash = factoryFresh();
      install({ flash, idf, runningSlot: 0 }, imageOf("2.0.0"));
      equal(otadataOf(flash), ["2 new", "blank"]);
    });

    it(`writes no state without rollback, and erases no entry, ESP-IDF ${idf}`, () => {
      const flash = started();
      writeEntry(flash, 1, 2, OtaState.aborted);
      const device = { flash, idf, runningSlot: 0, rollback: false };
      open(device).close();
      equal(otadataOf(flash), ["1 valid", "2 aborted"], "after open");
      install(device, imageOf("2.0.0"));
      equal(otadataOf(flash), ["1 valid", "2 undefined"]);
    });

    it(`leaves otadata as it is where the image is damaged, ESP-IDF ${idf}`, () => {
      const flash = started();
      const image = imageOf("2.0.0");
      image[5000]! ^= 0x10;
      throws(() => install({ flash, idf, runningSlot: 0 }, image), "corrupt", /update ota_1: image: checksum/);
      equal(otadataOf(flash), ["1 valid", "blank"]);
    });

    it(`refuses to begin while the running image is on trial, ESP-IDF ${idf}`, () => {
      const flash = started();
      install({ flash, idf, runningSlot: 0 }, imageOf("2.0.0"));
      equal(booted(flash), 1);
      const before = flash.snapshot();
      throws(() => open({ flash, idf, runningSlot: 1 }, { mode: "w" }), "refused", /PENDING_VERIFY/);
      equal(flash.snapshot(), before, "the flash");
      open({ flash, idf, runningSlot: 1, rollback: false }, { mode: "w" }).close();
    });
  }

  it("erases the other slot's entry at open from 5.5 on, and only then", () => {
    const found = VERSIONS.map((idf) => {
      const flash = factoryFresh();
      programImage(flash, 1, imageOf("2.0.0"));
      writeEntry(flash, 0, 1, OtaState.valid);
      writeEntry(flash, 1, 2, OtaState.valid);
      equal(booted(flash), 1);
      open({ flash, idf, runningSlot: 1 }).close();
      return otadataOf(flash);
    });
    equal(found, [
      ["1 valid", "2 valid"],
      ["blank", "2 valid"],
      ["blank", "2 valid"],
    ]);
  });

  it("keeps the other entry at open where it names the running slot", () => {
    for (const idf of VERSIONS) {
      const flash = started();
      install({ flash, idf, runningSlot: 0 }, imageOf("2.0.0"));
      open({ flash, idf, runningSlot: 0 }).close();
      equal(otadataOf(flash), ["1 valid", "2 new"], idf);
    }
  });

  /** Trap T7: the slot is the active one already, because it was armed a moment ago. */
  it("arms twice: before 6.0 both entries end with one number and the confirmed one is gone", () => {
    const found = VERSIONS.map((idf) => {
      const flash = started();
      install({ flash, idf, runningSlot: 0 }, imageOf("2.0.0"));
      install({ flash, idf, runningSlot: 0 }, imageOf("2.0.1"));
      return otadataOf(flash);
    });
    equal(found, [
      ["2 new", "2 new"],
      ["2 new", "2 new"],
      ["1 valid", "2 new"],
    ]);
  });
});

describe("Update and the slot", () => {
  it('erases in mode "w" the announced length in whole sectors, and all of the slot without one', () => {
    const erased = (byteLength: number | undefined) => {
      const flash = started();
      flash.program(partitionOf("ota_1").offset, new Uint8Array(0x10000));
      open({ flash, idf: "5.1", runningSlot: 0 }, byteLength === undefined ? { mode: "w" } : { mode: "w", byteLength }).close();
      return sectorsOf(flash);
    };
    equal(erased(1), ".###############");
    equal(erased(4096), ".###############");
    equal(erased(4097), "..##############");
    equal(erased(undefined), "................");
  });

  it('erases in mode "a" a sector when it is reached, not before, and once', () => {
    const flash = started();
    const first = partitionOf("ota_1").offset / 4096;
    const erases = () => [0, 1, 2, 3, 4].map((sector) => flash.eraseCount(first + sector));
    const update = open({ flash, idf: "5.1", runningSlot: 0 });
    equal(erases(), [0, 0, 0, 0, 0], "after open");
    const image = new Uint8Array(4 * 4096).fill(0xe9);
    update.write(image.subarray(0, 1));
    update.write(image.subarray(0, 4095));
    equal(erases(), [1, 0, 0, 0, 0], "at the end of the first sector");
    update.write(image.subarray(0, 1));
    equal(erases(), [1, 1, 0, 0, 0], "one byte later");
    update.write(image.subarray(0, 2 * 4096));
    equal(erases(), [1, 1, 1, 1, 0], "in the fourth sector");
  });

  it("takes pieces of any length, odd ones too", () => {
    const flash = started();
    const image = imageOf("2.0.0");
    const update = open({ flash, idf: "5.5", runningSlot: 0 });
    let at = 0;
    for (let length = 1; at < image.length; length += 2) {
      update.write(image.subarray(at, at + length));
      at += length;
    }
    update.complete();
    equal(flash.read(partitionOf("ota_1").offset, image.length), image);
  });

  it("refuses the running slot, a slot that is none, and an unknown running slot", () => {
    const flash = started();
    const storage = openFlashStorage({ flash, partitions: PARTITIONS });
    const options = { flash, partitions: PARTITIONS, idf: "5.5", rollback: true, Digest } as const;
    const before = flash.snapshot();
    const known = openUpdateStorage({ ...options, runningSlot: 0 });
    throws(() => known.open({ partition: storage.open({ path: "ota_0" }) }), "refused", /the running image is in it/);
    throws(() => known.open({ partition: storage.open({ path: "storage" }) }), "invalid", /no application slot/);
    const unknown = openUpdateStorage(options);
    throws(() => unknown.open({ partition: storage.open({ path: "ota_1" }), mode: "w" }), "refused", /not known/);
    equal(flash.snapshot(), before, "the flash");
  });

  it("refuses an image for another chip at complete", () => {
    const flash = started();
    throws(
      () => install({ flash, idf: "5.5", runningSlot: 0, chipId: ChipId.esp32s3 }, imageOf("2.0.0")),
      "corrupt",
      /chip id/,
    );
    equal(otadataOf(flash), ["1 valid", "blank"]);
  });
});
