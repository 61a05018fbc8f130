/** What a firmware still starts when one start after another goes wrong, and what brings it back. */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { imageIdOf } from "../../../src/ota/journal-record.js";
import {
  type CrashStreak,
  decodeStreak,
  encodeStreak,
  levelOf,
  NO_STREAK,
  retryWaitMs,
  rungOf,
  streakAfter,
} from "../../../src/ota/ladder.js";
import type { ResetClass } from "../../../src/ota/reset-class.js";
import { Slots } from "../../../src/ota/slots.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { equal, ok } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";

const IMAGES = [smallImage(), smallImage({ payload: new Uint8Array(64) })] as const;
const idOf = (slot: 0 | 1): string => imageIdOf(IMAGES[slot], IMAGES[slot].length - 32);

/** Two images, slot 0 confirmed, and a bootloader with rollback that obeys otadata. */
class Device {
  readonly flash = new MemoryFlash({ journal: 4 * SECTOR_SIZE_BYTES, otadata: 2 * SECTOR_SIZE_BYTES });
  running: 0 | 1 = 0;

  constructor() {
    this.entry(0, 3, "valid");
  }

  entry(index: 0 | 1, sequence: number, state: keyof typeof OtaState): void {
    const bytes = this.flash.partitions.get("otadata")!;
    bytes.fill(0xff, index * SECTOR_SIZE_BYTES, (index + 1) * SECTOR_SIZE_BYTES);
    bytes.set(encodeOtaEntry(sequence, OtaState[state]), index * SECTOR_SIZE_BYTES);
  }

  start(resetReason: ResetReason, isWatchdogExplained = false): Slots {
    for (const [path, slot] of [["running", this.running] as const, ["nextota", 1 - this.running] as const]) {
      const bytes = new Uint8Array(SECTOR_SIZE_BYTES).fill(0xff);
      bytes.set(IMAGES[slot as 0 | 1]);
      this.flash.partitions.set(path, bytes);
    }
    const system = { resetReason, runningSlot: this.running, restart: () => {}, sleep: () => {} };
    const slots = new Slots({ flash: this.flash, system, Digest: SpecDigest, isWatchdogExplained });
    slots.boot();
    return slots;
  }

  /** The other slot was armed: the bootloader starts it. */
  startArmed(): Slots {
    this.running = this.running === 0 ? 1 : 0;
    this.entry(1, 4, "pendingVerify");
    return this.start("software");
  }
}

function stateOf({ report }: Slots): readonly [number, string, string] {
  return [report.crashCount, report.level, report.decision];
}

describe("a start after starts that went wrong", () => {
  it("leaves out the optional from the third on, takes the other image at the fifth, and keeps what an update needs", () => {
    const device = new Device();
    equal(stateOf(device.start("powerOn")), [0, "full", "run"]);
    equal(stateOf(device.start("panic")), [1, "full", "run"]);
    equal(stateOf(device.start("software")), [2, "full", "run"]);
    equal(stateOf(device.start("watchdog")), [3, "essential", "run"]);
    equal(stateOf(device.start("panic")), [4, "essential", "run"]);
    const fallen = device.start("panic");
    equal(stateOf(fallen), [5, "essential", "fall back"]);
    ok(fallen.report.isRestarting);
    const tried = device.startArmed();
    equal([tried.isTrial, ...stateOf(tried)], [true, 5, "full", "trial"]);
    // It crashes as well: the bootloader goes back, and the fault is its own.
    device.running = 0;
    device.entry(1, 4, "aborted");
    equal(stateOf(device.start("panic")), [5, "essential", "quarantine"]);
    equal(stateOf(device.start("panic")), [6, "essential", "run"]);
    equal(stateOf(device.start("panic")), [7, "essential", "run"], "once");
    equal(stateOf(device.start("panic")), [8, "safe", "run"]);
    equal(stateOf(device.start("panic")), [9, "safe", "run"]);
  });

  it("stays with the other image that proves itself, and bans the one that crashed", () => {
    const device = new Device();
    device.start("powerOn");
    for (let count = 0; count < 5; count++) device.start("panic");
    const tried = device.startArmed();
    tried.confirm();
    ok(tried.isQuarantined(idOf(0)), "whoever offers it again needs a newer release");
    device.entry(1, 4, "valid");
    equal(stateOf(device.start("powerOn")), [0, "full", "run"]);
    equal(tried.status().lastVerdict, { verdict: "confirmed", imageId: idOf(1), because: undefined });
  });

  it("does not take an image that is in quarantine, broken, or below the least security version", () => {
    const spoil: readonly ((device: Device, slots: Slots) => void)[] = [
      () => {
        IMAGES[1][300]! ^= 1;
      },
      (_, slots) => slots.remember({ ...slots.updateMemory, securityFloor: 1 }),
    ];
    for (const harm of spoil) {
      const device = new Device();
      const before = IMAGES[1].slice();
      harm(device, device.start("powerOn"));
      for (let count = 0; count < 4; count++) device.start("panic");
      const slots = device.start("panic");
      equal([...stateOf(slots), slots.report.isRestarting], [5, "essential", "run, no way back", false]);
      equal(stateOf(device.start("panic")), [6, "essential", "run, no way back"]);
      IMAGES[1].set(before);
    }
  });

  it("is the same level after the power went, which neither counts nor heals", () => {
    const device = new Device();
    device.start("powerOn");
    for (let count = 0; count < 3; count++) device.start("panic");
    for (const reason of ["powerOn", "brownOut"] as const) equal(stateOf(device.start(reason)), [3, "essential", "run"]);
    equal(stateOf(device.start("unknown")), [4, "essential", "run"], "what nobody can tell counts");
  });

  it("takes no other image where nobody can tell a crash from a plug that was pulled", () => {
    const device = new Device();
    for (let count = 1; count <= 8; count++) {
      const slots = device.start("unknown");
      equal(slots.report.isRestarting, false);
      equal(slots.report.level, count < 3 ? "full" : count < 8 ? "essential" : "safe");
    }
    device.start("unknown").restart("retry");
    equal(stateOf(device.start("unknown")), [9, "full", "run"], "and a wanted restart is one");
  });

  it("tries everything again where it was wanted, and falls back where that goes wrong", () => {
    const device = new Device();
    device.start("powerOn");
    for (let count = 0; count < 3; count++) device.start("panic");
    device.start("powerOn").restart("retry");
    equal(stateOf(device.start("software")), [3, "full", "run"]);
    equal(stateOf(device.start("panic")), [4, "essential", "run"]);
    device.start("deepSleep").restart("user");
    equal(stateOf(device.start("software")), [0, "full", "run"], "a start in full had a wanted end");
  });

  it("counts from nothing once a start ran well for long enough", () => {
    const device = new Device();
    device.start("powerOn");
    device.start("panic");
    device.start("panic").tenure.recordHealthy();
    equal(stateOf(device.start("panic")), [1, "full", "run"]);
  });

  it("is not counted against this image where the one on trial failed", () => {
    const device = new Device();
    const slots = device.start("powerOn");
    slots.arm();
    slots.restart("update");
    device.startArmed();
    device.running = 0;
    device.entry(1, 4, "aborted");
    equal(stateOf(device.start("panic")), [0, "full", "quarantine"]);
  });
});

describe("the ladder", () => {
  const CLASSES: readonly ResetClass[] = ["environment", "planned", "fault", "unproven", "unknown"];

  it("has a rung for every count and class, and a level for every rung", () => {
    const seen: string[] = [];
    for (const count of [0, 2, 3, 4, 5, 7, 8, 255]) {
      for (const isFallbackTaken of [false, true]) {
        const rung = rungOf({ count, isFallbackTaken, wasFull: true }, "fault");
        seen.push(`${count}${isFallbackTaken ? "!" : ""} ${rung} ${levelOf(rung)}`);
        for (const resetClass of CLASSES) ok(levelOf(rungOf({ count, isFallbackTaken, wasFull: true }, resetClass)).length > 0);
      }
    }
    equal(seen, [
      "0 ground full",
      "0! ground full",
      "2 ground full",
      "2! ground full",
      "3 essential essential",
      "3! essential essential",
      "4 essential essential",
      "4! essential essential",
      "5 fallback essential",
      "5! essential essential",
      "7 fallback essential",
      "7! essential essential",
      "8 safe safe",
      "8! safe safe",
      "255 safe safe",
      "255! safe safe",
    ]);
  });

  it("goes through flash and back, and its counter has an end", () => {
    for (const streak of [NO_STREAK, { count: 255, isFallbackTaken: true, wasFull: false }] as const) {
      equal(decodeStreak(encodeStreak(streak)), streak);
    }
    equal(decodeStreak(0x0501), NO_STREAK, "a BOOT of before the ladder");
    let streak: CrashStreak = NO_STREAK;
    for (let count = 0; count < 300; count++) streak = streakAfter(streak, "fault", true);
    equal(streak.count, 255);
  });

  it("waits ten minutes, twenty, forty, and never longer than a day", () => {
    const waits = [3, 4, 5, 8, 10, 11, 255].map((count) => retryWaitMs(count, 600_000) / 600_000);
    equal(waits, [1, 2, 4, 32, 128, 144, 144]);
  });
});
