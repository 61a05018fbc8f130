/** Whatever records a journal holds, in whatever order: the live ones fold to the same state, and go on to the same states. */
import fc from "fast-check";
import { History } from "../../../src/ota/history.js";
import { type JournalRecord, NO_IMAGE } from "../../../src/ota/journal-record.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** Few images, so that they meet. No record but BOOT names none. */
const images = ["aa", "bb", "cc", "dd", "ee", "11", "22", "33", "44", "55", "66"].map((digits) => digits.repeat(8));
const image = fc.constantFrom(...images);
const slot = fc.constantFrom(0, 1);

/** All types there are, head and two unknown ones included, with what a firmware writes into them. */
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    type: fc.constant(2),
    detail: fc.constantFrom(0, 1, 2, 3, 4, 9),
    sequence: fc.constant(0),
    imageId: fc.oneof(image, fc.constant(NO_IMAGE)),
    first: fc.nat(),
    second: fc.tuple(fc.constantFrom(0, 1, 0xff), fc.nat(6)).map(([number, reason]) => number | (reason << 8)),
  }),
  fc.record({
    type: fc.constantFrom(1, 3, 4, 5, 5, 6, 6, 7, 8, 8, 8, 9, 9, 10, 11, 11, 12, 42, 255),
    detail: fc.nat(5),
    sequence: fc.constant(0),
    imageId: image,
    first: fc.nat(7),
    second: slot,
  }),
);

function fold(records: readonly JournalRecord[]): History {
  const history = new History();
  for (const record of records) history.fold(record);
  return history;
}

function stateOf(history: History): object {
  const { trial, confirmed, rejected, lastVerdict, bootCount, streak, isPlanned, quarantine, releases } = history;
  return {
    trial,
    confirmed,
    rejected,
    lastVerdict,
    bootCount,
    streak,
    isPlanned,
    quarantine: quarantine.images,
    memory: history.memory,
    releases: releases.live(),
  };
}

describe("the journal's history, of any records", () => {
  it("is what its live records fold to", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 40 }), (records) => {
        const history = fold(records);
        const live = history.live();
        ok(live.length <= 24, "15 about boots, 5 floors, 4 of two releases");
        equal(stateOf(fold(live)), stateOf(history));
      }),
      { numRuns: 1500 },
    );
  });

  it("goes on from its live records as it would have from all of them", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 30 }), fc.array(anyRecord, { maxLength: 10 }), (before, behind) => {
        equal(stateOf(fold([...fold(before).live(), ...behind])), stateOf(fold([...before, ...behind])));
      }),
      { numRuns: 1500 },
    );
  });
});
