/** MD5 against the test suite printed in RFC 1321, A.5, and at the lengths where padding takes another block. */
import { md5 } from "../../../src/data/md5.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

describe("md5: known answers", () => {
  const answers: readonly (readonly [string, string])[] = [
    ["", "d41d8cd98f00b204e9800998ecf8427e"],
    ["a", "0cc175b9c0f1b6a831c399e269772661"],
    ["abc", "900150983cd24fb0d6963f7d28e17f72"],
    ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
    ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
    ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"],
    ["1234567890".repeat(8), "57edf4a22be3c955ac49da2e2107b67a"],
  ];
  for (const [text, answer] of answers) {
    it(`of ${text.length} bytes`, () => {
      equal(hex(md5(ascii(text))), answer);
    });
  }

  it("of a part is that of the part alone", () => {
    equal(md5(ascii("xxabcxx"), 2, 5), md5(ascii("abc")));
  });

  it("refuses a part outside the bytes", () => {
    throws(() => md5(ascii("abc"), 0, 4), /lie within/);
    throws(() => md5(ascii("abc"), 2, 1), /lie within/);
  });
});
