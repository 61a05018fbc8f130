/**
 * The story as one HTML page: a timeline of the two slots with every boot, reset, offer, cut and verdict.
 *
 * One self-contained file with inline SVG, so that it can be mailed or kept as a build's artefact.
 */
import type { Moment } from "./observer.js";
import type { StoryReport } from "./story.js";

const WIDTH = 1100;
const LEFT = 90;
const RIGHT = 30;
const SLOT_Y = [90, 150] as const;
const SLOT_HEIGHT = 36;
const AXIS_Y = 210;
const FIRST_LABEL_Y = 250;
const LABEL_HEIGHT = 18;

const COLOURS: Readonly<Record<Moment["kind"], string>> = {
  powerOn: "#2a7",
  boot: "#36c",
  reset: "#c83",
  cut: "#c22",
  offer: "#888",
  confirm: "#2a7",
  quarantine: "#c22",
  report: "#2a7",
  refusal: "#c22",
  halt: "#c22",
};

/** A moment's place on the page. */
type Scale = (atMs: number) => number;

/** The timeline alone, as an SVG that stands by itself. */
export function drawTimeline(report: StoryReport): string {
  const spanMs = Math.max(report.durationMs - firstMs(report), 1);
  const scale: Scale = (atMs) => LEFT + ((WIDTH - LEFT - RIGHT) * (atMs - firstMs(report))) / spanMs;
  const height = FIRST_LABEL_Y + LABEL_HEIGHT * report.moments.length + 20;
  const parts = [slotLanes(), runs(report, scale), axis(report, scale), marks(report.moments, scale)];
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  const style = "<style>text{font:12px system-ui,sans-serif}.version{font-weight:600}</style>";
  const paper = `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`;
  const title = "<title>Timeline of the two slots: boots, trials, verdicts and the power cut</title>";
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${title}${style}${paper}${parts.join("\n")}</svg>\n`;
}

/** The whole page. */
export function drawStory(report: StoryReport): string {
  const rows = report.steps.map((step) => {
    const { eraseCount, programCount, bootCount } = step.counters;
    const cells = [step.told, step.outcome, step.fetchedBytes, eraseCount, programCount, bootCount, step.durationMs];
    return `<tr>${cells.map((cell) => `<td>${escapeHTML(String(cell))}</td>`).join("")}</tr>`;
  });
  const heads = ["step", "outcome", "bytes fetched", "erases", "programs", "boots", "ms"];
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Holdfast: the story of one device</title>
<style>body{font:15px system-ui,sans-serif;margin:2em;color:#222}
td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ddd}
td:nth-child(n+3){text-align:right}.offers td:nth-child(n+3){text-align:left}.failure{color:#c22}.success{color:#173}</style>
<h1>The story of one device</h1>
<p>${report.ok ? "Each step ended as told." : "The story did not end as told."}
Bars: which slot was running, amber while its image was on trial. Marks: what happened.</p>
${drawTimeline(report)}
<h2>What each step cost</h2>
<table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>
${rows.join("\n")}</table>
<h2>What the device reported of each offer</h2>
${offerTable(report)}</html>
`;
}

/** Offers in their order, each with the verdict in the device's own words and the bytes that it took to come to it. */
function offerTable({ offers, moments }: StoryReport): string {
  const startMs = moments[0]?.atMs ?? 0;
  const rows = offers.map(({ atMs, version, finished, detail, fetchedBytes }) => {
    const verdict = `<td class="${finished === "success" ? "success" : "failure"}">${escapeHTML(finished)}</td>`;
    const seconds = ((atMs - startMs) / 1000).toFixed(1);
    const cells = [escapeHTML(version), `${seconds} s`].map((cell) => `<td>${cell}</td>`).join("");
    return `<tr>${cells}${verdict}<td>${escapeHTML(detail)}</td><td>${fetchedBytes}</td></tr>`;
  });
  const heads = ["offered", "verdict after", "verdict", "in the device's words", "bytes sent"];
  return `<table class="offers"><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>
${rows.join("\n")}</table>`;
}

function slotLanes(): string {
  return SLOT_Y.map(
    (y, slot) =>
      `<rect x="${LEFT}" y="${y}" width="${WIDTH - LEFT - RIGHT}" height="${SLOT_HEIGHT}" fill="#f3f3f3"/>` +
      `<text x="10" y="${y + 22}">slot ${slot}</text>`,
  ).join("");
}

/** A bar from each boot to what ended it, amber while the image is on trial. */
function runs(report: StoryReport, scale: Scale): string {
  return report.moments
    .map((boot, index) => {
      if (boot.kind !== "boot") return "";
      const later = report.moments.slice(index + 1);
      const endMs = later.find(({ kind }) => kind === "reset" || kind === "cut" || kind === "boot")?.atMs ?? report.durationMs;
      const verdictMs = later.find(({ kind, atMs }) => kind === "confirm" && atMs <= endMs)?.atMs;
      const trialEndMs = boot.isTrial ? (verdictMs ?? endMs) : boot.atMs;
      const y = SLOT_Y[boot.slot === 1 ? 1 : 0];
      const label = `<text x="${scale(boot.atMs) + 5}" y="${y + 23}" class="version">${escapeHTML(boot.version ?? "")}</text>`;
      return (
        bar(scale(boot.atMs), scale(trialEndMs), y, "#f3c76b") + bar(scale(trialEndMs), scale(endMs), y, "#9bd0ad") + label
      );
    })
    .join("");
}

function bar(fromX: number, toX: number, y: number, colour: string): string {
  if (toX <= fromX) return "";
  return `<rect x="${fromX}" y="${y}" width="${toX - fromX}" height="${SLOT_HEIGHT}" fill="${colour}"/>`;
}

function firstMs(report: StoryReport): number {
  return report.moments[0]?.atMs ?? 0;
}

/** Seconds since power-on. */
function axis(report: StoryReport, scale: Scale): string {
  const startMs = firstMs(report);
  let ticks = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${AXIS_Y}" y2="${AXIS_Y}" stroke="#999"/>`;
  for (let second = 0; startMs + 1000 * second <= report.durationMs; second++) {
    const x = scale(startMs + 1000 * second);
    ticks += `<line x1="${x}" x2="${x}" y1="${AXIS_Y}" y2="${AXIS_Y + 5}" stroke="#999"/>`;
    if (second % 2 === 0) ticks += `<text x="${x - 6}" y="${AXIS_Y + 20}">${second} s</text>`;
  }
  return ticks;
}

function marks(moments: readonly Moment[], scale: Scale): string {
  return moments
    .map((moment, index) => {
      const x = scale(moment.atMs);
      const y = FIRST_LABEL_Y + LABEL_HEIGHT * index;
      const colour = COLOURS[moment.kind];
      const side = x > WIDTH * 0.7 ? `x="${x - 8}" text-anchor="end"` : `x="${x + 8}"`;
      return (
        `<line x1="${x}" x2="${x}" y1="70" y2="${y}" stroke="${colour}" stroke-width="1" stroke-dasharray="2 3"/>` +
        `<circle cx="${x}" cy="${y}" r="4" fill="${colour}"/><text ${side} y="${y + 4}">${escapeHTML(moment.text)}</text>`
      );
    })
    .join("");
}

function escapeHTML(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
