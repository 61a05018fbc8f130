/**
 * An offer is read in full or refused with the first field that is wrong and what was expected; nothing else comes out of it.
 */
import { OFFER_SIZE_MAX, parseOffer } from "../../../src/ota/offer.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const HASH = "0123456789abcdef".repeat(4);
const FIELDS = { format: 1, class: "lamp", version: "2.0.0", sizeBytes: 123456, sha256: HASH, path: "/images/lamp/2.0.0.bin" };

function textWith(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...FIELDS, ...fields });
}

const TEXT = "a text of 1 to 128 printable ASCII characters";
const WRONG: readonly { field: string; expected: string; values: readonly unknown[] }[] = [
  { field: "format", expected: "1", values: [undefined, 0, 2, "1", null, [1], true] },
  {
    field: "sizeBytes",
    expected: "a whole number of bytes",
    values: [undefined, 0, -1, 1.5, 2 ** 32, "4096", null, [4096], {}, true],
  },
  { field: "sha256", expected: TEXT, values: [undefined, 1, null, "", [HASH], {}, "a".repeat(129)] },
  {
    field: "sha256",
    expected: "64 lower-case hexadecimal digits",
    values: [HASH.slice(1), `${HASH}0`, HASH.toUpperCase(), `${HASH.slice(1)}g`, ` ${HASH.slice(1)}`],
  },
  { field: "path", expected: TEXT, values: [undefined, 1, null, "", `/${"a".repeat(128)}`, "/ä", "/a\r\nb", "/\u0000"] },
  {
    field: "path",
    expected: "a path that begins with / and has no blanks",
    values: ["images/a.bin", "http://elsewhere/a.bin", " /a", "/a b"],
  },
  { field: "class", expected: TEXT, values: [undefined, 1, null, "", "a".repeat(129), ["lamp"], "l\u00e4mp"] },
  { field: "version", expected: TEXT, values: [undefined, 2, null, "", "9".repeat(129), { major: 2 }, "2\u001b[31m", "2\n"] },
];

describe("an offer", () => {
  it("is read, whatever else it carries", () => {
    const expected = { deviceClass: "lamp", version: "2.0.0", sizeBytes: 123456, sha256: HASH, path: "/images/lamp/2.0.0.bin" };
    equal(parseOffer(JSON.stringify(FIELDS)), expected);
    equal(parseOffer(textWith({ notes: { en: ["new", "shiny"] }, mandatory: true })), expected);
    equal(parseOffer(` \n${JSON.stringify(FIELDS, undefined, 2)}\n`), expected);
  });

  it("is read at the bounds of its fields", () => {
    const offer = parseOffer(textWith({ sizeBytes: 0xffffffff, class: "c".repeat(128), path: "/", version: "~" }));
    equal([offer.sizeBytes, offer.deviceClass.length, offer.path, offer.version], [0xffffffff, 128, "/", "~"]);
    equal(parseOffer(textWith({ sizeBytes: 1 })).sizeBytes, 1);
  });

  for (const { field, expected, values } of WRONG) {
    it(`is refused where ${field} is not ${expected}`, () => {
      for (const value of values) {
        const error = throws(() => parseOffer(textWith({ [field]: value })), "corrupt") as Error;
        equal(error.message, `offer: ${field} is wrong; expected ${expected}`, `${field} ${JSON.stringify(value)}`);
      }
    });
  }

  it("is refused where a text could be taken for more than a text", () => {
    // A field could be any text: a path with a line break in it put a header of the server's choice into the device's request,
    // where the client does not check, and a version with an escape sequence coloured the log of whoever read it.
    throws(() => parseOffer(textWith({ path: "/a HTTP/1.1\r\nHost: elsewhere\r\n" })), "corrupt", /^offer: path is wrong/);
    throws(() => parseOffer(textWith({ version: "\u001b[2J2.0.0" })), "corrupt", /^offer: version is wrong/);
    throws(() => parseOffer(textWith({ class: "lamp\u0000" })), "corrupt", /^offer: class is wrong/);
  });

  it("is refused where it is no JSON text", () => {
    const texts = ["", " ", "{", "<html></html>", JSON.stringify(FIELDS).slice(0, -1), `${JSON.stringify(FIELDS)}x`, "\u00ff"];
    for (const text of texts) throws(() => parseOffer(text), "corrupt", /^offer: expected a JSON text$/);
  });

  it("is refused where it is another value than an object", () => {
    for (const text of ["1", "null", '"offer"', "true", "[]", `[${JSON.stringify(FIELDS)}]`]) {
      throws(() => parseOffer(text), "corrupt", /^offer: expected a JSON object$/);
    }
  });

  it("is refused beyond 1024 characters, before it is parsed", () => {
    const text = JSON.stringify(FIELDS);
    equal(parseOffer(text.padEnd(OFFER_SIZE_MAX)).version, "2.0.0");
    for (const long of [text.padEnd(OFFER_SIZE_MAX + 1), "[".repeat(100_000)]) {
      throws(() => parseOffer(long), "corrupt", /^offer: expected at most 1024 characters$/);
    }
  });

  it("is refused where it is nested deeply, before it is parsed: XS restarts where its parser runs out of stack", () => {
    // JSON.parse recurses. A thousand brackets fit into an offer, and a device's stack of a few KiB ends long before, which is
    // no exception there but a restart: each poll would have been one.
    for (const text of ["[".repeat(1000), '{"a":'.repeat(200), `${"[".repeat(9)}${"]".repeat(9)}`]) {
      throws(() => parseOffer(text), "corrupt", /^offer: expected at most 8 levels of nesting$/);
    }
    throws(() => parseOffer(`${"[".repeat(8)}${"]".repeat(8)}`), "corrupt", /expected a JSON object/);
    equal(parseOffer(textWith({ notes: "[[[[[[[[[[[[" })).version, "2.0.0", "brackets within a text do not count");
    equal(parseOffer(textWith({ notes: 'a \\" [[[[[[[[[[' })).version, "2.0.0", "nor behind a quoted quote");
  });

  it("has no fields that are inherited", () => {
    const { class: _, ...rest } = FIELDS;
    const text = JSON.stringify(rest).replace("{", '{"__proto__":{"class":"lamp"},');
    throws(() => parseOffer(text), "corrupt", /class is wrong/);
  });
});
