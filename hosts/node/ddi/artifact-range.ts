/**
 * Which part of an artifact a request asks for: Range and If-Range (RFC 9110, 13.1.5 and chapter 14), for one part.
 *
 * Several parts in one request are answered with the whole: 14.2 allows any server to ignore Range, nobody has to write
 * `multipart/byteranges` or to read it, and half an answer is never taken for all of it. A Range that is not of the grammar is
 * ignored for the same reason; 416 is for one that is right and asks for what is not there.
 */
import { assert } from "../../../src/assert.js";

export type ArtifactRange =
  | { readonly kind: "whole" }
  /** Both positions are in it. */
  | { readonly kind: "part"; readonly first: number; readonly last: number }
  | { readonly kind: "unsatisfiable" };

const WHOLE: ArtifactRange = Object.freeze({ kind: "whole" });
const UNSATISFIABLE: ArtifactRange = Object.freeze({ kind: "unsatisfiable" });

/** A range-set of bytes; a unit's name is the same in upper and lower case. */
const RANGES = /^bytes=(.*)$/i;
const RANGE_SPEC = /^(?:(\d+)-(\d*)|-(\d+))$/;

/** What `range`, the header field, means for an artifact of `sizeBytes`, which is not empty. Total. */
export function artifactRangeOf(range: string | undefined, sizeBytes: number): ArtifactRange {
  assert(sizeBytes > 0, "artifact-range: an artifact is not empty");
  const [, rangeSet] = RANGES.exec(range?.trim() ?? "") ?? [];
  if (rangeSet === undefined) return WHOLE;
  // A list may have empty elements (5.6.1.2).
  const specs = rangeSet
    .split(",")
    .map((spec) => spec.trim())
    .filter((spec) => spec !== "");
  const match = specs.length === 1 ? RANGE_SPEC.exec(specs[0]!) : undefined;
  if (!match) return WHOLE;
  const [, firstText, lastText, suffixText] = match;
  if (suffixText !== undefined) {
    const suffixSize = Math.min(Number(suffixText), sizeBytes);
    return suffixSize === 0 ? UNSATISFIABLE : { kind: "part", first: sizeBytes - suffixSize, last: sizeBytes - 1 };
  }
  const first = Number(firstText);
  const last = lastText === "" ? Number.POSITIVE_INFINITY : Number(lastText);
  if (last < first) return WHOLE; // Invalid by 14.1.1.
  if (first >= sizeBytes) return UNSATISFIABLE;
  return { kind: "part", first, last: Math.min(last, sizeBytes - 1) };
}

/**
 * Whether Range is to be looked at: If-Range is absent, or is exactly this strong tag. A weak tag and a date never are: the
 * artifact has no Last-Modified to compare a date with.
 */
export function isRangeApplicable(ifRange: string | undefined, tag: string): boolean {
  return ifRange === undefined || ifRange.trim() === tag;
}
