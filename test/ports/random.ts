/**
 * The law of the Random port: what src/ports/random.ts demands as far as a test can see it. That the bytes come from hardware
 * it cannot see: a seeded generator passes too. See docs/design/ports.md.
 */
import type { Random } from "../../src/ports/random.js";
import { equal, notEqual, ok } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface RandomSubject {
  readonly random: Random;
}

/** Above the 65,536 bytes at which one well-known interface gives up. */
const LARGE_SIZE_BYTES = 70_001;

export const randomObligations: readonly Obligation<RandomSubject>[] = [
  {
    must: "fill every byte, at every length",
    check({ random }) {
      for (let sizeBytes = 1; sizeBytes <= 33; sizeBytes++) {
        const seen = new Uint8Array(sizeBytes);
        const bytes = new Uint8Array(sizeBytes);
        // A random byte is zero 16 times in a row once in 2^128 tries.
        for (let count = 0; count < 16; count++) {
          bytes.fill(0);
          random.fill(bytes);
          for (let index = 0; index < sizeBytes; index++) seen[index]! |= bytes[index]!;
        }
        ok(!seen.includes(0), `of ${sizeBytes} bytes, byte ${seen.indexOf(0)} was never filled`);
      }
    },
  },
  {
    must: "fill nothing beside the view",
    check({ random }) {
      const whole = new Uint8Array(64);
      random.fill(whole.subarray(21, 42));
      equal(whole.subarray(0, 21), new Uint8Array(21), "before the view");
      equal(whole.subarray(42), new Uint8Array(22), "after the view");
    },
  },
  {
    must: "give other bytes each time",
    check({ random }) {
      const seen = new Set<string>();
      const bytes = new Uint8Array(16);
      for (let count = 0; count < 200; count++) {
        random.fill(bytes);
        seen.add(bytes.join());
      }
      equal(seen.size, 200, "different fills of 200");
    },
  },
  {
    must: "accept an empty view",
    check({ random }) {
      random.fill(new Uint8Array(0));
    },
  },
  {
    must: "fill a large view to its end",
    check({ random }) {
      const bytes = new Uint8Array(LARGE_SIZE_BYTES);
      random.fill(bytes);
      notEqual(bytes.subarray(LARGE_SIZE_BYTES - 16), new Uint8Array(16), "the last 16 bytes");
    },
  },
  {
    must: "set half of the bits",
    check({ random }) {
      const bytes = new Uint8Array(4096);
      random.fill(bytes);
      for (let bit = 0; bit < 8; bit++) {
        let count = 0;
        for (const byte of bytes) count += (byte >> bit) & 1;
        // Of 4096, 2048 ± 32 in one standard deviation; 7 of them are missed once in 10^11 tries.
        ok(Math.abs(count - 2048) < 7 * 32, `bit ${bit} is set in ${count} of 4096 bytes`);
      }
    },
  },
];
