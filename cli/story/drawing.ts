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
  halt: "#c22",
};

/** The whole page. */
export function drawStory(report: StoryReport): string {
  const scale = (atMs: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * atMs) / Math.max(report.durationMs, 1);
  const height = FIRST_LABEL_Y + LABEL_HEIGHT * report.moments.length + 20;
  const parts = [slotLanes(), runs(report, scale), axis(report.durationMs, scale), marks(report.moments, scale)];
  const svg = `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">${parts.join("")}</svg>`;
  const rows = report.steps
    .map(
      (step) =>
        `<tr><td>${escapeHTML(step.told)}</td><td>${step.outcome}</td><td>${step.fetchedBytes}</td><td>${step.counters.eraseCount}</td>` +
        `<td>${step.counters.programCount}</td><td>${step.counters.bootCount}</td><td>${step.durationMs}</td></tr>`,
    )
    .join("\n");
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Holdfast: the story of one device</title>
<style>body{font:15px system-ui,sans-serif;margin:2em;color:#222}td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ddd}
td:nth-child(n+3){text-align:right}text{font:12px system-ui,sans-serif}</style>
<h1>The story of one device</h1>
<p>${report.ok ? "Each step ended as told." : "The story did not end as told."} Bars: which slot was running. Marks: what happened.</p>
${svg}
<table><tr><th>step</th><th>outcome</th><th>bytes fetched</th><th>erases</th><th>programs</th><th>boots</th><th>ms</th></tr>
${rows}</table></html>
`;
}

function slotLanes(): string {
  return SLOT_Y.map(
    (y, slot) =>
      `<rect x="${LEFT}" y="${y}" width="${WIDTH - LEFT - RIGHT}" height="${SLOT_HEIGHT}" fill="#f3f3f3"/>` +
      `<text x="10" y="${y + 22}">slot ${slot}</text>`,
  ).join("");
}

/** A bar from each boot to what ended it. */
function runs(report: StoryReport, scale: (atMs: number) => number): string {
  const ends = report.moments.filter(({ kind }) => kind === "reset" || kind === "cut" || kind === "boot");
  return report.moments
    .filter(({ kind, slot }) => kind === "boot" && slot !== undefined)
    .map((boot) => {
      const end = ends.find((moment) => moment.atMs > boot.atMs || (moment.atMs === boot.atMs && moment.kind !== "boot"));
      const x = scale(boot.atMs);
      const width = Math.max(scale(end?.atMs ?? report.durationMs) - x, 1);
      return `<rect x="${x}" y="${SLOT_Y[boot.slot === 1 ? 1 : 0]}" width="${width}" height="${SLOT_HEIGHT}" fill="#9bc4f0"/>`;
    })
    .join("");
}

function axis(durationMs: number, scale: (atMs: number) => number): string {
  let ticks = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${AXIS_Y}" y2="${AXIS_Y}" stroke="#999"/>`;
  for (let atMs = 0; atMs <= durationMs; atMs += 1000) {
    ticks += `<line x1="${scale(atMs)}" x2="${scale(atMs)}" y1="${AXIS_Y}" y2="${AXIS_Y + 5}" stroke="#999"/>`;
    if (atMs % 5000 === 0) ticks += `<text x="${scale(atMs) - 6}" y="${AXIS_Y + 20}">${atMs / 1000} s</text>`;
  }
  return ticks;
}

function marks(moments: readonly Moment[], scale: (atMs: number) => number): string {
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
