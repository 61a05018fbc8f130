/** JSON from outside is a value or `corrupt`, and costs neither stack nor names, whatever is in it. */
import { listOf, memberOf, parseJSON, textOf } from "../../../src/data/json.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const NAMES = ["name", "size", "list", "__proto__"];

/** `depth` brackets of one kind. */
function nested(open: string, close: string, depth: number, core = ""): string {
  return open.repeat(depth) + core + close.repeat(depth);
}

describe("a JSON text from outside", () => {
  it("is read, of its objects the members that are asked for", () => {
    const value = parseJSON(
      ' \n{"name": "lamp", "size": 3, "list": [1, {"name": "ü"}], "more": {"name": 1}}\n',
      "offer",
      NAMES,
    );
    equal([memberOf(value, "name"), memberOf(value, "size")], ["lamp", 3]);
    equal(textOf(listOf(value, "list")[1], "name"), "ü");
    for (const [text, expected] of [
      ["1", 1],
      ["null", null],
      ['"a"', "a"],
      ["[]", []],
      ["true", true],
      ["-0.5e1", -5],
    ] as const)
      equal(parseJSON(text, "offer", NAMES), expected, text);
  });

  it("is refused where it is none, named by what it should have been", () => {
    const texts = [
      "",
      " ",
      "{",
      "<html></html>",
      '{"name":1',
      '{"name":1}x',
      "\u00ff",
      "{'name':1}",
      '{"name":1,}',
      "NaN",
      "01",
    ];
    for (const text of [...texts, '{"name":"\n"}', '"\\x41"', "]", "}{", "\u0000", '{"name"}', "undefined", "[1,]"])
      throws(() => parseJSON(text, "poll", NAMES), "corrupt", /^poll: expected a JSON text$/);
  });

  it("is refused where it is nested deeply, before it is parsed: XS restarts where its parser runs out of stack", () => {
    // JSON.parse recurses. Thousands of brackets fit into a document, and a device's stack of a few KiB ends long before, which
    // is no exception there but a restart: each poll would have been one.
    const deep = [nested("[", "]", 17), nested('{"name":', "}", 17, "1"), "[".repeat(100_000), '{"list":['.repeat(50_000)];
    for (const text of [
      ...deep,
      `${'{"name":1}'.repeat(3)}${"[".repeat(17)}`,
      `"a"${"[".repeat(17)}`,
      `{"\\\\":${"[".repeat(17)}`,
    ])
      throws(() => parseJSON(text, "poll", NAMES), "corrupt", /^poll: expected at most 16 levels of nesting$/);
    equal(listOf({ list: parseJSON(nested("[", "]", 16), "poll", NAMES) }, "list").length, 1);
    equal(parseJSON(nested('{"name":', "}", 16, "1"), "poll", NAMES) !== undefined, true);
    equal(parseJSON(`[${'{"name":[1]},'.repeat(500)}0]`, "poll", NAMES) !== undefined, true, "many, and none deep");
  });

  it("may have brackets within its texts, which do not count", () => {
    const brackets = "[{".repeat(40);
    equal(textOf(parseJSON(`{"name":"${brackets}"}`, "poll", NAMES), "name"), brackets);
    equal(textOf(parseJSON(`{"name":"a \\" ${brackets}"}`, "poll", NAMES), "name"), `a " ${brackets}`, "behind a quoted quote");
    equal(textOf(parseJSON(`{"name":"\\\\","size":"${brackets}"}`, "poll", NAMES), "size"), brackets, "behind a backslash");
  });

  it("has no members that are inherited, and none of another's making", () => {
    const value = parseJSON('{"__proto__":{"name":"lamp"}}', "poll", NAMES);
    equal([memberOf(value, "name"), textOf(value, "name"), memberOf(value, "toString")], [undefined, undefined, undefined]);
    equal(memberOf(value, "constructor"), undefined);
    equal(memberOf({}, "name"), undefined, "nor has any other object");
  });

  it("has a member where it is of the kind that is asked for, and of no other", () => {
    for (const other of [undefined, null, 1, "text", true, ["a"], Number.NaN]) {
      equal([memberOf(other, "name"), textOf(other, "name"), listOf(other, "name")], [undefined, undefined, []]);
      equal([memberOf(other, "length"), memberOf(other, "0")], [undefined, undefined], "a text and a list have none");
      if (typeof other !== "string") equal(textOf({ name: other }, "name"), undefined);
      if (!Array.isArray(other)) equal(listOf({ name: other }, "name"), []);
    }
    equal(textOf({ name: "" }, "name"), undefined, "an empty text is none");
    equal(memberOf({ name: null }, "name"), null);
  });

  it("leaves no name behind: XS keeps each that an object ever had, and restarts where it has room for no more", () => {
    // A Moddable device has room for a few hundred, and never forgets one. A document of 8 KiB has a thousand: whoever was on
    // the link could restart the device with the first poll after each start.
    for (let document = 0; document < 100; document++) {
      let text = '{"name":"lamp"';
      for (let index = 0; index < 100; index++) text += `,"n${document}.${index}":{"m${document}.${index}":[]}`;
      equal(textOf(parseJSON(`${text}}`, "poll", NAMES), "name"), "lamp");
    }
  });
});
