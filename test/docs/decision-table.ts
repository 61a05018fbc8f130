/**
 * The decision table as it is printed in docs/design/ota.md. `npx tsx test/docs/decision-table.ts` prints it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DECISION_TABLE, type DecisionRow } from "../../src/ota/decision.js";

export const PAGE = "docs/design/ota.md";
export const START = "<!-- decision table -->";
export const END = "<!-- end of decision table -->";

/** The table in Markdown, one line a row. */
export function renderDecisionTable(): string {
  const head = "| row | slot | own entry | trial | confirmed | other image | rung | does | runs as | why |";
  return [head, `|${" --- |".repeat(10)}`, ...DECISION_TABLE.map(renderRow)].join("\n");
}

function renderRow(row: DecisionRow): string {
  const { slot, own, fate, claim, other, rung } = row.when;
  const columns = [slot, own, fate, claim, other, rung].map((words) => words?.join(", ") ?? "any");
  return `| ${[row.name, ...columns, row.actions.join(", ") || "nothing", row.mode, row.why].join(" | ")} |`;
}

/** What stands between the marks on the page, whatever a formatter did to the columns' widths. */
export function printedDecisionTable(page: string): string {
  const printed = page.slice(page.indexOf(START) + START.length, page.indexOf(END)).trim();
  return printed.replace(/ +/g, " ").replace(/-{3,}/g, "---");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const page = readFileSync(PAGE, "utf8");
  const before = page.slice(0, page.indexOf(START) + START.length);
  writeFileSync(PAGE, `${before}\n${renderDecisionTable()}\n${page.slice(page.indexOf(END))}`);
}
