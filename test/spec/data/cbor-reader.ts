/** The reader of deterministic CBOR: the examples of RFC 8949 that are deterministic are read, everything else is refused. */
import { CborReader } from "../../../src/data/cbor-reader.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []);
}

function readerOf(hex: string): CborReader {
  return new CborReader(bytesOf(hex));
}

/** From RFC 8949, Appendix A. */
const INTEGERS: readonly (readonly [hex: string, value: number])[] = [
  ["00", 0],
  ["17", 23],
  ["1818", 24],
  ["1864", 100],
  ["1903e8", 1000],
  ["1a000f4240", 1_000_000],
  ["1b000000e8d4a51000", 1_000_000_000_000],
  ["1b001fffffffffffff", Number.MAX_SAFE_INTEGER],
  ["20", -1],
  ["3863", -100],
  ["3903e7", -1000],
];

const REFUSED: readonly (readonly [what: string, hex: string, expected: RegExp])[] = [
  ["nothing", "", /the data ends at byte 0, expected an item/],
  ["a short number in a long form", "1817", /23 in 1 bytes at byte 0, expected its shortest form/],
  ["one of two bytes in four", "1a0000ffff", /65535 in 4 bytes/],
  ["one of four bytes in eight", "1b00000000ffffffff", /4294967295 in 8 bytes/],
  ["a number that is not exact", "1b0020000000000000", /above 2\^53 − 1/],
  ["a head that is reserved", "1c", /the head 28/],
  ["an indefinite byte string", "5f", /an indefinite length at byte 0, expected a definite length/],
  ["an indefinite array", "9f", /an indefinite length/],
  ["an indefinite map", "bf", /an indefinite length/],
  ["a head that is cut", "19ff", /an item that is cut/],
  ["a byte string longer than the data", "43aabb", /a length of 3 at byte 0, expected at most the 2 bytes/],
  ["an array longer than the data", "9b001fffffffffffff", /a count of 9007199254740991/],
  ["a map of more pairs than there are bytes", "a20001", /a count of 2 at byte 0, expected no more items than the 2 bytes/],
  ["a text that is no UTF-8", "62c328", /a text that is no UTF-8/],
  ["a fraction", "f93c00", /a number with a fraction/],
  ["null", "f6", /the simple value 22 at byte/],
  ["undefined", "f7", /the simple value 23/],
  ["keys out of order", "a202000100", /a key that is not above the one before at byte 3/],
  ["a key twice", "a201000101", /a key that is not above the one before/],
  ["a text key before a shorter one", "a2626161006162 00".replace(" ", ""), /a key that is not above/],
  ["too deep a nesting", "818181818181818100", /a nesting at byte 8, expected at most 8 levels/],
];

describe("a CBOR reader", () => {
  it("reads integers in their shortest form", () => {
    for (const [hex, value] of INTEGERS) {
      const reader = readerOf(hex);
      equal(reader.int(), value, hex);
      reader.end();
    }
  });

  it("reads strings, arrays, maps, tags and truth values", () => {
    const reader = readerOf("d28443a1012 6a0f54563c3bc78".replaceAll(" ", ""));
    equal(reader.tag(), 18);
    equal(reader.array(), 4);
    equal([...reader.bytes()], [0xa1, 0x01, 0x26]);
    equal(reader.map(), 0);
    equal(reader.boolean(), true);
    throws(() => reader.text(), "corrupt", /a byte string at byte 8, expected a text/);
    equal(readerOf("64c3bc7879").text(), "üxy");
    equal(readerOf("f4").boolean(), false);
  });

  it("gives parts of the data, not copies", () => {
    const data = bytesOf("42aabb");
    const part = new CborReader(data).bytes();
    equal([part.buffer === data.buffer, part.byteOffset, part.length], [true, 1, 2]);
  });

  it("reads a map by its keys, which ascend", () => {
    const seen: number[][] = [];
    const reader = readerOf("a3010a02140318 1e".replace(" ", ""));
    reader.uintMap((key) => seen.push([key, reader.uint()]));
    reader.end();
    equal(seen, [
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
    for (const hex of ["a202000100", "a201000100"]) {
      const wrong = readerOf(hex);
      throws(() => wrong.uintMap(() => wrong.skip()), "corrupt", /expected ascending keys, each once/);
    }
  });

  for (const [what, hex, expected] of REFUSED) {
    it(`refuses ${what}`, () => {
      const reader = readerOf(hex);
      throws(() => reader.skip(), "corrupt", expected);
    });
  }

  it("refuses another type than the one that is asked for, and stays where it was", () => {
    const reader = readerOf("01");
    throws(() => reader.bytes(), "corrupt", /an unsigned integer at byte 0, expected a byte string/);
    equal([reader.offset, reader.uint()], [0, 1]);
  });

  it("refuses what follows the end", () => {
    const reader = readerOf("0000");
    reader.skip();
    throws(() => reader.end(), "corrupt", /1 more bytes at byte 1, expected the end of the data/);
  });
});
