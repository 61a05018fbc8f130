/**
 * The program holdfast-xs, built on this computer when it is first asked for: the real engine cannot be shipped, only fetched.
 *
 * It lies in the cache under a hash of everything that makes it: the engine's archive, our C files, the flags and the compiler.
 * So it is never stale, and a change of any of them builds anew. A build takes place in a folder of its own and is renamed into
 * the cache whole: callers at the same time may build twice, but none ever sees half a program.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FirmwareError } from "../../src/errors.js";
import { ENGINE_SHA512, fetchEnginePackage } from "./engine-package.js";
import { runTool } from "./run-tool.js";

const PROGRAM_NAME = "holdfast-xs";
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

/** Hash of everything that goes into the program. */
function buildKey(sourceFolder: string, flags: readonly string[], compiler: string): string {
  const hash = createHash("sha256").update(`${ENGINE_SHA512}\n${flags.join(" ")}\n${compiler}\n${process.arch}\n`);
  for (const name of readdirSync(sourceFolder).sort()) {
    if (!/\.[ch]$|^Makefile$/.test(name)) continue;
    const text = readFileSync(join(sourceFolder, name));
    hash.update(`${name} ${text.length}\n`).update(text);
  }
  return hash.digest("hex").slice(0, 24);
}

interface Build {
  readonly archive: string;
  readonly sourceFolder: string;
  readonly flags: readonly string[];
  /** Where the finished folder goes. */
  readonly target: string;
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
    const makefile = join(options.sourceFolder, "Makefile");
    await runTool({
      command: ["make", "-j2", "-f", makefile, `ENGINE=${join(folder, "package")}`, `BUILD=${objects}`, ...options.flags],
      environment,
      otherwise: NO_COMPILER,
    });
    const finished = join(folder, "finished");
    await mkdir(finished);
    await rename(join(objects, PROGRAM_NAME), join(finished, PROGRAM_NAME));
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
  const target = join(cacheFolder, buildKey(sourceFolder, flags, compiler));
  const program = join(target, PROGRAM_NAME);
  if (existsSync(program)) return program;
  await runTool({ command: ["make", "--version"], environment, otherwise: NO_COMPILER });
  await checkCompiler(variant, sourceFolder, environment);
  const archive = await fetchEnginePackage({ cacheFolder, environment, log: options.log });
  options.log("XS host: building the engine, about half a minute, once");
  const startedMs = performance.now();
  await build({ archive, sourceFolder, flags, target, environment });
  options.log(`XS host: built in ${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${program}`);
  return program;
}
