/**
 * Randomness: the system's for keys, a seeded generator for simulations that must replay.
 *
 * The seeded one is xoshiro128** 1.1 (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2018), its
 * state filled by the finalizer of MurmurHash3 over a Weyl sequence, so that neighbouring seeds give unlike streams. It is
 * small, has no weak low bits and is the same on every engine. It is no source of keys. See docs/design/ports.md.
 */
import { randomFillSync } from "node:crypto";
import { assert } from "../../src/assert.js";
import type { Random } from "../../src/ports/random.js";

/** 2^32 divided by the golden ratio, made odd: the step of the Weyl sequence. */
const WEYL_STEP = 0x9e3779b9;

/** The four words of state; not all of them may be zero, which no seed gives. */
class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    for (let index = 0; index < this.#state.length; index++) {
      this.#state[index] = mixed((seed + Math.imul(index + 1, WEYL_STEP)) >>> 0);
    }
  }

  /** Four bytes of each number, the least significant first; what is left of the last one is dropped. */
  fill(bytes: Uint8Array): void {
    let word = 0;
    for (let index = 0; index < bytes.length; index++) {
      if (index % 4 === 0) word = this.#next();
      bytes[index] = word & 0xff;
      word >>>= 8;
    }
  }

  #next(): number {
    const state = this.#state;
    const result = Math.imul(rotatedLeft(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotatedLeft(state[3]!, 11);
    return result;
  }
}

function rotatedLeft(word: number, bitCount: number): number {
  return (word << bitCount) | (word >>> (32 - bitCount));
}

/** One to one on 32-bit words, so that four different inputs never all give zero. */
function mixed(word: number): number {
  let result = word;
  result = Math.imul(result ^ (result >>> 16), 0x85ebca6b);
  result = Math.imul(result ^ (result >>> 13), 0xc2b2ae35);
  return (result ^ (result >>> 16)) >>> 0;
}

/** Fit for keys: the operating system's generator through node:crypto. */
export function createRandom(): Random {
  return Object.freeze({ fill: (bytes: Uint8Array) => void randomFillSync(bytes) });
}

/** Fit for simulations: the same bytes for the same `seed`, an integer of 0 … 2^32 − 1, in every version to come. */
export function createSeededRandom(seed: number): Random {
  assert(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff, "createSeededRandom: a seed is an integer of 0 … 2^32 − 1");
  return new SeededRandom(seed);
}

/** Whole numbers of 0 … `limit` − 1 by the same generator: for what a simulation draws. */
export function createSeededChance(seed: number): (limit: number) => number {
  const random = createSeededRandom(seed);
  const bytes = new Uint8Array(4);
  return (limit) => {
    random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  };
}
