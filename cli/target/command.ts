/**
 * `holdfast build --target`: everything that a board's build needs, in one folder, and the one command to run there.
 *
 * The rest is Moddable's and ESP-IDF's: with `--run` they are called, without it nothing of them has to be installed.
 */
import { resolve } from "node:path";
import { readApplication } from "../build/application.js";
import { grouped, table } from "../terminal.js";
import { checkFit, DEFAULT_HEADROOM_PERCENT } from "./fit.js";
import { prepareTarget } from "./prepare.js";
import { buildWithSDK, type Environment, findSDK, mcconfigWords } from "./sdk.js";
import type { FlashSize, TargetName } from "./target.js";

export interface TargetCommandOptions {
  readonly target: TargetName;
  readonly flash?: FlashSize;
  readonly basic?: boolean;
  /** Default "out". */
  readonly out?: string;
  readonly run?: boolean;
  /** An image that is built already. */
  readonly fit?: string;
}

/** What the command meets of the world; a spec brings its own. */
export interface Surroundings {
  readonly environment: Environment;
  readonly write: (text: string) => void;
}

const TERMINAL: Surroundings = Object.freeze({
  environment: process.env,
  write: (text: string) => void process.stdout.write(text),
});

/** Prepares, prints what to run, runs it where that is asked for, and judges the image. Gives the exit code. */
export async function targetCommand(
  folder: string,
  options: TargetCommandOptions,
  surroundings: Surroundings = TERMINAL,
): Promise<number> {
  const { target } = options;
  const { write } = surroundings;
  const application = readApplication(folder, { target });
  const out = resolve(options.out ?? "out");
  const prepared = await prepareTarget({
    application,
    target,
    flash: options.flash,
    basic: options.basic === true,
    out,
  });
  const rows = Object.entries(prepared.files).map(([path, sizeBytes]) => [path, grouped(sizeBytes)]);
  const line = mcconfigWords(target).join(" ");
  write(`${application.name} ${application.version} for ${target}, ${prepared.flash} of flash\n`);
  write(`${table([["file", "bytes"], ...rows])}\n`);
  write(`next, in ${prepared.folder}, to build it and flash a board (to build only, add -t build):\n${line}\n`);
  const headroomPercent = application.esp32?.headroomPercent ?? DEFAULT_HEADROOM_PERCENT;
  const judge = (file: string): void => {
    const fit = checkFit({ file, target, slotSizeBytes: prepared.slotSizeBytes, headroomPercent });
    write(`${fit}\n`);
  };
  if (options.fit !== undefined) judge(resolve(options.fit));
  if (options.run === true) {
    const sdk = findSDK(surroundings.environment);
    judge(await buildWithSDK({ sdk, target, folder: prepared.folder, name: prepared.name, write }));
  }
  return 0;
}
