/** Spec: a journal record is read back as it was written, or not at all. */
import { decodeRecord, encodeRecord, isBlankRecord, RecordType } from "../../../src/ota/journal-record.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const RECORD = { type: RecordType.armed, detail: 7, sequence: 0xfffffffe, imageId: "00ff10a5deadbeef", first: 3, second: 1 };

describe("a journal record", () => {
  it("comes back as it was written", () => {
    equal(decodeRecord(encodeRecord(RECORD), 0), RECORD);
  });

  it("is refused with any one bit flipped: the CRC covers all of it, the commit word is all zeros", () => {
    for (let bit = 0; bit < 256; bit++) {
      const bytes = encodeRecord(RECORD);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      equal(decodeRecord(bytes, 0), undefined, `bit ${bit}`);
    }
  });

  it("is refused when the power went after any of its words, and is not taken for blank", () => {
    for (let words = 1; words < 8; words++) {
      const bytes = new Uint8Array(32).fill(0xff);
      bytes.set(encodeRecord(RECORD).subarray(0, 4 * words));
      equal(decodeRecord(bytes, 0), undefined, `${words} words`);
      ok(!isBlankRecord(bytes, 0), `${words} words are not blank`);
    }
    ok(isBlankRecord(new Uint8Array(32).fill(0xff), 0));
  });
});
