/** Figures of the update path that are counted exactly (bench/update.ts): a record more a chunk, or a bite more, moves them. */
import { measureHang } from "../../../bench/update/hang.js";
import { measureWear } from "../../../bench/update/wear.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const DAY_COUNT = 2;

describe("the figures of updates", () => {
  it("wear journal, otadata and slots as little as they do in two days with an update and 24 starts each", () => {
    equal(measureWear(DAY_COUNT), {
      dayCount: DAY_COUNT,
      bootCount: 51,
      journalGeneration: 3,
      journalUsedCount: 56,
      journalEraseCount: 2,
      otadataEraseCount: 4,
      slotEraseCount: 1,
    });
  });

  it("cost one bite of the watchdog for a hang that left a record, and two for one that did not", () => {
    equal(measureHang("recorded"), { outageMs: 39_000, biteCount: 1 });
    equal(measureHang("unrecorded"), { outageMs: 63_000, biteCount: 2 });
  });
});
