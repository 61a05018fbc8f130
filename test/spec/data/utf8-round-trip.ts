/** Spec: UTF-8 comes and goes without TextEncoder, on every engine. */
import { decodeUTF8, encodeUTF8 } from "../../../src/data/utf8.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** Text, and its bytes as hexadecimal digits, by the Unicode standard's own examples. */
const KNOWN: readonly (readonly [string, string])[] = [
  ["", ""],
  ["A~", "417e"],
  ["é", "c3a9"],
  ["Ω", "cea9"],
  ["語", "e8aa9e"],
  ["𐎄", "f0908e84"],
  ["°C €", "c2b04320e282ac"],
];

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(digits.substring(2 * index, 2 * index + 2), 16);
  return bytes;
}

describe("UTF-8", () => {
  it("encodes and decodes what the standard shows", () => {
    for (const [text, digits] of KNOWN) {
      equal(encodeUTF8(text), bytesOf(digits), text);
      equal(decodeUTF8(bytesOf(digits)), text, digits);
    }
  });

  it("replaces what is no UTF-8: cut, over-long, surrogate, beyond the end, stray", () => {
    equal(decodeUTF8(bytesOf("41e8aa")), "A\ufffd\ufffd");
    equal(decodeUTF8(bytesOf("c080")), "\ufffd\ufffd");
    equal(decodeUTF8(bytesOf("e08080")), "\ufffd\ufffd\ufffd");
    equal(decodeUTF8(bytesOf("eda080")), "\ufffd\ufffd\ufffd");
    equal(decodeUTF8(bytesOf("f4908080")), "\ufffd\ufffd\ufffd\ufffd");
    equal(decodeUTF8(bytesOf("8041ff")), "\ufffdA\ufffd");
  });

  it("encodes a lone surrogate as the replacement character", () => {
    equal(encodeUTF8("\ud800A"), bytesOf("efbfbd41"));
  });

  it("decodes a text of any length, whatever its characters take", () => {
    for (const length of [63, 64, 65, 128, 1000]) {
      for (const character of ["a", "é", "語", "𐎄"]) {
        const text = `${character.repeat(length)}.`;
        equal(decodeUTF8(encodeUTF8(text)), text, `${length} times ${character}`);
      }
    }
    equal(decodeUTF8(new Uint8Array(0)), "");
  });

  it("decodes a part", () => {
    equal(decodeUTF8(bytesOf("41c3a942"), 1, 3), "é");
  });
});
