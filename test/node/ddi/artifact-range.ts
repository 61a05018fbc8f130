/** Which part of an artifact a Range asks for: the examples of RFC 9110, and whatever else a client may write there. */
import fc from "fast-check";
import { type ArtifactRange, artifactRangeOf, isRangeApplicable } from "../../../hosts/node/ddi/artifact-range.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const WHOLE = "whole";
const NONE = "none of it";

/** For 10,000 bytes, the length of the RFC's examples in 14.1.2. */
const RANGES: readonly (readonly [range: string | undefined, part: string, why: string])[] = [
  ["bytes=0-499", "0-499", "the first 500 bytes (14.1.2)"],
  ["bytes=500-999", "500-999", "the second 500 bytes (14.1.2)"],
  ["bytes=-500", "9500-9999", "the final 500 bytes (14.1.2)"],
  ["bytes=9500-", "9500-9999", "the same, with an open end (14.1.2)"],
  ["bytes=0-0,-1", WHOLE, "the first and the last byte (14.1.2): several parts are answered with the whole (14.2)"],
  ["bytes= 0-999, 4500-5499, -1000", WHOLE, "several parts (14.1.2)"],
  ["bytes=500-600,601-999", WHOLE, "several parts that meet (14.1.2)"],
  ["bytes=0-", "0-9999", "all of it, as a part"],
  ["bytes=0-0", "0-0", "one byte"],
  ["bytes=9999-9999", "9999-9999", "the last byte"],
  ["bytes=9000-20000", "9000-9999", "a last position beyond the end is the end (14.1.2)"],
  ["bytes=-10000", "0-9999", "a suffix of all"],
  ["bytes=-20000", "0-9999", "a suffix of more than all is all (14.1.2)"],
  ["bytes=-99999999999999999999999", "0-9999", "a number that is too large for one"],
  ["BYTES=0-1", "0-1", "a unit's name is the same in upper case (14.1)"],
  ["bytes=,0-1,", "0-1", "a list may have empty elements (5.6.1.2)"],
  ["bytes=0-1 ", "0-1", "white space around the field is none of it (5.5)"],
  ["bytes=10000-", NONE, "begins at the end (14.1.2)"],
  ["bytes=10000-10001", NONE, "behind the end"],
  ["bytes=99999999999999999999999-", NONE, "a number that is too large for one"],
  ["bytes=-0", NONE, "a suffix of nothing (14.1.2)"],
  [undefined, WHOLE, "absent"],
  ["", WHOLE, "empty"],
  ["bytes=", WHOLE, "no range"],
  ["bytes=-", WHOLE, "neither position"],
  ["bytes=2-1", WHOLE, "the last before the first is invalid (14.1.1)"],
  ["bytes=a-b", WHOLE, "no numbers"],
  ["bytes=0x0-1", WHOLE, "no decimal number"],
  ["bytes=1-10,hdsfjksdh", WHOLE, "one of the list is none"],
  ["bytes=0--1", WHOLE, "a negative position"],
  ["bytes 0-1", WHOLE, "no equals sign"],
  ["bytes =0-1", WHOLE, "a blank in front of it"],
  ["0-1", WHOLE, "no unit"],
  ["items=0-1", WHOLE, "a unit that is not known is ignored (14.2)"],
];

function shown(range: ArtifactRange): string {
  if (range.kind === "part") return `${range.first}-${range.last}`;
  return range.kind === "whole" ? WHOLE : NONE;
}

describe("DDI server: Range", () => {
  for (const [range, part, why] of RANGES) {
    it(`${range ?? "none"} is ${part}: ${why}`, () => equal(shown(artifactRangeOf(range, 10_000)), part));
  }

  it("is a part of the artifact or none of it, whatever is asked for", () => {
    const position = fc.oneof(fc.constant(""), fc.nat(30).map(String), fc.constant("99999999999999999999"));
    const spec = fc.tuple(position, position).map(([first, last]) => `bytes=${first}-${last}`);
    fc.assert(
      fc.property(fc.oneof(spec, fc.string()), fc.integer({ min: 1, max: 20 }), (text, sizeBytes) => {
        const range = artifactRangeOf(text, sizeBytes);
        if (range.kind === "part") ok(0 <= range.first && range.first <= range.last && range.last < sizeBytes, shown(range));
      }),
    );
  });
});

const TAG = '"abc"';
const CONDITIONS: readonly (readonly [ifRange: string | undefined, isApplicable: boolean, why: string])[] = [
  [undefined, true, "absent"],
  [TAG, true, "the strong tag"],
  [` ${TAG} `, true, "the same with white space around it"],
  ['"abd"', false, "another tag"],
  ['W/"abc"', false, "a weak tag never is the same by the strong comparison (13.1.5)"],
  ["abc", false, "a tag without its quotes is none"],
  ['"abc", "abd"', false, "one tag, not a list (13.1.5)"],
  ["Tue, 15 Nov 1994 08:12:31 GMT", false, "a date, where there is no Last-Modified"],
  ["", false, "empty"],
];

describe("DDI server: If-Range", () => {
  for (const [ifRange, isApplicable, why] of CONDITIONS) {
    it(`${ifRange ?? "none"} is ${isApplicable ? "met" : "not met"}: ${why}`, () => {
      equal(isRangeApplicable(ifRange, TAG), isApplicable);
    });
  }
});
