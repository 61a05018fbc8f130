/**
 * Runs a tool of the computer (npm, tar, cc, make) to its end and says clearly why it did not work.
 *
 * No shell: a path with a blank in it stays one argument, and a tool that is not there is told from one that failed.
 */
import { execFile } from "node:child_process";
import { FirmwareError } from "../../src/errors.js";

/** What a tool may print before it counts as gone wild: the warnings of a whole build fit. */
const OUTPUT_SIZE_BYTES_MAX = 16 * 1024 * 1024;

export interface ToolRun {
  /** The tool and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** The sentence of the `missing` that is thrown where the tool is not installed. */
  readonly otherwise: string;
}

/** Gives what the tool printed. Throws `missing` where it is not installed, `io` with its last words where it failed. */
export function runTool(run: ToolRun): Promise<string> {
  const [program, ...parameters] = run.command;
  return new Promise((resolve, reject) => {
    const options = { env: run.environment, maxBuffer: OUTPUT_SIZE_BYTES_MAX };
    execFile(program, parameters, options, (error, output, complaints) => {
      if (!error) {
        resolve(output);
      } else if (error.code === "ENOENT") {
        reject(new FirmwareError("missing", run.otherwise));
      } else {
        const lastWords = (complaints.trim() || output.trim() || error.message).split("\n").slice(-8).join("\n");
        reject(new FirmwareError("io", `${run.command.slice(0, 3).join(" ")}: ${lastWords}`));
      }
    });
  });
}
