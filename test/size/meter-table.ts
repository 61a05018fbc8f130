/**
 * The engine's meter as a performance figure: steps of XS for each operation, and how they compare with the committed table.
 *
 * Steps are no time, but they are the same on every computer and at every run, so that a change of one in a hundred is seen in
 * CI, where seconds are noise. See docs/meter.md.
 */
import type { Reading } from "./firmware/reading.js";
import { parseTable, renderTable } from "./page.js";

/** A figure may rise by so much without a change of the table: a few steps more in a large operation are nobody's business. */
export const RISE_MAX = 0.02;

/** Steps of one operation. */
export interface MeterFigure {
  readonly name: string;
  readonly steps: number;
}

/** The operations among the readings, rounded to whole steps; the rest measured memory only. */
export function meterFigures(readings: readonly Reading[]): MeterFigure[] {
  const measured = readings.filter(({ name, meter }) => meter > 0 && !name.startsWith("control: "));
  return measured.map(({ name, count, meter }) => ({ name, steps: Math.round(meter / count) }));
}

export function renderMeterTable(figures: readonly MeterFigure[]): string {
  return renderTable(
    ["operation", "steps:"],
    figures.map(({ name, steps }) => [name, steps]),
  );
}

/** The figures of a printed table. Throws where a row has no whole number of steps. */
export function parseMeterTable(text: string): MeterFigure[] {
  return parseTable(text).map(([name = "", steps = ""]) => {
    if (!/^[0-9]+$/.test(steps)) throw new Error(`the table of steps says "${steps}" for ${name}; expected a whole number`);
    return { name, steps: Number(steps) };
  });
}

/** What is worse than in the committed table, or missing on either side, each in one line. */
export function compareMeter(figures: readonly MeterFigure[], committed: readonly MeterFigure[]): string[] {
  const complaints: string[] = [];
  for (const { name, steps } of figures) {
    const before = committed.find((figure) => figure.name === name)?.steps;
    if (before === undefined) complaints.push(`${name}: not in the committed table; expected a row: run with --write`);
    else if (steps > before * (1 + RISE_MAX)) {
      const percent = ((steps / before - 1) * 100).toFixed(1);
      complaints.push(`${name}: ${steps} steps, ${percent} % more than ${before}; expected at most 2 %`);
    }
  }
  for (const { name } of committed) {
    if (!figures.some((figure) => figure.name === name)) complaints.push(`${name}: not measured; expected no row of it`);
  }
  return complaints;
}

/** Where two runs of the same firmware differ: then the meter is no measure. */
export function compareRuns(first: readonly Reading[], second: readonly Reading[]): string[] {
  const complaints: string[] = [];
  if (first.length !== second.length) complaints.push(`${first.length} and ${second.length} readings; expected the same`);
  for (const [index, reading] of first.entries()) {
    const again = second[index];
    if (again === undefined || JSON.stringify(again) === JSON.stringify(reading)) continue;
    complaints.push(`${reading.name}: ${JSON.stringify(reading)}, then ${JSON.stringify(again)}; expected the same twice`);
  }
  return complaints;
}
