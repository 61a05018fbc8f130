/** `holdfast timeline`: a trace of the scheduler, or any Chrome trace, as a picture. */
import { basename, resolve } from "node:path";
import { FirmwareError } from "../../src/errors.js";
import { readBytes, reading, writeBytes } from "../ota/files.js";
import { countIn, drawTrace, type Window } from "./drawing.js";
import { parseTrace, type Trace } from "./trace-file.js";

export interface TimelineCommandOptions {
  /** Default: beside the trace, named after it. */
  readonly out?: string;
  /** In ms of the trace's own clock. */
  readonly from?: number;
  readonly to?: number;
}

/** Draws it; exit code 0. Throws for what is no trace, for a window that shows nothing, and where it cannot write. */
export function timelineCommand(path: string, options: TimelineCommandOptions): number {
  const { out = `${path.replace(/\.json$/i, "")}.svg` } = options;
  if (resolve(out) === resolve(path)) throw new FirmwareError("invalid", `${out}: the trace is there, expected another --out`);
  const text = new TextDecoder().decode(readBytes(path, "a Chrome trace in JSON"));
  const trace = reading(path, () => parseTrace(text));
  const window = reading(path, () => windowOf(trace, options));
  const { runCount, markCount } = countIn(trace, window);
  writeBytes(out, new TextEncoder().encode(drawTrace(trace, window, basename(path))));
  console.log(`${out}: ${runCount} runs and ${markCount} marks in ${trace.lanes.length} lanes`);
  if (trace.passedOverCount > 0) console.log(`passed over: ${trace.passedOverCount} events that are neither X, i nor M`);
  return 0;
}

/** What the options say of the trace's own time, all of it by default. */
function windowOf(trace: Trace, options: TimelineCommandOptions): Window {
  const { from: fromMs = trace.fromMs, to = trace.toMs } = options;
  // A trace of one moment is drawn as a millisecond.
  const toMs = options.to === undefined && options.from === undefined && to === fromMs ? to + 1 : to;
  const whole = `the trace has ${trace.fromMs} to ${trace.toMs} ms`;
  if (toMs <= fromMs)
    throw new FirmwareError("invalid", `found a window from ${fromMs} to ${toMs} ms, expected from < to; ${whole}`);
  const { runCount, markCount } = countIn(trace, { fromMs, toMs });
  if (runCount + markCount > 0) return { fromMs, toMs };
  throw new FirmwareError("invalid", `found nothing from ${fromMs} to ${toMs} ms, expected a run or a mark there; ${whole}`);
}
