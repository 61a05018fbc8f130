/**
 * Every single fault of every flash operation of an update, and samples of what else may happen to it.
 *
 * A few configurations here; `npm run chaos` has all of them, every bit and every bad release, pairs of cuts and rows of them.
 */
import { formatFaults, modesFor, parseFaults } from "../../../hosts/node/chaos/fault.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { CONFIGURATIONS, uncoveredPairs } from "../../sim/chaos/configuration.js";
import { runLife } from "../../sim/chaos/life.js";
import { formatLifeName, parseLifeName } from "../../sim/chaos/life-name.js";
import type { LifeReport } from "../../sim/chaos/life-report.js";
import {
  badReleases,
  bitsAtRest,
  bitsOfCutDownload,
  ladders,
  lies,
  type PlannedLife,
  resets,
  singles,
  storms,
  successions,
} from "../../sim/chaos/plan.js";
import { prepareScenario } from "../../sim/chaos/scenario.js";

const SEED = 20_261_124;
/** Of the singles: encrypted, and after a fallback boot without rollback. */
const CHOSEN: readonly number[] = Object.freeze([0, 4]);
/** Of the other kinds, one life in so many. */
const SAMPLE_PERIOD = 25;

for (const configuration of CHOSEN) {
  describe(`an update in which one thing fails, configuration ${configuration}`, () => {
    const scenario = prepareScenario(CONFIGURATIONS[configuration]!);
    const quiet = runLife({ scenario, faults: [], seed: SEED });

    /** Each `period`-th of them from `from` on breaks no promise. */
    const demand = (lives: readonly PlannedLife[], from: number, period: number): void => {
      for (let index = from; index < lives.length; index += period) {
        const { story, faults } = lives[index]!;
        const report: LifeReport = runLife({ scenario, story, faults, seed: SEED + index });
        equal(report.violations, [], formatLifeName({ configuration, story, seed: SEED + index, faults }));
      }
    };

    it("is some seventy flash operations, and the same ones at every run", () => {
      equal(quiet.violations, []);
      ok(quiet.operations.length > 60 && quiet.outcome === "updated", `${quiet.operations.length} operations`);
      equal(runLife({ scenario, faults: [], seed: SEED }).trace, quiet.trace);
    });

    // Four specs, so that each has its own time on a slow machine.
    for (const quarter of [0, 1, 2, 3]) {
      it(`breaks no promise (quarter ${quarter + 1})`, () => {
        const all = singles(quiet.operations);
        ok(all.length > 400, `${all.length} faults`);
        demand(all, quarter, 4);
      });
    }

    it("nor does a bit at rest", () => {
      demand(bitsAtRest(scenario, quiet.operations, SEED), configuration, SAMPLE_PERIOD);
    });

    it("nor does a reset", () => {
      demand(resets(quiet.operations), configuration, SAMPLE_PERIOD);
    });

    it("nor does a bad release", () => {
      const all = badReleases(configuration, CONFIGURATIONS[configuration]!, quiet.operations, SEED);
      demand(all, 0, SAMPLE_PERIOD);
    });

    it("nor does a bit of what a cut download left", () => {
      demand(bitsOfCutDownload(scenario, quiet.operations, SEED), 0, 2);
    });

    it("nor do resets of the old image behind a bad release", () => {
      demand(ladders(CONFIGURATIONS[configuration]!), 0, 2);
    });

    it("nor does an update that another one follows", () => {
      demand(successions(configuration, CONFIGURATIONS[configuration]!, quiet.operations, SEED), 0, SAMPLE_PERIOD >> 1);
    });

    it("nor do hundreds of cuts at one operation", () => {
      demand(storms(), configuration % 4, 4);
    });

    it("nor does a server that lies", () => {
      demand(lies(configuration, quiet.operations, SEED), configuration, SAMPLE_PERIOD >> 1);
    });
  });
}

describe("the chaos", () => {
  it("has each two values of any two columns in some configuration", () => {
    equal(uncoveredPairs(CONFIGURATIONS), []);
    equal(uncoveredPairs(CONFIGURATIONS.slice(1)).length > 0 || uncoveredPairs(CONFIGURATIONS.slice(4)).length > 0, true);
  });

  it("has no mode twice, and none that cannot be told from another", () => {
    equal(modesFor({ kind: "program", offset: 0, byteLength: 4 }), ["before", "after", "bits", "unstable", "error", "silent"]);
    equal(modesFor({ kind: "program", offset: 0, byteLength: 8 }).includes("words"), true);
    equal(modesFor({ kind: "erase", offset: 0, byteLength: 4096 }), ["before", "after", "half", "unstable", "error", "silent"]);
  });

  it("reads the names of lives as it writes them", () => {
    const faults = "17:words,30:panic,37:flip@0xd004.3,start2+300:brownOut";
    equal(formatFaults(parseFaults(faults)), faults);
    for (const name of [
      "3:77:",
      `3:77:${faults}`,
      "11/crashAtStart:0:12:before",
      "0/lie-200for206:5:",
      "2/mended:1:30:after",
      "1/storm-2-4:1:",
    ]) {
      equal(formatLifeName(parseLifeName(name)), name);
    }
  });
});
