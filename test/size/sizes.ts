/**
 * The size table: what each part of the framework adds to a firmware, as one bundle of its own.
 *
 * `npm run size` prints it, `npm run size -- --write` puts it into docs/sizes.md. Bytes of source, minified, and compressed;
 * what they become as bytecode on XS is another table's business.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";
import { rollup } from "rollup";

const START = "<!-- sizes -->";
const END = "<!-- end of sizes -->";
const PAGE = "docs/sizes.md";

interface Size {
  readonly part: string;
  readonly source: number;
  readonly minified: number;
  readonly compressed: number;
}

async function measure(part: string, input: string): Promise<Size> {
  const build = await rollup({ input, treeshake: { moduleSideEffects: false } });
  const { output } = await build.generate({ format: "es" });
  await build.close();
  const { code } = output[0];
  const minified = (await transform(code, { minify: true, target: "es2022" })).code;
  return {
    part,
    source: Buffer.byteLength(code),
    minified: Buffer.byteLength(minified),
    compressed: gzipSync(minified, { level: 9 }).length,
  };
}

function render(sizes: readonly Size[]): string {
  const rows = sizes.map(
    ({ part, source, minified, compressed }) => `| \`${part}\` | ${source} | ${minified} | ${compressed} |`,
  );
  return ["| import | source bytes | minified | gzip |", "| --- | ---: | ---: | ---: |", ...rows].join("\n");
}

const parts = ["scheduler", "statechart", "supervisor", "watchdog", "image", "ota"];
const sizes = [await measure("holdfast", "dist/src/index.js")];
for (const part of parts) sizes.push(await measure(`holdfast/${part}`, `dist/src/${part}/index.js`));
const table = render(sizes);
console.log(table);
if (process.argv.includes("--write")) {
  const page = readFileSync(PAGE, "utf8");
  const before = page.slice(0, page.indexOf(START) + START.length);
  writeFileSync(PAGE, `${before}\n${table}\n${page.slice(page.indexOf(END))}`);
}
