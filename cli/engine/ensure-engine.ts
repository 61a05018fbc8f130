/**
 * The program holdfast-xs, built on this computer when it is first asked for: the real engine cannot be shipped, only fetched.
 *
 * It lies in the cache under a hash of everything that makes it: the engine's archive, our C files, the flags and the compiler.
 * So it is never stale, and a change of any of them builds anew. A build takes place in a folder of its own and is renamed into
 * the cache whole: callers at the same time may build twice, but none ever sees half a program. The engine alone, most of the
 * work, is kept beside it as a library under a hash of its own: a change of our C files does not compile it again.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { FirmwareError } from "../../src/errors.js";
import { ENGINE_SHA512, fetchEnginePackage } from "./engine-package.js";
import { runTool } from "./run-tool.js";

const PROGRAM_NAME = "holdfast-xs";
const LIBRARY_NAME = "libxs.a";
/** Of our files, those that the engine itself is compiled with. */
const LIBRARY_FILES: readonly string[] = Object.freeze(["Makefile", "platform.h"]);
const SOURCE_FOLDER = join("hosts", "xs", "engine");
const NO_COMPILER = "XS host: no C compiler; install gcc and make (apt-get install build-essential)";

/**
 * release: what firmware runs on · sanitized: with address and undefined-behaviour sanitizers · slots16: for 32 bits, with the
 * 16-byte slots of a microcontroller.
 */
export type EngineVariant = "release" | "sanitized" | "slots16";

const MAKE_FLAGS: Readonly<Record<EngineVariant, readonly string[]>> = Object.freeze({
  release: [],
  sanitized: ["SANITIZE=1"],
  slots16: ["M32=1"],
});

export interface EngineOptions {
  /** Gets a line at a time of what takes long; nothing where the program is in the cache. */
  readonly log: (line: string) => void;
  /** Default "release". */
  readonly variant?: EngineVariant;
  /** Folders with more C files, for a program of tests (hosts/xs/engine/Makefile). Default: none. */
  readonly extension?: readonly string[];
  /** Default: .cache/engine at the project's root, which git ignores. */
  readonly cacheFolder?: string;
  /** Where npm, tar, cc and make are found. Default: the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** The nearest folder above this module that has the C files: it runs from cli/ and from dist/cli/. */
function projectRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, SOURCE_FOLDER, "Makefile"))) return folder;
    if (dirname(folder) === folder)
      throw new FirmwareError("missing", `XS host: no ${SOURCE_FOLDER}/Makefile above ${import.meta.url}`);
  }
}

/** Hash of what is compiled, and with what. */
function buildKey(root: string, files: readonly string[], flags: readonly string[], compiler: string): string {
  const hash = createHash("sha256").update(`${ENGINE_SHA512}\n${flags.join(" ")}\n${compiler}\n${process.arch}\n`);
  for (const file of files) {
    const text = readFileSync(file);
    hash.update(`${relative(root, file)} ${text.length}\n`).update(text);
  }
  return hash.digest("hex").slice(0, 24);
}

/** The C files of a folder and of those in it, in an order that every computer gives. */
function sourceFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names.filter((name) => /\.[ch]$|^Makefile$/.test(name)).map((name) => join(folder, name));
}

interface Build {
  readonly archive: string;
  readonly sourceFolder: string;
  readonly extension: readonly string[];
  readonly flags: readonly string[];
  /** Where the finished folder goes. */
  readonly target: string;
  /** Where the engine's library is, or goes. */
  readonly library: string;
  readonly environment: NodeJS.ProcessEnv;
}

async function build(options: Build): Promise<void> {
  const { environment } = options;
  const folder = await mkdtemp(join(dirname(options.target), "build-"));
  try {
    await runTool({
      command: ["tar", "-xzf", options.archive, "-C", folder],
      environment,
      otherwise: "XS host: no tar to unpack the engine's sources; expected it on this computer",
    });
    const objects = join(folder, "objects");
    const words = [`ENGINE=${join(folder, "package")}`, `BUILD=${objects}`, ...options.flags];
    if (options.extension.length > 0) words.push(`EXTENSION=${options.extension.join(" ")}`);
    if (existsSync(options.library)) words.push(`XS_LIBRARY=${options.library}`);
    await runTool({
      command: ["make", "-j2", "-f", join(options.sourceFolder, "Makefile"), ...words],
      environment,
      otherwise: NO_COMPILER,
    });
    const finished = join(folder, "finished");
    await mkdir(finished);
    await rename(join(objects, PROGRAM_NAME), join(finished, PROGRAM_NAME));
    if (existsSync(join(objects, LIBRARY_NAME))) await rename(join(objects, LIBRARY_NAME), options.library);
    await rename(finished, options.target).catch((error: NodeJS.ErrnoException) => {
      // Somebody else was faster; what is there was made of the same.
      if (error.code !== "EEXIST" && error.code !== "ENOTEMPTY") throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws `missing` where the compiler is for this computer's own word size only, as it is without its 32-bit headers. */
async function checkCompiler(variant: EngineVariant, sourceFolder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  if (variant !== "slots16") return;
  const otherwise = "XS host with 16-byte slots: cc does not compile for 32 bits; install gcc-multilib";
  const command = ["cc", "-m32", "-fsyntax-only", join(sourceFolder, "utf8.c")] as const;
  await runTool({ command, environment, otherwise }).catch(() => {
    throw new FirmwareError("missing", otherwise);
  });
}

/**
 * The path of the program, built if need be. Throws `missing` where a tool is not installed, `corrupt` where the engine's
 * archive has a wrong hash, `io` where it cannot be fetched or does not compile.
 */
export async function ensureEngine(options: EngineOptions): Promise<string> {
  const environment = options.environment ?? process.env;
  const root = projectRoot();
  const cacheFolder = options.cacheFolder ?? join(root, ".cache", "engine");
  const sourceFolder = join(root, SOURCE_FOLDER);
  const variant = options.variant ?? "release";
  const flags = MAKE_FLAGS[variant];
  const compiler = await runTool({ command: ["cc", "--version"], environment, otherwise: NO_COMPILER });
  const extension = options.extension ?? [];
  const files = [sourceFolder, ...extension].flatMap(sourceFiles);
  const target = join(cacheFolder, buildKey(root, files, flags, compiler));
  const program = join(target, PROGRAM_NAME);
  if (existsSync(program)) return program;
  await runTool({ command: ["make", "--version"], environment, otherwise: NO_COMPILER });
  await checkCompiler(variant, sourceFolder, environment);
  const archive = await fetchEnginePackage({ cacheFolder, environment, log: options.log });
  const libraryFiles = LIBRARY_FILES.map((name) => join(sourceFolder, name));
  const library = join(cacheFolder, `${buildKey(root, libraryFiles, flags, compiler)}-${LIBRARY_NAME}`);
  options.log(existsSync(library) ? "XS host: building" : "XS host: building the engine, about half a minute, once");
  const startedMs = performance.now();
  await build({ archive, sourceFolder, extension, flags, target, library, environment });
  options.log(`XS host: built in ${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${program}`);
  return program;
}
