/**
 * A task table: what a firmware promises of its tasks before it runs, read from a JSON file and checked.
 *
 * Each complaint names the task, the member and what was expected. A member that nobody knows is refused: `deadline` for
 * `deadlineMs` would otherwise pass as the laxer deadline, the period. See docs/guide/schedulability.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Priority } from "../../src/scheduler/task.js";
import { parseJSONText, shown } from "../timeline/json-text.js";

/** One periodic task. Times in ms, fractions allowed. */
export interface TaskRow {
  readonly name: string;
  readonly priority: Priority;
  readonly periodMs: number;
  /** The longest that a run takes. */
  readonly runMs: number;
  /** From the due time to the end of the run, at most the period. */
  readonly deadlineMs: number;
}

export interface TaskTable {
  readonly tasks: readonly TaskRow[];
  /** How long after its time the timer may expire that wakes an idle device. */
  readonly timerLatenessMs: number;
}

/** More than a device has places for; the analysis takes seconds at worst. */
const TASK_COUNT_MAX = 100;
/** 31 years; in microseconds still exact. */
const DURATION_MAX_MS = 1e12;
/** The scheduler's own bound. */
const PERIOD_MIN_MS = 1;
/** The Timer port counts whole milliseconds and rounds up. */
const TIMER_LATENESS_DEFAULT_MS = 1;
const PRIORITIES: readonly unknown[] = Object.freeze(["high", "normal", "low"]);
const TABLE_MEMBERS: readonly string[] = Object.freeze(["tasks", "timerLatenessMs"]);
const TASK_MEMBERS: readonly string[] = Object.freeze(["name", "priority", "periodMs", "runMs", "deadlineMs"]);

type Members = Readonly<Record<string, unknown>>;

/** Reads the text of a table. Throws `corrupt` with one complaint; the path is the caller's to name. */
export function parseTaskTable(text: string): TaskTable {
  const table = membersOf(parseJSONText(text, '{ "tasks": [ … ] }'), "the file", '{ "tasks": [ … ] }', TABLE_MEMBERS);
  const { tasks, timerLatenessMs = TIMER_LATENESS_DEFAULT_MS } = table;
  if (!Array.isArray(tasks)) throw wrong("tasks", shown(tasks), "a list of tasks");
  if (tasks.length === 0 || tasks.length > TASK_COUNT_MAX) {
    throw wrong("tasks", `${tasks.length} of them`, `1 to ${TASK_COUNT_MAX}`);
  }
  if (!isBetween(timerLatenessMs, 0, DURATION_MAX_MS)) {
    throw wrong("timerLatenessMs", shown(timerLatenessMs), `0 to ${DURATION_MAX_MS} ms`);
  }
  const rows: TaskRow[] = [];
  tasks.forEach((task: unknown, index) => {
    const row = parseTask(task, `task ${index + 1}`);
    const twin = rows.findIndex(({ name }) => name === row.name);
    if (twin >= 0) throw wrong(`task ${index + 1}, name`, shown(row.name), `another name than that of task ${twin + 1}`);
    rows.push(row);
  });
  return { tasks: rows, timerLatenessMs };
}

function membersOf(value: unknown, what: string, expected: string, known: readonly string[]): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(what, shown(value), expected);
  const unknown = Object.keys(value).find((member) => !known.includes(member));
  if (unknown !== undefined) throw wrong(what, `the member ${shown(unknown)}`, `only ${known.join(", ")}`);
  return value as Members;
}

function parseTask(value: unknown, place: string): TaskRow {
  const members = membersOf(value, place, '{ "name", "periodMs", "runMs", "priority" }', TASK_MEMBERS);
  const { name, priority, periodMs, runMs, deadlineMs = periodMs } = members;
  if (typeof name !== "string" || name === "") throw wrong(`${place}, name`, shown(name), "a text that is not empty");
  const of = `task ${shown(name)}`;
  if (!PRIORITIES.includes(priority)) throw wrong(`${of}, priority`, shown(priority), "high, normal or low");
  if (!isBetween(periodMs, PERIOD_MIN_MS, DURATION_MAX_MS)) {
    throw wrong(`${of}, periodMs`, shown(periodMs), `${PERIOD_MIN_MS} to ${DURATION_MAX_MS} ms`);
  }
  if (!isBetween(runMs, 0, periodMs) || runMs === 0) {
    throw wrong(`${of}, runMs`, shown(runMs), `more than 0 ms and at most the period, ${periodMs} ms`);
  }
  if (!isBetween(deadlineMs, 0, periodMs) || deadlineMs === 0) {
    throw wrong(`${of}, deadlineMs`, shown(deadlineMs), `more than 0 ms and at most the period, ${periodMs} ms`);
  }
  return { name, priority: priority as Priority, periodMs, runMs, deadlineMs };
}

function isBetween(value: unknown, least: number, greatest: number): value is number {
  return typeof value === "number" && value >= least && value <= greatest;
}

function wrong(what: string, found: string, expected: string): FirmwareError {
  return new FirmwareError("corrupt", `${what}: found ${found}, expected ${expected}`);
}
