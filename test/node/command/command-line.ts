/**
 * The `holdfast` command as a person meets it: a process of its own, its exit code, and what it printed.
 *
 * Run in a temporary folder, because its default paths are relative, and without a terminal, so that nothing is coloured.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../cli/holdfast.js", import.meta.url));

/** How one run ended. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder to run the command in, with applications made on the spot. */
export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-command-"));
  readonly #running = new Set<ChildProcess>();

  /** Makes an application folder of these files, by path, and gives its path. What is `undefined` is not there. */
  application(name: string, files: Readonly<Record<string, string>>): string {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return join(this.folder, name);
  }

  /** Runs the command to its end. `onLine` is told each line of stdout and may end it by a signal to its process group. */
  run(words: readonly string[], onLine?: (line: string, signal: (name: NodeJS.Signals) => void) => void): Promise<Run> {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // A process group of its own, as a shell gives it.
    });
    this.#running.add(child);
    const signal = (name: NodeJS.Signals): void => void process.kill(-child.pid!, name);
    let stdout = "";
    let stderr = "";
    let tail = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const text = chunk.toString("utf8");
      stdout += text;
      const lines = (tail + text).split("\n");
      tail = lines.pop()!;
      for (const line of lines) onLine?.(line, signal);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString("utf8");
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exitCode) => {
        this.#running.delete(child);
        resolve({ exitCode, stdout, stderr });
      });
    });
  }

  /** Ends what still runs and removes the folder. */
  close(): void {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
