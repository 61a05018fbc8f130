/** What Moddable's update module leaves out or does too much of on the ESP32, and that the adapter mends it before the call. */
import { openFlashStorage } from "../../../hosts/esp32/flash.js";
import { openUpdateStorage } from "../../../hosts/esp32/update.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { factoryFresh, imageOf, otadataOf, PARTITIONS, programImage, writeEntry } from "../storage/device.js";
import { fakeFlashModule } from "./moddable/flash.js";
import { fakeUpdateModule } from "./moddable/update.js";

const PENDING = 1;
const VALID = 2;

/** A device that runs ota_0, confirmed, with an older image in ota_1. */
function openDevice() {
  const chip = {
    flash: factoryFresh(),
    partitions: PARTITIONS,
    runningSlot: 0,
    aborts: [] as string[],
    lengths: [] as unknown[],
  };
  programImage(chip.flash, 1, imageOf("0.9.0"));
  writeEntry(chip.flash, 0, 1, VALID);
  const [flashModule, updateModule] = [fakeFlashModule(chip), fakeUpdateModule(chip)];
  const flash = openFlashStorage({ storage: flashModule });
  const update = openUpdateStorage({ update: updateModule });
  const blocksErased = () => {
    const slot = flash.open({ path: "nextota", mode: "r" });
    const isBlank = (block: number) => new Uint8Array(slot.read(4096, block * 4096)).every((byte) => byte === 0xff);
    return [0, 1, 2, 3].map((block) => isBlank(block));
  };
  return { ...chip, flashModule, updateModule, storage: flash, update, slot: flash.open({ path: "nextota" }), blocksErased };
}

describe("ESP32: update", () => {
  it('cannot write in Moddable\'s mode "a", which refuses the offset that its own method hands on', () => {
    const { flashModule, updateModule } = openDevice();
    const partition = flashModule.open({ path: "nextota", mode: "r+" });
    const appending = updateModule.open({ partition, mode: "a", byteLength: 4096 } as never);
    throws(() => (appending.write as (bytes: Uint8Array) => void).call(appending, imageOf("2.0.0")), /offset not allowed/);
  });

  it("tells Moddable a byteLength always, the slot's where none was given", () => {
    const { update, slot, lengths } = openDevice();
    update.open({ partition: slot }).close();
    update.open({ partition: slot, mode: "w" }).close();
    update.open({ partition: slot, mode: "w", byteLength: 1 }).close();
    update.open({ partition: slot, byteLength: 5000 }).close();
    equal(lengths, [0x10000, 0x10000, 1, 5000]);
  });

  it("erases what byteLength says, rounded up, and refuses the 0 that would erase all", () => {
    const { update, slot, blocksErased } = openDevice();
    throws(() => update.open({ partition: slot, mode: "w", byteLength: 0 }), "invalid", /^update: byteLength 0, expected 1/);
    equal(blocksErased(), [false, false, false, true], "after a refused opening");
    update.open({ partition: slot, mode: "w", byteLength: 4096 }).close();
    equal(blocksErased(), [true, false, false, true]);
    update.open({ partition: slot, byteLength: 4097 }).close();
    equal(blocksErased(), [true, true, false, true]);
  });

  it("takes the slot of an update only: ESP-IDF 6.0 would erase a data partition", () => {
    const { update, updateModule, flashModule, storage, flash } = openDevice();
    const before = flash.snapshot();
    const otadata = storage.open({ path: "otadata" });
    throws(() => update.open({ partition: otadata }), "invalid", /^update: the partition "otadata", expected/);
    throws(() => update.open({ partition: storage.open({ path: "running" }) }), "refused");
    equal(flash.snapshot(), before, "the flash");
    updateModule.open({ partition: flashModule.open({ path: "otadata", mode: "r+" }), mode: "w", byteLength: 1 });
    equal(otadataOf(flash)[0], "blank", "after Moddable's update of otadata");
  });

  it("takes partitions of this host's flash only, and none of Moddable's own", () => {
    const { update, flashModule } = openDevice();
    const own = flashModule.open({ path: "nextota", mode: "r+" });
    for (const partition of [own, {}, undefined, "nextota"]) {
      throws(() => update.open({ partition: partition as never }), "invalid", /no.* open flash partition of this host/);
    }
  });

  it('wants an offset in mode "w", where Moddable writes to 0, and an end within byteLength, which Moddable does not', () => {
    const { update, updateModule, flashModule, slot } = openDevice();
    const own = updateModule.open({
      partition: flashModule.open({ path: "nextota", mode: "r+" }),
      mode: "w",
      byteLength: 4096,
    });
    (own.write as (bytes: Uint8Array) => void).call(own, Uint8Array.of(0xe9, 1, 2, 3));
    own.write(Uint8Array.of(0, 0, 0, 0), 8192);
    own.close();
    equal(new Uint8Array(slot.read(4, 0)), Uint8Array.of(0xe9, 1, 2, 3), "Moddable's write without an offset");
    const random = update.open({ partition: slot, mode: "w", byteLength: 4096 });
    throws(() => random.write(Uint8Array.of(0xe9)), "invalid", /^update: write at undefined, expected an integer from 0$/);
    throws(() => random.write(new Uint8Array(16), 4096 - 8), "invalid", /expected an end of at most 4096$/);
    equal(new Uint8Array(slot.read(4, 0)), new Uint8Array(4).fill(0xff), "what is in the slot");
  });

  it("refuses while the running image is on trial, and erases nothing", () => {
    const { update, slot, flash, blocksErased } = openDevice();
    writeEntry(flash, 0, 1, PENDING);
    throws(() => update.open({ partition: slot }), "refused", /^update: begin failed$/);
    equal(blocksErased(), [false, false, false, true]);
  });

  it("tells a bad image from a flash that fails", () => {
    const { update, slot, updateModule } = openDevice();
    const image = imageOf("2.0.0");
    image[5000]! ^= 1;
    const bad = update.open({ partition: slot });
    bad.write(image);
    throws(() => bad.complete(), "corrupt", /^update: complete: end failed$/);
    const unwilling = openUpdateStorage({
      update: {
        open(options) {
          const own = updateModule.open(options);
          own.complete = () => {
            throw new Error("can't change boot partition");
          };
          own.write = () => {
            throw new Error("write failed");
          };
          return own;
        },
      },
    });
    const failing = unwilling.open({ partition: slot, mode: "w" });
    throws(() => failing.write(image, 0), "io", /^update: write failed$/);
    throws(() => failing.complete(), "corrupt", /nothing was written/);
  });

  it("arms the slot for the next start, keeps the target, and never ends the chip", () => {
    const { update, slot, flash, aborts } = openDevice();
    const target = { owner: "the application" };
    const appending = update.open(Object.freeze({ partition: slot, target }));
    ok((appending as { target?: unknown }).target === target, "the target");
    appending.write(new Uint8Array(0));
    const image = imageOf("2.0.0");
    for (let at = 0; at < image.length; at += 777) appending.write(image.subarray(at, at + 777));
    appending.complete();
    appending.close();
    equal(otadataOf(flash), ["1 valid", "2 new"]);
    equal(aborts, []);
  });
});
