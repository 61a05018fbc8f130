/** The Update of hosts/node against the law of its port, for each version of ESP-IDF that it models. */
import { runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { openFlashStorage } from "../../../hosts/simulated/flash.js";
import { type IDFVersion, openUpdateStorage } from "../../../hosts/simulated/update.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenUpdates } from "../../ports/broken/update.js";
import { type UpdateSubject, updateObligations } from "../../ports/update.js";
import { factoryFresh, imageOf, PARTITIONS, programImage } from "../storage/device.js";

function open(idf: IDFVersion, rollback: boolean): UpdateSubject {
  const flash = factoryFresh();
  programImage(flash, 1, imageOf("0.9.0"));
  const boot = (over: NorFlash) => runBootloader({ flash: over, rollback, validation: "always", Digest }).slot;
  boot(flash);
  return {
    update: openUpdateStorage({ flash, partitions: PARTITIONS, runningSlot: 0, idf, rollback, Digest }),
    flash: openFlashStorage({ flash, partitions: PARTITIONS, runningSlot: 0 }),
    image: imageOf("2.0.0"),
    isActivated: () => boot(NorFlash.from(flash.snapshot())) === 1,
  };
}

for (const idf of ["5.1", "5.5", "6.0"] as const) {
  describePort(`Update on Node as of ESP-IDF ${idf} with rollback`, updateObligations, () => open(idf, true));
}
describePort("Update on Node as of ESP-IDF 5.5 without rollback", updateObligations, () => open("5.5", false));
describeBroken(
  "Update",
  updateObligations,
  brokenUpdates(() => open("5.5", true)),
);
