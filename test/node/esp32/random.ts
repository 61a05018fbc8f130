/** Bytes from Math.random as XS makes it on the ESP32: 31 bits of the chip's generator, divided by 2^31 − 1. */
import { createRandom } from "../../../hosts/esp32/random.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const DRAW_MAX = 2 ** 31 - 1;
/** Draws that share their upper eight bits: 2^31 / 256. */
const DRAWS_PER_BYTE = 2 ** 23;

/** Math.random for these draws; the largest is drawn again, as XS does. */
function sourceOf(draws: readonly number[]): () => number {
  const left = draws.filter((draw) => draw !== DRAW_MAX);
  return () => left.shift()! / DRAW_MAX;
}

describe("ESP32: random", () => {
  it("gives the upper eight bits of each draw unchanged, at both ends of each byte's range", () => {
    const bytes = new Uint8Array(2);
    for (let byte = 0; byte < 256; byte++) {
      const first = byte * DRAWS_PER_BYTE;
      const last = Math.min(first + DRAWS_PER_BYTE - 1, DRAW_MAX - 1);
      createRandom(sourceOf([first, last])).fill(bytes);
      equal(bytes, Uint8Array.of(byte, byte));
    }
  });

  it("draws once a byte", () => {
    let count = 0;
    const random = createRandom(() => {
      count++;
      return 0.5;
    });
    random.fill(new Uint8Array(7));
    random.fill(new Uint8Array(0));
    equal(count, 7);
  });
});
