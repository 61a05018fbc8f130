/** `holdfast sim`: one simulated device alone, its log in colour, until Ctrl-C. */
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DEFAULT_FLASH_SIZE_BYTES, flashFactory, isBlankFlash } from "../../hosts/node/simulator/factory.js";
import { inspectFlash } from "../../hosts/node/simulator/inspect.js";
import { SimulatedChip } from "../../hosts/node/simulator/simulated-chip.js";
import { readApplication } from "../build/application.js";
import { buildApplicationImage } from "../build/build-image.js";
import { deviceLine } from "../device-line.js";
import { type HostName, processorOf } from "../host.js";
import { dim } from "../terminal.js";

export interface SimCommandOptions {
  /** The flash file; kept, so that the device remembers. */
  readonly flash: string;
  /** Settings for a blank device, `key=value`. */
  readonly set: readonly string[];
  readonly host: HostName;
}

/** Builds the application, flashes a blank file with it, and runs until SIGINT or SIGTERM. Gives the exit code. */
export async function simCommand(folder: string, options: SimCommandOptions): Promise<number> {
  const application = readApplication(folder);
  const file = resolve(options.flash);
  mkdirSync(dirname(file), { recursive: true });
  if (isBlankFlash({ file })) {
    const { image } = await buildApplicationImage(application);
    flashFactory({ file, image, settings: settingsOf(options.set) });
    console.log(dim(`flashed ${application.name} ${application.version}, ${image.length} bytes, to ${options.flash}`));
  } else {
    const slots = inspectFlash(file).slots.map(
      ({ slot, version, state }) => `slot ${slot}: ${version ?? "empty"} ${state ?? ""}`,
    );
    console.log(dim(`${options.flash} is kept as it is (${slots.join(", ")}); remove it to start from a blank chip`));
  }
  const processor = await processorOf(options.host);
  const chip = new SimulatedChip({
    file,
    ...(processor ? { processor } : {}),
    flashSizeBytes: DEFAULT_FLASH_SIZE_BYTES,
    onEvent: (event) => {
      if (event.kind === "line") for (const line of event.text.split("\n")) console.log(deviceLine("firmware", line));
      if (event.kind === "bootloader") console.log(deviceLine("bootloader", event.line));
      if (event.kind === "reset") console.log(deviceLine("chip", `reset: ${event.reason}`));
      if (event.kind === "halt") console.log(deviceLine("chip", event.because));
    },
  });
  chip.start();
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  chip.stop();
  return 0;
}

function settingsOf(pairs: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const pair of pairs) {
    const end = pair.indexOf("=");
    settings[pair.slice(0, end)] = pair.slice(end + 1);
  }
  return settings;
}
