/**
 * The story of trap T1, and why the core does not arm through ECMA-419's Update.
 *
 * Symptom: a device in the field restarts for ever in a dead image, though the other slot holds one that has worked for months.
 * Cause: its last update had arrived damaged, so the bootloader fell back to ota_1 and left the entry of ota_0 as the one
 * with the greatest number. The next update then calls esp_ota_set_boot_partition(ota_0). Before ESP-IDF 6.0 that takes the
 * entry with the greatest number for the running slot's and overwrites the other one, which is the entry of the good slot.
 * Now both entries name ota_0, and when the new image dies on its trial, nothing names ota_1 any more.
 */
import { runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import type { NorFlash } from "../../../hosts/node/nor-flash.js";
import { openFlashStorage } from "../../../hosts/simulated/flash.js";
import { type IDFVersion, openUpdateStorage } from "../../../hosts/simulated/update.js";
import { OtaState } from "../../../src/image/otadata.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { factoryFresh, imageOf, otadataOf, PARTITIONS, partitionOf, programImage, writeEntry } from "./device.js";

/** The slot that the bootloader takes. */
function restart(flash: NorFlash): number | undefined {
  return runBootloader({ flash, rollback: true, validation: "always", Digest }).slot;
}

/** ota_1 works and is confirmed; ota_0 was armed with an image that does not verify; the bootloader fell back. */
function afterFallback(): NorFlash {
  const flash = factoryFresh();
  programImage(flash, 1, imageOf("2.0.0"));
  flash.program(partitionOf("ota_0").offset + 4096, new Uint8Array(4));
  writeEntry(flash, 0, 3, OtaState.new);
  writeEntry(flash, 1, 2, OtaState.valid);
  equal(restart(flash), 1, "the slot after the fallback");
  equal(otadataOf(flash), ["3 pending", "2 valid"], "otadata after the fallback");
  return flash;
}

/** Version 3.0.0 arrives whole, and dies on its trial: it restarts without a confirm. */
function updateThatDies(flash: NorFlash, idf: IDFVersion): void {
  const partition = openFlashStorage({ flash, partitions: PARTITIONS, runningSlot: 1 }).open({ path: "nextota" });
  const storage = openUpdateStorage({ flash, partitions: PARTITIONS, runningSlot: 1, idf, rollback: true, Digest });
  const update = storage.open({ partition });
  update.write(imageOf("3.0.0"));
  update.complete();
  update.close();
}

describe("an update after a fallback boot (trap T1)", () => {
  for (const idf of ["5.1", "5.5"] as const) {
    it(`ends in the dead image for ever, ESP-IDF ${idf}`, () => {
      const flash = afterFallback();
      updateThatDies(flash, idf);
      equal(otadataOf(flash), ["3 pending", "3 new"], "the entry of the good slot is overwritten");
      equal(restart(flash), 0, "the trial of 3.0.0");
      equal(otadataOf(flash), ["3 aborted", "3 pending"]);
      for (let count = 0; count < 3; count++) equal(restart(flash), 0, "the dead image again");
      equal(otadataOf(flash), ["3 aborted", "3 aborted"], "and nothing names ota_1");
    });
  }

  it("ends in the image that works, ESP-IDF 6.0", () => {
    const flash = afterFallback();
    updateThatDies(flash, "6.0");
    equal(otadataOf(flash), ["3 new", "2 valid"], "the active entry is rewritten in its place");
    equal(restart(flash), 0, "the trial of 3.0.0");
    for (let count = 0; count < 3; count++) equal(restart(flash), 1, "rolled back");
    equal(otadataOf(flash), ["3 aborted", "2 valid"]);
  });

  it("ends in the image that works in every version where the stale entry is marked INVALID first", () => {
    for (const idf of ["5.1", "5.5", "6.0"] as const) {
      const flash = afterFallback();
      writeEntry(flash, 0, 3, OtaState.invalid);
      updateThatDies(flash, idf);
      equal(otadataOf(flash), ["3 new", "2 valid"], idf);
      equal([restart(flash), restart(flash)], [0, 1], `${idf}: the trial, then rolled back`);
    }
  });
});
