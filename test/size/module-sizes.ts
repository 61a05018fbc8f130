/** What each part of the framework adds to a firmware, as one bundle of its own: bytes of source, minified and compressed. */
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";
import { rollup } from "rollup";
import { renderTable } from "./page.js";

const PARTS: readonly string[] = Object.freeze(["scheduler", "statechart", "supervisor", "watchdog", "image", "ota"]);

async function measure(part: string, input: string): Promise<readonly (string | number)[]> {
  const build = await rollup({ input, treeshake: { moduleSideEffects: false } });
  const { output } = await build.generate({ format: "es" });
  await build.close();
  const { code } = output[0];
  const minified = (await transform(code, { minify: true, target: "es2022" })).code;
  return [`\`${part}\``, Buffer.byteLength(code), Buffer.byteLength(minified), gzipSync(minified, { level: 9 }).length];
}

/** The table of the compiled framework in dist/ and of each of its parts. */
export async function renderModuleSizes(): Promise<string> {
  const rows = [await measure("holdfast", "dist/src/index.js")];
  for (const part of PARTS) rows.push(await measure(`holdfast/${part}`, `dist/src/${part}/index.js`));
  return renderTable(["import", "source bytes:", "minified:", "gzip:"], rows);
}
