/** Spec: what a budget of memory and the table of steps complain about, and that they are silent otherwise. */
import { readFileSync } from "node:fs";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { BUDGETS, CONTROL, IDLE_HEAP_BYTES_MAX } from "../../size/budgets.js";
import type { Reading } from "../../size/firmware/reading.js";
import { judgeBudgets, judgeIdleHeap } from "../../size/judgement.js";
import { compareMeter, compareRuns, meterFigures, parseMeterTable, renderMeterTable } from "../../size/meter-table.js";
import { readSection } from "../../size/page.js";

const BUDGET = { name: "feed", slotsMax: 0, chunkBytesMax: 8, why: "hot path" };

function reading(name: string, figures: Partial<Reading> = {}): Reading {
  return { name, count: 10, slots: 0, chunkBytes: 0, collections: 0, meter: 0, ...figures };
}

const control = reading(CONTROL.name, { slots: 10 * CONTROL.slots });

describe("the budgets of memory", () => {
  it("say nothing where all are kept", () => {
    equal(judgeBudgets([control, reading("feed", { chunkBytes: 80 })], [BUDGET]), []);
  });

  it("name a single slot in a thousand runs: a mean is not rounded", () => {
    const leaky = reading("feed", { count: 1000, slots: 1 });
    equal(judgeBudgets([control, leaky], [BUDGET]), ["feed: 0.001 slots; expected at most 0"]);
  });

  it("name chunk bytes, and a collection that hides what was allocated", () => {
    const complaints = judgeBudgets([control, reading("feed", { chunkBytes: 90, collections: 1 })], [BUDGET]);
    equal(complaints, [
      "feed: 9 chunk bytes; expected at most 8",
      "feed: garbage was collected meanwhile, so the counts are too low; expected no collection",
    ]);
  });

  it("name a budget without a reading, and a reading without a budget", () => {
    equal(judgeBudgets([control, reading("report")], [BUDGET]), [
      "feed: not measured; expected a reading for each budget",
      "report: no budget; expected a row in test/size/budgets.ts",
    ]);
  });

  it("trust no ruler that overlooks an allocation", () => {
    const blind = reading(CONTROL.name);
    equal(judgeBudgets([blind, reading("feed")], [BUDGET]), [
      "control: an object of one field: 0 slots and 0 chunk bytes; expected 2 and 0",
    ]);
  });

  it("count the idle heap in slots of 16 bytes: machine, modules and start", () => {
    const machine = { slots: 80, chunkBytes: 16 };
    const modules = { slots: 100, chunkBytes: 0 };
    const start = { slots: IDLE_HEAP_BYTES_MAX / 16 - 181, chunkBytes: 0 };
    equal(judgeIdleHeap({ machine, modules, start }), []);
    equal(judgeIdleHeap({ machine, modules: { slots: 100, chunkBytes: 1 }, start }), [
      `sensor node: ${IDLE_HEAP_BYTES_MAX + 1} bytes of idle heap; expected at most ${IDLE_HEAP_BYTES_MAX}`,
    ]);
  });
});

describe("the table of steps", () => {
  const committed = [{ name: "feed", steps: 1000 }];

  it("takes a rise of 2 % and any fall", () => {
    equal(compareMeter([{ name: "feed", steps: 1020 }], committed), []);
    equal(compareMeter([{ name: "feed", steps: 1 }], committed), []);
  });

  it("names what rose by more", () => {
    equal(compareMeter([{ name: "feed", steps: 1021 }], committed), [
      "feed: 1021 steps, 2.1 % more than 1000; expected at most 2 %",
    ]);
  });

  it("names an operation that only one side has", () => {
    equal(compareMeter([{ name: "report", steps: 1 }], committed), [
      "report: not in the committed table; expected a row: run with --write",
      "feed: not measured; expected no row of it",
    ]);
  });

  it("names a figure that two runs tell differently", () => {
    const first = reading("feed", { meter: 7 });
    equal(compareRuns([first], [{ ...first }]), []);
    equal(compareRuns([first], [{ ...first, meter: 8 }]).length, 1);
    equal(compareRuns([first], []).length, 1);
  });

  it("reads back what it prints", () => {
    const figures = meterFigures([control, reading("feed", { meter: 456 }), reading("task", { slots: 9 })]);
    equal(figures, [{ name: "feed", steps: 46 }]);
    equal(parseMeterTable(renderMeterTable(figures)), figures);
  });

  it("is in the document, with a figure for every hot path that has a budget of 0", () => {
    const printed = parseMeterTable(readSection(readFileSync("docs/meter.md", "utf8"), "meter"));
    for (const { name, slotsMax } of BUDGETS) {
      if (slotsMax === 0) equal(printed.filter((figure) => figure.name === name).length, 1, name);
    }
  });
});
