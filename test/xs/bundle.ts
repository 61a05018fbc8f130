/**
 * The portable specs as firmware bundles: the framework's source as preload, the specs and their runner as the application.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, type Plugin, rollup } from "rollup";
import esbuild from "rollup-plugin-esbuild";
import type { FirmwareBundles } from "../../hosts/node/simulator/firmware-bundle.js";

const FOLDER = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(FOLDER, "..", "..");
const ENTRY = "\0specs";

/** The entry imports every spec; mocha's words come from the runner; a ".js" that is not there is a ".ts". */
function resolveSpecs(files: readonly string[], main: string): Plugin {
  return {
    name: "holdfast-specs",
    resolveId(specifier, importer) {
      if (specifier === ENTRY) return ENTRY;
      if (specifier === "holdfast") return join(ROOT, "src", "index.ts");
      const path = importer === undefined || importer === ENTRY ? specifier : resolve(dirname(importer), specifier);
      if (path === join(ROOT, "test", "harness", "spec.js")) return join(FOLDER, "runner.ts");
      const source = path.replace(/\.js$/, ".ts");
      return existsSync(source) ? source : undefined;
    },
    load(id) {
      if (id !== ENTRY) return undefined;
      const imports = files.map((file) => `import ${JSON.stringify(file)};`);
      return [...imports, `export { default } from ${JSON.stringify(main)};`].join("\n");
    },
  };
}

export interface SpecBundleOptions {
  /** The module whose default export runs the specs. Default: firmware.ts, for a host. */
  readonly main?: string;
  /** Folders, by their paths in the project, that are preloaded as a device preloads them. Default: src. */
  readonly preloaded?: readonly string[];
}

/** Bundles `files` (absolute paths). Nothing is lowered. */
export async function bundleSpecs(files: readonly string[], options: SpecBundleOptions = {}): Promise<FirmwareBundles> {
  const { main = join(FOLDER, "firmware.ts"), preloaded = ["src"] } = options;
  const preloadedFolders = preloaded.map((folder) => join(ROOT, folder) + sep);
  const build = await rollup({
    input: ENTRY,
    plugins: [resolveSpecs(files, main), esbuild({ target: "es2022", tsconfig: false })],
    treeshake: false,
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const { output } = await build.generate({
    format: "es",
    entryFileNames: "application.js",
    chunkFileNames: "[name].js",
    manualChunks: (id) => (preloadedFolders.some((folder) => id.startsWith(folder)) ? "preload" : undefined),
  });
  await build.close();
  const codeOf = (name: string): string => output.find((item): item is OutputChunk => item.fileName === name)?.code ?? "";
  return { preload: codeOf("preload.js"), application: codeOf("application.js") };
}
