/**
 * Imports point down the tree: an area imports only what the table of layers allows it.
 *
 * This is what keeps the core free of platforms and every module removable. The compiler cannot see it, because to the
 * compiler every path is as good as another. The table is test/tidy/layers.ts.
 */
import { areaOf, isAmong, type Layer, layerOf, type Outside } from "../layers.js";
import type { Context, Finding, ImportEdge, Rule, TidyFile } from "../rule.js";

const OUTSIDE_NAMES: Readonly<Record<Outside, string>> = Object.freeze({
  node: "a module of Node",
  embedded: "a module of the device",
  package: "a package",
  holdfast: "this package by its name",
});

const OUTSIDE_INSTEAD: Readonly<Record<Outside, string>> = Object.freeze({
  node: "take it through a port, or move the code to hosts/node, cli, fleet or test",
  embedded: "take it through a port, or move the code to hosts/esp32",
  package: "write the few lines that are needed, or move the code to where packages are allowed",
  holdfast: "import the file by its relative path",
});

/** What Moddable, or a build with it, gives under a bare name. */
const MODDABLE_MODULES: readonly string[] = Object.freeze([
  "application",
  "crypt",
  "ec",
  "ecp",
  "mc/config",
  "modular",
  "time",
  "timer",
]);

export const importsPointDown: Rule = Object.freeze({
  name: "imports-point-down",
  check(file: TidyFile, context: Context): Finding[] {
    const area = areaOf(file.path);
    if (area === undefined) return [];
    const layer = layerOf(area);
    if (layer === undefined) {
      const what = `the area ${area} has no row in the table of layers`;
      return [{ line: 1, what, instead: "add it to test/tidy/layers.ts with what it may import" }];
    }
    const findings: Finding[] = [];
    for (const edge of context.importsOf(file)) {
      const finding = edge.target === undefined ? judgeOutside(area, layer, edge) : judgeInside(area, layer, edge, edge.target);
      if (finding !== undefined) findings.push(finding);
    }
    return findings;
  },
});

function judgeOutside(area: string, layer: Layer, edge: ImportEdge): Finding | undefined {
  const outside = outsideOf(edge.specifier);
  if (layer.outside?.includes(outside)) return undefined;
  const what = `${area} imports ${OUTSIDE_NAMES[outside]}, "${edge.specifier}"`;
  return { line: edge.line, what, instead: OUTSIDE_INSTEAD[outside] };
}

function outsideOf(specifier: string): Outside {
  if (specifier.startsWith("node:")) return "node";
  if (specifier.startsWith("embedded:") || MODDABLE_MODULES.includes(specifier)) return "embedded";
  return specifier === "holdfast" || specifier.startsWith("holdfast/") ? "holdfast" : "package";
}

function judgeInside(area: string, layer: Layer, edge: ImportEdge, path: string): Finding | undefined {
  const target = areaOf(path);
  if (target === area || (target !== undefined && isAmong(target, layer.imports))) return undefined;
  const named = `${area} imports ${path}`;
  if (target !== undefined && isAmong(target, layer.types ?? [])) {
    if (edge.typeOnly) return undefined;
    return { line: edge.line, what: `${named} as a value`, instead: "use `import type`" };
  }
  const allowed = layer.imports.concat(layer.types ?? []);
  const list = allowed.length === 0 ? "nothing but itself" : `itself and ${allowed.join(", ")}`;
  return { line: edge.line, what: named, instead: `${area} may import ${list}; move the code down or take it as a port` };
}
