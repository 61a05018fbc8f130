/** What a reset takes and what it leaves: RAM is lost by all of them, retained memory by loss of power, flash by none. */
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { ProbeLab } from "./probe-device.js";

describe("simulator: what survives a reset", () => {
  let lab: ProbeLab;

  before(async () => {
    lab = await ProbeLab.open();
  });

  after(async () => {
    await lab.close();
  });

  it("loses RAM, keeps retained memory and flash over resets", async () => {
    const device = lab.powerOn(lab.flash("restart"));
    equal(await device.line("probe: powerOn"), "probe: powerOn, ram 1, retained 1, kept 1");
    equal(await device.line("probe: software"), "probe: software, ram 1, retained 2, kept 2");
    device.process.pullReset("brownOut");
    equal(await device.line("probe: brownOut"), "probe: brownOut, ram 1, retained 3, kept 3");
    await device.process.stop();
  });

  it("keeps retained memory over deep sleep", async () => {
    const device = lab.powerOn(lab.flash("sleep"));
    equal(await device.line("probe: deepSleep"), "probe: deepSleep, ram 1, retained 2, kept 2");
    await device.process.stop();
  });

  it("keeps flash alone over a power cut and over a power-off", async () => {
    const file = lab.flash("idle");
    const lives: string[] = [];
    for (const end of ["cutPower", "stop", "stop"] as const) {
      const device = lab.powerOn(file);
      lives.push(await device.line("probe: "));
      await device.process[end]();
      ok(!device.process.isRunning);
    }
    equal(
      lives,
      [1, 2, 3].map((kept) => `probe: powerOn, ram 1, retained 1, kept ${kept}`),
    );
  });
});
