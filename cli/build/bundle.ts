/**
 * Firmware bundles from TypeScript: rollup follows the imports, esbuild takes the types away, nothing is lowered.
 *
 * Two chunks come out, as on the device: `preload` with everything of the framework that the application reaches, and the
 * application itself. Whatever else is imported (a Node module, a package) is an error here, not a surprise on the board.
 *
 * For a board only the application is bundled: Moddable builds the framework, by the specifiers of our manifests.
 */
import { createRequire } from "node:module";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, type OutputOptions, type Plugin, rollup } from "rollup";
import esbuild from "rollup-plugin-esbuild";
import type { FirmwareBundles } from "../../hosts/node/simulator/firmware-bundle.js";
import { FirmwareError, messageOf } from "../../src/errors.js";
import { UPDATE_KEYS_SPECIFIER, type UpdateKeys, updateKeysModule } from "./update-keys.js";

export interface BundleOptions {
  /** Path of the module whose default export is `main(host)`. */
  readonly entry: string;
  /** Whose updates it takes. Default: nobody's. */
  readonly keys?: UpdateKeys | undefined;
}

const NO_KEYS: UpdateKeys = Object.freeze({ release: [], deploy: [] });
/** The package's compiled modules: everything under it belongs into the preload bundle. */
const FRAMEWORK_FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** `holdfast` and `holdfast/…` by the package's own exports, from wherever the application lies. */
function resolveFramework(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: "holdfast-framework",
    resolveId(specifier, importer) {
      if (specifier !== "holdfast" && !specifier.startsWith("holdfast/")) return undefined;
      if (specifier.startsWith("holdfast/host/")) throw unsupported(specifier, importer, "the host is handed to main()");
      try {
        return require.resolve(specifier);
      } catch {
        throw unsupported(specifier, importer, "the package has no such part");
      }
    },
  };
}

/** `holdfast` and `holdfast/…` left as they are, where they are among `specifiers`: the board's build knows them by name. */
function leaveFramework(specifiers: ReadonlySet<string>): Plugin {
  return {
    name: "holdfast-leave",
    resolveId(specifier, importer) {
      if (specifier !== "holdfast" && !specifier.startsWith("holdfast/")) return undefined;
      if (!specifiers.has(specifier)) throw unsupported(specifier, importer, "the package's manifests have no such module");
      return { id: specifier, external: true, moduleSideEffects: false };
    },
  };
}

/** `holdfast/keys` with the product's keys in it, whichever way the rest of the framework goes. */
function provideKeys(keys: UpdateKeys): Plugin {
  const id = `\0${UPDATE_KEYS_SPECIFIER}`;
  return {
    name: "holdfast-keys",
    resolveId: (specifier) => (specifier === UPDATE_KEYS_SPECIFIER ? { id, moduleSideEffects: false } : undefined),
    load: (loaded) => (loaded === id ? updateKeysModule(keys) : undefined),
  };
}

/** A device has no packages and no Node: every import must lead to a file of the application or the framework. */
function refuseTheRest(): Plugin {
  return {
    name: "holdfast-refuse",
    resolveId(specifier, importer) {
      if (importer === undefined || specifier.startsWith(".") || specifier.startsWith("\0")) return undefined;
      throw unsupported(specifier, importer, "a device has no packages and no Node");
    },
  };
}

function unsupported(specifier: string, importer: string | undefined, because: string): FirmwareError {
  const expected = 'relative imports and "holdfast…" only';
  return new FirmwareError("unsupported", `${importer} imports "${specifier}"; expected ${expected}: ${because}`);
}

/**
 * Bundles the module at `entry`. Throws `invalid`, in one line, with the compiler's words for what does not compile, with ours
 * for its imports and for a missing main.
 */
export async function bundleFirmware({ entry, keys }: BundleOptions): Promise<FirmwareBundles> {
  const chunks = await bundle(entry, [provideKeys(keys ?? NO_KEYS), resolveFramework()], {
    manualChunks: (id) => (id.startsWith(FRAMEWORK_FOLDER + sep) ? "preload" : undefined),
  });
  const codeOf = (fileName: string): string => chunks.find((chunk) => chunk.fileName === fileName)?.code ?? "";
  return { preload: codeOf("preload.js"), application: codeOf("application.js") };
}

/** Bundles the application alone; what it imports of `specifiers` stays an import. Throws as bundleFirmware does. */
export async function bundleApplication(
  options: BundleOptions & { readonly specifiers: ReadonlySet<string> },
): Promise<string> {
  const framework = [provideKeys(options.keys ?? NO_KEYS), leaveFramework(options.specifiers)];
  const chunks = await bundle(options.entry, framework, { manualChunks: () => "application" });
  return chunks.find((chunk) => chunk.fileName === "application.js")!.code;
}

async function bundle(entry: string, framework: readonly Plugin[], options: OutputOptions): Promise<OutputChunk[]> {
  try {
    const build = await rollup({
      input: entry,
      plugins: [...framework, refuseTheRest(), esbuild({ target: "es2022", tsconfig: false })],
      onwarn: (warning) => {
        throw new FirmwareError("invalid", warning.message);
      },
    });
    const { output } = await build.generate({
      format: "es",
      entryFileNames: "application.js",
      chunkFileNames: "[name].js",
      minifyInternalExports: false,
      ...options,
    });
    await build.close();
    const chunks = output.filter((item): item is OutputChunk => item.type === "chunk");
    if (!chunks.some((chunk) => chunk.isEntry && chunk.exports.includes("default"))) {
      throw new FirmwareError("invalid", "no default export; expected `export default function main(host)`");
    }
    return chunks;
  } catch (error) {
    const complaint = oneLine(messageOf(error));
    throw new FirmwareError("invalid", complaint.startsWith(entry) ? complaint : `${entry}: ${complaint}`);
  }
}

/** The compiler's first complaint without the headline above it; the place in the file is part of it. */
function oneLine(message: string): string {
  return message.replace(/^Transform failed with \d+ errors?:\n/, "").split("\n", 1)[0]!;
}
