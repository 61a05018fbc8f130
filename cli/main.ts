/**
 * The `holdfast` command. Each subcommand's code is loaded when it is called, and never by what runs on a device.
 *
 * What goes wrong ends in one line on stderr and exit code 1; a wrong word on the command line in exit code 2.
 */
import { createRequire } from "node:module";
import { Command, InvalidArgumentError, Option } from "commander";
import { messageOf } from "../src/errors.js";
import { HOST_NAMES } from "./host.js";
import type { SimCommandOptions } from "./sim/command.js";
import type { StoryCommandOptions } from "./story/command.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

const HELP = "holdfast --help lists the commands, holdfast COMMAND --help its options";

function keyValue(pair: string, before: readonly string[] = []): readonly string[] {
  if (!/^[^=]+=/.test(pair)) throw new InvalidArgumentError("Expected key=value.");
  return [...before, pair];
}

/** Commander's complaint and, below it, its guess at what was meant. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, "")
    .replace(/\.?\n/g, " ")
    .replace(/\.$/, "");
}

function hostOption(): Option {
  return new Option("--host <name>", "the engine that runs the firmware").choices([...HOST_NAMES]).default("node");
}

function program(): Command {
  const command = new Command("holdfast")
    .description("Firmware framework for JavaScript microcontrollers: build, simulate, update")
    .version(version)
    .configureOutput({ outputError: (text, write) => write(`holdfast: ${oneLine(text)}; ${HELP}\n`) })
    .exitOverride();
  command
    .command("story")
    .description("take a simulated device from blank flash through an update, a crash, a rollback and a power cut")
    .option("--app <folder>", "the application, with its releases/", "examples/sensor-node")
    .option("--out <folder>", "where the flash file and story.html go", "out")
    .option("--json", "print the report as JSON, and nothing else")
    .addOption(hostOption())
    .action(async (options: StoryCommandOptions) => {
      const { storyCommand } = await import("./story/command.js");
      process.exitCode = await storyCommand(options);
    });
  command
    .command("sim")
    .description("run an application on a simulated device until Ctrl-C")
    .argument("<application>", "a folder with a holdfast.json")
    .option("--flash <file>", "the device's flash, made and flashed if it is not there", "out/sim.flash")
    .option("--set <key=value>", "a setting for a blank device; may be repeated", keyValue, [])
    .addOption(hostOption())
    .action(async (folder: string, options: SimCommandOptions) => {
      const { simCommand } = await import("./sim/command.js");
      process.exitCode = await simCommand(folder, options);
    });
  command
    .command("build")
    .description("build an application into an image for a slot")
    .argument("<application>", "a folder with a holdfast.json")
    .option("--out <file>", "the image", "out/firmware.bin")
    .action(async (folder: string, options: { readonly out: string }) => {
      const { buildCommand } = await import("./build/command.js");
      process.exitCode = await buildCommand(folder, options);
    });
  return command;
}

try {
  await program().parseAsync();
} catch (error) {
  const { code, exitCode } = error as { code?: string; exitCode?: number };
  if (code?.startsWith("commander.")) {
    process.exitCode = exitCode === 0 ? 0 : 2; // Commander has said what is wrong.
  } else {
    console.error(`holdfast: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
