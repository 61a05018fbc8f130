/**
 * Every rule of tidy finds the faults that were planted for it, at their lines, and accuses none of their clean twins.
 *
 * A rule without both kinds fails here: a check that has never failed has never been seen to work.
 */

import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import type { Plant } from "../../tidy/plant.js";
import { DEVICE_PLANTS } from "../../tidy/plants/device-code.js";
import { IMPORT_PLANTS } from "../../tidy/plants/imports.js";
import { TEXT_PLANTS } from "../../tidy/plants/text.js";
import type { Finding, Rule } from "../../tidy/rule.js";
import { RULES } from "../../tidy/rules.js";
import { Tree, tidyFile } from "../../tidy/tree.js";

const PLANTS = { ...IMPORT_PLANTS, ...DEVICE_PLANTS, ...TEXT_PLANTS };

function findingsIn(plant: Plant, rule: Rule): Finding[] {
  const file = tidyFile(plant.path, plant.text);
  const others = Object.entries(plant.others ?? {}).map(([path, text]) => tidyFile(path, text));
  return rule.check(file, new Tree([file, ...others]));
}

describe("tidy's rules", () => {
  for (const rule of RULES) {
    const plants = PLANTS[rule.name] ?? [];
    describe(rule.name, () => {
      for (const plant of plants) {
        it(`${plant.lines.length > 0 ? "finds" : "accepts"} ${plant.shows}`, () => {
          const findings = findingsIn(plant, rule);
          const said = findings.map((finding) => `${finding.line}: ${finding.what}; ${finding.instead}`).join("\n");
          equal(
            findings.map((finding) => finding.line).sort((left, right) => left - right),
            plant.lines,
            said,
          );
        });
      }

      it("has a planted fault and a clean twin", () => {
        ok(
          plants.some((plant) => plant.lines.length > 0),
          "no planted fault",
        );
        ok(
          plants.some((plant) => plant.lines.length === 0),
          "no clean plant",
        );
      });
    });
  }

  it("are all the rules that have plants", () => {
    equal(
      Object.keys(PLANTS).filter((name) => !RULES.some((rule) => rule.name === name)),
      [],
    );
  });
});
