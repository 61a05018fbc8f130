/** An update in good weather: offered, downloaded, verified, tried, confirmed, and the old image still there. */
import { shortImageId } from "../../../src/ota/journal-record.js";
import { equal, notEqual, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { idOf, makeImage, startedRig } from "./rig.js";

describe("an update", () => {
  it("goes from 1.0.0 to a confirmed 2.0.0 and does not touch 1.0.0", () => {
    const rig = startedRig();
    const image = makeImage("2.0.0");
    const before = rig.slotBytes(0);
    const path = rig.offer(image, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"), rig.device.lines.join("\n"));
    rig.device.advance(60_000);
    equal(rig.lives(), ["1.0.0 in 0 by powerOn", "2.0.0 in 1 by software"]);
    equal(rig.slots(), ["1.0.0 valid", "2.0.0 valid"]);
    equal(rig.slotBytes(0), before);
    equal(rig.traffic.downloads(path).length, 1);
    equal(rig.device.lines, [
      "1.0.0 boots: powerOn, run",
      `1.0.0 update offered 2.0.0`,
      "1.0.0 update downloaded",
      "1.0.0 update verified 2.0.0",
      "1.0.0 update armed 2.0.0",
      "2.0.0 boots: software, trial",
      "2.0.0 trial: confirmed (all checks)",
      "2.0.0 update succeeded 2.0.0",
    ]);
    equal(rig.fleet.reports(), [
      "download none: 2.0.0, 8320 bytes",
      "downloaded none: 2.0.0",
      "proceeding none: it runs, on trial",
      "closed success: it runs and is confirmed",
    ]);
    const { history } = rig.inspect();
    equal(history.confirmed, {
      imageId: idOf(image),
      slot: 1,
      replaced: shortImageId(idOf(makeImage("1.0.0"))),
      bootloaderRollback: "present",
      calmBootCount: 0,
    });
    equal(history.trial, undefined);
  });

  it("keeps sampling while it downloads, verifies and tries", () => {
    const rig = startedRig();
    rig.offer(makeImage("2.0.0"), { version: "2.0.0", answer: { chunkSizeBytes: 64, chunkPeriodMs: 100 } });
    ok(rig.device.runUntil(() => rig.node?.updater()?.phase === "downloading", 1000));
    const workCount = rig.node!.workCount();
    rig.device.advance(5000);
    equal(rig.node!.updater()!.phase, "downloading", "8 KiB at 640 bytes a second");
    equal(rig.node!.workCount(), workCount + 10);
    ok(rig.runUntilKept("2.0.0"));
    notEqual(rig.node!.workCount(), 0);
  });

  it("goes on to 3.0.0 in the slot of 1.0.0, and back to 2.0.0 without a download when that is offered again", () => {
    const rig = startedRig();
    const second = makeImage("2.0.0");
    rig.offer(second, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
    rig.offer(makeImage("3.0.0"), { version: "3.0.0" });
    ok(rig.runUntilKept("3.0.0"));
    equal(rig.slots(), ["3.0.0 valid", "2.0.0 valid"]);
    const path = rig.offer(second, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
    equal(rig.traffic.downloads(path).length, 1);
    equal(rig.slots(), ["3.0.0 valid", "2.0.0 valid"]);
    equal(rig.lives().length, 4);
  });

  it("is not begun again by the offer of the image that runs", () => {
    const rig = startedRig();
    const path = rig.offer(makeImage("1.0.0"), { version: "1.0.0" });
    rig.device.advance(120_000);
    equal([rig.lives(), rig.traffic.downloads(path).length], [["1.0.0 in 0 by powerOn"], 0]);
    equal(rig.device.lines.slice(1), ["1.0.0 update succeeded 1.0.0"]);
    equal(rig.fleet.reports(), ["closed success: it runs and is confirmed"], "what is wanted is so");
  });

  it("replaces another image of the same version", () => {
    const rig = startedRig();
    const rebuilt = makeImage("1.0.0", { marker: "rebuilt" });
    rig.offer(rebuilt, { version: "1.0.0" });
    ok(rig.device.runUntil(() => rig.device.life.slot === 1 && rig.isKept("1.0.0"), 60_000));
    equal(rig.inspect().history.confirmed?.imageId, idOf(rebuilt));
  });

  it("works with a bootloader that knows no rollback, and with one that does not validate; the journal keeps which", () => {
    for (const bootloader of [{ rollback: false }, { validation: "skipped" as const }]) {
      const rig = startedRig(bootloader);
      rig.offer(makeImage("2.0.0"), { version: "2.0.0" });
      ok(rig.runUntilKept("2.0.0"), JSON.stringify(bootloader));
      equal(rig.slots(), ["1.0.0 valid", "2.0.0 valid"]);
      equal(rig.inspect().history.confirmed?.bootloaderRollback, "rollback" in bootloader ? "missing" : "present");
    }
  });
});
