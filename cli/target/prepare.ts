/**
 * A folder that mcconfig builds a board's firmware from: the bundled application, a manifest, a partition table, an sdkconfig.
 *
 * Moddable takes one manifest, one table and one folder of settings for a whole build, so a framework and its application
 * cannot each bring their own; they are merged here, once, with every contradiction found before the first minute of compiling.
 * All is checked before the first file is written.
 */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { FirmwareError } from "../../src/errors.js";
import { deepFreeze } from "../../src/freeze.js";
import { APPLICATION_FILE, type Application } from "../build/application.js";
import { bundleApplication } from "../build/bundle.js";
import { manifestSpecifiers, packageFolder } from "./package-files.js";
import { readPartitions, shippedPartitions } from "./partitions.js";
import { type Assignment, assignment, parseSDKConfig } from "./sdkconfig.js";
import { mergeSDKConfig, type Section } from "./sdkconfig-merge.js";
import { DEFAULT_FLASH_SIZE, FLASH_SIZES, type FlashSize, type TargetName } from "./target.js";

/** Moddable's own settings say this size for all our targets. */
const MODDABLE_FLASH_SIZE: FlashSize = "4MB";
/**
 * In a manifest of their own, which is included last: of build variables the last one read counts, includes are read after the
 * manifest that names them, and a board of Moddable (`-p esp32/<board>`) has variables of these names.
 */
const VARIABLES = deepFreeze({ build: { SDKCONFIGPATH: "./sdkconfig", PARTITIONS_FILE: "./partitions.csv" } });
/** What survives mcconfig, make, CMake and Kconfig without quoting. */
const PLAIN_VERSION = /^[A-Za-z0-9._+-]+$/;

export interface PrepareOptions {
  readonly application: Application;
  readonly target: TargetName;
  /** Default: the application's, then 4MB. */
  readonly flash?: FlashSize | undefined;
  /** Without the native part. */
  readonly basic: boolean;
  /** A folder of this name is made in it, and written over. */
  readonly out: string;
}

/** What stands ready. */
export interface Prepared {
  readonly folder: string;
  /** What mcconfig calls the build. */
  readonly name: string;
  readonly flash: FlashSize;
  readonly slotSizeBytes: number;
  /** Bytes of each file that was written, by its path in the folder. */
  readonly files: Readonly<Record<string, number>>;
}

/** Checks everything, then writes the folder. Throws `invalid`, `corrupt`, `missing` or `refused`, in one line. */
export async function prepareTarget(options: PrepareOptions): Promise<Prepared> {
  const { application, target } = options;
  const root = packageFolder();
  const flash = flashOf(options);
  const partitions = readPartitions(application.esp32?.partitions ?? shippedPartitions(root, flash), { flash });
  const sdkconfig = mergedSDKConfig(options);
  const code = await bundleApplication({ ...application, specifiers: manifestSpecifiers(root) });
  const folder = join(options.out, target);
  mkdirSync(join(folder, "sdkconfig"), { recursive: true });
  const name = application.name.replace(/[^A-Za-z0-9._-]/g, "-");
  const contents: Readonly<Record<string, string>> = {
    "application.js": code,
    "build.json": textOf(VARIABLES),
    "manifest.json": textOf(manifestOf({ name, folder, root, basic: options.basic })),
    "partitions.csv": partitions.text,
    "sdkconfig/sdkconfig.defaults": sdkconfig,
  };
  const files: Record<string, number> = {};
  for (const [path, content] of Object.entries(contents)) {
    writeFileSync(join(folder, path), content);
    files[path] = Buffer.byteLength(content);
  }
  return { folder, name, flash, slotSizeBytes: partitions.slotSizeBytes, files };
}

/** The flash that is prepared for. */
export function flashOf({ application, flash }: Pick<PrepareOptions, "application" | "flash">): FlashSize {
  return flash ?? application.esp32?.flash ?? DEFAULT_FLASH_SIZE;
}

/** The text of the sdkconfig. Throws for lines that contradict each other, as prepareTarget does. */
export function mergedSDKConfig(options: Omit<PrepareOptions, "out">): string {
  const { name, version } = options.application;
  const header = [`Made by holdfast build --target ${options.target} for ${name} ${version}; change its sources instead.`];
  return mergeSDKConfig(sectionsOf(options, flashOf(options), packageFolder()), { header });
}

function sectionsOf(options: Omit<PrepareOptions, "out">, flash: FlashSize, root: string): readonly Section[] {
  const { application } = options;
  // The basic level has lines of its own: nobody would feed a watchdog that the bootloader left armed.
  const level = options.basic ? ["basic"] : [];
  const shipped = join(root, "hosts", "esp32", "sdkconfig", ...level, "sdkconfig.defaults");
  const framework = parseSDKConfig(readFileSync(shipped, "utf8"), { file: shipped });
  const sections: Section[] = [
    { title: "Holdfast: docs/spec/sdkconfig.md", assignments: framework },
    { title: "The flash", assignments: flashLines(options, flash) },
    { title: "What the image says it is", assignments: versionLines(application) },
  ];
  const file = application.esp32?.sdkconfig;
  if (file !== undefined) {
    const assignments = parseSDKConfig(readFileSync(file, "utf8"), { file });
    sections.push({ title: "The application", assignments });
  }
  return sections;
}

/** Of mcconfig's choice only one size may stay, so Moddable's own is taken back where it is another. */
function flashLines(options: Omit<PrepareOptions, "out">, flash: FlashSize): readonly Assignment[] {
  const { application } = options;
  let place = `the default of ${DEFAULT_FLASH_SIZE} (--flash and esp32.flash: ${FLASH_SIZES.join(", ")})`;
  if (application.esp32?.flash !== undefined) place = `${join(application.folder, APPLICATION_FILE)}: esp32.flash ${flash}`;
  if (options.flash !== undefined) place = `--flash ${flash}`;
  const lines = [assignment(place, `CONFIG_ESPTOOLPY_FLASHSIZE_${flash}`, "y")];
  if (flash !== MODDABLE_FLASH_SIZE) lines.push(assignment(place, `CONFIG_ESPTOOLPY_FLASHSIZE_${MODDABLE_FLASH_SIZE}`, "n"));
  return lines;
}

/** The application descriptor's version: what a server compares, and what a report names. */
function versionLines({ folder, version }: Application): readonly Assignment[] {
  const place = join(folder, APPLICATION_FILE);
  if (!PLAIN_VERSION.test(version)) {
    throw new FirmwareError(
      "invalid",
      `${place}: version is "${version}"; expected letters, digits, . _ + - only, for a board`,
    );
  }
  return [
    assignment(`${place}: version`, "CONFIG_APP_PROJECT_VER_FROM_CONFIG", "y"),
    assignment(`${place}: version`, "CONFIG_APP_PROJECT_VER", `"${version}"`),
  ];
}

interface ManifestOptions {
  readonly name: string;
  readonly folder: string;
  readonly root: string;
  readonly basic: boolean;
}

/** Includes by a path from the folder, so that a project can be moved as a whole. */
function manifestOf(options: ManifestOptions): object {
  const path = relative(realpathSync(options.folder), realpathSync(options.root)).split(sep).join("/");
  const manifests = `${path}/manifests`;
  return {
    build: { NAME: options.name },
    include: [
      "$(MODDABLE)/examples/manifest_base.json",
      `${manifests}/${options.basic ? "esp32-basic" : "esp32"}.json`,
      `${manifests}/esp32-main.json`,
      "./build.json",
    ],
    modules: { application: "./application" },
  };
}

function textOf(manifest: object): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
