/**
 * A Chrome trace, read for drawing: lanes with runs and marks, in milliseconds.
 *
 * Any trace of complete ("X"), instant ("i") and metadata ("M") events will do, whoever wrote it, as an object with
 * `traceEvents` or as their bare list; other kinds of events are counted and passed over. What a trace says of a run beyond
 * that (priority, lateness) is taken where the device's own writer puts it: src/scheduler/chrome-trace.ts.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Priority } from "../../src/scheduler/task.js";
import type { TraceKind } from "../../src/scheduler/trace.js";
import { parseJSONText, shown } from "./json-text.js";

export interface Run {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** `undefined` where the trace does not say. */
  readonly priority: Priority | undefined;
  /** How long it had been due when it began. */
  readonly latenessMs: number;
  /** The trace ends before it does. */
  readonly isOpen: boolean;
}

export interface Mark {
  readonly kind: TraceKind | "other";
  readonly name: string;
  readonly atMs: number;
  /** Its arguments, in words. */
  readonly detail: string;
}

/** One task, or one thread of a foreign trace. Runs and marks are in order of time. */
export interface Lane {
  readonly name: string;
  readonly runs: readonly Run[];
  readonly marks: readonly Mark[];
}

export interface Trace {
  /** Of the process, where there is one and it is named. */
  readonly name: string | undefined;
  readonly lanes: readonly Lane[];
  /** Begin of the first and end of the last event. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Records that the device's ring had no room for. */
  readonly overwrittenCount: number;
  /** Events of other kinds. */
  readonly passedOverCount: number;
}

type Members = Readonly<Record<string, unknown>>;

interface OpenLane {
  readonly processId: string;
  readonly threadId: string;
  name: string | undefined;
  sortIndex: number;
  readonly runs: Run[];
  readonly marks: Mark[];
}

export const MARK_KINDS: readonly TraceKind[] = Object.freeze(["deadline", "budget", "starved", "missed", "fault", "wake"]);
const PRIORITIES: readonly unknown[] = Object.freeze(["high", "normal", "low"]);
const EXPECTED = 'a Chrome trace, { "traceEvents": [ … ] }';
const MICROSECONDS = 1000;

/** Reads the text of a trace. Throws `corrupt` with one complaint; the path is the caller's to name. */
export function parseTrace(text: string): Trace {
  const document = parseJSONText(text, EXPECTED);
  const events = Array.isArray(document) ? document : membersOf(document)?.["traceEvents"];
  if (!Array.isArray(events)) {
    const found = membersOf(document) === undefined ? shown(document) : `traceEvents: ${shown(events)}`;
    throw new FirmwareError("corrupt", `found ${found}, expected ${EXPECTED}`);
  }
  const reader = new Reader();
  events.forEach((event: unknown, index) => {
    reader.read(event, index);
  });
  const otherData = membersOf(membersOf(document)?.["otherData"]);
  return reader.trace(Number(otherData?.["overwrittenCount"]) || 0);
}

/** The lanes while they fill up. */
class Reader {
  readonly #lanes = new Map<string, OpenLane>();
  readonly #processNames = new Map<string, string>();
  #passedOverCount = 0;

  read(event: unknown, index: number): void {
    const members = membersOf(event);
    if (members === undefined) throw wrong(index, undefined, shown(event), "an object with name, ph and ts");
    const { ph } = members;
    if (typeof ph !== "string") throw wrong(index, members, `ph: ${shown(ph)}`, "the kind of the event, X, i or M");
    if (ph === "M") this.#readMetadata(members);
    else if (ph === "X") this.#readRun(members, index);
    else if (ph === "i" || ph === "I") this.#readMark(members, index);
    else this.#passedOverCount++;
  }

  trace(overwrittenCount: number): Trace {
    const lanes = [...this.#lanes.values()].filter(({ runs, marks }) => runs.length + marks.length > 0);
    if (lanes.length === 0) throw new FirmwareError("corrupt", `found no event of the kinds X and i, expected ${EXPECTED}`);
    const processIds = [...new Set(lanes.map(({ processId }) => processId))];
    const processName = (id: string): string => this.#processNames.get(id) ?? `process ${id}`;
    lanes.sort(
      (one, other) =>
        processIds.indexOf(one.processId) - processIds.indexOf(other.processId) || one.sortIndex - other.sortIndex,
    );
    const times = lanes.flatMap(({ runs, marks }) => [
      ...runs.map(({ fromMs, latenessMs }) => fromMs - latenessMs),
      ...runs.map(({ toMs }) => toMs),
      ...marks.map(({ atMs }) => atMs),
    ]);
    return {
      name: processIds.length === 1 ? this.#processNames.get(processIds[0]!) : undefined,
      lanes: lanes.map(({ name, processId, threadId, runs, marks }) => {
        const ownName = name ?? `thread ${threadId}`;
        return {
          name: processIds.length === 1 ? ownName : `${processName(processId)}: ${ownName}`,
          runs: runs.sort((one, other) => one.fromMs - other.fromMs),
          marks: marks.sort((one, other) => one.atMs - other.atMs),
        };
      }),
      fromMs: times.reduce((least, time) => Math.min(least, time)),
      toMs: times.reduce((greatest, time) => Math.max(greatest, time)),
      overwrittenCount,
      passedOverCount: this.#passedOverCount,
    };
  }

  #readMetadata(members: Members): void {
    const { name } = members;
    const values = membersOf(members["args"]);
    const text = values?.["name"];
    if (name === "process_name" && typeof text === "string") this.#processNames.set(idOf(members["pid"]), text);
    if (name === "thread_name" && typeof text === "string") this.#laneOf(members).name = text;
    if (name === "thread_sort_index") this.#laneOf(members).sortIndex = Number(values?.["sort_index"]) || 0;
  }

  #readRun(members: Members, index: number): void {
    const fromMs = timeOf(members, "ts", index);
    const durationMs = timeOf(members, "dur", index);
    if (durationMs < 0) throw wrong(index, members, `dur: ${shown(members["dur"])}`, "microseconds, 0 or more");
    const values = membersOf(members["args"]);
    const said = PRIORITIES.includes(values?.["priority"]) ? values!["priority"] : members["cat"];
    const lateness = values?.["latenessMs"];
    this.#laneOf(members).runs.push({
      name: textOf(members["name"]),
      fromMs,
      toMs: fromMs + durationMs,
      priority: PRIORITIES.includes(said) ? (said as Priority) : undefined,
      latenessMs: typeof lateness === "number" && lateness > 0 ? lateness : 0,
      isOpen: values?.["open"] === true,
    });
  }

  #readMark(members: Members, index: number): void {
    const atMs = timeOf(members, "ts", index);
    const name = textOf(members["name"]);
    const kind = MARK_KINDS.find((known) => known === name) ?? "other";
    const values = Object.entries(membersOf(members["args"]) ?? {}).map(([key, value]) => `${key} ${shown(value)}`);
    this.#laneOf(members).marks.push({ kind, name, atMs, detail: values.join(", ") });
  }

  #laneOf(members: Members): OpenLane {
    const processId = idOf(members["pid"]);
    const threadId = idOf(members["tid"]);
    const key = JSON.stringify([processId, threadId]);
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: OpenLane = { processId, threadId, name: undefined, sortIndex: 0, runs: [], marks: [] };
    this.#lanes.set(key, lane);
    return lane;
  }
}

function membersOf(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

/** A trace that leaves them out means one process of one thread. */
function idOf(value: unknown): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "0";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** In ms. */
function timeOf(members: Members, name: "ts" | "dur", index: number): number {
  const value = members[name];
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw wrong(index, members, `${name}: ${shown(value)}`, "microseconds, a number");
  }
  return value / MICROSECONDS;
}

function wrong(index: number, members: Members | undefined, found: string, expected: string): FirmwareError {
  const name = typeof members?.["name"] === "string" ? ` ${shown(members["name"])}` : "";
  return new FirmwareError("corrupt", `traceEvents[${index}]${name}: found ${found}, expected ${expected}`);
}
