/**
 * The planted bugs are bugs of this tree: each place that one of them changes is there, once.
 *
 * A change of the shipped code moved two of those places, and nobody knew until all plants were run again, which takes minutes
 * and is done by hand. A plant that does not fit any more proves nothing.
 */
import { readFileSync } from "node:fs";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { PLANTS_OF_JUDGEMENT } from "../../sim/chaos/plants-of-judgement.js";
import { PLANTS_OF_WRITING } from "../../sim/chaos/plants-of-writing.js";

const PLANTS = [...PLANTS_OF_WRITING, ...PLANTS_OF_JUDGEMENT];

describe("the planted bugs", () => {
  it("change places that are there once, and change them", () => {
    for (const { name, edits } of PLANTS) {
      for (const { file, find, replace } of edits) {
        const text = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
        equal(text.split(find).length - 1, 1, `${name}: ${file}`);
        ok(find !== replace, name);
      }
    }
  });

  it("have a name each", () => {
    equal(new Set(PLANTS.map(({ name }) => name)).size, PLANTS.length);
  });
});
