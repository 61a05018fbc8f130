/** Exceptions of tidy: one finding, one reason, and no longer than it is needed. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { EXCEPTIONS, type Exception } from "../../tidy/exceptions.js";
import { RULES } from "../../tidy/rules.js";
import { describeFinding, findFaults } from "../../tidy/tidy.js";
import { Tree, tidyFile } from "../../tidy/tree.js";

const FILE = tidyFile("src/data/a.ts", "/** A file with two faults. */\nlet a: any;\n");
const LET: Exception = { rule: "module-state", path: FILE.path, what: "let", reason: "For this spec." };

function faults(exceptions: readonly Exception[]): string[] {
  return findFaults([FILE], new Tree([FILE]), exceptions).map((finding) => `${finding.path}:${finding.line}: ${finding.rule}`);
}

describe("tidy's exceptions", () => {
  it("hide the one finding that they name", () => {
    equal(faults([]), ["src/data/a.ts:2: module-state", "src/data/a.ts:2: type-hole"]);
    equal(faults([LET]), ["src/data/a.ts:2: type-hole"]);
  });

  it("hide nothing in another file, of another rule or with other words", () => {
    for (const other of [{ path: "src/data/b.ts" }, { rule: "size" }, { what: "enum" }]) {
      equal(faults([{ ...LET, ...other }]).length, 3, JSON.stringify(other));
    }
  });

  it("are findings themselves once they except nothing", () => {
    const stale = { ...LET, what: "enum" };
    equal(faults([stale]).at(-1), "test/tidy/exceptions.ts:1: exception");
  });

  it("name a rule that exists and a reason", () => {
    for (const exception of EXCEPTIONS) {
      ok(
        RULES.some((rule) => rule.name === exception.rule),
        `no rule is called ${exception.rule}`,
      );
      ok(exception.reason.endsWith("."), `${exception.path}: a reason is a sentence`);
    }
  });
});

describe("a finding of tidy", () => {
  it("reads as path, line, rule, what is wrong and what to do instead", () => {
    const finding = { path: "src/a.ts", line: 3, rule: "size", what: "the line is long", instead: "break it" };
    equal(describeFinding(finding), "src/a.ts:3: size: the line is long; break it");
  });
});
