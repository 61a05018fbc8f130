/**
 * The sources of the XS engine: one npm package at one version, known by its hash, kept in the cache and never committed.
 *
 * `npm pack` brings the archive alone, without the package's 83 dependencies and without running its scripts. Its integrity is
 * checked here at each use and not left to npm: the cache is a folder that anything may write to.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FirmwareError } from "../../src/errors.js";
import { runTool } from "./run-tool.js";

export const ENGINE_PACKAGE = "@agoric/xsnap@0.15.0";
const ARCHIVE_NAME = "agoric-xsnap-0.15.0.tgz";
/** The integrity that npm's registry states for the version. */
export const ENGINE_SHA512 = "ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";

export interface EnginePackageOptions {
  readonly cacheFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

async function checkArchive(file: string): Promise<void> {
  const sha512 = createHash("sha512")
    .update(await readFile(file))
    .digest("base64");
  if (sha512 === ENGINE_SHA512) return;
  await rm(file, { force: true });
  const text = `${file}: its sha512 is ${sha512}, expected ${ENGINE_SHA512}; the file was removed and nothing was built`;
  throw new FirmwareError("corrupt", text);
}

async function exists(file: string): Promise<boolean> {
  const found = await readFile(file).catch(() => undefined);
  return found !== undefined;
}

/**
 * The path of the archive, fetched where the cache does not have it. Throws `corrupt` where its hash is wrong, in the cache or
 * fresh, and removes it; `missing` without npm; `io` where npm cannot fetch it.
 */
export async function fetchEnginePackage(options: EnginePackageOptions): Promise<string> {
  const file = join(options.cacheFolder, ARCHIVE_NAME);
  if (!(await exists(file))) {
    options.log(`XS host: fetching ${ENGINE_PACKAGE}`);
    await mkdir(options.cacheFolder, { recursive: true });
    const folder = await mkdtemp(join(options.cacheFolder, "fetch-"));
    try {
      await runTool({
        command: ["npm", "pack", ENGINE_PACKAGE, "--pack-destination", folder, "--ignore-scripts", "--silent"],
        environment: options.environment,
        otherwise: "XS host: no npm; expected it beside Node",
      });
      await checkArchive(join(folder, ARCHIVE_NAME));
      await rename(join(folder, ARCHIVE_NAME), file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  await checkArchive(file);
  return file;
}
