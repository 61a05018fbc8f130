/** The Flash of hosts/node against the law of its port. */

import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { openFlashStorage } from "../../../hosts/simulated/flash.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenFlashes } from "../../ports/broken/flash.js";
import { type FlashSubject, flashObligations } from "../../ports/flash.js";
import { PARTITIONS, SIZE_BYTES } from "../storage/device.js";

function open(path: string): FlashSubject {
  const flash = new NorFlash({ sizeBytes: SIZE_BYTES });
  return { storage: openFlashStorage({ flash, partitions: PARTITIONS, runningSlot: 0 }), path };
}

describePort("Flash on Node", flashObligations, () => open("storage"));
describePort("Flash on Node, an encrypted partition", flashObligations, () => open("secret"));
describePort("Flash on Node, the slot of the next update", flashObligations.slice(1), () => open("nextota"));
describeBroken(
  "Flash",
  flashObligations,
  brokenFlashes(() => open("storage")),
);
