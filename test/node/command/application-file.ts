/** holdfast.json: what it may hold, and a complaint that names file, field and expectation where it holds anything else. */
import { join } from "node:path";
import { equal, ok, throws } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { loadShipped, type Shipped } from "../../sim/shipped.js";
import { CommandLine } from "./command-line.js";

const GOOD = { name: "app", version: "1.0.0", entry: "main.ts" };
const NAME = "a text of 1 to 31 printable ASCII characters";
const ENTRY = "the path of a module in the folder";

/** What is put into the file, the field that is complained about, and what is expected of it. */
const WRONG: readonly (readonly [title: string, content: object, field: string, expected: string])[] = [
  ["no name", { ...GOOD, name: undefined }, "name", NAME],
  ["an empty name", { ...GOOD, name: "" }, "name", NAME],
  ["a name that the descriptor cannot hold", { ...GOOD, name: "n".repeat(32) }, "name", NAME],
  ["a name that is not ASCII", { ...GOOD, name: "größe" }, "name", NAME],
  ["a version that is a number", { ...GOOD, version: 1 }, "version", NAME],
  ["no entry", { ...GOOD, entry: undefined }, "entry", ENTRY],
  ["an entry that is not there", { ...GOOD, entry: "other.ts" }, "entry", ENTRY],
  ["an entry that is a folder", { ...GOOD, entry: "." }, "entry", ENTRY],
  ["another maker's chip", { ...GOOD, chip: "rp2040" }, "chip", "one of esp32, "],
  ["a chip that is a property of every object", { ...GOOD, chip: "toString" }, "chip", "one of esp32, "],
  ["a field with a typing error", { ...GOOD, chips: "esp32" }, "chips", "only name, version, entry, chip"],
];

describe("command: holdfast.json", () => {
  let shipped: Shipped;
  let line: CommandLine;
  let count = 0;

  before(async () => {
    shipped = await loadShipped();
    line = new CommandLine();
  });

  after(() => line.close());

  function folderWith(text: string): string {
    count++;
    return line.application(`app-${count}`, { "holdfast.json": text, "main.ts": "export default function main() {}\n" });
  }

  it("takes the four fields, and a chip by default", () => {
    const folder = folderWith(JSON.stringify(GOOD));
    equal(shipped.readApplication(folder), { ...GOOD, folder, entry: join(folder, "main.ts"), chip: "esp32c3" });
    equal(shipped.readApplication(folderWith(JSON.stringify({ ...GOOD, chip: "esp32s3" }))).chip, "esp32s3");
    equal(shipped.readApplication(folderWith(JSON.stringify({ ...GOOD, name: "n".repeat(31) }))).name.length, 31);
  });

  for (const [title, content, field, expected] of WRONG) {
    it(`refuses ${title}`, () => {
      const error = throws(() => shipped.readApplication(folderWith(JSON.stringify(content))), "invalid");
      const { message } = error as Error;
      ok(message.includes(`holdfast.json: ${field} is wrong; expected ${expected}`), message);
    });
  }

  it("refuses what is no JSON object", () => {
    throws(() => shipped.readApplication(folderWith('{"name":')), "invalid", /holdfast\.json: .*JSON.*; expected JSON$/);
    for (const text of ["[]", "null", '"app"']) {
      throws(() => shipped.readApplication(folderWith(text)), "invalid", /holdfast\.json: expected a JSON object$/);
    }
  });
});
