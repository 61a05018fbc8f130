/** Planted faults for the rules about every text: unfinished work, names, sizes, headers, links, machines. */
import { deepFreeze } from "../../../src/freeze.js";
import type { Plants } from "../plant.js";

const path = "test/node/planted.ts";
const HEADER = "/** Says why the file exists. */\n";
/** Spelled in parts, because the rule reads this file too. */
const WORK = ["", "work", "main"].join("/");
const TEMPORARY = ["", "tmp", "x"].join("/");
const REGISTRY = ["registry", "npmjs", "org"].join(".");

export const TEXT_PLANTS: Plants = deepFreeze({
  "type-hole": [
    { shows: "any", path, text: "\nlet a: any;", lines: [2] },
    { shows: "any in a list", path, text: "const f = (a: Array<any>) => a;", lines: [1] },
    { shows: "unknown", path, text: "let a: unknown; // any", lines: [] },
    { shows: "an ignored error", path, text: "// @ts-ignore\nf();", lines: [1] },
    { shows: "an unchecked file", path, text: "// @ts-nocheck\nf();", lines: [1] },
    { shows: "an expected error", path, text: "// @ts-expect-error: a number is no name\nf(1);", lines: [] },
  ],
  unfinished: [
    { shows: "a mark for later", path, text: "f(); // TODO: more", lines: [1] },
    { shows: "a mark in a docstring", path, text: "/**\n * Does it.\n * FIXME\n */\nf();", lines: [3] },
    { shows: "a mark in a string", path, text: 'f("TODO", `XXX`);', lines: [] },
    { shows: "a call in a comment", path, text: "\n// scheduler.start(task);", lines: [2] },
    { shows: "a declaration in a comment", path, text: "// const a = 1;", lines: [1] },
    { shows: "an import in a comment", path, text: '// import { a } from "./a.js";', lines: [1] },
    { shows: "a block of code in a comment", path, text: "/*\nif (a) {\n  b = 1;\n} else {\n}\n*/", lines: [2, 3, 4] },
    {
      shows: "prose in a comment",
      path,
      text: "// The caller returns early; then start() runs (twice), if (and only if) x = 1.",
      lines: [],
    },
    {
      shows: "code as an example in a docstring",
      path,
      text: "/**\n * Use it so:\n * scheduler.start(task);\n */\nf();",
      lines: [],
    },
    { shows: "a spec that runs alone", path, text: 'it.only("a", () => {});', lines: [1] },
    { shows: "a suite that is skipped", path, text: 'describe.skip("a", () => {});', lines: [1] },
    { shows: "a spec that is crossed out", path, text: 'xit("a", () => {});', lines: [1] },
    { shows: "a spec", path, text: 'it("a", () => { reader.skip(4); });', lines: [] },
  ],
  "vague-name": [
    { shows: "a file for leftovers", path: "src/data/utils.ts", text: "export {};", lines: [1] },
    { shows: "a folder for leftovers", path: "src/common/crc.ts", text: "export {};", lines: [1] },
    { shows: "a file that is named after its concept", path: "src/data/byte-reader.ts", text: "export {};", lines: [] },
    { shows: "a Manager", path, text: "\nclass SlotManager {}", lines: [2] },
    { shows: "an Impl", path, text: "export class FlashImpl {}", lines: [1] },
    { shows: "a class that is named after its concept", path, text: "class Database {}", lines: [] },
  ],
  size: [
    { shows: "a long file", path, text: "f();\n".repeat(351), lines: [1] },
    { shows: "the longest file", path, text: "f();\n".repeat(350), lines: [] },
    { shows: "a long function", path, text: `\nfunction f() {\n${"g();\n".repeat(69)}}`, lines: [2] },
    { shows: "the longest function", path, text: `function f() {\n${"g();\n".repeat(68)}}`, lines: [] },
    { shows: "a long method", path, text: `class A {\n  f() {\n${"g();\n".repeat(69)}}\n}`, lines: [2] },
    {
      shows: "a function that makes a long class",
      path,
      text: `function f() { return class {\n${"a;\n".repeat(99)}}; }`,
      lines: [],
    },
    { shows: "a long list of specs", path, text: `describe("a", () => {\n${"g();\n".repeat(99)}});`, lines: [] },
    { shows: "a long line", path, text: `\n// ${"x".repeat(126)}`, lines: [2] },
    { shows: "the longest line, in characters", path, text: `// ${"µ".repeat(125)}`, lines: [] },
  ],
  "file-header": [
    { shows: "no header", path, text: "f();", lines: [1] },
    { shows: "a plain comment", path, text: "// Says why the file exists.\nf();", lines: [1] },
    { shows: "a header that comes late", path, text: `f();\n${HEADER}`, lines: [1] },
    { shows: "a title without a period", path, text: "/** The scheduler */\nf();", lines: [1] },
    {
      shows: "a period in the second paragraph only",
      path,
      text: "/**\n * The scheduler\n *\n * It schedules things.\n */",
      lines: [1],
    },
    { shows: "a sentence", path, text: `${HEADER}f();`, lines: [] },
    {
      shows: "a sentence over two lines",
      path,
      text: "/**\n * Says why the\n * file exists.\n *\n * More\n */\nf();",
      lines: [],
    },
    { shows: "a sentence below a shebang", path, text: `#!/usr/bin/env node\n${HEADER}f();`, lines: [] },
    { shows: "a document", path: "docs/a.md", text: "# A", lines: [] },
  ],
  "dead-link": [
    { shows: "a link to no file", path: "docs/README.md", text: "\n[a](design/a.md)", lines: [2] },
    { shows: "a link to a file", path: "docs/a.md", text: "[b](../src/b.ts) [c](.)", others: { "src/b.ts": "" }, lines: [] },
    { shows: "a reference to no file", path: "README.md", text: "[a]\n\n[a]: docs/a.md", lines: [3] },
    { shows: "a picture that is missing", path: "README.md", text: "![a](a.png)", lines: [1] },
    { shows: "a link to a folder", path: "README.md", text: "[a](docs/)", others: { "docs/a.md": "" }, lines: [] },
    { shows: "a link to no heading", path: "README.md", text: "# One\n[a](#two)", lines: [2] },
    { shows: "a link to a heading", path: "README.md", text: "# One `two`: Three\n[a](#one-two-three)", lines: [] },
    { shows: "a link to the second heading of a name", path: "README.md", text: "# A\n# A\n[a](#a-1)", lines: [] },
    { shows: "a link to a heading elsewhere", path: "README.md", text: "[a](b.md#c)", others: { "b.md": "# D" }, lines: [1] },
    { shows: "a link in code", path: "README.md", text: "`[a](b.md)`\n```\n[a](b.md)\n# c\n```", lines: [] },
    { shows: "a link to the web", path: "README.md", text: "[a](https://example.org/a.md)", lines: [] },
    { shows: "a document that a comment names", path, text: "\n// See docs/design/a.md.", lines: [2] },
    { shows: "a document that exists", path, text: "// docs/a.md", others: { "docs/a.md": "" }, lines: [] },
    { shows: "a document that a string names", path, text: 'f("docs/design/a.md");', lines: [] },
  ],
  "machine-path": [
    { shows: "a working folder", path, text: `\nconst a = "${WORK}/x";`, lines: [2] },
    { shows: "a working folder in a document", path: "docs/a.md", text: `cd ${WORK}/x`, lines: [1] },
    { shows: "a folder for temporary files", path, text: `f("${TEMPORARY}");`, lines: [1] },
    { shows: "a folder for temporary files in the check", path: ".ci/run", text: `ls ${TEMPORARY}`, lines: [] },
    { shows: "a registry", path: "package-lock.json", text: `"https://${REGISTRY}/x"`, lines: [1] },
    { shows: "a relative path", path, text: 'f("./work/x", "docs/work/x", registry.entries.length);', lines: [] },
  ],
});
