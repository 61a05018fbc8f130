/** The words of `holdfast schedule`. What they do is loaded when it is asked for. */
import type { Command } from "commander";
import type { ScheduleCommandOptions } from "./command.js";

/** Adds `schedule`. */
export function addSchedule(program: Command): void {
  program
    .command("schedule")
    .description("say whether every task of a table meets its deadlines, whatever the phases; exit code 1 where one may not")
    .argument("<file>", 'JSON: { "tasks": [{ "name", "priority", "periodMs", "runMs", "deadlineMs" }] }')
    .option("--json", "print the verdict as JSON, and nothing else")
    .action(async (file: string, options: ScheduleCommandOptions) => {
      const { scheduleCommand } = await import("./command.js");
      process.exitCode = scheduleCommand(file, options);
    });
}
