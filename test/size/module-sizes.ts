/**
 * What each part of the framework adds to a firmware, as one bundle of its own: bytes of source, minified, compressed, and as
 * the bytecode of XS with the names in it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";
import { rollup } from "rollup";
import { renderTable } from "./page.js";

const PARTS: readonly string[] = Object.freeze([
  "scheduler",
  "statechart",
  "supervisor",
  "watchdog",
  "image",
  "ota",
  "updater",
]);

async function measure(part: string, input: string, engine: string): Promise<readonly (string | number)[]> {
  const build = await rollup({ input, treeshake: { moduleSideEffects: false } });
  const { output } = await build.generate({ format: "es" });
  await build.close();
  const { code } = output[0];
  const minified = (await transform(code, { minify: true, target: "es2022" })).code;
  const compressed = gzipSync(minified, { level: 9 }).length;
  return [`\`${part}\``, Buffer.byteLength(code), Buffer.byteLength(minified), compressed, ...bytecodeOf(code, engine)];
}

/** Bytes of bytecode, and of the names in it, which a linked image holds once for all modules. */
function bytecodeOf(code: string, engine: string): readonly [number, number] {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-size-"));
  try {
    const file = join(folder, "module.js");
    writeFileSync(file, code);
    const [bytecode, names] = execFileSync(engine, ["--bytecode", file], { encoding: "utf8", timeout: 20_000 }).split(" ");
    return [Number(bytecode), Number(names)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The table of the compiled framework in dist/ and of each of its parts. `engine`: the program holdfast-xs. */
export async function renderModuleSizes(engine: string): Promise<string> {
  const rows = [await measure("holdfast", "dist/src/index.js", engine)];
  for (const part of PARTS) rows.push(await measure(`holdfast/${part}`, `dist/src/${part}/index.js`, engine));
  rows.push(await measure("of it: signed updates judged", "dist/src/ota/update-judge.js", engine));
  return renderTable(["import", "source bytes:", "minified:", "gzip:", "bytecode:", "names:"], rows);
}
