/** Spec: the decision table that people read is the one that the device uses. */
import { readFileSync } from "node:fs";
import { PAGE, printedDecisionTable, renderDecisionTable } from "../../docs/decision-table.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

describe("the decision table in the design document", () => {
  it("is the table of src/ota/decision.ts (npx tsx test/docs/decision-table.ts prints it anew)", () => {
    equal(printedDecisionTable(readFileSync(PAGE, "utf8")), renderDecisionTable());
  });
});
