/** The signs of a timeline's marks: each kind has a shape and a colour of its own, so that neither is needed alone. */
import type { Mark } from "./trace-file.js";

export interface Sign {
  /** What it means, in the legend. */
  readonly meaning: string;
  readonly colour: string;
  /** Drawn around 0, 0, within 5 px of it. */
  readonly shape: string;
}

const STROKE = 'fill="none" stroke-width="2" stroke-linecap="round"';

export const SIGNS: Readonly<Record<Mark["kind"], Sign>> = Object.freeze({
  deadline: { meaning: "deadline missed", colour: "#c1121f", shape: '<path d="M-5-4H5L0 5Z" fill="#c1121f"/>' },
  budget: { meaning: "ran too long", colour: "#d97706", shape: '<path d="M0-5 5 0 0 5-5 0Z" fill="#d97706"/>' },
  starved: {
    meaning: "starved",
    colour: "#7b2cbf",
    shape: `<circle r="3.8" stroke="#7b2cbf" ${STROKE}/>`,
  },
  missed: {
    meaning: "periods missed",
    colour: "#475569",
    shape: `<path d="M-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5" stroke="#475569" ${STROKE}/>`,
  },
  fault: {
    meaning: "fault",
    colour: "#111827",
    shape: '<circle r="5" fill="#111827"/><path d="M0-3V.5M0 2.7v.1" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/>',
  },
  wake: { meaning: "timer expired", colour: "#0e7490", shape: `<path d="M0-4V4" stroke="#0e7490" ${STROKE}/>` },
  other: { meaning: "other event", colour: "#64748b", shape: '<rect x="-3" y="-3" width="6" height="6" fill="#64748b"/>' },
});
