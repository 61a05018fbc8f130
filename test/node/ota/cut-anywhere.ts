/** The power is cut after any flash step of an update: the device boots, never a partial image, and ends with the new one. */
import { createSeededRandom } from "../../../hosts/node/random.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { type CutOptions, Update } from "./cut.js";
import { makeImage, OTADATA_OFFSET, PowerCut, Rig, startedRig } from "./rig.js";

/** Of the steps drawn; a failure names the steps, so the seed is only there to draw the same ones again. */
const SEED = 20_261_124;

function randomBelow(random: { fill(bytes: Uint8Array): void }, limit: number): number {
  const bytes = new Uint8Array(4);
  random.fill(bytes);
  return new DataView(bytes.buffer).getUint32(0) % limit;
}

describe("an update whose power is cut", () => {
  // Sector 0 and a bit of sector 1: the fewest words that have every kind of step among them.
  const small = new Update(1);

  function cutOnce(update: Update, stepIndex: number, options: Partial<CutOptions> = {}): void {
    const { downloadCount } = update.run({ ...options, isCut: ({ index }) => index === stepIndex }, `cut after ${stepIndex}`);
    ok(downloadCount <= 2, `cut after step ${stepIndex}: one download more at the most`);
  }

  // Four specs, so that each has its own time on a slow machine.
  for (const quarter of [0, 1, 2, 3]) {
    it(`once, after every single step (quarter ${quarter + 1})`, () => {
      const steps = small.steps({ stride: 1 });
      ok(steps.length > 1000, `${steps.length} steps`);
      for (let at = quarter; at < steps.length; at += 4) cutOnce(small, steps[at]!);
    });
  }

  it("once, in a longer image", () => {
    const large = new Update(3);
    for (const stepIndex of large.steps({ stride: 41 })) cutOnce(large, stepIndex);
  });

  it("once, with a bootloader that knows no rollback", () => {
    for (const stepIndex of small.steps({ stride: 11, rollback: false })) cutOnce(small, stepIndex, { rollback: false });
  });

  it("once, with a bootloader that looks at the magic byte only", () => {
    const validation = "skipped";
    for (const stepIndex of small.steps({ stride: 11, validation })) cutOnce(small, stepIndex, { validation });
  });

  it("and whose otadata is lost with it starts no partial image, even where nothing validates", () => {
    // Without an entry the bootloader goes to ota_0, which is where 3.0.0 is being written, and this one looks at the magic
    // byte only: the order in which the first sector is written is all that keeps it from a half-written image.
    const start = startedRig();
    start.offer(makeImage("2.0.0"), { version: "2.0.0" });
    ok(start.runUntilKept("2.0.0"));
    const images = [makeImage("2.0.0"), makeImage("3.0.0")];
    const partialImages: string[] = [];
    let bootCount = 0;
    for (let stepIndex = 40; ; stepIndex += 17) {
      const rig = new Rig({
        snapshot: start.flash.snapshot(),
        validation: "skipped",
        onStart: (started) => {
          bootCount++;
          if (!images.some((image) => started.runs(image))) partialImages.push(`cut after step ${stepIndex}`);
        },
        onStep: (step, stepped) => {
          if (step.index !== stepIndex) return;
          stepped.device.cutPower();
          throw new PowerCut("the power is cut");
        },
      });
      rig.offer(images[1]!, { version: "3.0.0", answer: { chunkSizeBytes: 4096 } });
      rig.device.powerOn();
      ok(rig.device.runUntil(() => rig.device.life.endedBy !== undefined, 5000));
      if (rig.device.life.endedBy === "software") break; // Armed, and on its way into 3.0.0: the cut would come later.
      for (const sector of [0, 1]) rig.flash.eraseSector(OTADATA_OFFSET / 4096 + sector);
      rig.device.powerOn();
      ok(rig.node !== undefined && rig.device.life.endedBy === undefined, `cut after step ${stepIndex}: something runs`);
    }
    equal(partialImages, []);
    ok(bootCount > 200, `${bootCount} starts`);
  });

  it("up to four times, anywhere, also while it recovers from the last one", () => {
    const random = createSeededRandom(SEED);
    for (let run = 0; run < 100; run++) {
      const cuts: number[] = [];
      for (let step = 0; cuts.length < 4; cuts.push(step)) step += 1 + randomBelow(random, run % 2 === 0 ? 1500 : 60);
      small.run({ isCut: ({ index }) => cuts.includes(index) }, `cuts after the steps ${cuts.join(", ")}`);
    }
  });
});
