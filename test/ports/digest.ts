/**
 * The law of the Digest port: what src/ports/digest.ts demands, one obligation for each MUST. The known answers are those that
 * NIST gives with FIPS 180 ("Secure Hashing: SHA256 examples"). See docs/design/ports.md.
 */
import type { DigestConstructor } from "../../src/ports/digest.js";
import { equal, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface DigestSubject {
  readonly Digest: DigestConstructor;
}

const EMPTY_HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ABC_HEX = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const MILLION_HEX = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
const KNOWN_ANSWERS: readonly (readonly [text: string, hex: string])[] = [
  ["", EMPTY_HEX],
  ["abc", ABC_HEX],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
];

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

const results: readonly Obligation<DigestSubject>[] = [
  {
    must: "give the SHA-256 of what was written, in 32 bytes",
    check({ Digest }) {
      for (const [text, expected] of KNOWN_ANSWERS) {
        const digest = new Digest();
        digest.write(ascii(text));
        equal(hex(digest.digest()), expected, `the digest of "${text}"`);
      }
    },
  },
  {
    must: "give the digest of the empty message where nothing was written",
    check({ Digest }) {
      equal(hex(new Digest().digest()), EMPTY_HEX);
    },
  },
  {
    must: "not depend on how a message is cut, up to 1,000,000 bytes",
    check({ Digest }) {
      const piece = new Uint8Array(4099).fill(0x61);
      const digest = new Digest();
      let restBytes = 1_000_000;
      // 0, 61, 122 … modulo a prime: pieces shorter and longer than a block of 64 bytes, ending anywhere in one.
      for (let count = 0; restBytes > 0; count++) {
        const lengthBytes = Math.min((count * 61) % piece.length, restBytes);
        digest.write(piece.subarray(0, lengthBytes));
        restBytes -= lengthBytes;
      }
      equal(hex(digest.digest()), MILLION_HEX);
    },
  },
  {
    must: "take the bytes of the view and no others",
    check({ Digest }) {
      const digest = new Digest();
      digest.write(ascii("xyzabcxyz").subarray(3, 6));
      equal(hex(digest.digest()), ABC_HEX);
    },
  },
  {
    must: "have consumed the bytes when write returns",
    check({ Digest }) {
      const digest = new Digest();
      const bytes = ascii("abc");
      digest.write(bytes);
      bytes.fill(0);
      equal(hex(digest.digest()), ABC_HEX);
    },
  },
  {
    must: "keep two that are open at once apart",
    check({ Digest }) {
      const first = new Digest();
      const second = new Digest();
      first.write(ascii("ab"));
      second.write(ascii("xy"));
      first.write(ascii("c"));
      second.close();
      equal(hex(first.digest()), ABC_HEX);
    },
  },
  {
    must: "leave the result to the caller",
    check({ Digest }) {
      const first = new Digest().digest();
      const second = new Digest().digest();
      first.fill(0);
      equal(hex(second), EMPTY_HEX, "one result after another was overwritten");
    },
  },
];

const life: readonly Obligation<DigestSubject>[] = [
  {
    must: "throw closed at a second digest",
    check({ Digest }) {
      const digest = new Digest();
      digest.digest();
      throws(() => digest.digest(), "closed");
    },
  },
  {
    must: "throw closed at write after digest",
    check({ Digest }) {
      const digest = new Digest();
      digest.digest();
      throws(() => digest.write(ascii("abc")), "closed");
    },
  },
  {
    must: "throw closed at write and digest after close",
    check({ Digest }) {
      const digest = new Digest();
      digest.close();
      throws(() => digest.write(ascii("abc")), "closed");
      throws(() => digest.digest(), "closed");
    },
  },
  {
    must: "do nothing at a second close, and at a close after digest",
    check({ Digest }) {
      const closed = new Digest();
      closed.close();
      closed.close();
      const done = new Digest();
      done.digest();
      done.close();
    },
  },
];

export const digestObligations: readonly Obligation<DigestSubject>[] = [...results, ...life];
