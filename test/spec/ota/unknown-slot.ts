/** A host that cannot know which slot runs: the firmware runs, the journal is kept, and no entry and no slot is written. */
import { Journal } from "../../../src/ota/journal.js";
import { Slots } from "../../../src/ota/slots.js";
import type { ResetReason, System } from "../../../src/ports/system.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";
import { TracedFlash } from "./traced-flash.js";

class Device {
  readonly memory = new MemoryFlash({
    journal: 2 * SECTOR_SIZE_BYTES,
    otadata: 2 * SECTOR_SIZE_BYTES,
    ota_0: SECTOR_SIZE_BYTES,
    ota_1: SECTOR_SIZE_BYTES,
  });
  readonly flash = new TracedFlash(this.memory);
  restartCount = 0;

  constructor() {
    this.memory.partitions.get("ota_0")!.set(smallImage());
  }

  start(resetReason: ResetReason): Slots {
    const system: System = {
      resetReason,
      runningSlot: undefined,
      restart: () => {
        this.restartCount++;
      },
      sleep: () => {},
    };
    return new Slots({ flash: this.flash, system, Digest: SpecDigest });
  }
}

describe("a start in an unknown slot", () => {
  it("is observed: recorded, and nothing is decided", () => {
    // "running" and "nextota" are no partitions of such a host, and looking for the image's id in them threw `missing` out of
    // boot(): a device that could not tell its slot restarted for ever instead of running.
    const device = new Device();
    const before = device.memory.partitions.get("otadata")!.slice();
    const report = device.start("powerOn").boot();
    equal([report.mode, report.decision, report.runningSlot, report.isRestarting], ["observe", "observe", undefined, false]);
    equal([report.imageId, report.fault], ["0000000000000000", undefined]);
    equal(device.start("watchdog").boot().bootCount, 2);
    equal(device.memory.partitions.get("otadata"), before);
    equal(device.restartCount, 0);
  });

  it("takes no update: the other slot is no more known than the own one", () => {
    const slots = new Device().start("powerOn");
    slots.boot();
    equal([slots.mayWriteOther, slots.canReject, slots.isTrial, slots.otherImageId], [false, false, false, undefined]);
    throws(() => slots.arm(), "refused", /needs to know the running slot/);
  });

  it("restarts when it is told to, and knows afterwards that it was wanted", () => {
    const device = new Device();
    const slots = device.start("powerOn");
    slots.boot();
    slots.restart("user");
    equal(device.restartCount, 1);
    equal(device.start("software").boot().resetClass, "planned");
    equal(device.start("software").boot().resetClass, "fault");
    ok(new Journal({ flash: device.memory }).history.bootCount === 3);
  });
});
