/**
 * No file imports itself by way of others.
 *
 * In a circle nothing can be read, tested or removed alone, and XS preloads its modules in an order of which one of them is
 * surprised. Types count too: two files that describe each other are one concept in two places.
 */
import type { Context, Finding, Rule, TidyFile } from "../rule.js";

export const importCircle: Rule = Object.freeze({
  name: "import-circle",
  check(file: TidyFile, context: Context): Finding[] {
    const circle = shortestCircle(file, context);
    // Every circle is reported once, at the first of its files.
    if (circle === undefined || circle.some((path) => path < file.path)) return [];
    const line = context.importsOf(file).find((edge) => edge.target === (circle[1] ?? file.path))?.line ?? 1;
    const what = `import circle: ${[...circle, file.path].join(" → ")}`;
    return [{ line, what, instead: "move what both need into a file below them" }];
  },
});

/** The paths of the shortest way from `start` back to it, `start` first; `undefined` where there is none. */
function shortestCircle(start: TidyFile, context: Context): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start.path];
  for (let index = 0; index < queue.length; index++) {
    const path = queue[index]!;
    const file = context.fileAt(path);
    if (file === undefined) continue;
    for (const edge of context.importsOf(file)) {
      if (edge.target === start.path) return wayTo(path, cameFrom);
      if (edge.target === undefined || cameFrom.has(edge.target)) continue;
      cameFrom.set(edge.target, path);
      queue.push(edge.target);
    }
  }
  return undefined;
}

function wayTo(path: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way: string[] = [];
  for (let at: string | undefined = path; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}
