/** Which clock an expiry is held against, and what of it outlives a restart. */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import { Slots } from "../../../src/ota/slots.js";
import type { WallClock, WallClockQuality } from "../../../src/ports/wall-clock.js";
import { TrustedTime } from "../../../src/updater/trusted-time.js";
import { equal, throws } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";

const DAY_S = 86_400;
/** A morning in November 2026. */
const NOW_S = 1_795_000_000;

/** A clock that a spec winds, and that writes down what it is told. */
class WoundClock implements WallClock {
  quality: WallClockQuality = "none";
  nowMs = 0;
  readonly told: { readonly nowMs: number; readonly quality: WallClockQuality }[] = [];

  now(): number {
    return this.nowMs;
  }

  set(options: { readonly nowMs: number; readonly quality: WallClockQuality }): void {
    this.told.push(options);
  }

  wind(quality: WallClockQuality, nowS: number): void {
    this.quality = quality;
    this.nowMs = nowS * 1000 + 999;
  }
}

/** A device that is started anew for each `life()`. */
class Device {
  readonly flash = new MemoryFlash({
    journal: 2 * SECTOR_SIZE_BYTES,
    otadata: 2 * SECTOR_SIZE_BYTES,
    running: SECTOR_SIZE_BYTES,
    nextota: SECTOR_SIZE_BYTES,
  });

  constructor() {
    this.flash.partitions.get("running")!.set(smallImage());
    this.flash.partitions.get("otadata")!.set(encodeOtaEntry(3, OtaState.valid));
  }

  life(): { clock: WoundClock; slots: Slots; time: TrustedTime } {
    const system = { resetReason: "powerOn", runningSlot: 0, restart: () => {}, sleep: () => {} } as const;
    const slots = new Slots({ flash: this.flash, system, Digest: SpecDigest });
    slots.boot();
    const clock = new WoundClock();
    return { clock, slots, time: new TrustedTime({ wallClock: clock, slots }) };
  }

  /** FLOOR records in the journal. */
  get floorCount(): number {
    const bytes = this.flash.partitions.get("journal")!;
    let count = 0;
    for (let offset = 0; offset < bytes.length; offset += RECORD_SIZE_BYTES)
      if (bytes[offset] === 0xa7 && bytes[offset + 2] === RecordType.floor) count++;
    return count / 2; // Each stands in both halves.
  }
}

describe("the trusted time", () => {
  it("is a server's that TLS has proved, or a battery's, in whole seconds", () => {
    for (const quality of ["network", "rtc"] as const) {
      const { clock, time } = new Device().life();
      clock.wind(quality, NOW_S);
      equal(time.nowS, NOW_S, quality);
      clock.wind(quality, NOW_S + 1);
      equal(time.nowS, NOW_S + 1, "as it is now, not as it was");
    }
  });

  it("is none by a clock that was never set, or that goes by the bound of an earlier life", () => {
    for (const quality of ["none", "persisted"] as const) {
      const { clock, time, slots } = new Device().life();
      clock.wind(quality, NOW_S);
      equal(time.nowS, undefined, quality);
      time.keep();
      equal(slots.updateMemory.timeFloorS, 0, "and leaves no bound");
    }
  });

  it("leaves a bound in the journal, which the clock of the next life is given, as no more than a bound", () => {
    const device = new Device();
    const first = device.life();
    first.time.start();
    equal(first.clock.told, [], "there is none yet");
    first.clock.wind("network", NOW_S);
    first.time.keep();
    equal(first.slots.updateMemory.timeFloorS, NOW_S);
    const second = device.life();
    equal(second.time.nowS, undefined);
    second.time.start();
    equal(second.clock.told, [{ nowMs: NOW_S * 1000, quality: "persisted" }]);
    equal(second.slots.updateMemory.timeFloorS, NOW_S);
  });

  it("moves the bound once a day, not at each poll", () => {
    const device = new Device();
    const { clock, time, slots } = device.life();
    for (let hour = 0; hour < 72; hour++) {
      clock.wind("rtc", NOW_S + hour * 3600);
      time.keep();
      equal(slots.updateMemory.timeFloorS, NOW_S + Math.floor(hour / 24) * DAY_S, `hour ${hour}`);
    }
    equal(device.floorCount, 3);
    clock.wind("rtc", NOW_S + 3 * DAY_S - 1);
    time.keep();
    equal(device.floorCount, 3, "a second less than a day");
  });

  it("never moves the bound back, whatever a clock says later", () => {
    const device = new Device();
    const { clock, time, slots } = device.life();
    clock.wind("network", NOW_S);
    time.keep();
    for (const nowS of [NOW_S - 10 * DAY_S, 0]) {
      clock.wind("network", nowS);
      time.keep();
      equal([slots.updateMemory.timeFloorS, device.floorCount], [NOW_S, 1]);
    }
    equal(device.life().slots.updateMemory.timeFloorS, NOW_S);
  });

  it("is none by a clock beyond 2106: a bound that the journal cuts to 32 bits would lock the device out for good", () => {
    // A server of the year 9999 left 4,294,197,631 behind, which is in 2106, and no deployment lives that long.
    const device = new Device();
    const { clock, time } = device.life();
    clock.wind("network", 253_402_300_799);
    equal(time.nowS, undefined);
    time.keep();
    equal(device.life().slots.updateMemory.timeFloorS, 0);
    clock.wind("network", 0xffff_ffff);
    equal(time.nowS, 0xffff_ffff);
  });

  it("moves nothing else that is remembered", () => {
    const { clock, time, slots } = new Device().life();
    const nextKeyDigest = new Uint8Array(16).fill(5);
    const memory = { releaseFloor: 7, deploymentFloor: 11, securityFloor: 3, timeFloorS: 4, nextKeyDigest };
    slots.remember(memory);
    clock.wind("network", NOW_S);
    time.keep();
    equal(slots.updateMemory, { ...memory, timeFloorS: NOW_S });
  });

  it("leaves no bound where the start found that the journal takes nothing, and that is no failure", () => {
    const device = new Device();
    device.flash.partitions.delete("journal");
    const { clock, time, slots } = device.life();
    clock.wind("rtc", NOW_S);
    time.keep();
    equal([time.nowS, slots.updateMemory.timeFloorS], [NOW_S, 0]);
    throws(() => slots.remember({ ...slots.updateMemory, timeFloorS: NOW_S }), "io");
  });
});
