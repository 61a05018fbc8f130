/** A journal record is read back as it was written, or not at all; and its bytes are those of the specification. */
import { decodeRecord, encodeRecord, isBlankRecord, RecordType } from "../../../src/ota/journal-record.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const RECORD = { type: RecordType.armed, detail: 7, sequence: 0xfffffffe, imageId: "00ff10a5deadbeef", first: 3, second: 1 };

const DIGEST = "8899aabbccddeeff";

/** By docs/spec/journal.md, the CRCs by zlib: what is on flash in the field, and has to stay readable. */
const KNOWN: readonly (readonly [record: Parameters<typeof encodeRecord>[0], bytes: string])[] = [
  [RECORD, "a7010507 feffffff 00ff10a5 deadbeef 03000000 01000000 a3bedbb5 00000000"],
  [
    { type: RecordType.floor, detail: 3, sequence: 6, imageId: "0000000000000000", first: 4, second: 0 },
    "a7010903 06000000 00000000 00000000 04000000 00000000 9f4fd96f 00000000",
  ],
  [
    { type: RecordType.nextKey, detail: 0, sequence: 7, imageId: DIGEST, first: 0x00112233, second: 0x44556677 },
    "a7010a00 07000000 8899aabb ccddeeff 33221100 77665544 04ca3525 00000000",
  ],
  [
    { type: RecordType.pending, detail: 0, sequence: 8, imageId: "00ff10a5deadbeef", first: 9, second: 0xfffffffe },
    "a7010b00 08000000 00ff10a5 deadbeef 09000000 feffffff d6f16350 00000000",
  ],
  [
    { type: RecordType.pendingKey, detail: 0, sequence: 9, imageId: DIGEST, first: 0x00112233, second: 0x44556677 },
    "a7010c00 09000000 8899aabb ccddeeff 33221100 77665544 e3db3c4e 00000000",
  ],
];

describe("a journal record", () => {
  it("has the bytes of the specification", () => {
    for (const [record, digits] of KNOWN) {
      let hex = "";
      for (const byte of encodeRecord(record)) hex += byte.toString(16).padStart(2, "0");
      equal(hex, digits.replaceAll(" ", ""));
      equal(decodeRecord(encodeRecord(record), 0), record);
    }
  });

  it("has a type whose number never changes: journals outlive images", () => {
    equal(
      { ...RecordType },
      {
        head: 1,
        boot: 2,
        planned: 3,
        fault: 4,
        armed: 5,
        confirmed: 6,
        rejected: 7,
        quarantine: 8,
        floor: 9,
        nextKey: 10,
        pending: 11,
        pendingKey: 12,
        progress: 13,
        healthy: 14,
      },
    );
  });

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
