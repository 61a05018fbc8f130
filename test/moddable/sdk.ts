/** The Moddable SDK that `$MODDABLE` names, and its tools: what the specs that need one ask for. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The version that this package is known to build with. */
export const KNOWN_VERSION = "8.2.3";

export interface SDK {
  readonly folder: string;
  readonly version: string;
  /** Where mcconfig, xsc and xsl are. */
  readonly tools: string;
  /** The SDK's own XS for scripts; `undefined` where it was not built. */
  readonly xst: string | undefined;
}

/** The SDK, or in one line why there is none. */
export function findSDK(environment: NodeJS.ProcessEnv = process.env): SDK | string {
  const folder = environment["MODDABLE"];
  if (!folder) return "$MODDABLE is not set; expected the folder of a Moddable SDK whose tools are built";
  const versionFile = join(folder, "tools", "VERSION");
  if (!existsSync(versionFile)) return `$MODDABLE has no tools/VERSION; expected a Moddable SDK ${KNOWN_VERSION}`;
  for (const system of ["lin", "mac"]) {
    const tools = join(folder, "build", "bin", system, "release");
    if (!existsSync(join(tools, "mcconfig"))) continue;
    const xst = join(tools, "xst");
    return { folder, version: readFileSync(versionFile, "utf8").trim(), tools, xst: existsSync(xst) ? xst : undefined };
  }
  return "$MODDABLE has no mcconfig for this computer; expected its tools to be built";
}

export interface Project {
  /** A folder with a manifest.json, or with a package.json for mcpack. */
  readonly folder: string;
  /** mcconfig's platform: "esp32/esp32c3". */
  readonly platform: string;
  /** A folder for everything that is built. */
  readonly output: string;
  /** Found before those of the SDK: a TypeScript compiler. */
  readonly path?: string;
  /** "mcpack" for a package. */
  readonly through?: "mcpack";
}

/** What mcconfig and the linker printed. */
export interface Linked {
  readonly isLinked: boolean;
  readonly text: string;
  /** Lines of the linker about modules that are not the SDK's. */
  readonly warnings: readonly string[];
}

/** A module of the SDK's, in a warning of the linker. */
const SDK_MODULE =
  /warning: (embedded:|setup\/(?!holdfast)|pins|dns|crypt|time|net|wifi|sntp|socket|Resource|system|button|preference)/;

/**
 * Resolves a project's manifests, compiles its modules and links them with preload, as a build for the board does up to its
 * first C file. The SDK's makefile asks for ESP-IDF, and has not used it so far: a folder and a version stand in for it.
 */
export function link(sdk: SDK, { folder, platform, output, path = "", through }: Project): Linked {
  mkdirSync(join(output, "idf"), { recursive: true });
  const PATH = [path, sdk.tools, process.env["PATH"]].filter((part) => part).join(delimiter);
  const options = { cwd: folder, env: { ...process.env, MODDABLE: sdk.folder, PATH }, encoding: "utf8" } as const;
  const command = [...(through ? [through] : []), "mcconfig", "-p", platform, "-o", output];
  const configured = spawnSync(command[0]!, command.slice(1), options);
  const said = `${configured.stdout}${configured.stderr}`;
  const makefile = readdirSync(output, { recursive: true, encoding: "utf8" }).find((name) => /(^|\/)makefile$/.test(name));
  if (configured.status !== 0 || makefile === undefined) return { isLinked: false, text: said, warnings: [] };
  const header = join(output, "sdkconfig.h");
  writeFileSync(header, "");
  const target = join(output, makefile, "..", "mc.xs.c");
  const stand = [`IDF_PATH=${join(output, "idf")}`, "IDF_VERSION=v6.0", `SDKCONFIG_H=${header}`];
  const linked = spawnSync("make", ["-s", "-f", join(output, makefile), ...stand, target], options);
  const text = `${said}${linked.stdout}${linked.stderr}`;
  const warnings = text.split("\n").filter((line) => /^###.*warning/i.test(line) && !SDK_MODULE.test(line));
  return { isLinked: linked.status === 0, text, warnings };
}
