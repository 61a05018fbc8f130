/**
 * The Moddable SDK and ESP-IDF as far as a build needs them: found by their environment variables, of a version that fits, and
 * run.
 *
 * The command prepares without either; only `--run` needs them. Their versions are looked at first, because the SDK's own check
 * comes after minutes, and an SDK of a version that was never tried fails later and less clearly.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FirmwareError } from "../../src/errors.js";
import { platformOf, type TargetName } from "./target.js";

/** The oldest SDK that the package's manifests were linked with. */
export const MODDABLE_VERSION_MIN = "8.2.3";
/** What that SDK builds with. */
export const IDF_VERSION_EXPECTED = "v6.0";
/** The folder of the SDK's tools, by Node's name for the system. */
const TOOL_FOLDERS: Readonly<Record<string, string>> = Object.freeze({ darwin: "mac", linux: "lin", win32: "win" });

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SDK {
  readonly moddable: string;
  readonly environment: Environment;
}

/** One of the two, installed. */
export interface Installation {
  readonly folder: string;
  readonly version: string;
}

/** Throws `missing` for what is not installed and `unsupported` for what is too old, the first of them. */
export function findSDK(environment: Environment): SDK {
  const moddable = findModdable(environment);
  findIDF(environment, moddable);
  return { moddable: moddable.folder, environment };
}

/** Throws `missing` without it, and `unsupported` where it is too old. */
export function findModdable(environment: Environment): Installation {
  const proof = join("tools", "VERSION");
  const folder = folderOf(environment, "MODDABLE", "the Moddable SDK", proof);
  const version = readFileSync(join(folder, proof), "utf8").trim();
  if (isOlder(version, MODDABLE_VERSION_MIN)) {
    const expected = `expected ${MODDABLE_VERSION_MIN} or later`;
    throw new FirmwareError("unsupported", `MODDABLE: ${folder} is Moddable SDK ${version}; ${expected}`);
  }
  return { folder, version };
}

/** Throws `missing` without it, `unsupported` for a version that `moddable`, or else our oldest SDK, does not build with. */
export function findIDF(environment: Environment, moddable: Installation | undefined): Installation {
  const folder = folderOf(environment, "IDF_PATH", "ESP-IDF", join("tools", "cmake", "version.cmake"));
  const expected = moddable === undefined ? IDF_VERSION_EXPECTED : expectedIDF(moddable.folder);
  const version = versionOfIDF(folder);
  if (numbersOf(version).slice(0, 2).join() !== numbersOf(expected).slice(0, 2).join()) {
    const sdk = `Moddable SDK ${moddable?.version ?? MODDABLE_VERSION_MIN}`;
    throw new FirmwareError(
      "unsupported",
      `IDF_PATH: ${folder} is ESP-IDF ${version}; expected ${expected}, which ${sdk} builds with`,
    );
  }
  return { folder, version };
}

/** `proof` is a file that is there in an installation. */
function folderOf(environment: Environment, variable: string, what: string, proof: string): string {
  const folder = environment[variable];
  if (!folder) throw new FirmwareError("missing", `${variable} is not set; expected the folder of ${what}`);
  if (!existsSync(join(folder, proof))) {
    throw new FirmwareError("missing", `${variable} is ${folder}, which has no ${proof}; expected the folder of ${what}`);
  }
  return folder;
}

/** What the SDK says itself, as in `v6.0`. */
function expectedIDF(moddable: string): string {
  const file = join(moddable, "build", "devices", "esp32", "manifest.json");
  const match = existsSync(file) ? /"EXPECTED_ESP_IDF"\s*:\s*"(v[\d.]+)"/.exec(readFileSync(file, "utf8")) : null;
  if (match === null) throw new FirmwareError("unsupported", `${file}: no EXPECTED_ESP_IDF; expected one as in v6.0`);
  return match[1]!;
}

function versionOfIDF(idf: string): string {
  const text = readFileSync(join(idf, "tools", "cmake", "version.cmake"), "utf8");
  const numberOf = (part: string): string => new RegExp(`IDF_VERSION_${part}\\s+(\\d+)`).exec(text)?.[1] ?? "?";
  return `v${numberOf("MAJOR")}.${numberOf("MINOR")}.${numberOf("PATCH")}`;
}

function numbersOf(version: string): readonly number[] {
  return version.replace(/^v/, "").split(".").map(Number);
}

/** By the numbers that `than` has. What is no number is older. */
export function isOlder(version: string, than: string): boolean {
  const found = numbersOf(version);
  const least = numbersOf(than);
  const index = least.findIndex((number, at) => found[at] !== number);
  return index >= 0 && !((found[index] ?? 0) > least[index]!);
}

/** The words of the command that builds and flashes, in the prepared folder. */
export function mcconfigWords(target: TargetName): readonly string[] {
  return ["mcconfig", "-m", "-p", platformOf(target)];
}

export interface BuildOptions {
  readonly sdk: SDK;
  readonly target: TargetName;
  /** The prepared folder. */
  readonly folder: string;
  /** The build's NAME. */
  readonly name: string;
  /** Is given what the build prints, as it comes. */
  readonly write: (text: string) => void;
}

/**
 * Builds, without a board, and gives the path of the image. Throws `io` where mcconfig fails, or ends without an image: its
 * makefile does not tell a failure of ESP-IDF's build, so an image of an earlier build is removed first.
 */
export async function buildWithSDK(options: BuildOptions): Promise<string> {
  const { moddable } = options.sdk;
  const platform = platformOf(options.target).split("/");
  const image = join(moddable, "build", "bin", ...platform, "release", options.name, "xs_esp32.bin");
  rmSync(image, { force: true });
  const [program, ...words] = [...mcconfigWords(options.target), "-t", "build"];
  const ended = await run(program!, words, options);
  if (ended !== 0) throw new FirmwareError("io", `mcconfig ended with ${ended}; expected 0: what it printed stands above`);
  if (!existsSync(image)) {
    throw new FirmwareError("io", `mcconfig made no ${image}; expected the image: what went wrong stands above`);
  }
  return image;
}

/** Where the SDK's own makefiles leave mcconfig and its kind. */
export function toolFolder(moddable: string): string {
  return join(moddable, "build", "bin", TOOL_FOLDERS[process.platform] ?? "lin", "release");
}

/** Gives the exit code, or the signal that ended it. */
function run(program: string, words: readonly string[], options: BuildOptions): Promise<number | string> {
  const { environment, moddable } = options.sdk;
  const tools = toolFolder(moddable);
  const child = spawn(program, words, {
    cwd: options.folder,
    env: { ...environment, PATH: `${tools}${delimiter}${environment["PATH"] ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (chunk: Buffer) => options.write(chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => options.write(chunk.toString("utf8")));
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      const what = error.code === "ENOENT" ? `no ${program} in ${tools} or on PATH` : error.message;
      reject(new FirmwareError("missing", `${what}; expected the SDK's tools to be built`));
    });
    child.on("close", (code, signal) => resolve(code ?? signal ?? 1));
  });
}
