/** The boot authority over a flash in memory: the order of its writes, its refusals, and what only the journal can tell it. */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { Journal, type NewRecord } from "../../../src/ota/journal.js";
import { imageIdOf, PlannedCause, RecordType, shortImageId } from "../../../src/ota/journal-record.js";
import { Slots } from "../../../src/ota/slots.js";
import type { ResetReason, System } from "../../../src/ports/system.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";
import { TracedFlash } from "./traced-flash.js";

const OWN = smallImage();
const OTHER = smallImage({ payload: new Uint8Array(64) });
const GONE = smallImage({ payload: new Uint8Array(8) });

function idOf(image: Uint8Array): string {
  return imageIdOf(image, image.length - 32);
}

/** A device that runs OWN in slot 0; OTHER is in slot 1. */
class Device {
  readonly memory = new MemoryFlash({
    journal: 2 * SECTOR_SIZE_BYTES,
    otadata: 2 * SECTOR_SIZE_BYTES,
    running: SECTOR_SIZE_BYTES,
    nextota: SECTOR_SIZE_BYTES,
  });
  readonly flash = new TracedFlash(this.memory);
  /** What the flash had been through when the reset line was pulled; `undefined` while it was not. */
  pathsAtRestart: readonly string[] | undefined;

  constructor(ownState: keyof typeof OtaState, records: readonly NewRecord[] = [], otherEntry?: keyof typeof OtaState) {
    this.#bytes("running").set(OWN);
    this.#bytes("nextota").set(OTHER);
    this.#bytes("otadata").set(encodeOtaEntry(3, OtaState[ownState]));
    if (otherEntry) this.#bytes("otadata").set(encodeOtaEntry(2, OtaState[otherEntry]), SECTOR_SIZE_BYTES);
    const journal = new Journal({ flash: this.memory });
    for (const record of records) journal.append(record);
  }

  #bytes(path: string): Uint8Array {
    return this.memory.partitions.get(path)!;
  }

  damageOther(): void {
    this.#bytes("nextota")[300]! ^= 1;
  }

  slots(resetReason: ResetReason = "powerOn"): Slots {
    const system: System = {
      resetReason,
      runningSlot: 0,
      restart: () => {
        this.pathsAtRestart = this.flash.changedPaths.slice();
      },
      sleep: () => {},
    };
    return new Slots({ flash: this.flash, system, Digest: SpecDigest });
  }

  booted(resetReason?: ResetReason): Slots {
    const slots = this.slots(resetReason);
    slots.boot();
    this.flash.changedPaths.length = 0;
    return slots;
  }
}

/** What was signed of an image. */
function releaseOf(image: Uint8Array) {
  return { imageIdentity: image.slice(image.length - 32), sequenceNumber: 9, securityVersion: 4, nextKeyDigest: undefined };
}

const trialOf = (image: Uint8Array, slot: number): NewRecord => ({
  type: RecordType.armed,
  imageId: idOf(image),
  first: 1,
  second: slot,
});
const PLANNED: NewRecord = { type: RecordType.planned, detail: PlannedCause.update };

/** OTHER was confirmed in slot 1, in the place of OWN. */
const CONFIRMED_OTHER = {
  type: RecordType.confirmed,
  imageId: idOf(OTHER),
  first: shortImageId(idOf(OWN)),
  second: 1,
};

describe("the boot authority", () => {
  it("writes BOOT before it does anything else", () => {
    const device = new Device("new");
    equal(device.slots().boot().decision, "run after repair");
    equal(device.flash.changedPaths, ["journal", "otadata"]);
  });

  it("writes each verdict into the journal before otadata, and PLANNED before it restarts", () => {
    const arming = new Device("valid");
    arming.booted().arm();
    equal(arming.flash.changedPaths, ["nextota", "journal", "otadata"], "its first line once more, ARMED, then the entry");
    const confirming = new Device("pendingVerify", [trialOf(OWN, 0)], "valid");
    confirming.booted("software").confirm();
    equal(confirming.flash.changedPaths, ["journal", "otadata"], "CONFIRMED, then the entry");
    const rejecting = new Device("pendingVerify", [trialOf(OWN, 0)], "valid");
    rejecting.booted("software").reject("inconclusive");
    equal(rejecting.pathsAtRestart, ["journal", "otadata", "journal"], "REJECTED, the entry, PLANNED");
    const started = { type: RecordType.boot, imageId: idOf(OTHER), second: 1, detail: 2 };
    const judging = new Device("valid", [trialOf(OTHER, 1), started], "new");
    equal(judging.slots("panic").boot().decision, "quarantine");
    equal(judging.flash.changedPaths, ["journal", "otadata"], "BOOT and QUARANTINE, then the entry");
  });

  // A developer flashes slot 0 by cable and erases otadata, as tools do; the journal still names the image in slot 1 as
  // confirmed, and the device used to go straight back to it. A cut can only bring back the image that was replaced.
  it("stays with an image that a tool has flashed, whatever the journal calls confirmed", () => {
    const flashed = new Device("valid", [{ ...CONFIRMED_OTHER, first: 1 }]);
    const report = flashed.slots().boot();
    equal([report.decision, report.isRestarting, report.situation.claim], ["run", false, "neither"]);
  });

  it("goes back to the image that was confirmed, where a cut kept otadata from saying so", () => {
    const device = new Device("valid", [CONFIRMED_OTHER], "aborted");
    const report = device.slots().boot();
    equal([report.decision, report.isRestarting, report.situation.claim], ["revert", true, "other"]);
    equal(device.pathsAtRestart, ["journal", "otadata", "journal", "otadata", "journal"], "BOOT, ARMED, the entry, PLANNED");
    const damaged = new Device("valid", [CONFIRMED_OTHER], "aborted");
    damaged.damageOther();
    equal(damaged.slots().boot().decision, "run, other lost");
  });

  // Rollback has to be on in the bootloader, which an update does not replace; many boards in the field have none, and nothing
  // on the device said so until an image crashed before its verdict and came back for ever.
  it("sees by a trial's entry whether the bootloader knows rollback, and remembers it", () => {
    const without = new Device("new", [trialOf(OWN, 0)], "valid").booted("software");
    equal(without.report.bootloaderRollback, "missing");
    without.confirm();
    const withIt = new Device("pendingVerify", [trialOf(OWN, 0)], "valid");
    const slots = withIt.booted("software");
    equal(slots.report.bootloaderRollback, "present");
    slots.confirm();
    equal(withIt.slots().boot().bootloaderRollback, "present", "by the journal");
    equal(new Device("valid").slots().boot().bootloaderRollback, "unknown", "nothing was ever on trial");
    // Flashed by a tool, which writes no entry or NEW: no trial of ours, so it shows nothing.
    equal(new Device("new").slots().boot().bootloaderRollback, "unknown");
  });

  it("runs from a partition table that was not made for updates, and says so", () => {
    for (const label of ["journal", "otadata"]) {
      const device = new Device("valid");
      device.memory.partitions.delete(label);
      const slots = device.slots("software");
      const report = slots.boot();
      equal([report.mode, report.isRestarting], ["observe", false]);
      ok(report.fault?.includes(`the partition table has no ${label}`), report.fault ?? "no fault");
      equal([slots.mayWriteOther, slots.canReject, slots.isTrial], [false, false, false]);
      slots.restart("user");
      equal(device.pathsAtRestart, label === "journal" ? [] : ["journal"], "the reset line is pulled all the same");
    }
  });

  it("tries an image that was downloaded, never armed, and runs all the same", () => {
    // The entry of the slot that ran lost a bit between the image's last word and ARMED. The other entry, of the image that had
    // been there before, led the bootloader to an image that nobody had tried, and it was taken for confirmed.
    const came = { type: RecordType.progress, imageId: idOf(OWN), first: 5, second: 0 };
    const device = new Device("valid", [came]);
    const slots = device.booted("powerOn");
    equal([slots.report.decision, slots.isTrial, slots.mayWriteOther], ["trial", true, false]);
    slots.confirm();
    equal(device.slots().boot().decision, "run");
    const elsewhere = new Device("valid", [{ ...came, second: 1 }]);
    equal(elsewhere.slots().boot().decision, "run", "another slot's download says nothing about this one");
  });

  it("leaves an image that was sent away, where a cut kept otadata from saying so", () => {
    // Without rollback the bootloader started the image once more whose REJECTED stood in the journal. Nothing was open, so it
    // was settled as VALID, and told the server that the update had succeeded.
    for (const type of [RecordType.rejected, RecordType.quarantine]) {
      const verdict = { type, imageId: idOf(OWN), second: 0 };
      const device = new Device("new", [trialOf(OWN, 0), verdict], "valid");
      const report = device.slots().boot();
      equal([report.decision, report.isRestarting], ["leave", true]);
      const alone = new Device("new", [trialOf(OWN, 0), verdict]);
      equal(alone.slots().boot().decision, "stay, though sent away");
      const flashed = new Device("valid", [verdict], "valid");
      equal(flashed.slots().boot().decision, "run", "a tool or a person has decided otherwise");
    }
  });

  it("remembers what signed updates taught it, over restarts and power cuts, and never less", () => {
    const memory = {
      releaseFloor: 7,
      deploymentFloor: 11,
      securityFloor: 3,
      timeFloorS: 1_795_000_000,
      nextKeyDigest: new Uint8Array(32).fill(0xab),
    };
    const kept = { ...memory, nextKeyDigest: new Uint8Array(16).fill(0xab) };
    const device = new Device("valid");
    const slots = device.booted();
    slots.remember(memory);
    equal(slots.updateMemory, kept);
    equal(device.flash.changedPaths.length, 1, "the journal alone, each growth a record");
    equal(device.booted().updateMemory, kept, "after a restart");
    device.booted().remember({ ...memory, releaseFloor: 2, timeFloorS: 5, nextKeyDigest: undefined });
    equal(device.booted().updateMemory, kept, "a floor does not sink");
    const again = device.booted();
    again.remember(kept);
    equal(device.flash.changedPaths, [], "what is known already is not written");
  });

  it("does not let the other slot be written during a trial, even where the entry says valid", () => {
    // A platform's start-up code may mark every image valid by itself, as arduino-esp32's did for years.
    const slots = new Device("valid", [trialOf(OWN, 0)]).booted("software");
    equal([slots.isTrial, slots.mayWriteOther], [true, false]);
    throws(() => slots.arm(), "refused", /not confirmed; expected its trial to end before another/);
    slots.confirm();
    equal([slots.isTrial, slots.mayWriteOther], [false, true]);
  });

  it("refuses to send the running image away where the other slot has nothing that boots", () => {
    const damaged = new Device("pendingVerify", [trialOf(OWN, 0)], "valid");
    damaged.damageOther();
    const without = new Device("pendingVerify", [trialOf(OWN, 0)]);
    for (const device of [damaged, without]) {
      const slots = device.booted("software");
      ok(!slots.canReject);
      throws(() => slots.reject("unhealthy"), "refused", /other slot holds nothing that boots; expected a whole image/);
      equal([device.flash.changedPaths, slots.isTrial], [[], true]);
    }
  });

  it("arms nothing but a whole image", () => {
    const damaged = new Device("valid");
    damaged.damageOther();
    throws(() => damaged.booted().arm(), "corrupt", /expected/);
    throws(() => damaged.booted().arm({ release: releaseOf(OTHER) }), "corrupt", /expected/);
    const device = new Device("valid");
    const slots = device.booted();
    device.memory.partitions.get("nextota")!.fill(0xff);
    throws(() => slots.arm({ release: releaseOf(OTHER), isReadBack: true }), "corrupt", /no SHA-256; expected hash_appended/);
    equal([damaged.flash.changedPaths, device.flash.changedPaths], [[], []]);
  });

  it("arms the image of a release only where the whole identity is the signed one, up to its last byte", () => {
    const device = new Device("valid");
    const slots = device.booted();
    const message = new RegExp(`the slot holds ${idOf(OTHER)}…; expected [0-9a-f]{16}… as signed`);
    for (const isReadBack of [false, true]) {
      throws(() => slots.arm({ release: releaseOf(OWN), isReadBack }), "corrupt", message);
      for (const byte of [0, 7, 8, 31]) {
        const release = releaseOf(OTHER);
        release.imageIdentity[byte]! ^= 1;
        throws(() => slots.arm({ release, isReadBack }), "corrupt", message);
      }
    }
    equal(device.flash.changedPaths, []);
    slots.arm({ release: releaseOf(OTHER) });
    equal(device.flash.changedPaths, ["nextota", "journal", "otadata"]);
  });

  it("reads the slot itself before it arms, unless it is told that somebody just did", () => {
    const release = releaseOf(OTHER);
    const device = new Device("valid");
    const slots = device.booted();
    device.damageOther();
    throws(() => slots.arm({ release }), "corrupt", /checksum|hash/i);
    equal(device.flash.changedPaths, []);
    slots.arm({ release, isReadBack: true });
    equal(device.flash.changedPaths, ["journal", "otadata"]);
  });

  it("takes a software reset for a failure unless the journal's last word is PLANNED", () => {
    const boot: NewRecord = { type: RecordType.boot, imageId: idOf(OTHER), first: 1, second: 1 };
    const failed = new Device("valid", [trialOf(OTHER, 1), PLANNED, boot], "aborted");
    equal(failed.slots("software").boot().decision, "quarantine");
    const wanted = new Device("valid", [trialOf(OTHER, 1), PLANNED, boot, PLANNED], "aborted");
    equal(wanted.slots("software").boot().decision, "re-arm");
    const unknown = new Device("valid", [trialOf(OTHER, 1), boot], "aborted");
    equal(unknown.slots("unknown").boot().decision, "re-arm", "what nobody can tell judges nobody");
  });

  it("gives up on an image that was armed and is in the slot no more", () => {
    const device = new Device("valid", [trialOf(GONE, 1)], "aborted");
    const report = device.slots("brownOut").boot();
    equal([report.decision, report.isRestarting, report.judgedImageId], ["lost", false, idOf(GONE)]);
  });
});
