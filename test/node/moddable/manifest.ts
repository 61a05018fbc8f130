/**
 * Moddable's manifests as mcconfig reads them, as far as ours go: includes, platforms, wildcards, and how a module finds
 * another.
 *
 * Without an SDK this is what stands between a renamed file and a build that fails at an integrator's desk. With one,
 * `npm run test:moddable` asks mcconfig itself.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** What a path of the SDK's begins with. */
const SDK = "$(MODDABLE)/";

type Sources = string | readonly string[];
interface Section {
  readonly include?: Sources;
  readonly modules?: Readonly<Record<string, Sources>>;
  readonly preload?: Sources;
  readonly error?: string;
}
interface Manifest extends Section {
  readonly platforms?: Readonly<Record<string, Section>>;
}

/** What a build would see of one manifest and all that it includes. */
export interface Flat {
  /** The folder that files are named from. */
  readonly root: string;
  /** File by module name; of ours only. */
  readonly modules: Map<string, string>;
  readonly natives: string[];
  readonly preloaded: Set<string>;
  /** Manifests of the SDK that are included, and single modules of it, without `$(MODDABLE)/`. */
  readonly sdk: Set<string>;
  /** Sources that no file answers to. */
  readonly missing: string[];
  /** What the build stops with on this platform. */
  readonly errors: string[];
}

/**
 * Reads the manifest at `path` (from `root`, the project's or that of an installed package) for `platform`: "esp32" or
 * another.
 */
export function flatten(path: string, platform: string, root = ROOT): Flat {
  const flat: Flat = { root, modules: new Map(), natives: [], preloaded: new Set(), sdk: new Set(), missing: [], errors: [] };
  const patterns: string[] = [];
  readInto(flat, patterns, join(root, path), platform, new Set());
  for (const name of flat.modules.keys()) if (patterns.some((pattern) => matches(pattern, name))) flat.preloaded.add(name);
  for (const pattern of patterns) {
    const isSdk = [...flat.sdk].some((source) => basename(source) === pattern);
    const isMet = isSdk || [...flat.modules.keys()].some((name) => matches(pattern, name));
    if (!isMet) flat.missing.push(`${path}: preload of ${pattern}`);
  }
  return flat;
}

function readInto(flat: Flat, patterns: string[], file: string, platform: string, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const platforms = manifest.platforms;
  const section = platforms?.[platform] ?? platforms?.["..."];
  for (const part of section ? [manifest, section] : [manifest]) {
    if (part.error !== undefined) flat.errors.push(part.error);
    for (const include of listOf(part.include)) {
      if (include.startsWith(SDK)) flat.sdk.add(include.slice(SDK.length));
      else readInto(flat, patterns, join(dirname(file), include), platform, seen);
    }
    for (const [name, sources] of Object.entries(part.modules ?? {})) {
      if (name === "~") continue; // What of the SDK is left out.
      for (const source of listOf(sources)) {
        if (source.startsWith(SDK)) flat.sdk.add(source.slice(SDK.length));
        else addModules(flat, file, name, source);
      }
    }
    patterns.push(...listOf(part.preload));
  }
}

/** A source without extension; a star in it stands for every file, and in the name for the file's. */
function addModules(flat: Flat, manifest: string, name: string, source: string): void {
  const pattern = join(dirname(manifest), source);
  if (pattern.endsWith(".d.ts")) {
    if (!existsSync(pattern)) flat.missing.push(`${relative(flat.root, manifest)}: ${source}`);
    return;
  }
  const files = sourcesOf(pattern);
  if (files.length === 0) flat.missing.push(`${relative(flat.root, manifest)}: ${source}`);
  for (const file of files) {
    const stem = file.slice(file.lastIndexOf("/") + 1).replace(/\.(js|ts|c)$/, "");
    if (file.endsWith(".c")) flat.natives.push(relative(flat.root, file));
    else flat.modules.set(name === "*" ? stem : name.replace("*", stem), relative(flat.root, file));
  }
}

function sourcesOf(pattern: string): string[] {
  const folder = dirname(pattern);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const wanted = basename(pattern);
  const isWanted = (name: string): boolean => /\.(js|ts|c)$/.test(name) && !name.endsWith(".d.ts");
  return names
    .filter((name) => isWanted(name) && (wanted === "*" || name.replace(/\.(js|ts|c)$/, "") === wanted))
    .map((name) => join(folder, name));
}

/** The name of the module that `importer`'s `specifier` leads to, by the SDK's rules: `.js` is dropped, dots walk the name. */
export function resolveName(importer: string, specifier: string): string {
  const bare = specifier.replace(/\.m?js$/, "");
  return bare.startsWith(".") ? normalize(join(dirname(importer), bare)) : bare;
}

/** Specifiers that a compiled module imports or re-exports from. Ours are written one statement a line. */
export function importsOf(file: string, root = ROOT): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";|^import "([^"]+)";/gm)].map(
    (match) => match[1] ?? match[2]!,
  );
}

function listOf(sources: Sources | undefined): readonly string[] {
  if (sources === undefined) return [];
  return typeof sources === "string" ? [sources] : sources;
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.endsWith("/*")) return pattern === name;
  const folder = pattern.slice(0, -1);
  return name.startsWith(folder) && !name.slice(folder.length).includes("/");
}
