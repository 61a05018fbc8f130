/** The words of `holdfast timeline`. What they do is loaded when it is asked for. */
import { type Command, InvalidArgumentError } from "commander";
import type { TimelineCommandOptions } from "./command.js";

function milliseconds(text: string): number {
  const value = Number(text);
  if (/^-?\d+(\.\d+)?$/.test(text) && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected milliseconds of the trace's clock, such as 1250.5.");
}

/** Adds `timeline`. */
export function addTimeline(program: Command): void {
  program
    .command("timeline")
    .description("draw a trace of the scheduler, or any Chrome trace of runs and marks, as an SVG: a lane a task")
    .argument("<file>", "JSON as writeChromeTrace writes it on a device; Perfetto reads it too")
    .option("--out <file>", "the picture (default: beside the trace, FILE.svg)")
    .option("--from <ms>", "where it begins, by the trace's clock (default: with the trace)", milliseconds)
    .option("--to <ms>", "where it ends", milliseconds)
    .action(async (file: string, options: TimelineCommandOptions) => {
      const { timelineCommand } = await import("./command.js");
      process.exitCode = timelineCommand(file, options);
    });
}
