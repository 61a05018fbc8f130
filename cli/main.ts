/**
 * The `holdfast` command. Each subcommand's code is loaded when it is called, and never by what runs on a device.
 *
 * What goes wrong ends in one line on stderr and exit code 1; a wrong word on the command line in exit code 2.
 */
import { createRequire } from "node:module";
import { Command, InvalidArgumentError, Option } from "commander";
import { messageOf } from "../src/errors.js";
import { addBoot } from "./boot/register.js";
import { addChaos } from "./chaos/register.js";
import { HOST_NAMES } from "./host.js";
import { addImage } from "./image/register.js";
import { addOta } from "./ota/register.js";
import { addSchedule } from "./schedule/register.js";
import type { SimCommandOptions } from "./sim/command.js";
import type { StoryCommandOptions } from "./story/command.js";
import type { TargetCommandOptions } from "./target/command.js";
import { FLASH_SIZES, TARGET_NAMES } from "./target/target.js";
import { addTimeline } from "./timeline/register.js";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** What `holdfast sim` keeps and `holdfast boot status` looks at. */
const FLASH_FILE = "out/sim.flash";
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

/** One command for two results: an image for a simulated device, or a folder from which the SDK builds for a board. */
function addBuild(program: Command): void {
  program
    .command("build")
    .description("build an application into an image for a slot, or prepare the build for a board")
    .argument("<application>", "a folder with a holdfast.json")
    .option("--out <path>", "the image, or with --target a folder (default: out/firmware.bin, out)")
    .addOption(new Option("--target <chip>", "prepare the build for a board with this chip").choices([...TARGET_NAMES]))
    .addOption(new Option("--flash <size>", "the board's flash (default: 4MB)").choices([...FLASH_SIZES]))
    .option("--basic", "without the native part: no hardware watchdog, no retained memory")
    .option("--run", "build with the Moddable SDK ($MODDABLE) and ESP-IDF ($IDF_PATH)")
    .addOption(new Option("--fit <image>", "check that an image, built already, fits the slot").conflicts("run"))
    .action(async (folder: string, options: Partial<TargetCommandOptions>, command: Command) => {
      const { target, ...others } = options;
      if (target === undefined) {
        const stray = Object.keys(others).find((name) => name !== "out");
        if (stray !== undefined) command.error(`--${stray} is for a board; expected --target with it`);
        const { buildCommand } = await import("./build/command.js");
        process.exitCode = await buildCommand(folder, options);
      } else {
        const { targetCommand } = await import("./target/command.js");
        process.exitCode = await targetCommand(folder, { ...others, target });
      }
    });
}

function program(): Command {
  const command = new Command("holdfast")
    .description("Firmware framework for JavaScript microcontrollers: build, simulate, update")
    .version(version)
    .configureOutput({ outputError: (text, write) => write(`holdfast: ${oneLine(text)}; ${HELP}\n`) })
    .exitOverride();
  command
    .command("story")
    .description(
      "take a simulated device from blank flash through an update, a crash, a rollback, a power cut and five attacks",
    )
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
    .option("--flash <file>", "the device's flash, made and flashed if it is not there", FLASH_FILE)
    .option("--set <key=value>", "a setting for a blank device; may be repeated", keyValue, [])
    .addOption(hostOption())
    .action(async (folder: string, options: SimCommandOptions) => {
      const { simCommand } = await import("./sim/command.js");
      process.exitCode = await simCommand(folder, options);
    });
  addBuild(command);
  addOta(command);
  addImage(command);
  addBoot(command, FLASH_FILE);
  addChaos(command, hostOption());
  addSchedule(command);
  addTimeline(command);
  command
    .command("doctor")
    .description("say what this computer lacks for boards and for the simulator, and what to do about it")
    .argument("[application]", "a folder with a holdfast.json (default: the current one, if it has that)")
    .action(async (folder: string | undefined) => {
      const { doctorCommand } = await import("./doctor/command.js");
      process.exitCode = await doctorCommand(folder, {
        environment: process.env,
        nodeVersion: process.versions.node,
        currentFolder: process.cwd(),
        write: (text) => void process.stdout.write(text),
      });
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
