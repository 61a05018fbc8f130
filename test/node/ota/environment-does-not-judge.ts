/** Power that goes during a trial says nothing about the image: it is tried again without a download, at most five times. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { idOf, makeImage, type Rig, startedRig } from "./rig.js";

const MINUTE_MS = 60_000;
const IMAGE = makeImage("2.0.0");

/** The device as 2.0.0 begins its first trial. */
function onTrial(): { rig: Rig; path: string } {
  const rig = startedRig();
  const path = rig.offer(IMAGE, { version: "2.0.0" });
  demandTrial(rig);
  return { rig, path };
}

function demandTrial(rig: Rig): void {
  const isOnTrial = (): boolean => rig.device.life.version === "2.0.0" && rig.node?.core.slots.isTrial === true;
  ok(rig.device.runUntil(isOnTrial, 20 * MINUTE_MS), rig.lives().join(", "));
  rig.device.advance(1000);
  ok(isOnTrial(), "a second into the trial, a second before its end");
}

describe("a trial that the supply ends", () => {
  for (const reason of ["powerOn", "brownOut"] as const) {
    it(`by ${reason} is begun again from the slot, and then confirmed`, () => {
      const { rig, path } = onTrial();
      rig.device.cutPower(reason);
      ok(rig.runUntilKept("2.0.0"));
      equal(rig.lives(), [
        "1.0.0 in 0 by powerOn",
        "2.0.0 in 1 by software",
        `1.0.0 in 0 by ${reason}`,
        "2.0.0 in 1 by software",
      ]);
      equal(rig.slots(), ["1.0.0 valid", "2.0.0 valid"]);
      equal(rig.inspect().quarantine, []);
      equal(rig.traffic.downloads(path).length, 1);
      equal(rig.linesWith("trial: confirmed").length, 1);
    });
  }

  it("four times is confirmed by the fifth; the third attempt waits a minute, each further one four times longer", () => {
    const { rig, path } = onTrial();
    for (let cutCount = 0; cutCount < 4; cutCount++) {
      equal(rig.inspect().history.trial?.attemptCount, cutCount + 1);
      rig.device.cutPower("brownOut");
      const waitMs = [0, 1, 4, 16][cutCount]! * MINUTE_MS;
      const isNew = (): boolean => rig.device.life.version === "2.0.0";
      if (waitMs > 0) ok(!rig.device.runUntil(isNew, waitMs - 1000), `attempt ${cutCount + 2} is not before its time`);
      ok(rig.device.runUntil(isNew, 2000), `attempt ${cutCount + 2} comes after ${waitMs} ms`);
      demandTrial(rig);
    }
    ok(rig.runUntilKept("2.0.0"));
    equal([rig.inspect().quarantine, rig.traffic.downloads(path).length], [[], 1]);
  });

  it("five times is given up without quarantine, and begun anew after a while without a download", () => {
    const { rig, path } = onTrial();
    for (let cutCount = 0; cutCount < 5; cutCount++) {
      rig.device.cutPower("brownOut");
      if (cutCount < 4) demandTrial(rig);
    }
    ok(rig.runUntilLine("1.0.0 boots: brownOut, give up"));
    const { history, quarantine } = rig.inspect();
    equal([quarantine, history.rejected, history.trial], [[], { imageId: idOf(IMAGE), slot: 1, cause: 3 }, undefined]);
    equal(rig.slots(), ["1.0.0 valid", "2.0.0 aborted"]);
    rig.device.advance(500_000);
    equal(rig.device.life.version, "1.0.0", "1.0.0 serves");
    equal(rig.linesWith("postponed 2.0.0: its image was sent away without a verdict").length, 1);
    ok(rig.runUntilKept("2.0.0", 200_000), "after ten minutes it gets another five");
    equal(rig.traffic.downloads(path).length, 1);
  });

  it("is not begun again once the image failed by itself", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "unhealthy" }, settings: { trialDeadlineMs: 60_000 } });
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("trial: unhealthy"));
    rig.device.cutPower("brownOut");
    rig.device.advance(60_000);
    equal([rig.inspect().quarantine, rig.device.life.version], [[idOf(IMAGE)], "1.0.0"]);
  });

  it("also when the image restarts by itself for a wanted cause: that is no verdict either", () => {
    const rig = startedRig({ behaviours: { "2.0.0": "restless" } });
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("1.0.0 boots: software, give up", 30 * MINUTE_MS));
    equal(rig.device.lives.filter((life) => life.version === "2.0.0").length, 5);
    equal([rig.inspect().quarantine, rig.traffic.downloads(path).length], [[], 1]);
  });

  it("during the download costs the download and nothing else", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0", answer: { chunkPeriodMs: 500 } });
    ok(rig.device.runUntil(() => (rig.node?.updater()?.progress.receivedBytes ?? 0) > 5000, 60_000));
    rig.device.cutPower("brownOut");
    ok(rig.runUntilKept("2.0.0"));
    equal(rig.lives(), ["1.0.0 in 0 by powerOn", "1.0.0 in 0 by brownOut", "2.0.0 in 1 by software"]);
    equal(rig.traffic.downloads(path).length, 2);
  });

  it("while 2.0.0 is confirmed already changes nothing", () => {
    const { rig } = onTrial();
    ok(rig.runUntilKept("2.0.0"));
    for (const reason of ["powerOn", "brownOut", "watchdog", "panic", "software"] as const) {
      rig.device.reset(reason);
      rig.device.advance(5000);
      equal([rig.device.life.version, rig.device.life.endedBy], ["2.0.0", undefined], reason);
    }
    equal(rig.slots(), ["1.0.0 valid", "2.0.0 valid"]);
  });
});
