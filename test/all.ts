/**
 * All specs, on Node and on XS at the same time: one processor each, and one after the other to read.
 *
 * What XS says is held back until mocha is done, and the closing lines of both end the output.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

/** Runs a program of Node and gives its exit code; its output goes through at once, or to `held`. */
function run(args: readonly string[], held?: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: held ? ["ignore", "pipe", "pipe"] : "inherit" });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => held?.push(text));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

const told: string[] = [];
const xs = run(["--import", "tsx/esm", "test/xs/run.ts"], told);
const node = await run([require.resolve("mocha/bin/mocha.js")]);
const codeOfXS = await xs;
process.stdout.write(told.join(""));
process.exitCode = node === 0 && codeOfXS === 0 ? 0 : 1;
