/**
 * An application folder and an SDK on the workbench: what `holdfast build --target` reads, in a temporary folder.
 *
 * The SDK is a stand-in with the files that the command looks at, and an mcconfig that does what its spec says in a few lines
 * of shell, so that a run needs neither the network nor a toolchain.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TargetCommandOptions, targetCommand } from "../../../cli/target/command.js";
import { buildFirmwareImage } from "../../../hosts/node/simulator/firmware-image.js";
import { messageOf } from "../../../src/errors.js";
import type { ChipName } from "../../../src/image/chip.js";
import { ok } from "../../harness/expect.js";

const MAIN = 'import { assert } from "holdfast";\nexport default function main() {\n  assert(true, "awake");\n}\n';

/** How a command ended: `line` is its complaint, and `printed` what came before. */
export interface Ended {
  readonly line: string | undefined;
  readonly printed: string;
}

export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-target-"));
  #count = 0;

  /** Writes a file, below a path from the workbench's folder, and gives its path. */
  file(path: string, content: string | Uint8Array): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** An application with more fields in its holdfast.json, and more files. Gives its folder. */
  application(fields: object = {}, files: Readonly<Record<string, string>> = {}): string {
    const name = `app-${this.#count++}`;
    const all = { "main.ts": MAIN, ...files };
    for (const [path, text] of Object.entries(all)) this.file(`${name}/${path}`, text);
    const json = { name: "door counter", version: "1.2.3", entry: "main.ts", ...fields };
    return dirname(this.file(`${name}/holdfast.json`, JSON.stringify(json)));
  }

  /** An application whose own sdkconfig has this text. */
  configured(sdkconfig: string): string {
    return this.application({ esp32: { sdkconfig: "board.defaults" } }, { "board.defaults": sdkconfig });
  }

  /** An application with this partition table. */
  partitioned(csv: string): string {
    return this.application({ esp32: { partitions: "board.csv" } }, { "board.csv": csv });
  }

  /** The shipped table for 4 MB, changed. */
  table(change: (csv: string) => string): string {
    const csv = readFileSync(new URL("../../../hosts/esp32/partitions/4mb.csv", import.meta.url), "utf8");
    const changed = change(csv);
    ok(changed !== csv, "the change has found its place");
    return changed;
  }

  /** An image of so many bytes at least, that the bootloader of `chip` accepts. */
  image(path: string, options: { readonly sizeBytes?: number; readonly chip?: ChipName } = {}): string {
    const bundles = { preload: "", application: " ".repeat(options.sizeBytes ?? 1000) };
    const chip = options.chip ?? "esp32c3";
    return this.file(path, buildFirmwareImage({ bundles, project: "app", version: "1.0.0", chip }));
  }

  /** The two variables for a stand-in of the SDKs; `mcconfig` is a shell script. */
  sdk(options: { readonly moddable?: string; readonly idf?: readonly [number, number]; readonly mcconfig?: string } = {}) {
    const name = `sdk-${this.#count++}`;
    const [major, minor] = options.idf ?? [6, 0];
    this.file(`${name}/tools/VERSION`, `${options.moddable ?? "8.2.3"}\n`);
    this.file(`${name}/build/devices/esp32/manifest.json`, '{ "build": { "EXPECTED_ESP_IDF": "v6.0" } }\n');
    const lines = [`set(IDF_VERSION_MAJOR ${major})`, `set(IDF_VERSION_MINOR ${minor})`, "set(IDF_VERSION_PATCH 0)", ""];
    this.file(`${name}/idf/tools/cmake/version.cmake`, lines.join("\n"));
    if (options.mcconfig !== undefined) {
      for (const system of ["lin", "mac"]) {
        chmodSync(this.file(`${name}/build/bin/${system}/release/mcconfig`, `#!/bin/sh\n${options.mcconfig}\n`), 0o755);
      }
    }
    const folder = join(this.folder, name);
    return { MODDABLE: folder, IDF_PATH: join(folder, "idf"), PATH: "/usr/bin:/bin" };
  }

  /** Runs the command for the ESP32-C3 into `out` of the workbench, with nothing in the environment unless it is given. */
  async run(
    application: string,
    options: Partial<TargetCommandOptions> = {},
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Ended> {
    let printed = "";
    const write = (text: string): void => {
      printed += text;
    };
    try {
      await targetCommand(application, { target: "esp32c3", out: this.out, ...options }, { environment, write });
      return { line: undefined, printed };
    } catch (error) {
      return { line: messageOf(error), printed };
    }
  }

  get out(): string {
    return join(this.folder, "out");
  }

  /** Text of a file that was prepared. */
  prepared(path: string): string {
    return readFileSync(join(this.out, path), "utf8");
  }

  /** Whether anything was written. */
  get isUntouched(): boolean {
    return !existsSync(this.out);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One line of complaint that names all of these, in this order. */
export function complains(ended: Ended, ...parts: readonly string[]): void {
  const line = ended.line ?? "";
  ok(line !== "", `expected a complaint with ${parts.join(" … ")}, got none`);
  ok(!line.includes("\n"), `one line: ${line}`);
  let from = 0;
  for (const part of parts) {
    const at = line.indexOf(part, from);
    ok(at >= 0, `expected "${part}" in: ${line}`);
    from = at + part.length;
  }
}
