/** An image that fails by itself: the old one comes back, the image is in quarantine, and the next one is welcome. */
import type { ResetReason } from "../../../src/ports/system.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import type { Behaviour, FirmwareSettings } from "./firmware.js";
import { idOf, makeImage, PowerCut, type Rig, SLOT_SIZE_BYTES, startedRig } from "./rig.js";

const BAD = makeImage("2.0.0");
const GOOD = makeImage("3.0.0");

/** Of the release that was offered first: a newer number would lift the quarantine. */
const SAME = Object.freeze({ sequenceNumber: 1 });

/** The device is offered 2.0.0, which behaves like that, and is left alone until 1.0.0 has given its verdict. */
function runBad(behaviour: Behaviour, settings: Partial<FirmwareSettings> = {}): Rig {
  const rig = startedRig({ behaviours: { "2.0.0": behaviour }, settings });
  rig.offer(BAD, { version: "2.0.0" });
  ok(rig.runUntilLine(", quarantine"), rig.device.lines.join("\n"));
  return rig;
}

/** Quarantined, offered again and again, and not taken again; then 3.0.0 is. */
function demandOver(rig: Rig, reason: ResetReason): void {
  equal(rig.lives(), ["1.0.0 in 0 by powerOn", "2.0.0 in 1 by software", `1.0.0 in 0 by ${reason}`]);
  equal(rig.inspect().quarantine, [idOf(BAD)]);
  equal(rig.inspect().history.trial, undefined);
  rig.device.advance(60_000);
  const path = rig.offer(BAD, { version: "2.0.0", release: SAME });
  rig.device.advance(840_000);
  equal(rig.lives().length, 3, "it is not armed again");
  equal(rig.traffic.downloads(path).length, 1, "nor fetched again");
  equal(rig.linesWith("declined 2.0.0: its image is in quarantine").length, 2, "and said so once for each offer");
  const refusal = "closed failure: its image is in quarantine";
  equal(rig.fleet.reports().filter((report) => report === refusal).length, 2, "to the server as well");
  equal(rig.slots(), ["1.0.0 valid", "2.0.0 aborted"]);
  rig.offer(GOOD, { version: "3.0.0" });
  ok(rig.runUntilKept("3.0.0"), rig.device.lines.join("\n"));
  equal(rig.slots(), ["1.0.0 valid", "3.0.0 valid"]);
  equal(rig.inspect().quarantine, [idOf(BAD)], "it stays in quarantine");
}

describe("an image that", () => {
  it("crashes at start is rolled back and put in quarantine", () => {
    const rig = runBad("crashAtStart");
    ok(rig.device.lines.includes("abort: crash at start"));
    demandOver(rig, "software");
  });

  it("has a part that crashes again and again is given up, rolled back and put in quarantine", () => {
    const rig = runBad("crashInTask");
    equal(rig.linesWith("2.0.0 fault in work: crash in a task").length, 4, "three restarts of the part were tried");
    demandOver(rig, "software");
  });

  it("throws where no scheduler catches is rolled back and put in quarantine", () => {
    // VirtualDevice let such an exception out into the spec that ran it, where XS restarts the chip: no spec could tell how a
    // device takes it.
    const rig = runBad("crashInCallback");
    ok(rig.device.lines.includes("abort: crash in a callback"));
    demandOver(rig, "software");
  });

  it("stops making progress is bitten by the watchdog, rolled back and put in quarantine", () => {
    const rig = runBad("starved", { trialUptimeMs: 10_000 });
    equal(rig.linesWith("2.0.0 trial").length, 0, "it had no verdict yet");
    ok(rig.device.lines.includes("1.0.0 the watchdog bit: pump was late"));
    demandOver(rig, "watchdog");
  });

  it("panics in native code is rolled back and put in quarantine", () => {
    const rig = startedRig();
    rig.offer(BAD, { version: "2.0.0" });
    ok(rig.runUntilLine("2.0.0 boots"));
    rig.device.reset("panic");
    demandOver(rig, "panic");
  });

  it("is built anew after a crash is another image, and is tried", () => {
    const rig = runBad("crashAtStart");
    const rebuilt = makeImage("2.0.0", { marker: "rebuilt" });
    rig.offer(rebuilt, { version: "2.0.0" });
    ok(rig.device.runUntil(() => rig.lives().length === 5, 60_000));
    equal(rig.inspect().quarantine, [idOf(BAD), idOf(rebuilt)]);
  });

  it("is in quarantine until a newer release names it, and is tried again then, and banned again", () => {
    const rig = runBad("crashAtStart");
    rig.offer(BAD, { version: "2.0.0", release: { sequenceNumber: 2 } });
    ok(
      rig.device.runUntil(() => rig.lives().length === 5, 60_000),
      "somebody has looked, and signed it again",
    );
    equal(rig.inspect().history.quarantine.images, [{ imageId: idOf(BAD), releaseNumber: 2 }]);
    rig.offer(BAD, { version: "2.0.0", release: { sequenceNumber: 2 } });
    rig.device.advance(60_000);
    equal(rig.lives().length, 5, "once for each number");
  });

  it("dies before its first record is tried once more, and then in quarantine", () => {
    // 1.0.0 wrote PLANNED and 2.0.0 wrote nothing: taken for a wanted restart, it was armed five times and never banned. The
    // old image runs again after a restart that should have started the new one; the second time that is proof enough.
    const rig = startedRig({ behaviours: { "2.0.0": "crashBeforeCore" } });
    const path = rig.offer(BAD, { version: "2.0.0" });
    ok(rig.runUntilLine("1.0.0 boots: software, quarantine"));
    equal(rig.device.lives.filter((life) => life.version === "2.0.0").length, 2);
    equal([rig.inspect().quarantine, rig.inspect().history.rejected], [[idOf(BAD)], undefined]);
    equal(rig.traffic.downloads(path).length, 1);
    rig.offer(GOOD, { version: "3.0.0" });
    ok(rig.runUntilKept("3.0.0"));
  });

  it("hangs so that our watchdog leaves no record is tried once more, and then in quarantine", () => {
    // Brown-outs are reported as watchdog at times: one such reset proves nothing.
    const rig = startedRig();
    rig.offer(BAD, { version: "2.0.0" });
    ok(rig.runUntilLine("2.0.0 boots"));
    rig.device.reset("watchdog");
    ok(rig.device.runUntil(() => rig.lives().length === 4 && rig.device.life.version === "2.0.0", 60_000));
    equal(rig.inspect().history.trial?.unprovenCount, 1);
    rig.device.reset("watchdog");
    ok(rig.runUntilLine("1.0.0 boots: watchdog, quarantine"));
    equal(rig.inspect().quarantine, [idOf(BAD)]);
    const lucky = startedRig();
    lucky.offer(GOOD, { version: "3.0.0" });
    ok(lucky.runUntilLine("3.0.0 boots"));
    lucky.device.reset("watchdog");
    ok(lucky.runUntilKept("3.0.0"), "and where it was the supply, the image is kept");
    equal(lucky.inspect().quarantine, []);
  });

  it("crashes at start is started once, also where power goes at any step of its arming", () => {
    // ARMED stands in the journal before otadata says so. The other way round, a cut between the two would start an image that
    // nobody knows of, and its crash would be nobody's fault.
    const steps = stepsOfArming();
    equal(steps.length, 8 + 8 + 8 + 16, "PENDING in both halves, ARMED, the other entry");
    for (const stepIndex of steps) {
      const rig = cutRig(stepIndex);
      ok(rig.runUntilLine(", quarantine"), `cut after step ${stepIndex}`);
      equal(rig.device.lives.filter((life) => life.version === "2.0.0").length, 1, rig.lives().join(", "));
      equal(rig.inspect().quarantine, [idOf(BAD)], `cut after step ${stepIndex}`);
    }
  });

  it("fails ends in quarantine also where power goes at any step of the start that judges it", () => {
    const judged = stepsOfJudgement();
    ok(judged.length > 30, `${judged.length} steps`);
    for (const stepIndex of judged) {
      const rig = cutRig(stepIndex);
      rig.device.advance(60_000);
      equal(rig.inspect().quarantine, [idOf(BAD)], `cut after step ${stepIndex}`);
      equal([rig.device.life.version, rig.device.life.endedBy], ["1.0.0", undefined]);
      equal(rig.slots()[0], "1.0.0 valid");
    }
  });
});

/** A device whose power is cut once, after this step, and which is offered 2.0.0, which crashes at start. */
function cutRig(stepIndex: number): Rig {
  const rig = startedRig({
    behaviours: { "2.0.0": "crashAtStart" },
    onStep: (step, stepped) => {
      if (step.index !== stepIndex) return;
      stepped.device.cutPower();
      throw new PowerCut("the power is cut");
    },
  });
  rig.offer(BAD, { version: "2.0.0" });
  return rig;
}

/** The flash steps from the last word of the image until it is armed. */
function stepsOfArming(): number[] {
  const steps: number[] = [];
  const rig = startedRig({
    behaviours: { "2.0.0": "crashAtStart" },
    onStep: (step, stepped) => {
      const isWritten = stepped.slotBytes(1)[0] === 0xe9 && step.offset !== 2 * SLOT_SIZE_BYTES;
      if (isWritten && stepped.linesWith("armed").length === 0) steps.push(step.index);
    },
  });
  rig.offer(BAD, { version: "2.0.0" });
  rig.runUntilLine(", quarantine");
  return steps;
}

/** The flash steps from the crash of 2.0.0 until 1.0.0 has judged it: the bootloader's, BOOT, QUARANTINE. */
function stepsOfJudgement(): number[] {
  const steps: number[] = [];
  const rig = startedRig({
    behaviours: { "2.0.0": "crashAtStart" },
    onStep: (step, stepped) => {
      if (stepped.linesWith("abort: ").length > 0) steps.push(step.index);
    },
  });
  rig.offer(BAD, { version: "2.0.0" });
  rig.runUntilLine(", quarantine");
  return steps;
}
