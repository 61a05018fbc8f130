/**
 * What the doctor looks for on the computer: Node, compilers, the Moddable SDK, ESP-IDF and the tools of both.
 *
 * Programs are looked for in the environment's PATH, as a shell would, and asked for their version only where it matters.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { FirmwareError } from "../../src/errors.js";
import { runTool } from "../engine/run-tool.js";
import {
  type Environment,
  findIDF,
  findModdable,
  IDF_VERSION_EXPECTED,
  type Installation,
  isOlder,
  MODDABLE_VERSION_MIN,
  toolFolder,
} from "../target/sdk.js";
import type { Look } from "./check.js";

const NODE_VERSION_MIN = "20.19";
/** Moddable 8.2.3 compiles for ES2025, which older versions do not know. */
const TYPESCRIPT_VERSION_MIN = "6.0";

export interface Computer {
  readonly environment: Environment;
  /** As in `v20.19.0`. */
  readonly nodeVersion: string;
}

/** In the order in which one would install them. */
export function looksAtComputer({ environment, nodeVersion }: Computer): readonly Look[] {
  return [
    {
      name: "Node",
      purposes: ["simulator"],
      look: () => atLeast("Node", nodeVersion, NODE_VERSION_MIN),
      advice: "install a newer one",
    },
    {
      name: "C compiler",
      purposes: ["simulator --host xs"],
      look: () => firstLine(["cc", "--version"], environment),
      advice: "apt-get install build-essential",
    },
    {
      name: "tar",
      purposes: ["simulator --host xs"],
      look: () => programOf("tar", environment),
      advice: "apt-get install tar",
    },
    {
      name: "make",
      purposes: ["simulator --host xs", "boards"],
      look: () => firstLine(["make", "--version"], environment),
      advice: "apt-get install build-essential",
    },
    {
      name: "Moddable SDK",
      purposes: ["boards"],
      look: () => describeModdable(findModdable(environment)),
      advice: `get release ${MODDABLE_VERSION_MIN} or later and set MODDABLE to its folder`,
    },
    { name: "mcconfig", purposes: ["boards"], look: () => mcconfigOf(environment), advice: mcconfigAdvice(environment) },
    {
      name: "TypeScript",
      purposes: ["boards"],
      look: async () => atLeast("tsc", await compilerVersion(environment), TYPESCRIPT_VERSION_MIN),
      advice: "npm install --global typescript: mcconfig calls the tsc on PATH",
    },
    {
      name: "ESP-IDF",
      purposes: ["boards"],
      look: () => describe(findIDF(environment, installedModdable(environment))),
      advice: `get ${IDF_VERSION_EXPECTED} or what your SDK expects, run its install.sh, and set IDF_PATH to its folder`,
    },
    {
      name: "idf.py",
      purposes: ["boards"],
      look: () => programOf("idf.py", environment),
      advice: "in this shell: . $IDF_PATH/export.sh",
    },
  ];
}

/** What is wrong with it, the line above says. */
function installedModdable(environment: Environment): Installation | undefined {
  try {
    return findModdable(environment);
  } catch {
    return undefined;
  }
}

/** A later SDK is no fault, and the first suspect where a build fails. */
function describeModdable(found: Installation): string {
  const isLater = isOlder(MODDABLE_VERSION_MIN, found.version);
  return `${describe(found)}${isLater ? `; not tried with this package, ${MODDABLE_VERSION_MIN} was` : ""}`;
}

function describe(found: Installation): string {
  return `${found.version}, ${found.folder}`;
}

/** `version` as it is printed, or `unsupported`. */
function atLeast(program: string, version: string, least: string): string {
  if (!isOlder(version, least)) return version;
  throw new FirmwareError("unsupported", `${program} ${version}; expected ${least} or later`);
}

async function firstLine(command: readonly [string, string], environment: Environment): Promise<string> {
  const otherwise = `no ${command[0]} on PATH; expected one`;
  const printed = await runTool({ command, environment: { ...environment }, otherwise });
  return printed.trim().split("\n", 1)[0]!;
}

async function compilerVersion(environment: Environment): Promise<string> {
  const line = await firstLine(["tsc", "--version"], environment);
  return /\d+(?:\.\d+)+/.exec(line)?.[0] ?? line;
}

/** The path of a program. Throws `missing`. */
function programOf(name: string, environment: Environment): string {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const file = folders.map((folder) => join(folder, name)).find(isProgram);
  if (file === undefined) throw new FirmwareError("missing", `no ${name} on PATH; expected one`);
  return file;
}

function isProgram(file: string): boolean {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function mcconfigOf(environment: Environment): string {
  return programOf("mcconfig", environment);
}

/** The SDK comes without its tools: they are built once, and found by the shell only from PATH. */
function mcconfigAdvice(environment: Environment): string {
  const moddable = environment["MODDABLE"] ?? "$MODDABLE";
  const folder = toolFolder(moddable);
  if (existsSync(join(folder, "mcconfig"))) return `it is built: add ${folder} to PATH`;
  return `build the SDK's tools with make in ${join(moddable, "build", "makefiles")}, then add ${folder} to PATH`;
}
