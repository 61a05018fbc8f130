/**
 * A trace ring as a Chrome trace, the JSON that Perfetto, chrome://tracing and `holdfast timeline` read.
 *
 * Runs become complete events ("X") of one thread a task, notes become instant events ("i"). It is written event by event,
 * because the whole text is several times as large as the ring, and a device may have no room for it. Times are whole
 * microseconds, rounded, so that the end of one run is never after the begin of the next. See docs/guide/timeline.md.
 */
import type { Priority } from "./task.js";
import type { TraceRing } from "./trace-ring.js";

export interface ChromeTraceOptions {
  /** What the trace is called. Default "holdfast". */
  readonly processName?: string;
  /**
   * The present, by the scheduler's clock: where the bar of a run that has not ended is cut off. Default: at the latest record.
   * The task that writes the trace is such a run itself.
   */
  readonly nowMs?: number;
}

const PROCESS_ID = 1;
/** The lane of notes that are about no task. Tasks count from 1. */
const SCHEDULER_THREAD_ID = 0;
const SCHEDULER_NAME = "scheduler";
/** Lanes from the top: what is important first. */
const SORT_RANKS: readonly (Priority | undefined)[] = Object.freeze([undefined, "high", "normal", "low"] as const);
const SORT_STEP = 1000;

/** The whole trace as one text: for a host with memory. See `writeChromeTrace`. */
export function chromeTrace(ring: TraceRing, options: ChromeTraceOptions = {}): string {
  let text = "";
  writeChromeTrace(
    ring,
    (piece) => {
      text += piece;
    },
    options,
  );
  return text;
}

/**
 * Writes a JSON object with `traceEvents`, sorted by time, in pieces of one event each; joined, they are the document. `write`
 * takes a piece before it returns, and records nothing in the ring. What it throws ends the writing.
 */
export function writeChromeTrace(ring: TraceRing, write: (piece: string) => void, options: ChromeTraceOptions = {}): void {
  const names = namesIn(ring);
  const { processName = "holdfast" } = options;
  write(`{"displayTimeUnit":"ms","otherData":{"overwrittenCount":${ring.overwrittenCount}},"traceEvents":[\n`);
  write(metadata("process_name", SCHEDULER_THREAD_ID, `"name":${JSON.stringify(processName)}`));
  writeLane(write, SCHEDULER_THREAD_ID, SCHEDULER_NAME, 0);
  for (let index = 0; index < names.length; index++) {
    const sortIndex = SORT_STEP * SORT_RANKS.indexOf(priorityOf(ring, names[index]!)) + index + 1;
    writeLane(write, index + 1, names[index]!, sortIndex);
  }
  for (let index = 0; index < ring.count; index++) {
    const threadId = names.indexOf(ring.nameAt(index)) + 1;
    write(
      `,\n${ring.kindAt(index) === "run" ? runEvent(ring, index, threadId, options.nowMs) : noteEvent(ring, index, threadId)}`,
    );
  }
  write("\n]}\n");
}

/** The tasks of the ring, each once; the empty name is the scheduler's. */
function namesIn(ring: TraceRing): string[] {
  const names: string[] = [];
  for (let index = 0; index < ring.count; index++) {
    const name = ring.nameAt(index);
    if (name !== "" && !names.includes(name)) names.push(name);
  }
  return names;
}

/** By the task's latest run; `undefined` where the ring has only notes of it. */
function priorityOf(ring: TraceRing, name: string): Priority | undefined {
  for (let index = ring.count - 1; index >= 0; index--) {
    if (ring.nameAt(index) === name && ring.kindAt(index) === "run") return ring.priorityAt(index);
  }
  return undefined;
}

function writeLane(write: (piece: string) => void, threadId: number, name: string, sortIndex: number): void {
  write(`,\n${metadata("thread_name", threadId, `"name":${JSON.stringify(name)}`)}`);
  write(`,\n${metadata("thread_sort_index", threadId, `"sort_index":${sortIndex}`)}`);
}

function metadata(name: string, threadId: number, argument: string): string {
  return `{"name":"${name}","ph":"M","ts":0,"pid":${PROCESS_ID},"tid":${threadId},"args":{${argument}}}`;
}

function runEvent(ring: TraceRing, index: number, threadId: number, nowMs: number | undefined): string {
  const atMs = ring.atMsAt(index);
  const priority = ring.priorityAt(index)!;
  const endMs = ring.endMsAt(index);
  const startUs = microseconds(atMs);
  const durationUs = Math.max(microseconds(endMs ?? cutOffMs(ring, index, nowMs)) - startUs, 0);
  const latenessMs = milliseconds(atMs - ring.dueMsAt(index)!);
  const open = endMs === undefined ? ',"open":true' : "";
  return (
    `{"name":${JSON.stringify(ring.nameAt(index))},"cat":"${priority}","ph":"X","ts":${startUs},"dur":${durationUs},` +
    `"pid":${PROCESS_ID},"tid":${threadId},"args":{"priority":"${priority}","latenessMs":${latenessMs}${open}}}`
  );
}

/** Where the bar of a run without an end stops: at the next run, if that was never told, else in the present. */
function cutOffMs(ring: TraceRing, index: number, nowMs: number | undefined): number {
  for (let later = index + 1; later < ring.count; later++) {
    if (ring.kindAt(later) === "run") return ring.atMsAt(later);
  }
  const latestMs = ring.atMsAt(ring.count - 1);
  return nowMs === undefined ? latestMs : Math.max(nowMs, latestMs);
}

function noteEvent(ring: TraceRing, index: number, threadId: number): string {
  const kind = ring.kindAt(index);
  const value = `"${kind === "missed" ? "count" : "ms"}":${milliseconds(ring.valueAt(index)!)}`;
  return (
    `{"name":"${kind}","cat":"note","ph":"i","s":"t","ts":${microseconds(ring.atMsAt(index))},` +
    `"pid":${PROCESS_ID},"tid":${threadId},"args":{${value}}}`
  );
}

/** JSON has neither NaN nor Infinity, and a trace no time before its zero. */
function microseconds(ms: number): number {
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms * 1000) : 0;
}

/** To the microsecond, as a text without a tail of digits. */
function milliseconds(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms * 1000) / 1000 : 0;
}
