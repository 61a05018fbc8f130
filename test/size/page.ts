/** Tables in documents that a program writes: Markdown between two marks, and read back for comparison. */
import { readFileSync, writeFileSync } from "node:fs";

export type Row = readonly (string | number)[];

/** A Markdown table; columns whose head ends in ":" are aligned to the right. */
export function renderTable(head: readonly string[], rows: readonly Row[]): string {
  const isRight = head.map((title) => title.endsWith(":"));
  const cells = [head.map((title) => title.replace(/:$/, "")), ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number): string =>
    isRight[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  const render = (row: readonly string[]): string => `| ${row.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) => (isRight[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [render(cells[0]!), `| ${rule.join(" | ")} |`, ...cells.slice(1).map(render)].join("\n");
}

/** The cells of the rows below the head of a table. */
export function parseTable(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

/** What stands between `<!-- name -->` and `<!-- end of name -->` in `page`. Throws where the marks are not there. */
export function readSection(page: string, name: string): string {
  const [start, end] = sectionOf(page, name);
  return page.slice(start, end).trim();
}

/** Puts `text` between the marks of `name` in the file at `path`. */
export function writeSection(path: string, name: string, text: string): void {
  const page = readFileSync(path, "utf8");
  const [start, end] = sectionOf(page, name);
  writeFileSync(path, `${page.slice(0, start)}\n${text}\n${page.slice(end)}`);
}

function sectionOf(page: string, name: string): [start: number, end: number] {
  const mark = `<!-- ${name} -->`;
  const start = page.indexOf(mark);
  const end = page.indexOf(`<!-- end of ${name} -->`);
  if (start < 0 || end < start) throw new Error(`the page has no section between the marks of "${name}"`);
  return [start + mark.length, end];
}
