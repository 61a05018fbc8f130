/** A schedulability verdict as a table to read: what each task needs, what it waits for, and how it ends at worst. */
import { bold, dim, green, red, table } from "../terminal.js";
import { printable } from "../timeline/json-text.js";
import type { ScheduleVerdict, TaskVerdict } from "./analysis.js";

const HEAD = ["task", "priority", "period", "run", "deadline", "use %", "blocked", "by", "worst", "verdict"];
const PRIORITIES: readonly string[] = Object.freeze(["high", "normal", "low"]);

/** The whole report, in the order of priorities. Times in ms. */
export function reportOf(verdict: ScheduleVerdict): string {
  const tasks = [...verdict.tasks].sort((one, other) => PRIORITIES.indexOf(one.priority) - PRIORITIES.indexOf(other.priority));
  const failed = tasks.filter(({ isMet }) => !isMet);
  const bound = percent(verdict.liuLaylandBound);
  return [
    table([HEAD, ...tasks.map((task) => rowOf(task, tasks))]),
    dim("times in ms; worst: from the due time to the end of the run"),
    `all tasks together use ${bold(`${percent(verdict.utilisation)} %`)} of the time`,
    dim(
      `a landmark: up to ${bound} % (Liu and Layland, ${tasks.length} tasks), preemptive rate-monotonic schedules always work`,
    ),
    failed.length === 0
      ? green("every deadline is met")
      : red(`${failed.length} of ${tasks.length} tasks may miss: ${failed.map(({ name }) => printable(name)).join(", ")}`),
  ].join("\n");
}

function rowOf(task: TaskVerdict, all: readonly TaskVerdict[]): string[] {
  const { name, priority, periodMs, runMs, deadlineMs, utilisation, blockedMs, blockedBy, responseMs } = task;
  return [
    printable(name),
    priority,
    ...[periodMs, runMs, deadlineMs].map(milliseconds),
    percent(utilisation),
    milliseconds(blockedMs),
    blockedBy === undefined ? "the timer" : printable(blockedBy),
    responseMs === undefined ? "" : milliseconds(responseMs),
    verdictOf(task, all),
  ];
}

function verdictOf({ priority, responseMs, deadlineMs, isMet }: TaskVerdict, all: readonly TaskVerdict[]): string {
  if (responseMs === undefined) {
    const rank = PRIORITIES.indexOf(priority);
    const urgent = all.filter((task) => PRIORITIES.indexOf(task.priority) <= rank);
    const part = urgent.reduce((sum, { utilisation }) => sum + utilisation, 0);
    return red(`no bound: at this priority and above ${percent(part)} % of the time is wanted`);
  }
  const spareMs = milliseconds(Math.abs(deadlineMs - responseMs));
  return isMet ? `met, ${spareMs} to spare` : red(`missed by ${spareMs}`);
}

function percent(part: number): string {
  return (100 * part).toFixed(1);
}

/** To the microsecond, without a tail of zeros. */
function milliseconds(ms: number): string {
  return String(Math.round(ms * 1000) / 1000);
}
