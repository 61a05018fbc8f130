/**
 * A trace as a picture: an SVG with one lane a task, runs as bars, and a mark for everything that went wrong.
 *
 * One self-contained file that a browser, a bug report and a document take. However long the trace is, the picture stays small:
 * runs too short to be told apart are drawn as one bar, marks too close together as one mark with their number.
 */
import type { Priority } from "../../src/scheduler/task.js";
import { printable } from "./json-text.js";
import { SIGNS } from "./mark-signs.js";
import { durationWords, ticksOf, timeWords } from "./time-axis.js";
import type { Lane, Mark, Run, Trace } from "./trace-file.js";

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const WIDTH = 1000;
const LEFT = 150;
const RIGHT = 96;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const MARGIN = 16;
const LEGEND_Y = 66;
const LANES_Y = 88;
const LANE_HEIGHT = 38;
/** Within a lane: the marks' line, and the bars below it. */
const MARK_Y = 9;
const BAR_Y = 18;
const BAR_HEIGHT = 15;
const FOOT_HEIGHT = 34;
const TICK_COUNT_MAX = 10;
/** Of a run within a run, above and below. */
const NESTED_INSET = 2.5;
/** What is narrower is merged with its neighbour, where that is as near. */
const BAR_WIDTH_MIN = 1.25;
const GAP_WIDTH_MIN = 0.75;
/** Signs of one place stand side by side; marks nearer to its first than two of them, and a number, share it. */
const SIGN_WIDTH = 11;
const PLACE_WIDTH = 30;
/** Of marks that share a sign, as many are told one by one. */
const TOLD_COUNT_MAX = 5;
/** The gravest first. */
const MARK_ORDER: readonly Mark["kind"][] = Object.freeze([
  "fault",
  "deadline",
  "missed",
  "budget",
  "starved",
  "other",
  "wake",
]);
/** Room for the text of a duration within its bar. */
const TEXT_WIDTH_MIN = 52;
const NAME_LENGTH_MAX = 18;

const PRIORITIES: readonly Priority[] = Object.freeze(["high", "normal", "low"]);
/** The darker, the more important. */
const PRIORITY_COLOURS: Readonly<Record<Priority, string>> = Object.freeze({
  high: "#1d4e89",
  normal: "#4a90c9",
  low: "#a5c8e4",
});
/** Of lanes whose runs have no priority. */
const LANE_COLOURS: readonly string[] = Object.freeze(["#4a90c9", "#5aa469", "#b5838d", "#8d7bb5", "#c19a4b", "#4fa3a5"]);

const STYLE =
  "text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2937}.title{font-size:16px;font-weight:600}" +
  ".quiet{font-size:11px;fill:#6b7280}.name{font-weight:500}.in{font-size:10px;fill:#fff}.in.low{fill:#1f2937}" +
  ".sum{font-size:9px;font-weight:600}";

/** Draws what lies in the window. `title` is said where the trace has no name of its own. */
export function drawTrace(trace: Trace, window: Window, title: string): string {
  const view = new View(window);
  const height = LANES_Y + LANE_HEIGHT * trace.lanes.length + FOOT_HEIGHT;
  const lanes = trace.lanes.map((lane, index) => drawLane(lane, index, view));
  const heading = escapeXML(trace.name ?? title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>Timeline of ${heading}</title><style>${STYLE}</style><rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${MARGIN}" y="28" class="title">${heading}</text>`,
    `<text x="${MARGIN}" y="46" class="quiet">${escapeXML(summary(trace, window))}</text>`,
    legend(trace, view),
    ...trace.lanes.map((_, index) => stripe(index)),
    grid(view, LANES_Y + LANE_HEIGHT * trace.lanes.length),
    ...lanes,
    "</svg>\n",
  ].join("\n");
}

/** The window on the paper. */
class View {
  readonly fromMs: number;
  readonly toMs: number;

  constructor({ fromMs, toMs }: Window) {
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  /** Where a time is, held within the plot. */
  x(atMs: number): number {
    const part = (atMs - this.fromMs) / (this.toMs - this.fromMs);
    return LEFT + PLOT_WIDTH * Math.min(Math.max(part, 0), 1);
  }

  runsOf({ runs }: Lane): Run[] {
    return runs.filter(({ fromMs, toMs, latenessMs }) => toMs >= this.fromMs && fromMs - latenessMs <= this.toMs);
  }

  marksOf({ marks }: Lane): Mark[] {
    return marks.filter(({ atMs }) => atMs >= this.fromMs && atMs <= this.toMs);
  }
}

/** Runs and marks that the window shows. */
export function countIn(trace: Trace, window: Window): { readonly runCount: number; readonly markCount: number } {
  const view = new View(window);
  return {
    runCount: trace.lanes.reduce((sum, lane) => sum + view.runsOf(lane).length, 0),
    markCount: trace.lanes.reduce((sum, lane) => sum + view.marksOf(lane).length, 0),
  };
}

function summary(trace: Trace, window: Window): string {
  const { runCount } = countIn(trace, window);
  const spanMs = window.toMs - window.fromMs;
  const edge = (atMs: number): string => timeWords(atMs, 10 ** Math.floor(Math.log10(spanMs) - 1));
  const lost = trace.overwrittenCount > 0 ? ` · ${trace.overwrittenCount} earlier records were overwritten` : "";
  return `${edge(window.fromMs)} to ${edge(window.toMs)}, ${durationWords(spanMs)} · ${runCount} runs${lost}`;
}

/** Only what the picture has. */
function legend(trace: Trace, view: View): string {
  const runs = trace.lanes.flatMap((lane) => view.runsOf(lane));
  const marks = trace.lanes.flatMap((lane) => view.marksOf(lane));
  const items: (readonly [sign: string, text: string])[] = [];
  for (const priority of PRIORITIES) {
    if (!runs.some((run) => run.priority === priority)) continue;
    items.push([`<rect x="-7" y="-5" width="14" height="10" rx="2" fill="${PRIORITY_COLOURS[priority]}"/>`, priority]);
  }
  if (runs.some(({ latenessMs }) => latenessMs > 0)) {
    items.push([`<path d="M-7 0H7M-7-4V4" stroke="${PRIORITY_COLOURS.normal}" stroke-width="1.5" fill="none"/>`, "due, waits"]);
  }
  for (const [kind, { shape, meaning }] of Object.entries(SIGNS)) {
    if (marks.some((mark) => mark.kind === kind)) items.push([shape, meaning]);
  }
  let x = MARGIN + 7;
  return items
    .map(([sign, text]) => {
      const item = `<g transform="translate(${x} ${LEGEND_Y})">${sign}<text x="12" y="4" class="quiet">${text}</text></g>`;
      x += 34 + 6 * text.length;
      return item;
    })
    .join("");
}

function stripe(index: number): string {
  const y = LANES_Y + LANE_HEIGHT * index;
  return `<rect x="0" y="${y}" width="${WIDTH}" height="${LANE_HEIGHT}" fill="${index % 2 === 0 ? "#f5f7fa" : "#fff"}"/>`;
}

function grid(view: View, bottomY: number): string {
  const lines = ticksOf(view.fromMs, view.toMs, TICK_COUNT_MAX).map(({ atMs, label }) => {
    const x = rounded(view.x(atMs));
    const line = `<path d="M${x} ${LANES_Y}V${bottomY + 5}" stroke="#d5dae1"/>`;
    return `${line}<text x="${x}" y="${bottomY + 20}" text-anchor="middle" class="quiet">${label}</text>`;
  });
  const axis = `<path d="M${LEFT} ${bottomY}H${LEFT + PLOT_WIDTH}" stroke="#9aa3af"/>`;
  return `${lines.join("")}${axis}`;
}

function drawLane(lane: Lane, index: number, view: View): string {
  const runs = view.runsOf(lane);
  const fallback = LANE_COLOURS[index % LANE_COLOURS.length]!;
  const y = LANES_Y + LANE_HEIGHT * index;
  const name = lane.name.length > NAME_LENGTH_MAX ? `${lane.name.slice(0, NAME_LENGTH_MAX - 1)}…` : lane.name;
  const words = `<title>${escapeXML(lane.name)}</title>${escapeXML(name)}`;
  const label = `<text x="${MARGIN}" y="${BAR_Y + 12}" class="name">${words}</text>`;
  return [
    `<g transform="translate(0 ${y})">${label}${figures(runs, view)}`,
    ...waits(runs, view, fallback),
    ...bars(runs, view, fallback),
    ...marks(view.marksOf(lane), view),
    "</g>",
  ].join("\n");
}

/** At the right: how often and what part of the window. */
function figures(runs: readonly Run[], view: View): string {
  if (runs.length === 0) return "";
  let busyMs = 0;
  let countedMs = view.fromMs; // A run within a run is counted once.
  for (const { fromMs, toMs } of runs) {
    busyMs += Math.max(Math.min(toMs, view.toMs) - Math.max(fromMs, countedMs), 0);
    countedMs = Math.max(countedMs, toMs);
  }
  const part = (100 * busyMs) / (view.toMs - view.fromMs);
  const x = WIDTH - MARGIN;
  return (
    `<text x="${x}" y="16" text-anchor="end" class="quiet">${runs.length} ${runs.length === 1 ? "run" : "runs"}</text>` +
    `<text x="${x}" y="30" text-anchor="end" class="quiet">${part.toFixed(1)} %</text>`
  );
}

/** From the due time to the begin, where it is long enough to be seen. */
function waits(runs: readonly Run[], view: View, fallback: string): string[] {
  const y = BAR_Y + BAR_HEIGHT / 2;
  return runs.flatMap((run) => {
    const fromX = rounded(view.x(run.fromMs - run.latenessMs));
    const toX = rounded(view.x(run.fromMs));
    if (toX - fromX < 2) return [];
    return [`<path d="M${fromX} ${y}H${toX}M${fromX} ${y - 4}V${y + 4}" stroke="${colourOf(run, fallback)}" fill="none"/>`];
  });
}

/** Runs that become one bar. */
interface Bar {
  readonly runs: Run[];
  readonly fromX: number;
  toX: number;
  /** Runs around it, in traces that nest them. */
  readonly depth: number;
}

function bars(runs: readonly Run[], view: View, fallback: string): string[] {
  const merged: Bar[] = [];
  const around: Run[] = [];
  for (const run of runs.filter(({ fromMs, toMs }) => toMs >= view.fromMs && fromMs <= view.toMs)) {
    const fromX = view.x(run.fromMs);
    const toX = view.x(run.toMs);
    while (around.length > 0 && around.at(-1)!.toMs <= run.fromMs) around.pop();
    const depth = around.push(run) - 1;
    const last = merged.at(-1);
    const isNear = last !== undefined && fromX - last.toX < GAP_WIDTH_MIN && toX - fromX < BAR_WIDTH_MIN;
    const isSmall = isNear && (last.runs.length > 1 || last.toX - last.fromX < BAR_WIDTH_MIN);
    if (isSmall && last.runs[0]!.priority === run.priority) {
      last.runs.push(run);
      last.toX = Math.max(last.toX, toX);
    } else merged.push({ runs: [run], fromX, toX, depth });
  }
  return merged.map((bar) => drawBar(bar, fallback));
}

function drawBar({ runs, fromX, toX, depth }: Bar, fallback: string): string {
  const [run] = runs as [Run];
  const inset = Math.min(NESTED_INSET * depth, BAR_HEIGHT / 2 - 1);
  const width = Math.max(toX - fromX, BAR_WIDTH_MIN);
  const place = `x="${rounded(fromX)}" y="${BAR_Y + inset}" width="${rounded(width)}" height="${BAR_HEIGHT - 2 * inset}"`;
  const nested = depth > 0 ? ' stroke="#fff" stroke-width="0.6"' : "";
  const edge = run.isOpen ? ' stroke="#1f2937" stroke-dasharray="3 2"' : nested;
  const told = `<title>${escapeXML(runs.length === 1 ? wordsOf(run) : `${runs.length} runs of ${run.name}`)}</title>`;
  const rect = `<rect ${place} rx="${width > 6 ? 2 : 0}" fill="${colourOf(run, fallback)}"${edge}>${told}</rect>`;
  if (width < TEXT_WIDTH_MIN || runs.length > 1 || depth > 0) return rect;
  const tone = run.priority === "low" ? "in low" : "in";
  const centre = `x="${rounded(fromX + width / 2)}" y="${BAR_Y + 11}" text-anchor="middle"`;
  return `${rect}<text ${centre} class="${tone}">${durationWords(run.toMs - run.fromMs)}</text>`;
}

function wordsOf({ name, fromMs, toMs, priority, latenessMs, isOpen }: Run): string {
  const words = [`${name}: at ${exact(fromMs)} ms for ${durationWords(toMs - fromMs)}`];
  if (latenessMs > 0) words.push(`${durationWords(latenessMs)} late`);
  if (priority !== undefined) words.push(priority);
  if (isOpen) words.push("not ended");
  return words.join(", ");
}

function colourOf({ priority }: Run, fallback: string): string {
  return priority === undefined ? fallback : PRIORITY_COLOURS[priority];
}

/** Signs above the bars: marks that are near each other share a place, where the gravest two kinds of them are shown. */
function marks(found: readonly Mark[], view: View): string[] {
  const places: Mark[][] = [];
  for (const mark of found) {
    const place = places.at(-1);
    if (place !== undefined && view.x(mark.atMs) - view.x(place[0]!.atMs) < PLACE_WIDTH) place.push(mark);
    else places.push([mark]);
  }
  return places.flatMap((place) => {
    const kinds = MARK_ORDER.filter((kind) => place.some((mark) => mark.kind === kind));
    const firstX = view.x(place[0]!.atMs);
    const groups = kinds.slice(0, 2).map((kind) => place.filter((mark) => mark.kind === kind));
    groups.sort((one, other) => one[0]!.atMs - other[0]!.atMs);
    return groups.map((group, index) => {
      const note = kinds.length === 1 && group.length > 1 ? `${group.length}` : kinds.length > 2 && index === 1 ? "+" : "";
      // Side by side; the line leads to the mark's own time.
      const signX = index === 0 ? firstX : firstX + SIGN_WIDTH;
      return drawMarks(group, { x: view.x(group[0]!.atMs), signX, note });
    });
  });
}

function drawMarks(group: readonly Mark[], at: { readonly x: number; readonly signX: number; readonly note: string }): string {
  const { colour, shape } = SIGNS[group[0]!.kind];
  const x = rounded(at.x);
  const signX = rounded(at.signX);
  const told = group.slice(0, TOLD_COUNT_MAX).map(({ name, atMs, detail }) => `${name} at ${exact(atMs)} ms: ${detail}`);
  const title = `<title>${escapeXML(told.join("; "))}${group.length > told.length ? " …" : ""}</title>`;
  const lead = `<path d="M${signX} ${MARK_Y + 4}L${x} ${BAR_Y}V${BAR_Y + BAR_HEIGHT}" stroke="${colour}" fill="none"/>`;
  const note = at.note === "" ? "" : `<text x="7" y="3" class="sum">${at.note}</text>`;
  return `<g>${title}${lead}<g transform="translate(${signX} ${MARK_Y})">${shape}${note}</g></g>`;
}

/** To the microsecond. */
function exact(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** A hundredth of a pixel is enough, and keeps the file small. */
function rounded(x: number): number {
  return Math.round(x * 100) / 100;
}

/** XML has no way to write a control character at all. */
function escapeXML(text: string): string {
  return printable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
