/**
 * Five updates that the device of the story must not take, each with one thing wrong and everything else right.
 *
 * All of them name a whole image that would run. What is wrong is who made it, for whom, when, or what became of it on the way.
 */
import type { OfferOptions } from "./release-desk.js";

export interface Attack {
  readonly name: string;
  /** What is told to happen. */
  readonly told: string;
  /** The version, and so the image, that is offered: of the releases that were built. */
  readonly version: string;
  readonly offer: Omit<OfferOptions, "deviceClass">;
  /** What the device's report has to say. */
  readonly because: RegExp;
  /** Whether it shows only when the image is fetched. */
  readonly isFetched: boolean;
}

/** In the order of the story: the last one costs what stood in the other slot. */
export const ATTACKS: readonly Attack[] = Object.freeze([
  {
    name: "other class",
    told: "5.0.0 is offered, signed for another class of devices; it is refused before a byte is fetched",
    version: "5.0.0",
    offer: { release: { deviceClass: "toaster" } },
    because: /for the class toaster/,
    isFetched: false,
  },
  {
    name: "expired",
    told: "5.0.0 is offered with a deployment of two days ago, which was good for one; it is refused",
    version: "5.0.0",
    offer: { ageS: 2 * 86_400 },
    because: /it expired \d+ s ago/,
    isFetched: false,
  },
  {
    name: "older",
    told: "2.0.0 is offered again, with both signatures, behind 4.0.0; it is refused",
    version: "2.0.0",
    offer: { release: { sequenceNumber: 2 } },
    because: /its release 2 is an old one/,
    isFetched: false,
  },
  {
    name: "wrong role",
    told: "5.0.0 is offered, released by the key of those who deploy; it is refused",
    version: "5.0.0",
    offer: { releasedBy: "deploy" },
    because: /release: not signed by a release key/,
    isFetched: false,
  },
  {
    name: "tampered",
    told: "5.0.0 is offered, and a bit of the image flips on the way; it is refused at that chunk",
    version: "5.0.0",
    offer: { tamper: flipped },
    because: /chunk 2 of \d+ is not what was signed/,
    isFetched: true,
  },
]);

/** One bit of the second chunk. */
function flipped(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  copy[20_000]! ^= 1;
  return copy;
}
