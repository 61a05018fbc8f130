/** What a person is told of a device that does not update, in each of the ways in which it may not. */

import { FirmwareError } from "../../../src/errors.js";
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { Journal } from "../../../src/ota/journal.js";
import { imageIdOf, RecordType } from "../../../src/ota/journal-record.js";
import { Slots } from "../../../src/ota/slots.js";
import { WakefulSystem } from "../../../src/ota/wakeful-system.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { equal, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";

const OWN = smallImage();
const OTHER = smallImage({ payload: new Uint8Array(64) });
const idOf = (image: Uint8Array): string => imageIdOf(image, image.length - 32);

function flashWith(state: keyof typeof OtaState): MemoryFlash {
  const flash = new MemoryFlash({
    journal: 2 * SECTOR_SIZE_BYTES,
    otadata: 2 * SECTOR_SIZE_BYTES,
    running: SECTOR_SIZE_BYTES,
    nextota: SECTOR_SIZE_BYTES,
  });
  flash.partitions.get("running")!.set(OWN);
  flash.partitions.get("nextota")!.set(OTHER);
  flash.partitions.get("otadata")!.set(encodeOtaEntry(3, OtaState[state]));
  return flash;
}

function start(flash: MemoryFlash, resetReason: ResetReason, runningSlot: number | undefined = 0): Slots {
  const system = { resetReason, runningSlot, restart: () => {}, sleep: () => {} };
  const slots = new Slots({ flash, system, Digest: SpecDigest });
  slots.boot();
  return slots;
}

describe("the status of a device", () => {
  it("at rest has both slots, no trial, no verdict, and a journal with room", () => {
    const { slots, journal, ...status } = start(flashWith("valid"), "powerOn").status();
    equal(status, {
      level: "full",
      mode: "normal",
      decision: "run",
      fault: undefined,
      bootCount: 1,
      crashCount: 0,
      trial: undefined,
      lastVerdict: undefined,
      quarantine: [],
      releaseFloor: 0,
      securityFloor: 0,
    });
    const unnamed = { releaseNumber: undefined, securityVersion: undefined };
    equal(slots, [
      { slot: 0, isRunning: true, imageId: idOf(OWN), version: slots[0]!.version, state: "valid", ...unnamed },
      { slot: 1, isRunning: false, imageId: idOf(OTHER), version: slots[1]!.version, state: undefined, ...unnamed },
    ]);
    equal(journal, { generation: 1, usedCount: 3, placeCount: 80, tornCount: 0, isKeptTwice: false, fault: undefined });
  });

  it("that waits, names the image, how often it was tried, and what ended it", () => {
    const flash = flashWith("valid");
    const release = { imageIdentity: OTHER.slice(-32), sequenceNumber: 9, securityVersion: 4, nextKeyDigest: undefined };
    start(flash, "powerOn").arm({ release });
    start(flash, "brownOut"); // It is armed at once for the second time, and the power goes again.
    const status = start(flash, "brownOut").status();
    equal([status.mode, status.decision], ["waiting", "re-arm later after repair"]);
    const { imageId, attemptCount, endedBy } = status.trial!;
    equal([imageId, attemptCount, endedBy], [idOf(OTHER), 2, "environment"]);
    equal([status.slots[1]!.releaseNumber, status.slots[1]!.securityVersion], [9, 4]);
  });

  it("that banned an image says which, and the release that has to be exceeded", () => {
    const flash = flashWith("valid");
    const release = { imageIdentity: OTHER.slice(-32), sequenceNumber: 9, securityVersion: 4, nextKeyDigest: undefined };
    start(flash, "powerOn").arm({ release });
    new Journal({ flash }).append({ type: RecordType.boot, imageId: idOf(OTHER), second: 1, detail: 2 });
    const slots = start(flash, "panic");
    const { quarantine, lastVerdict, decision } = slots.status();
    equal(quarantine, [{ imageId: idOf(OTHER), releaseNumber: 9 }]);
    equal(
      [lastVerdict, decision],
      [{ verdict: "quarantined", imageId: idOf(OTHER), because: undefined }, "quarantine after repair"],
    );
    throws(() => slots.arm({ release }), "refused", /is in quarantine/);
    slots.arm({ release: { ...release, sequenceNumber: 10 } });
  });

  it("says why nothing is taken where the journal or the running slot is missing", () => {
    const flash = flashWith("valid");
    flash.partitions.delete("journal");
    const status = start(flash, "powerOn").status();
    equal([status.mode, status.journal], ["observe", undefined]);
    equal(status.fault, "slots: the partition table has no journal; expected one made for updates");
    const lost = flashWith("valid");
    lost.partitions.delete("running");
    lost.partitions.delete("nextota");
    const system = { resetReason: "powerOn", runningSlot: undefined, restart: () => {}, sleep: () => {} } as const;
    const slots = new Slots({ flash: lost, system, Digest: SpecDigest });
    slots.boot();
    equal([slots.status().slots, slots.status().mode], [[], "observe"]);
  });
});

describe("a chip whose image is on trial", () => {
  it("does not sleep, and sleeps once the image is confirmed", () => {
    const slept: number[] = [];
    const system = {
      resetReason: "software",
      runningSlot: 0,
      restart: () => {},
      sleep: (durationMs: number) => void slept.push(durationMs),
    } as const;
    const slots = new Slots({ flash: flashWith("pendingVerify"), system, Digest: SpecDigest });
    slots.boot();
    const chip = new WakefulSystem(system, slots);
    throws(() => chip.sleep(1000), "refused", /no sleep while the image is on trial/);
    slots.confirm();
    chip.sleep(1000);
    equal([slept, chip.resetReason, chip.runningSlot], [[1000], "software", 0]);
  });

  it("that cannot sleep says so, and a crash from then on was not planned", () => {
    const flash = flashWith("valid");
    const restless = {
      resetReason: "powerOn",
      runningSlot: 0,
      restart: () => {},
      sleep: () => {
        throw new FirmwareError("unsupported", "system: no sleep here");
      },
    } as const;
    const slots = new Slots({ flash, system: restless, Digest: SpecDigest });
    slots.boot();
    throws(() => new WakefulSystem(restless, slots).sleep(1000), "unsupported");
    equal(start(flash, "software").report.resetClass, "fault");
    const sleeper = start(flash, "unknown");
    sleeper.sleep(10);
    equal(start(flash, "unknown").report.resetClass, "planned", "also where the chip cannot say that it slept");
  });
});
