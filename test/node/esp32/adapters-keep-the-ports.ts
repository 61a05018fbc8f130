/** The ESP32's adapters against the law of their ports, over stand-ins that behave as Moddable 8.2.3 does. */
import { createClock } from "../../../hosts/esp32/clock.js";
import { openFlashStorage } from "../../../hosts/esp32/flash.js";
import { openKeyValueStorage } from "../../../hosts/esp32/key-value.js";
import { createRandom } from "../../../hosts/esp32/random.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import { openUpdateStorage } from "../../../hosts/esp32/update.js";
import { createWallClock } from "../../../hosts/esp32/wall-clock.js";
import { runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest as NodeDigest } from "../../../hosts/node/digest.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { describePort } from "../../harness/port-suite.js";
import { clockObligations } from "../../ports/clock.js";
import { flashObligations } from "../../ports/flash.js";
import { keyValueObligations } from "../../ports/key-value.js";
import { randomObligations } from "../../ports/random.js";
import { timerObligations } from "../../ports/timer.js";
import { type UpdateSubject, updateObligations } from "../../ports/update.js";
import { wallClockObligations } from "../../ports/wall-clock.js";
import { factoryFresh, imageOf, PARTITIONS, programImage, SIZE_BYTES } from "../storage/device.js";
import { fakeFlashModule } from "./moddable/flash.js";
import { FakeNVS, fakeKeyValueModule } from "./moddable/key-value.js";
import { FakeLoop } from "./moddable/time.js";
import { fakeUpdateModule } from "./moddable/update.js";

const flashOf = (flash: NorFlash) =>
  openFlashStorage({ storage: fakeFlashModule({ flash, partitions: PARTITIONS, runningSlot: 0 }) });

describePort("Flash on the ESP32", flashObligations, () => ({
  storage: flashOf(new NorFlash({ sizeBytes: SIZE_BYTES })),
  path: "storage",
}));

for (const keepsDuplicates of [false, true]) {
  describePort(
    `KeyValue on the ESP32, ${keepsDuplicates ? "a value of each type under a name" : "one value a name"}`,
    keyValueObligations,
    () => {
      const nvs = new FakeNVS();
      nvs.keepsDuplicates = keepsDuplicates;
      const restart = () => openKeyValueStorage({ storage: fakeKeyValueModule(nvs) });
      return { storage: restart(), path: "settings", otherPath: "other", restart };
    },
  );
}

function openUpdate(): UpdateSubject {
  const flash = factoryFresh();
  programImage(flash, 1, imageOf("0.9.0"));
  const boot = (over: NorFlash) =>
    runBootloader({ flash: over, rollback: true, validation: "always", Digest: NodeDigest }).slot;
  boot(flash);
  return {
    update: openUpdateStorage({ update: fakeUpdateModule({ flash, partitions: PARTITIONS, runningSlot: 0 }) }),
    flash: flashOf(flash),
    image: imageOf("2.0.0"),
    isActivated: () => boot(NorFlash.from(flash.snapshot())) === 1,
  };
}

describePort("Update on the ESP32", updateObligations, openUpdate);

/** A loop whose ticks wrap soon after the start. */
function openTime() {
  const loop = new FakeLoop(2 ** 32 - 5);
  const Timer = createTimer({ timer: loop.timer });
  const clock = createClock({ time: loop.time, Timer });
  const wallClock = createWallClock({ time: loop.time, date: loop.date });
  return { Timer, clock, wallClock, advance: (durationMs: number) => loop.advance(durationMs) };
}

describePort("Timer on the ESP32", timerObligations, openTime);
describePort("Clock on the ESP32", clockObligations, openTime);
describePort("WallClock on the ESP32", wallClockObligations, openTime);

describePort("Random on the ESP32", randomObligations, () => ({ random: createRandom(Math.random) }));
