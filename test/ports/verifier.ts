/**
 * The law of the Verifier port: what src/ports/verifier.ts demands, one obligation for each MUST. The known answers are those
 * of RFC 6979, A.2.5. See docs/design/ports.md.
 */
import type { Verifier } from "../../src/ports/verifier.js";
import { equal } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface VerifierSubject {
  readonly verifier: Verifier;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const KEY = bytesOf(
  "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" +
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
);
const SAMPLE = bytesOf(
  "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
);
const TEST = bytesOf(
  "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367" +
    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
);
const ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const ZERO = "00".repeat(32);
const ONE = `${"00".repeat(31)}01`;

/** `bytes` with one bit of the byte at `index` the other way. */
function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = bytes.slice();
  copy[index]! ^= 1;
  return copy;
}

export const verifierObligations: readonly Obligation<VerifierSubject>[] = [
  {
    must: "answer true for the key's own signatures",
    check({ verifier }) {
      equal(verifier.verify({ publicKey: KEY, message: ascii("sample"), signature: SAMPLE }), true, "sample");
      equal(verifier.verify({ publicKey: KEY, message: ascii("test"), signature: TEST }), true, "test");
    },
  },
  {
    must: "answer false for another message",
    check({ verifier }) {
      for (const message of [ascii("Sample"), ascii("sample "), new Uint8Array(0)]) {
        equal(verifier.verify({ publicKey: KEY, message, signature: SAMPLE }), false);
      }
    },
  },
  {
    must: "answer false where any byte of r or s is another",
    check({ verifier }) {
      for (let index = 0; index < 64; index++) {
        const signature = flipped(SAMPLE, index);
        equal(verifier.verify({ publicKey: KEY, message: ascii("sample"), signature }), false, `byte ${index}`);
      }
    },
  },
  {
    must: "answer false for r or s of 0 or not below the order, and come back",
    check({ verifier }) {
      const values = [ZERO, ORDER, "ff".repeat(32)];
      for (const value of values) {
        for (const hex of [value + ONE, ONE + value, value + value]) {
          equal(verifier.verify({ publicKey: KEY, message: ascii("sample"), signature: bytesOf(hex) }), false, hex);
        }
      }
      equal(verifier.verify({ publicKey: KEY, message: ascii("sample"), signature: bytesOf(ONE + ONE) }), false, "1, 1");
    },
  },
  {
    must: "answer false for a key that is no point of the curve",
    check({ verifier }) {
      for (const publicKey of [flipped(KEY, 63), new Uint8Array(64), bytesOf("ff".repeat(64))]) {
        equal(verifier.verify({ publicKey, message: ascii("sample"), signature: SAMPLE }), false);
      }
    },
  },
  {
    must: "answer false for a key or a signature of another length",
    check({ verifier }) {
      for (const length of [0, 32, 63, 65]) {
        const bytes = new Uint8Array(length).fill(1);
        equal(verifier.verify({ publicKey: bytes, message: ascii("sample"), signature: SAMPLE }), false, `key of ${length}`);
        equal(verifier.verify({ publicKey: KEY, message: ascii("sample"), signature: bytes }), false, `signature of ${length}`);
      }
      // All that is needed is in these: whoever looks at the first 64 bytes takes them.
      const longer = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, 0);
      equal(verifier.verify({ publicKey: longer(KEY), message: ascii("sample"), signature: SAMPLE }), false, "a longer key");
      equal(
        verifier.verify({ publicKey: KEY, message: ascii("sample"), signature: longer(SAMPLE) }),
        false,
        "a longer signature",
      );
    },
  },
  {
    must: "not change what it is given",
    check({ verifier }) {
      const request = { publicKey: KEY.slice(), message: ascii("sample"), signature: SAMPLE.slice() };
      verifier.verify(request);
      equal(request, { publicKey: KEY, message: ascii("sample"), signature: SAMPLE });
    },
  },
];
