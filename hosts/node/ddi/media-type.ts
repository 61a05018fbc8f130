/**
 * The media type of an answer, chosen by the request's Accept (RFC 9110, 12.5.1).
 *
 * hawkBit writes JSON under two names, and CBOR. Here it is JSON under the same two names; who takes neither is told so.
 */
import { Refusal } from "./refusal.js";

/** The first is given to whoever does not care. */
const MEDIA_TYPES = Object.freeze(["application/hal+json", "application/json"] as const);

/** Throws a Refusal (406) where none is acceptable. Total. */
export function chooseMediaType(accept: string | undefined): string {
  const ranges = (accept ?? "").split(",").flatMap(mediaRange);
  if (ranges.length === 0) return MEDIA_TYPES[0];
  let chosen: string | undefined;
  let chosenRank = 0;
  for (const type of MEDIA_TYPES) {
    const rank = rankOf(type, ranges);
    if (rank <= chosenRank) continue;
    chosen = type;
    chosenRank = rank;
  }
  if (chosen !== undefined) return chosen;
  throw new Refusal(406, `Accept: found ${accept!.slice(0, 80)}, expected ${MEDIA_TYPES.join(" or ")}`);
}

interface MediaRange {
  readonly name: string;
  /** 0 … 1 */
  readonly quality: number;
}

function mediaRange(text: string): readonly MediaRange[] {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  if (name === "") return [];
  const quality = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
  return [{ name, quality: quality >= 0 && quality <= 1 ? quality : 0 }];
}

/** 0 where it is not acceptable. The most specific range counts; of equal qualities the one that is named in full is better. */
function rankOf(type: string, ranges: readonly MediaRange[]): number {
  const patterns = [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"];
  for (const [index, pattern] of patterns.entries()) {
    const range = ranges.find(({ name }) => name === pattern);
    if (range) return range.quality === 0 ? 0 : range.quality - index / 10_000;
  }
  return 0;
}
