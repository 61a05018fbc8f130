/** The power goes between the gate's word and the last word of otadata: the image is kept without another download. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Update } from "./cut.js";
import type { Rig } from "./rig.js";

const VERDICT = "2.0.0 trial: confirmed (all checks)";

/** The steps from the verdict, told before it is carried out, to the end of confirm(). */
function stepsOfConfirm(update: Update): number[] {
  const steps: number[] = [];
  const isWithin = (rig: Rig): boolean => rig.linesWith(VERDICT).length > 0 && rig.node?.core.slots.isTrial === true;
  update.run(
    {
      isCut: ({ index }, rig) => {
        if (isWithin(rig)) steps.push(index);
        return false;
      },
    },
    "no cut",
  );
  return steps;
}

/** The action ends: what goes on is what the device knows by itself. The server still answers, so the gate can pass. */
function withdraw(rig: Rig): void {
  rig.fleet.withdraw();
}

describe("a confirm that is interrupted", () => {
  const update = new Update(1);
  const steps = stepsOfConfirm(update);

  it("is CONFIRMED in both halves, 8 words each, then the entry in otadata, 8 parts of an erase and 8 words", () => {
    equal(steps.length, 32);
  });

  it("is finished after a cut at each of these steps, with the one download that there was", () => {
    const endings = new Map<string, number>();
    for (const stepIndex of steps) {
      const isCut = ({ index }: { readonly index: number }): boolean => index === stepIndex;
      const { rig, downloadCount } = update.run({ isCut, onCut: withdraw }, `cut after step ${stepIndex}`);
      equal(downloadCount, 1, `cut after step ${stepIndex}`);
      const ending = rig.lives().slice(2).join(", ");
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }
    // Seven words of CONFIRMED are no record, and the trial is repeated; with the eighth the journal knows better than otadata,
    // and 1.0.0 sends the device back. Behind the entry's last word nothing is left to do.
    equal(
      [...endings],
      [
        ["1.0.0 in 0 by powerOn, 2.0.0 in 1 by software", 7 + 24],
        ["2.0.0 in 1 by powerOn", 1],
      ],
    );
  });

  it("is finished by the next start where the bootloader knows no rollback and starts the same image again", () => {
    const rollback = false;
    for (const stepIndex of update.steps({ stride: 1_000_000, rollback }).slice(-24)) {
      const { rig, downloadCount } = update.run(
        { rollback, isCut: ({ index }) => index === stepIndex },
        `cut after ${stepIndex}`,
      );
      equal(downloadCount, 1, `cut after step ${stepIndex}`);
      ok(rig.device.lives.length >= 3, "it was cut");
    }
  });
});
