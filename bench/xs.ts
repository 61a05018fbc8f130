/**
 * What each operation costs on the device's engine, in steps of its meter: `npm run bench:xs`, after `npm run build`.
 *
 * The firmware of test/size is run twice and must tell the same both times; the figures are then compared with the table in
 * docs/meter.md. Exits 1, naming it, where one rose by more than 2 %. `--write` puts the figures into the table instead,
 * `--json` prints them as JSON.
 */
import { readFileSync } from "node:fs";
import { compareMeter, compareRuns, meterFigures, parseMeterTable, renderMeterTable } from "../test/size/meter-table.js";
import { readSection, writeSection } from "../test/size/page.js";
import { measureOnXS } from "../test/size/xs-run.js";

const PAGE = "docs/meter.md";
const SECTION = "meter";

async function main(): Promise<number> {
  const readings = await measureOnXS("costs");
  const complaints = compareRuns(readings, await measureOnXS("costs"));
  const figures = meterFigures(readings);
  if (process.argv.includes("--write")) writeSection(PAGE, SECTION, renderMeterTable(figures));
  else complaints.push(...compareMeter(figures, parseMeterTable(readSection(readFileSync(PAGE, "utf8"), SECTION))));
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ unit: "steps of the XS meter", figures, complaints }, undefined, 2));
  } else {
    console.log(renderMeterTable(figures));
  }
  for (const complaint of complaints) console.error(`bench: ${complaint}`);
  console.error(`bench: ${figures.length} figures, ${complaints.length} complaints`);
  return complaints.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
