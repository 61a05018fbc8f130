/** What the health gate says of a new image, and what becomes of the image by its word. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { BASE_PATH } from "./fleet.js";
import { idOf, makeImage, OTADATA_OFFSET, PowerCut, type Rig, type RigOptions, startedRig } from "./rig.js";

const IMAGE = makeImage("2.0.0");
const THERE_AND_BACK = ["1.0.0 in 0 by powerOn", "2.0.0 in 1 by software", "1.0.0 in 0 by software"];

function updateWith(options: RigOptions): { rig: Rig; path: string } {
  const rig = startedRig(options);
  return { rig, path: rig.offer(IMAGE, { version: "2.0.0" }) };
}

describe("the health gate", () => {
  it("confirms when all checks are healthy, and not before the least uptime", () => {
    const { rig } = updateWith({ settings: { trialUptimeMs: 20_000 } });
    ok(rig.runUntilLine("2.0.0 boots"));
    rig.device.advance(19_700);
    equal([rig.node?.core.slots.isTrial, rig.slots()[1]], [true, "2.0.0 pendingVerify"]);
    rig.device.advance(600);
    equal([rig.node?.core.slots.isTrial, rig.slots()[1]], [false, "2.0.0 valid"]);
    equal(rig.linesWith("trial: "), ["2.0.0 trial: confirmed (all checks)"]);
  });

  it("sends an unhealthy image away at once, into quarantine", () => {
    const { rig, path } = updateWith({ behaviours: { "2.0.0": "unhealthy" } });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    equal(rig.lives(), THERE_AND_BACK);
    equal(rig.linesWith("trial: "), ["2.0.0 trial: unhealthy (self test)"]);
    equal(rig.slots(), ["1.0.0 valid", "2.0.0 invalid"]);
    equal(rig.inspect().quarantine, [idOf(IMAGE)]);
    rig.device.advance(900_000);
    equal([rig.lives(), rig.traffic.downloads(path).length], [THERE_AND_BACK, 1]);
    equal(rig.linesWith("declined 2.0.0: its image is in quarantine").length, 1);
  });

  it("sends an image without a verdict away at the deadline, without quarantine, and it gets another trial later", () => {
    const { rig, path } = updateWith({ behaviours: { "2.0.0": "undecided" } });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    equal(rig.lives(), THERE_AND_BACK);
    equal(rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (dream)"]);
    equal(rig.slots(), ["1.0.0 valid", "2.0.0 invalid"]);
    equal([rig.inspect().quarantine, rig.inspect().history.rejected?.imageId], [[], idOf(IMAGE)]);
    rig.device.advance(590_000);
    equal(rig.lives(), THERE_AND_BACK);
    equal(rig.linesWith("postponed 2.0.0: its image was sent away without a verdict").length, 1);
    rig.device.advance(30_000);
    equal([rig.lives().length, rig.device.life.version, rig.traffic.downloads(path).length], [4, "2.0.0", 1]);
  });

  it("does not keep an image that cannot find the next update", () => {
    const { rig } = updateWith({
      onStart: (started) => {
        if (started.device.life.version === "2.0.0") started.server.answers.delete(BASE_PATH);
      },
    });
    ok(rig.runUntilLine("1.0.0 boots: software, run"));
    equal(rig.linesWith("trial: "), ["2.0.0 trial: inconclusive (update server)"]);
    ok(rig.linesWith("2.0.0 update failed: the server answered 404; expected 200").length > 0);
  });

  it("keeps the trial closed to updates until its verdict", () => {
    const { rig } = updateWith({ settings: { trialUptimeMs: 15_000 } });
    ok(rig.runUntilLine("2.0.0 boots"));
    const before = rig.slotBytes(0);
    const path = rig.offer(makeImage("3.0.0"), { version: "3.0.0" });
    rig.device.advance(14_000);
    equal(rig.linesWith("2.0.0 update postponed 3.0.0: the running image has no verdict yet").length, 1);
    equal([rig.slotBytes(0), rig.traffic.downloads(path).length], [before, 0], "1.0.0 is what it would go back to");
    ok(rig.runUntilKept("3.0.0"));
  });

  it("keeps an unhealthy image where the other slot has nothing to go back to, and goes on looking", () => {
    const { rig } = updateWith({
      behaviours: { "2.0.0": "unhealthy" },
      onStart: (started) => {
        if (started.device.life.version === "2.0.0") started.flash.flipBit(0x10000 + 5000, 0);
      },
    });
    ok(rig.runUntilLine("2.0.0 boots"));
    rig.device.advance(120_000);
    equal([rig.lives().length, rig.node?.core.slots.isTrial], [2, true]);
    equal(rig.linesWith("trial: "), []);
    ok(rig.node!.workCount() > 200, "it serves");
  });

  it("goes back to 1.0.0 wherever the power is cut while it sends an image away", () => {
    const steps: number[] = [];
    const dry = updateWith({
      behaviours: { "2.0.0": "unhealthy" },
      onStep: ({ index, offset }, stepped) => {
        if (stepped.linesWith("trial: ").length > 0 && stepped.device.life.version === "2.0.0" && offset >= OTADATA_OFFSET) {
          steps.push(index);
        }
      },
    });
    ok(dry.rig.runUntilLine("1.0.0 boots: software, run"));
    equal(steps.length, 16 + 16 + 8, "QUARANTINE in both halves, the own entry, PLANNED");
    for (const stepIndex of steps) {
      const { rig, path } = updateWith({
        behaviours: { "2.0.0": "unhealthy" },
        onStep: ({ index }, stepped) => {
          if (index !== stepIndex) return;
          stepped.device.cutPower();
          throw new PowerCut("the power is cut");
        },
      });
      rig.device.advance(60_000);
      const where = `cut after step ${stepIndex}`;
      equal([rig.device.life.version, rig.device.life.endedBy], ["1.0.0", undefined], where);
      equal(rig.inspect().quarantine, [idOf(IMAGE)], where);
      equal([rig.slots()[0], rig.traffic.downloads(path).length], ["1.0.0 valid", 1], where);
    }
  });
});
