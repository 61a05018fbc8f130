/** What Moddable's flash module leaves out or lets happen on the ESP32, and that the adapter mends it before the call. */
import { openFlashStorage } from "../../../hosts/esp32/flash.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { type FlashSubject, flashObligations } from "../../ports/flash.js";
import { factoryFresh, PARTITIONS } from "../storage/device.js";
import { fakeFlashModule } from "./moddable/flash.js";

/** A device whose flash ends the chip where the running slot is written. */
function openDevice() {
  const chip = { flash: factoryFresh(), partitions: PARTITIONS, runningSlot: 0, aborts: [] as string[] };
  const module = fakeFlashModule(chip);
  return { ...chip, module, storage: openFlashStorage({ storage: module }) };
}

interface ChipSubject extends FlashSubject {
  readonly aborts: readonly string[];
}

/** Fails where the chip was ended, which an obligation that waits for any error would not notice. */
function stillRuns(subject: ChipSubject): void {
  equal(subject.aborts, [], "what ended the chip");
}

const slotOfUpdate = (): ChipSubject => ({ ...openDevice(), path: "nextota" });
const labelled = flashObligations.filter(({ must }) => must !== "list the labels of the partitions");
describePort('Flash on the ESP32, "nextota"', labelled, slotOfUpdate, stillRuns);
describePort(
  "Flash on the ESP32, an encrypted partition",
  flashObligations,
  () => ({ ...openDevice(), path: "secret" }),
  stillRuns,
);

describe("ESP32: flash", () => {
  it("refuses write and erase in the running slot before ESP-IDF ends the chip", () => {
    const { storage, aborts, flash } = openDevice();
    const before = flash.snapshot();
    const running = storage.open({ path: "running" });
    throws(() => running.write(new Uint8Array(16), 0), "refused", /^flash running: write refused: the running image is in it/);
    throws(() => running.eraseBlock(0), "refused", /^flash running: erase refused/);
    equal(new Uint8Array(running.read(1, 0))[0], 0xe9, "the image's first byte");
    equal(aborts, [], "what ended the chip");
    equal(flash.snapshot(), before);
  });

  it("would end the chip without that", () => {
    const { module, aborts } = openDevice();
    const running = module.open({ path: "running", mode: "r+" });
    throws(() => running.write(new Uint8Array(16), 0));
    throws(() => running.eraseBlock(0, 1));
    equal(aborts, ["write in ota_0", "erase in ota_0"]);
  });

  it("fills in what Moddable's status leaves out", () => {
    const { module, storage } = openDevice();
    equal(Object.keys(module.open({ path: "storage", mode: "r" }).status()), ["size", "blockLength", "blocks"]);
    const status = storage.open({ path: "storage" }).status();
    equal(status, { size: 0x4000, blockLength: 4096, blocks: 4, eraseValue: 0xff, writeAlign: 4 });
  });

  it("erases one block where no end is given; Moddable erases none, or fails", () => {
    const { module, storage } = openDevice();
    const partition = storage.open({ path: "storage" });
    const marks = () => [0, 1].map((block) => new Uint8Array(partition.read(1, block * 4096))[0]);
    for (const block of [0, 1]) partition.write(new Uint8Array(4), block * 4096);
    const own = module.open({ path: "storage", mode: "r+" }) as unknown as { eraseBlock(start: number): void };
    own.eraseBlock(0);
    equal(marks(), [0, 0], "after Moddable's erase of block 0");
    throws(() => own.eraseBlock(1), /erase failed/);
    partition.eraseBlock(0);
    partition.eraseBlock(1);
    equal(marks(), [0xff, 0xff]);
  });

  it("clips a read at the end, at which Moddable throws", () => {
    const { module, storage } = openDevice();
    throws(() => module.open({ path: "storage", mode: "r" }).read(32, 0x4000 - 16), /read failed/);
    equal(storage.open({ path: "storage" }).read(32, 0x4000 - 16).byteLength, 16);
  });

  it("refuses a write that is not aligned, which ESP-IDF takes", () => {
    const { module, storage } = openDevice();
    module.open({ path: "storage", mode: "r+" }).write(Uint8Array.of(1, 2, 3), 5);
    const partition = storage.open({ path: "storage" });
    throws(() => partition.write(Uint8Array.of(1, 2, 3, 4), 6), "invalid", /expected multiples of 4$/);
    throws(() => partition.write(Uint8Array.of(1, 2, 3), 4), "invalid");
    equal(new Uint8Array(partition.read(8, 4)), Uint8Array.of(0xff, 1, 2, 3, 0xff, 0xff, 0xff, 0xff));
  });

  it("lists application slots that open under no label, and says what they open as", () => {
    const { storage } = openDevice();
    ok([...storage].includes("ota_1"), "ota_1 is listed");
    const expected = /^flash: no partition "ota_1", expected .* application slots open only as "running" and "nextota"$/;
    throws(() => storage.open({ path: "ota_1" }), "missing", expected);
    throws(() => storage.open({ path: "no-such-part" }), "missing");
  });

  it("lets a loop over the labels end at the last one, where Moddable's iterator throws", () => {
    const { module, storage } = openDevice();
    const last = [...storage].at(-1);
    const leaveAtLast = (labels: Iterable<string>): void => {
      for (const label of labels) if (label === last) break;
    };
    throws(() => leaveAtLast(module));
    leaveAtLast(storage);
  });

  it("passes on as io what only the chip can know", () => {
    const { storage } = openDevice();
    const data = storage.open({ path: "factory-data" });
    throws(() => data.write(new Uint8Array(4), 0), "io", /^flash factory-data: write failed$/);
    const encrypted = storage.open({ path: "secret" });
    throws(() => encrypted.write(new Uint8Array(4), 0), "io", /^flash secret: write failed$/);
  });

  it("hands Moddable neither buffers nor options of other shapes", () => {
    const seen: unknown[] = [];
    const { module } = openDevice();
    const storage = openFlashStorage({
      storage: {
        open(options) {
          seen.push(options);
          return module.open(options);
        },
        [Symbol.iterator]: () => module[Symbol.iterator](),
      },
    });
    const target = { owner: "the application" };
    const partition = storage.open({ path: "storage", target } as { path: string });
    equal(seen, [{ path: "storage", mode: "r+" }]);
    ok((partition as { target?: unknown }).target === target, "the target");
    throws(() => partition.write(new Uint16Array(4) as unknown as Uint8Array, 0), "invalid", /expected an ArrayBuffer/);
    equal(partition.read(new DataView(new ArrayBuffer(8)) as unknown as ArrayBuffer, 0), 8);
  });
});
