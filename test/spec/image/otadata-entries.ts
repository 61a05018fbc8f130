/** otadata's entries: known checksums and bytes, what the bootloader calls usable and valid, and which entry it follows. */
import {
  encodeOtaEntry,
  isBlankOtaEntry,
  isUsableOtaEntry,
  isValidOtaEntry,
  nextSequence,
  type OtaEntry,
  OtaState,
  otaSequenceCrc,
  otaStateName,
  readOtaEntry,
  selectOtaEntry,
  slotOfSequence,
} from "../../../src/image/index.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

function entry(sequence: number, state: number, crc = otaSequenceCrc(sequence)): OtaEntry {
  return { sequence, state, crc };
}
const blank: OtaEntry = { sequence: 0xffffffff, state: 0xffffffff, crc: 0xffffffff };

describe("otadata: entries", () => {
  it("have the checksums that the bootloader computes", () => {
    equal(otaSequenceCrc(1), 0x4743989a);
    equal(otaSequenceCrc(2), 0x55f63774);
  });

  it("are 32 bytes, the label erased", () => {
    const expected = new Uint8Array(32).fill(0xff);
    expected.set([2, 0, 0, 0]);
    expected.set([1, 0, 0, 0, 0x74, 0x37, 0xf6, 0x55], 24);
    equal(encodeOtaEntry(2, OtaState.pendingVerify), expected);
  });

  it("read back as written, at any offset", () => {
    const bytes = new Uint8Array(40);
    bytes.set(encodeOtaEntry(0xfffffffe, OtaState.undefined), 5);
    equal(readOtaEntry(bytes, 5), entry(0xfffffffe, 0xffffffff));
    throws(() => readOtaEntry(bytes, 9), /32 bytes/);
  });

  it("of erased flash are blank and neither usable nor valid", () => {
    const erased = readOtaEntry(new Uint8Array(32).fill(0xff));
    equal(erased, blank);
    ok(isBlankOtaEntry(erased));
    ok(!isUsableOtaEntry(erased));
    ok(!isValidOtaEntry(erased));
  });

  it("are usable in every state but invalid and aborted, unknown ones included", () => {
    for (const state of [0, 1, 2, 5, 0x12345678, 0xffffffff]) ok(isUsableOtaEntry(entry(1, state)), `state ${state}`);
    for (const state of [OtaState.invalid, OtaState.aborted]) ok(!isUsableOtaEntry(entry(1, state)), `state ${state}`);
  });

  it("with a wrong checksum are usable but not valid", () => {
    ok(isUsableOtaEntry(entry(1, OtaState.valid, 0)));
    ok(!isValidOtaEntry(entry(1, OtaState.valid, 0)));
    ok(isValidOtaEntry(entry(1, OtaState.valid)));
  });

  it("with a valid checksum of an erased sequence are still blank", () => {
    ok(!isUsableOtaEntry(entry(0xffffffff, OtaState.valid)));
  });

  it("name their states", () => {
    const names = [0, 1, 2, 3, 4, 5, 0xffffffff].map((state) => otaStateName(state));
    equal(names, ["new", "pendingVerify", "valid", "invalid", "aborted", "unknown", "undefined"]);
  });
});

describe("otadata: the entry that the bootloader follows", () => {
  it("is the one with the greater sequence, compared unsigned", () => {
    equal(selectOtaEntry([entry(1, 2), entry(2, 2)]), 1);
    equal(selectOtaEntry([entry(3, 2), entry(2, 2)]), 0);
    equal(selectOtaEntry([entry(0x80000000, 2), entry(0x7fffffff, 2)]), 0);
    equal(selectOtaEntry([entry(1, 2), entry(0xfffffffe, 2)]), 1);
  });

  it("is entry 0 on a tie", () => {
    equal(selectOtaEntry([entry(2, 2), entry(2, 2)]), 0);
  });

  it("is the only valid one, however small", () => {
    equal(selectOtaEntry([entry(9, OtaState.aborted), entry(2, 2)]), 1);
    equal(selectOtaEntry([entry(1, 2), entry(9, 2, 0)]), 0);
    equal(selectOtaEntry([entry(1, 2), blank]), 0);
  });

  it("is undefined where none is valid", () => {
    equal(selectOtaEntry([blank, entry(9, 2, 0)]), undefined);
  });

  it("is sought among exactly two", () => {
    throws(() => selectOtaEntry([blank]), /two entries/);
  });
});

describe("otadata: sequence numbers", () => {
  it("stand for slots in turn", () => {
    equal(
      [1, 2, 3, 4, 5].map((sequence) => slotOfSequence(sequence, 2)),
      [0, 1, 0, 1, 0],
    );
    equal(
      [1, 2, 3, 4].map((sequence) => slotOfSequence(sequence, 3)),
      [0, 1, 2, 0],
    );
  });

  it("0 wraps as in the bootloader's unsigned arithmetic", () => {
    equal(slotOfSequence(0, 2), 1);
    equal(slotOfSequence(0, 3), 0);
    equal(slotOfSequence(0, 4), 3);
  });

  it("that come next are the smallest for the slot", () => {
    equal(nextSequence(1, 1, 2), 2);
    equal(nextSequence(1, 0, 2), 3);
    equal(nextSequence(0, 0, 2), 1);
    equal(nextSequence(3, 2, 3), 6);
    equal(nextSequence(5, 0, 1), 6);
  });

  it("run out before the erased value", () => {
    equal(nextSequence(0xfffffffc, 1, 2), 0xfffffffe);
    throws(() => nextSequence(0xfffffffe, 0, 2), "full", /no sequence number/);
    throws(() => nextSequence(0xffffffff, 0, 2), "full");
  });

  it("are guarded against a slot that is none", () => {
    throws(() => nextSequence(1, 2, 2), /slot is 0/);
    throws(() => slotOfSequence(1, 0), /slotCount/);
  });
});
