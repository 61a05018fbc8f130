/** Where the installed package lies, and which modules its manifests give to an application on a board. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The package's folder, from the compiled command and from its sources alike. */
export function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("holdfast/package.json"));
}

/** `holdfast` and the `holdfast/…` that a board's build knows by name; the inner `holdfast/dist/…` are nobody's to import. */
export function manifestSpecifiers(root: string): ReadonlySet<string> {
  const specifiers = new Set<string>();
  const folder = join(root, "manifests");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const manifest = JSON.parse(readFileSync(join(folder, name), "utf8")) as { readonly modules?: object };
    for (const specifier of Object.keys(manifest.modules ?? {})) {
      if (/^holdfast(?:\/(?!dist\/)[^*]+)?$/.test(specifier)) specifiers.add(specifier);
    }
  }
  return specifiers;
}
