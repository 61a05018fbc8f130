/**
 * One figure of the update path: what it is, in what, how much it may be, and what the peers have in its place.
 *
 * A goal is part of the figure, so that a table and the exit code cannot disagree. What is information only has none.
 */
import { SCHEMES, type SchemeName } from "../../test/sim/peers/scheme.js";
import { renderTable } from "../../test/size/page.js";

/** A number, and of how many lives where it counts lives. */
export interface Cell {
  readonly value: number;
  readonly of?: number;
}

export interface Figure {
  readonly name: string;
  /** Of the value; "" where it is a count. */
  readonly unit: string;
  readonly holdfast: Cell;
  /** The goal: the most that it may be. Without it the figure is information. */
  readonly atMost?: number;
  readonly peers?: Readonly<Partial<Record<SchemeName, Cell>>>;
}

export interface FigureGroup {
  readonly title: string;
  /** What was run to get them, in a sentence or two. */
  readonly how: string;
  readonly figures: readonly Figure[];
}

const LINE_LENGTH_MAX = 128;
const SCHEME_NAMES = Object.freeze(Object.keys(SCHEMES) as SchemeName[]);

/** The goals that are missed, each in one line. */
export function complaintsOf(groups: readonly FigureGroup[]): string[] {
  return groups.flatMap(({ figures }) =>
    figures
      .filter(({ holdfast, atMost }) => atMost !== undefined && !(holdfast.value <= atMost))
      .map(({ name, unit, holdfast, atMost }) => {
        return `${name}: ${textOf(holdfast, unit)}; expected at most ${textOf({ value: atMost! }, unit)}`;
      }),
  );
}

/** All groups as Markdown; a peer's column stands only where a figure of the group has it. */
export function renderGroups(groups: readonly FigureGroup[]): string {
  return groups.map(renderGroup).join("\n\n");
}

function renderGroup({ title, how, figures }: FigureGroup): string {
  const schemes = SCHEME_NAMES.filter((scheme) => figures.some(({ peers }) => peers?.[scheme] !== undefined));
  const head = ["", "Holdfast:", "goal:", ...schemes.map((scheme) => `${SCHEMES[scheme].name}:`)];
  const rows = figures.map(({ name, unit, holdfast, atMost, peers }) => {
    const goal = atMost === undefined ? "" : atMost === 0 ? "0" : `≤ ${textOf({ value: atMost }, unit)}`;
    const others = schemes.map((scheme) => {
      const cell = peers?.[scheme];
      return cell === undefined ? "" : textOf(cell, unit);
    });
    return [name, textOf(holdfast, unit), goal, ...others];
  });
  return `## ${title}\n\n${wrapped(how)}\n\n${renderTable(head, rows)}`;
}

function textOf({ value, of }: Cell, unit: string): string {
  const digits = Number.isInteger(value) ? 0 : value < 10 ? 2 : value < 1000 ? 1 : 0;
  const number = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const words = unit === "" ? number : `${number} ${unit}`;
  return of === undefined ? words : `${words} of ${of.toLocaleString("en-US")}`;
}

/** In lines, as the other pages are. */
export function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = lines[lines.length - 1]!;
    if (line !== "" && line.length + 1 + word.length > LINE_LENGTH_MAX) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
