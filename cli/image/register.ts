/** The words of `holdfast image`. What they do is loaded when it is asked for. */
import type { Command } from "commander";
import type { InspectOptions } from "./inspect.js";

/** Adds `image` and its own commands. */
export function addImage(program: Command): void {
  const image = program.command("image").description("look at what a slot, a server or a flashing tool takes");
  image
    .command("inspect")
    .description("say in words what a file is: an application image, a signed update, a release or a deployment")
    .argument("<file>", "an image as holdfast build or ESP-IDF makes it, or what holdfast ota pack and sign make")
    .option("--update <file>", "a signed update, to be told too and held against the image")
    .action(async (file: string, options: InspectOptions) => {
      const { inspectCommand } = await import("./inspect.js");
      process.exitCode = inspectCommand(file, options);
    });
}
