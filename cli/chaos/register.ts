/** The words of `holdfast chaos`. What they do is loaded when it is asked for. */
import { type Command, InvalidArgumentError, type Option } from "commander";
import type { ChaosCommandOptions, LifeName } from "./command.js";

const UINT32_MAX = 0xffff_ffff;
const CUTS_MAX = 100_000;
const JOBS_MAX = 64;
const LIMIT_MAX_S = 3600;

/** A reader of whole numbers between two. */
function between(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= greatest) return value;
    throw new InvalidArgumentError(`Expected a whole number, ${least} … ${greatest}.`);
  };
}

function lifeName(text: string): LifeName {
  const [seed, step] = (/^\d{1,10}:\d{1,9}$/.test(text) ? text : "").split(":").map(Number);
  if (seed !== undefined && step !== undefined && seed <= UINT32_MAX) return { seed, step };
  throw new InvalidArgumentError("Expected SEED:STEP, as a violation prints it.");
}

function setting(pair: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const end = pair.indexOf("=");
  if (end < 1) throw new InvalidArgumentError("Expected key=value.");
  return { ...before, [pair.slice(0, end)]: pair.slice(end + 1) };
}

/** Adds `chaos`. */
export function addChaos(program: Command, hostOption: Option): void {
  program
    .command("chaos")
    .description("update an application from one build of itself to the next under power cuts, and see that it arrives")
    .argument("<application>", "a folder with a holdfast.json")
    .option(
      "--cuts <number>",
      "flash operations at which the power is cut, each in a life of its own",
      between(1, CUTS_MAX),
      40,
    )
    .option("--seed <number>", "chooses them (default: the time)", between(0, UINT32_MAX))
    .option("--replay <seed:step>", "one life again, told", lifeName)
    .option("--jobs <number>", "lives at a time", between(1, JOBS_MAX), 2)
    .option("--limit <seconds>", "for a power-on, until the update is confirmed", between(1, LIMIT_MAX_S), 30)
    .option("--vendor <name>", "as in the firmware's update identity", "example.com")
    .option("--class <name>", "the device's class in it (default: the application's name)")
    .option("--set <key=value>", "a setting for the device, {host} and {port} for the server; may be repeated", setting, {})
    .addOption(hostOption)
    .action(async (folder: string, options: ChaosCommandOptions) => {
      const { chaosCommand } = await import("./command.js");
      process.exitCode = await chaosCommand(folder, options);
    });
}
