/** The words of `holdfast boot`. What they do is loaded when it is asked for. */
import type { Command } from "commander";
import type { BootStatusOptions } from "./status-command.js";

/** Adds `boot` and its own command. `flash`: the file that `holdfast sim` keeps. */
export function addBoot(program: Command, flash: string): void {
  const boot = program.command("boot").description("look at what a device boots, and why");
  boot
    .command("status")
    .description("say what a flash tells of a device that does not update: slots, trial, verdicts, quarantine, journal")
    .argument("[flash]", "a flash image, the simulator's or one read from a board (esptool read_flash 0 ALL FILE)", flash)
    .option("--json", "print the status as JSON, and nothing else")
    .action(async (file: string, options: BootStatusOptions) => {
      const { bootStatusCommand } = await import("./status-command.js");
      process.exitCode = bootStatusCommand(file, options);
    });
}
