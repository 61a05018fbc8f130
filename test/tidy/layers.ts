/**
 * Who may import whom, as one table: the tree is the architecture diagram, and this is its legend.
 *
 * An area is a folder with a law of its own. A file may always import from its own area. Everything else is listed here, so
 * that a new dependency between two areas is a change of this table that somebody has to argue for.
 */

/** What lies outside the tree: Node's modules, the device's, packages from the registry, and this package by its name. */
export type Outside = "node" | "embedded" | "package" | "holdfast";

export interface Layer {
  /** Areas that it may import: a name, or a prefix with a star. */
  readonly imports: readonly string[];
  /** Areas of which it may import types only. */
  readonly types?: readonly string[];
  readonly outside?: readonly Outside[];
}

/** By area; where it has no row of its own, by the area's first word with a star. */
export const LAYERS: { readonly [area: string]: Layer } = Object.freeze({
  "src/root": { imports: [] },
  "src/ports": { imports: [] },
  "src/data": { imports: ["src/root"] },
  "src/image": { imports: ["src/data", "src/root"], types: ["src/ports"] },
  "src/scheduler": { imports: ["src/ports", "src/data", "src/root"] },
  "src/statechart": { imports: ["src/data", "src/root"], types: ["src/scheduler"] },
  "src/watchdog": { imports: ["src/scheduler", "src/ports", "src/data", "src/root"] },
  "src/supervisor": { imports: ["src/scheduler", "src/watchdog", "src/ports", "src/data", "src/root"] },
  "src/ota": {
    imports: [
      "src/image",
      "src/scheduler",
      "src/statechart",
      "src/supervisor",
      "src/watchdog",
      "src/ports",
      "src/data",
      "src/root",
    ],
  },
  // The update client: what the fleet offers, on its way into a slot.
  "src/updater": {
    imports: ["src/ota", "src/scheduler", "src/ports", "src/data", "src/root"],
    types: ["src/supervisor"],
  },
  // A build puts the product's keys in its place.
  "src/keys": { imports: [] },
  // The parts, wired. Only the index and what stands above src may know it.
  "src/boot": { imports: ["src/ota", "src/watchdog"], types: ["src/ports"] },
  "src/core": {
    imports: ["src/boot", "src/ota", "src/scheduler", "src/supervisor", "src/watchdog", "src/ports", "src/data", "src/root"],
  },
  "src/index": { imports: ["src/*"] },
  "modules/*": { imports: ["src/*"] },
  // The ports over a simulated chip, for every engine: the language and nothing else.
  "hosts/simulated": { imports: ["src/*"] },
  "hosts/node": { imports: ["src/*", "modules/*", "hosts/simulated"], outside: ["node", "package"] },
  "hosts/xs": { imports: ["src/*", "modules/*", "hosts/simulated"] },
  "hosts/esp32": { imports: ["src/*", "modules/*"], outside: ["embedded"] },
  cli: { imports: ["src/*", "modules/*", "hosts/simulated", "hosts/node"], outside: ["node", "package"] },
  fleet: { imports: ["src/*"], outside: ["node", "package", "holdfast"] },
  "examples/*": { imports: [], types: ["src/ports"], outside: ["holdfast"] },
  bench: { imports: ["src/*", "modules/*", "hosts/node", "test"], outside: ["node", "package"] },
  // What runs on every engine imports only what runs on every engine.
  "test/portable": { imports: ["src/*", "modules/*", "examples/*"] },
  test: { imports: ["*"], outside: ["node", "package", "holdfast"] },
});

/** The files at the root of src that everything may stand on. Each other one there is an area of its own. */
const LEAVES: readonly string[] = Object.freeze(["assert.ts", "errors.ts", "freeze.ts"]);
const PORTABLE_TESTS: readonly string[] = Object.freeze(["test/spec/", "test/harness/", "test/ports/"]);
const WHOLE_FOLDERS: readonly string[] = Object.freeze(["cli", "fleet", "bench", "test"]);

/** The area of a path; `undefined` for one outside all areas. */
export function areaOf(path: string): string | undefined {
  const words = path.split("/");
  const [first, second] = words;
  if (first === undefined || second === undefined) return undefined;
  if (first === "src") {
    if (words.length > 2) return `src/${second}`;
    return LEAVES.includes(second) ? "src/root" : `src/${second.replace(/\.ts$/, "")}`;
  }
  if (PORTABLE_TESTS.some((folder) => path.startsWith(folder))) return "test/portable";
  if (WHOLE_FOLDERS.includes(first)) return first;
  if ((first === "modules" || first === "hosts" || first === "examples") && words.length > 2) return `${first}/${second}`;
  return undefined;
}

/** The row of an area; `undefined` where the table has none. */
export function layerOf(area: string): Layer | undefined {
  return LAYERS[area] ?? LAYERS[`${area.split("/")[0]}/*`];
}

/** Whether `area` is one of `patterns`. */
export function isAmong(area: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern === area || (pattern.endsWith("*") && area.startsWith(pattern.slice(0, -1))));
}

/** Code that is preloaded into a device's flash. */
export function isDeviceCode(path: string): boolean {
  return isPortableDeviceCode(path) || path.startsWith("hosts/esp32/");
}

/** Device code that knows no platform: everything it learns of the world comes through a port. */
export function isPortableDeviceCode(path: string): boolean {
  return path.startsWith("src/") || path.startsWith("modules/");
}
