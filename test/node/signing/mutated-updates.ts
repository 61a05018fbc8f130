/**
 * A signed update with bytes flipped, cut, doubled and put elsewhere, 100,000 times: it is read or refused, never anything
 * else, and what is read encodes to the very bytes that came.
 *
 * `HOLDFAST_MUTATIONS=1000000` does more; the seed is printed with a failure, and `HOLDFAST_SEED` repeats it.
 */
import { decode, encode } from "cborg";
import { errorCodeOf } from "../../../src/errors.js";
import { parseSign1 } from "../../../src/ota/cose-sign1.js";
import { parseDeployment, parseEnvelope, parseRelease } from "../../../src/ota/manifest.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { signedUpdate } from "./workbench.js";

const MUTATION_COUNT = Number(process.env["HOLDFAST_MUTATIONS"] ?? 100_000);
const SEED = Number(process.env["HOLDFAST_SEED"] ?? 20_261_124);

/** mulberry32: small, seeded, good enough to pick bytes. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

function mutate(original: Uint8Array, random: (limit: number) => number): Uint8Array {
  let bytes = [...original];
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(bytes.length);
    switch (random(5)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at]! ^= 1 << random(8);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random(16)));
        break;
      default:
        bytes.splice(at, 1 + random(8));
    }
    if (bytes.length === 0) return new Uint8Array(0);
  }
  return new Uint8Array(bytes);
}

type Parse = (bytes: Uint8Array) => unknown;

/** Whether the bytes were read. Throws for anything but that and `corrupt`. */
function isRead(parse: Parse, bytes: Uint8Array, why: string): boolean {
  try {
    parse(bytes);
  } catch (error) {
    ok(errorCodeOf(error) === "corrupt", `${why}: ${String(error)}`);
    return false;
  }
  const untagged = parse === parseSign1 ? bytes.subarray(1) : bytes; // Its tag has one form, of one byte.
  const again = encode(decode(untagged, { useMaps: true }));
  equal(new Uint8Array(again), new Uint8Array(untagged), `${why}: read, and there is another form of it`);
  return true;
}

describe("a mutated update", () => {
  it(`is read or refused, ${MUTATION_COUNT} times`, async () => {
    const { release, deployment, update } = await signedUpdate();
    const targets: readonly (readonly [name: string, parse: Parse, bytes: Uint8Array])[] = [
      ["envelope", parseEnvelope, update],
      ["signature", parseSign1, release],
      ["release", parseRelease, parseSign1(release).payload.slice()],
      ["deployment", parseDeployment, parseSign1(deployment).payload.slice()],
    ];
    const random = randomOf(SEED);
    let readCount = 0;
    for (let index = 0; index < MUTATION_COUNT; index++) {
      const [name, parse, bytes] = targets[index % targets.length]!;
      if (isRead(parse, mutate(bytes, random), `seed ${SEED}, mutation ${index}, ${name}`)) readCount++;
    }
    ok(readCount > 100 && readCount < MUTATION_COUNT / 2, `${readCount} of ${MUTATION_COUNT} read`);
  });
});
