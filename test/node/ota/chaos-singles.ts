/**
 * Every single fault of every flash operation of an update: cuts of six kinds, an error, silence.
 *
 * One configuration here; `npm run chaos` has all of them, pairs of cuts and rows of them.
 */
import { isCut, modesFor } from "../../../hosts/node/chaos/fault.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { type LifeReport, runLife } from "../../sim/chaos/life.js";
import { singles } from "../../sim/chaos/plan.js";
import { CONFIGURATIONS, prepareScenario } from "../../sim/chaos/scenario.js";

const SEED = 20_261_124;

describe("an update in which one thing fails", () => {
  const scenario = prepareScenario(CONFIGURATIONS[0]!);
  const quiet = runLife({ scenario, faults: [], seed: SEED });

  it("is some seventy flash operations, and the same ones at every run", () => {
    equal(quiet.violations, []);
    ok(quiet.operations.length > 60 && quiet.isUpdated, `${quiet.operations.length} operations`);
    equal(runLife({ scenario, faults: [], seed: SEED }).trace, quiet.trace);
  });

  // Four specs, so that each has its own time on a slow machine.
  for (const quarter of [0, 1, 2, 3]) {
    it(`breaks no promise (quarter ${quarter + 1})`, () => {
      const all = singles(quiet.operations);
      ok(all.length > 400, `${all.length} faults`);
      for (let index = quarter; index < all.length; index += 4) {
        const faults = all[index]!;
        const report: LifeReport = runLife({ scenario, faults, seed: SEED + index });
        equal(report.violations, [], JSON.stringify(faults));
        ok(report.isUpdated || !isCut(faults[0]!.mode), JSON.stringify(faults));
      }
    });
  }

  it("has no mode twice, and none that cannot be told from another", () => {
    equal(modesFor({ kind: "program", offset: 0, byteLength: 4 }), ["before", "after", "bits", "unstable", "error", "silent"]);
    equal(modesFor({ kind: "program", offset: 0, byteLength: 8 }).includes("words"), true);
    equal(modesFor({ kind: "erase", offset: 0, byteLength: 4096 }), ["before", "after", "half", "unstable", "error", "silent"]);
  });
});
