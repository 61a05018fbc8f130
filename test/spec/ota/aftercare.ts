/** What a start still owes: when each of it comes, that it comes once, and that most starts owe nothing. */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { Aftercare, SOAK_BOOT_COUNT } from "../../../src/ota/aftercare.js";
import { Journal } from "../../../src/ota/journal.js";
import type { ReleaseFloors } from "../../../src/ota/releases.js";
import { Slots } from "../../../src/ota/slots.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { Scheduler } from "../../../src/scheduler/scheduler.js";
import { equal } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";
import { ManualTime } from "../scheduler/manual-time.js";

const OWN = smallImage();
const OTHER = smallImage({ payload: new Uint8Array(64) });
const TIMES = Object.freeze({ healthyUptimeMs: 600, soakUptimeMs: 5000, rearmWaitMs: 60, retryWaitMs: 100 });
const RELEASE: ReleaseFloors & { readonly imageIdentity: Uint8Array } = {
  imageIdentity: OTHER.slice(-32),
  sequenceNumber: 9,
  securityVersion: 4,
  nextKeyDigest: undefined,
};

/** One start: its clock, and what was asked for. */
interface Start {
  readonly slots: Slots;
  readonly time: ManualTime;
  readonly aftercare: Aftercare;
  readonly restarts: readonly string[];
  readonly taskCount: () => number;
}

/** OWN in slot 0 and OTHER in slot 1, of which `running` runs. */
class Device {
  readonly flash = new MemoryFlash({ journal: 4 * SECTOR_SIZE_BYTES, otadata: 2 * SECTOR_SIZE_BYTES });
  running: 0 | 1 = 0;

  constructor() {
    this.#entry(0, 3, "valid");
  }

  #entry(index: 0 | 1, sequence: number, state: keyof typeof OtaState): void {
    const bytes = this.flash.partitions.get("otadata")!;
    bytes.fill(0xff, index * SECTOR_SIZE_BYTES, (index + 1) * SECTOR_SIZE_BYTES);
    bytes.set(encodeOtaEntry(sequence, OtaState[state]), index * SECTOR_SIZE_BYTES);
  }

  start(resetReason: ResetReason): Start {
    const images = this.running === 0 ? [OWN, OTHER] : [OTHER, OWN];
    for (const [index, path] of ["running", "nextota"].entries()) {
      const bytes = new Uint8Array(SECTOR_SIZE_BYTES).fill(0xff);
      bytes.set(images[index]!);
      this.flash.partitions.set(path, bytes);
    }
    const system = { resetReason, runningSlot: this.running, restart: () => {}, sleep: () => {} };
    const slots = new Slots({ flash: this.flash, system, Digest: SpecDigest });
    slots.boot();
    const time = new ManualTime();
    const restarts: string[] = [];
    let taskCount = 0;
    const scheduler = new Scheduler({ ...time, taskCountMax: 4 });
    const counting: Pick<Scheduler, "task"> = {
      task: (options) => {
        taskCount++;
        return scheduler.task(options);
      },
    };
    const onRestart = (cause: string): void => void restarts.push(`${time.nowMs} ${cause}`);
    const aftercare = new Aftercare({ ...TIMES, scheduler: counting, clock: time.clock, slots, onRestart });
    scheduler.start();
    aftercare.start();
    return { slots, time, aftercare, restarts, taskCount: () => taskCount };
  }

  /** The bootloader starts the armed slot. */
  startArmed(): Start {
    this.running = 1;
    this.#entry(1, 4, "pendingVerify");
    return this.start("software");
  }

  /** And takes the trial back. */
  startAfterTrial(reason: ResetReason): Start {
    this.running = 0;
    this.#entry(1, 4, "aborted");
    return this.start(reason);
  }
}

/** A device that confirmed OTHER of release 9, and is started anew. */
function confirmed(): Device {
  const device = new Device();
  const { slots } = device.start("powerOn");
  slots.arm({ release: RELEASE });
  slots.restart("update");
  device.startArmed().slots.confirm();
  return device;
}

describe("aftercare", () => {
  it("owes nothing after a start like any other, and takes no task", () => {
    equal(new Device().start("powerOn").taskCount(), 0);
  });

  it("arms an image again after a wait that grows, and restarts", () => {
    const device = new Device();
    const { slots } = device.start("powerOn");
    slots.arm();
    slots.restart("update");
    device.startArmed();
    equal(device.startAfterTrial("brownOut").slots.report.decision, "re-arm");
    for (const [attempt, waitMs] of [[2, 60] as const, [3, 240] as const, [4, 960] as const]) {
      device.startArmed();
      const waiting = device.startAfterTrial("brownOut");
      equal([waiting.slots.report.decision, waiting.slots.report.attemptCount], ["re-arm later", attempt]);
      waiting.time.advance(waitMs - 1);
      equal(waiting.restarts, []);
      waiting.time.advance(1);
      equal([waiting.restarts, waiting.slots.waitingImageId !== undefined], [[`${waitMs} update`], true]);
      waiting.slots.restart("update");
    }
    device.startArmed();
    equal(device.startAfterTrial("brownOut").slots.report.decision, "give up");
  });

  it("gives an image up that is not there any more when its time has come", () => {
    const device = new Device();
    device.start("powerOn").slots.arm();
    device.startArmed();
    device.startAfterTrial("brownOut");
    device.startArmed();
    const { slots, time, restarts } = device.startAfterTrial("brownOut");
    device.flash.partitions.get("nextota")!.fill(0xff, 0, 4);
    time.advance(1000);
    equal([restarts, slots.status().lastVerdict?.because, slots.waitingImageId], [[], "missing", undefined]);
  });

  it("tries everything again from a lower level, later each time", () => {
    const device = new Device();
    device.start("powerOn");
    for (let count = 0; count < 2; count++) device.start("panic");
    for (const waitMs of [100, 200]) {
      const { time, restarts } = device.start("panic");
      time.advance(waitMs - 1);
      equal(restarts, []);
      time.advance(1);
      equal(restarts, [`${waitMs} retry`]);
    }
  });

  it("calls a start healthy once it has run for long enough, and not one in a lower level", () => {
    const device = new Device();
    device.start("powerOn");
    const bad = device.start("panic");
    bad.time.advance(599);
    equal(bad.slots.status().crashCount, 1);
    bad.time.advance(1);
    equal(bad.slots.status().crashCount, 0);
    for (let count = 0; count < 3; count++) device.start("panic");
    const low = device.start("powerOn");
    low.time.advance(10_000);
    equal(low.slots.status().crashCount, 3);
  });

  it("makes floors of a release's numbers when its image has run for long enough, and not before", () => {
    const soaking = confirmed().start("powerOn");
    const floorsOf = ({ slots }: Start): readonly number[] => {
      const { releaseFloor, securityFloor } = slots.updateMemory;
      return [releaseFloor, securityFloor];
    };
    equal([soaking.slots.tenure.isSoaking, floorsOf(soaking)], [true, [9, 4]], "they bind while it runs");
    soaking.time.advance(4999);
    equal(soaking.slots.tenure.isSoaking, true);
    soaking.time.advance(1);
    equal([soaking.slots.tenure.isSoaking, floorsOf(soaking)], [false, [9, 4]]);
  });

  it("makes floors also in the start in which the image was confirmed, and none of an image that has no verdict", () => {
    const device = new Device();
    const { slots } = device.start("powerOn");
    slots.arm({ release: RELEASE });
    slots.restart("update");
    const trial = device.startArmed();
    trial.time.advance(4000);
    trial.slots.confirm();
    trial.time.advance(999);
    equal(trial.slots.tenure.isSoaking, true);
    trial.time.advance(1);
    equal(trial.slots.tenure.isSoaking, false);
    const other = new Device();
    other.start("powerOn").slots.arm({ release: RELEASE });
    const undecided = other.startArmed();
    undecided.time.advance(100_000);
    equal([undecided.slots.status().releaseFloor, undecided.slots.status().securityFloor], [0, 0]);
  });

  it("makes no floors of an image that is tried once more, before its verdict", () => {
    // A cut kept otadata from saying that the image was confirmed; the way back to it is a trial. Its numbers became floors in
    // the middle of that trial, and the image that it might have to go back to was below them.
    const device = confirmed();
    equal(device.startAfterTrial("powerOn").slots.report.decision, "revert");
    const again = device.startArmed();
    again.time.advance(100_000);
    equal([again.slots.isTrial, new Journal({ flash: device.flash }).history.floors.security], [true, 0]);
  });

  it("counts many calm starts for a long one: a device that sleeps never runs for a day", () => {
    const device = confirmed();
    for (let count = 1; count < SOAK_BOOT_COUNT; count++) device.start("deepSleep");
    const last = device.start("deepSleep");
    last.time.advance(600);
    equal(last.slots.tenure.isSoaking, false);
    const restless = confirmed();
    for (let count = 1; count < SOAK_BOOT_COUNT; count++) restless.start(count === 20 ? "panic" : "deepSleep");
    const early = restless.start("deepSleep");
    early.time.advance(600);
    equal(early.slots.tenure.isSoaking, true, "a bad one between them begins the count anew");
  });

  it("owes nothing any more after stop()", () => {
    const device = new Device();
    device.start("powerOn");
    const { aftercare, time, slots } = device.start("panic");
    aftercare.stop();
    time.advance(10_000);
    equal(slots.status().crashCount, 1);
  });
});
