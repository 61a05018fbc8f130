/**
 * Counts what became of the lives by what failed in them, and writes it down as a table that a document can hold.
 *
 * A column is a scheme of updates, so that others can stand beside Holdfast's and be read line by line. Every figure comes from
 * lives; so does the row of what is not survivable. See docs/design/chaos.md.
 */
import { type Fault, isCut, isResetMode } from "../../../hosts/node/chaos/fault.js";
import type { LifeReport } from "./life-report.js";
import {
  isIn,
  JOURNAL_OFFSET,
  JOURNAL_SIZE_BYTES,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
} from "./scenario.js";
import { badEndOf, isLie, isSuccession, type Story } from "./story.js";

/** Of the lives of one row under one scheme. Of each, one of the three holds at its end. */
export interface Cell {
  lives: number;
  /** The new release runs, confirmed. */
  updated: number;
  /** An older image runs, whole. */
  kept: number;
  /** Nothing runs, or what runs is not whole. */
  lost: number;
  /** Lives with a broken promise. */
  violations: number;
}

export interface Column {
  readonly name: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** Of a bit in an image that runs, or that a bootloader without validation will run. */
export const BEYOND_ROW = "a bit of the image that runs";
const OPEN = "<!-- survival table -->";
const CLOSE = "<!-- end of survival table -->";

/** The row in which a life is counted. */
export function rowOf(story: Story, faults: readonly Fault[], report: Pick<LifeReport, "isBeyond">): string {
  if (report.isBeyond) return BEYOND_ROW;
  const [first] = faults;
  const more = first ? ", and a cut" : "";
  if (isSuccession(story)) return `two updates, ${story}${more}`;
  if (badEndOf(story) && faults.length > 1) return "bad release, then resets in a row";
  if (badEndOf(story)) return `bad release, ${story}${more}`;
  if (isLie(story)) return `lying server${more}`;
  if (story !== "good") return "hundreds of cuts at one operation";
  if (first === undefined) return "nothing";
  const bit = faults.find((fault) => fault.kind === "bit");
  if (bit) return `a bit at rest in ${areaOf(bit.offset)}${faults.length > 1 ? ", then a cut" : ""}`;
  if (faults.length === 1) {
    if (first.kind === "operation" && isResetMode(first.mode)) return `reset: ${first.mode}`;
    if (first.kind === "operation") return isCut(first) ? `cut: ${first.mode}` : first.mode;
    return `reset on trial: ${first.kind === "timed" ? first.reason : ""}`;
  }
  if (faults.every(({ kind }) => kind === "timed")) return "resets in a row on trial";
  return faults.length === 2 ? "two cuts" : "3 … 10 cuts";
}

function areaOf(offset: number): string {
  if (isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES)) return "otadata";
  if (isIn(offset, JOURNAL_OFFSET, JOURNAL_SIZE_BYTES)) return "the journal";
  return SLOT_OFFSETS.some((start) => isIn(offset, start, SLOT_SIZE_BYTES)) ? "the target slot" : "the settings";
}

export type Cells = Record<string, Cell>;

/** Counts one life. */
export function count(cells: Cells, row: string, { outcome, violations }: Pick<LifeReport, "outcome" | "violations">): void {
  cells[row] ??= { lives: 0, updated: 0, kept: 0, lost: 0, violations: 0 };
  const cell = cells[row];
  cell.lives++;
  if (outcome === "updated") cell.updated++;
  else if (outcome === "kept") cell.kept++;
  else cell.lost++;
  if (violations.length > 0) cell.violations++;
}

/** Adds the lives of `more` to `cells`. */
export function add(cells: Cells, more: Cells): void {
  for (const [row, cell] of Object.entries(more)) {
    cells[row] ??= { lives: 0, updated: 0, kept: 0, lost: 0, violations: 0 };
    const sum = cells[row];
    for (const key of ["lives", "updated", "kept", "lost", "violations"] as const) sum[key] += cell[key];
  }
}

/** As Markdown between the two marks that a document has. `facts`: what was run, as seed and commit. */
export function formatTable(columns: readonly Column[], facts: readonly string[]): string {
  const rows = [...new Set(columns.flatMap(({ cells }) => Object.keys(cells)))].sort(inOrder);
  const heads = columns.flatMap(({ name }) => {
    const of = columns.length > 1 ? `${name}: ` : "";
    return [`${of}lives`, `${of}updated`, `${of}older image runs`, `${of}nothing whole runs`, `${of}promises broken`];
  });
  const lines = rows.map((row) => {
    const figures = columns.flatMap(({ cells }) => {
      const cell = cells[row];
      if (!cell) return ["", "", "", "", ""];
      const broken = row === BEYOND_ROW ? "not survivable" : figure(cell.violations);
      return [figure(cell.lives), figure(cell.updated), figure(cell.kept), figure(cell.lost), broken];
    });
    return [row, ...figures];
  });
  const table = aligned([["what fails", ...heads], ...lines]);
  return `${OPEN}\n${facts.join(", ")}.\n\n${table}\n${CLOSE}\n`;
}

/** The document with `table` in the place of the one that it had. Throws where it has no place for one. */
export function placeTable(document: string, table: string): string {
  const [from, to] = [document.indexOf(OPEN), document.indexOf(CLOSE)];
  if (from < 0 || to < from) throw new Error(`the document has no place for a table; expected "${OPEN}" and "${CLOSE}"`);
  return document.slice(0, from) + table.trimEnd() + document.slice(to + CLOSE.length);
}

function figure(value: number): string {
  return value.toLocaleString("en-US");
}

const ORDER: readonly string[] = Object.freeze([
  "nothing",
  "cut",
  "two cuts",
  "3",
  "error",
  "silent",
  "a bit at rest",
  "bad",
  "two updates",
  "hundreds",
  "lying",
]);

function inOrder(first: string, second: string): number {
  const rank = (row: string): number => {
    if (row === BEYOND_ROW) return ORDER.length + 1;
    const index = ORDER.findIndex((start) => row.startsWith(start));
    return index < 0 ? 5.5 : index; // Resets stand between what the storage does and what others do.
  };
  return rank(first) - rank(second) || (first < second ? -1 : 1);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  // The first column is words, the others are figures.
  const line = ([name, ...figures]: readonly string[]): string => {
    return `| ${[name!.padEnd(widths[0]!), ...figures.map((text, index) => text.padStart(widths[index + 1]!))].join(" | ")} |`;
  };
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(rows[0]!), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)].join("\n");
}
