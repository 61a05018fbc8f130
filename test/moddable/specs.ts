/**
 * The specs under test/spec on `xst`, the SDK's own XS for scripts: a newer engine than the desktop host's. With them those of
 * the ESP32's HTTP client that need nothing of Node, the port's suite over a network in memory among them.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleSpecs } from "../xs/bundle.js";
import type { SDK } from "./sdk.js";

const FOLDER = dirname(fileURLToPath(import.meta.url));
/** Under test/node/esp32. */
const HTTP_SPECS: readonly string[] = Object.freeze([
  "http-client-in-memory.ts",
  "http-connection.ts",
  "http-mutated-responses.ts",
  "http-request-plan.ts",
  "http-response-parser.ts",
]);

export interface SpecsOnXst {
  readonly passedCount: number;
  readonly failedCount: number;
  readonly line: string;
}

export async function runSpecsOnXst(sdk: SDK, folder: string): Promise<SpecsOnXst> {
  if (sdk.xst === undefined) {
    return { passedCount: 0, failedCount: 0, line: "  - specs on the SDK's XS: skipped: xst is not built" };
  }
  const specs = resolve(FOLDER, "..", "spec");
  const files = readdirSync(specs, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(specs, name))
    .sort();
  for (const name of HTTP_SPECS) files.push(resolve(FOLDER, "..", "node", "esp32", name));
  const bundles = await bundleSpecs(files, { main: join(FOLDER, "specs-main.ts"), preloaded: ["src", "hosts/esp32"] });
  writeFileSync(join(folder, "preload.js"), bundles.preload);
  writeFileSync(join(folder, "application.js"), bundles.application);
  writeFileSync(join(folder, "specs.mjs"), 'import main from "./application.js";\nvoid main();\n');
  const run = spawnSync(sdk.xst, ["-m", join(folder, "specs.mjs")], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const end = /^end (\d+) (\d+)$/m.exec(run.stdout);
  if (!end || Number(end[1]) === 0) {
    const said = `${run.stdout}${run.stderr}`.trim().split("\n").slice(-8).join("\n    ");
    return { passedCount: 0, failedCount: 1, line: `  ✗ specs on the SDK's XS ended early\n    ${said}` };
  }
  const failures = run.stdout.split("\n").filter((line) => line.startsWith("fail "));
  const counts = `specs on the SDK's XS: ${end[1]} passed, ${end[2]} failed`;
  const line = failures.length === 0 ? `  ✓ ${counts}` : `  ✗ ${counts}\n    ${failures.join("\n    ")}`;
  return { passedCount: Number(end[1]), failedCount: Number(end[2]), line };
}
