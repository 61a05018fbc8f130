/**
 * SHA-256 (FIPS 180-4) in plain JavaScript, so that image specs run on engines whose host has no digest yet.
 *
 * For specs only: a device hashes in hardware. test/node/image/formats-round-trip.ts compares it with the system's.
 */
import { FirmwareError } from "../../../src/errors.js";
import type { Digest } from "../../../src/ports/digest.js";

const PRIMES: number[] = [];
for (let candidate = 2; PRIMES.length < 64; candidate++) {
  if (PRIMES.every((prime) => candidate % prime !== 0)) PRIMES.push(candidate);
}

/** The first 32 bits of the fraction of the `degree`-th root of a prime, by integer search: Math.cbrt may be off by a bit. */
function rootFraction(prime: number, degree: bigint): number {
  const target = BigInt(prime) << (32n * degree);
  let root = 0n;
  for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= target) root += bit;
  return Number(root & 0xffffffffn);
}

const START = PRIMES.slice(0, 8).map((prime) => rootFraction(prime, 2n));
const ROUNDS = PRIMES.map((prime) => rootFraction(prime, 3n));

function rotate(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count));
}

function mix(state: number[], view: DataView, offset: number): void {
  const words: number[] = [];
  for (let index = 0; index < 16; index++) words.push(view.getUint32(offset + index * 4));
  for (let index = 16; index < 64; index++) {
    const near = words[index - 2]!;
    const far = words[index - 15]!;
    const sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    words.push((sigma1 + words[index - 7]! + sigma0 + words[index - 16]!) | 0);
  }
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
  for (let index = 0; index < 64; index++) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUNDS[index]! + words[index]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  const mixed = [a, b, c, d, e, f, g, h];
  for (let index = 0; index < 8; index++) state[index] = (state[index]! + mixed[index]!) | 0;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  const blockCount = Math.floor((bytes.length + 8) / 64) + 1;
  const message = new Uint8Array(blockCount * 64);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 4, bytes.length * 8);
  const state = START.slice();
  for (let block = 0; block < blockCount; block++) mix(state, view, block * 64);
  const digest = new Uint8Array(32);
  for (let index = 0; index < 8; index++) new DataView(digest.buffer).setInt32(index * 4, state[index]!);
  return digest;
}

/** The port, over all that was written; counts those that are open, so that a leak is seen. */
export class SpecDigest implements Digest {
  static readonly open = new Set<SpecDigest>();
  #parts: number[] = [];
  #closed = false;

  constructor() {
    SpecDigest.open.add(this);
  }

  write(bytes: Uint8Array): void {
    this.#assertOpen();
    for (let index = 0; index < bytes.length; index++) this.#parts.push(bytes[index]!);
  }

  digest(): Uint8Array {
    this.#assertOpen();
    this.close();
    return sha256(Uint8Array.from(this.#parts));
  }

  close(): void {
    this.#closed = true;
    SpecDigest.open.delete(this);
  }

  #assertOpen(): void {
    if (this.#closed) throw new FirmwareError("closed", "digest: closed");
  }
}
