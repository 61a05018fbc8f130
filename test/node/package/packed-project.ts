/**
 * A folder of somebody else's in which the packed tarball is installed.
 *
 * Unpacked and not installed by npm, so that no network is needed: what the package depends on is linked from this checkout.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly exitCode: number;
  /** What it printed, to stdout and then to stderr. */
  readonly output: string;
}

interface PackageJSON {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

export class PackedProject {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
  /** Where the package is, unpacked. */
  readonly package = join(this.folder, "node_modules", "holdfast");
  /** The paths in the tarball. */
  readonly paths = new Set<string>();

  /** Packs what is in dist/ as it is. Throws, with npm's or tar's words, where that fails. */
  async install(): Promise<void> {
    mkdirSync(this.package, { recursive: true });
    const words = ["pack", "--ignore-scripts", "--json", "--pack-destination", this.folder];
    const packed = await this.#demand(await run("npm", words, ROOT));
    const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf("["), packed.lastIndexOf("]") + 1)) as [
      { readonly filename: string; readonly files: readonly { readonly path: string }[] },
    ];
    for (const { path } of files) this.paths.add(path);
    const tarball = join(this.folder, filename);
    await this.#demand(await run("tar", ["-xzf", tarball, "-C", this.package, "--strip-components=1"], this.folder));
    for (const name of [...Object.keys(this.packageJSON.dependencies), "@types/node", "undici-types"]) this.#link(name);
  }

  get packageJSON(): PackageJSON {
    return this.json("package.json") as PackageJSON;
  }

  /** A JSON file of the package. */
  json(path: string): unknown {
    return JSON.parse(this.text(path));
  }

  /** A file of the package. */
  text(path: string): string {
    return readFileSync(join(this.package, path), "utf8");
  }

  /** Writes a file of the project, with the folders above it. */
  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  node(...words: readonly string[]): Promise<Ended> {
    return run(process.execPath, words, this.folder);
  }

  /** Type-checks, and compiles beside the sources, as the strictest of users would. */
  compile(path: string, options: { readonly lib: string; readonly types: string }): Promise<Ended> {
    const words = [
      "--ignoreConfig",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--verbatimModuleSyntax",
      "--module",
      "nodenext",
    ];
    words.push("--target", "es2022", "--lib", options.lib, "--types", options.types, path);
    return run(join(ROOT, "node_modules", ".bin", "tsc"), words, this.folder);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #link(name: string): void {
    const target = join(this.folder, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), target);
  }

  #demand(ended: Ended): string {
    if (ended.exitCode !== 0) throw new Error(ended.output);
    return ended.output;
  }
}

function run(program: string, words: readonly string[], folder: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, words, { cwd: folder, encoding: "utf8" }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ exitCode, output: stdout + stderr });
    });
  });
}
