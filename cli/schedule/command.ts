/** `holdfast schedule`: whether every task of a table meets its deadlines, before there is a device. */
import { readBytes, reading } from "../ota/files.js";
import { analyse, type ScheduleVerdict } from "./analysis.js";
import { reportOf } from "./report.js";
import { parseTaskTable } from "./task-table.js";

export interface ScheduleCommandOptions {
  readonly json?: boolean;
}

/** Prints the verdict. Gives the exit code: 1 where a deadline may be missed. Throws for what is no task table. */
export function scheduleCommand(path: string, options: ScheduleCommandOptions): number {
  const text = new TextDecoder().decode(readBytes(path, "a task table in JSON"));
  const verdict = analyse(reading(path, () => parseTaskTable(text)));
  console.log(options.json === true ? JSON.stringify(wordsOf(verdict), undefined, 2) : reportOf(verdict));
  return verdict.isMet ? 0 : 1;
}

/** What is absent (a bound, a blocker) is no member. */
function wordsOf({ tasks, utilisation, liuLaylandBound, isMet }: ScheduleVerdict): unknown {
  return { isMet, utilisation, liuLaylandBound, tasks };
}
