/**
 * The house itself keeps its own rules: tidy finds nothing in it.
 *
 * One spec a rule, so that a red run says which of them is broken.
 */
import { fileURLToPath } from "node:url";
import { ok } from "../../harness/expect.js";
import { before, describe, it } from "../../harness/spec.js";
import { RULES } from "../../tidy/rules.js";
import { describeFinding, findFaults, type PlacedFinding, readTree } from "../../tidy/tidy.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The core alone has more files than this: with fewer, the list of files was not read. */
const FILE_COUNT_MIN = 30;

describe("the house", () => {
  let findings: PlacedFinding[] = [];
  let paths: string[] = [];

  before(() => {
    const { tree, files } = readTree(ROOT);
    paths = files.map((file) => file.path);
    findings = findFaults(files, tree);
  });

  it("is read as a whole", () => {
    ok(paths.length >= FILE_COUNT_MIN, `only ${paths.length} files were read`);
    ok(paths.includes("src/errors.ts") && paths.includes("test/tidy/tidy.ts"), "files of src and test are read");
  });

  for (const rule of [...RULES.map((each) => each.name), "exception"]) {
    it(`has no finding of ${rule}`, () => {
      const found = findings.filter((finding) => finding.rule === rule);
      ok(found.length === 0, `\n${found.map(describeFinding).join("\n")}\n`);
    });
  }
});
