/** Randomness with one fault each: what the suite of the Random port must notice. Each wraps a right one. */
import type { Random } from "../../../src/ports/random.js";
import type { Broken } from "../../harness/port-suite.js";
import type { RandomSubject } from "../random.js";

/** `open` gives a right one. */
export function brokenRandoms(open: () => RandomSubject): readonly Broken<RandomSubject>[] {
  const withFill = (fill: (right: Random, bytes: Uint8Array) => void) => (): RandomSubject => {
    const right = open().random;
    return { random: { fill: (bytes) => fill(right, bytes) } };
  };
  return [
    {
      must: "fill every byte, at every length",
      fault: "fills whole words only",
      open: withFill((right, bytes) => right.fill(bytes.subarray(0, bytes.length & ~3))),
    },
    {
      must: "fill nothing beside the view",
      fault: "fills the whole buffer behind the view",
      open: withFill((right, bytes) => right.fill(new Uint8Array(bytes.buffer))),
    },
    {
      must: "give other bytes each time",
      fault: "starts from the same seed at each call",
      open: () => {
        const first = new Uint8Array(64);
        open().random.fill(first);
        return withFill((_right, bytes) => {
          for (let index = 0; index < bytes.length; index++) bytes[index] = first[index % 64]!;
        })();
      },
    },
    {
      must: "accept an empty view",
      fault: "refuses an empty view",
      open: withFill((right, bytes) => {
        if (bytes.length === 0) throw new RangeError("Random: nothing to fill");
        right.fill(bytes);
      }),
    },
    {
      must: "fill a large view to its end",
      fault: "fills 65,536 bytes at most",
      open: withFill((right, bytes) => right.fill(bytes.subarray(0, 65_536))),
    },
    {
      must: "set half of the bits",
      fault: "gives 7-bit characters",
      open: withFill((right, bytes) => {
        right.fill(bytes);
        for (let index = 0; index < bytes.length; index++) bytes[index]! &= 0x7f;
      }),
    },
  ];
}
