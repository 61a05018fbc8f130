/** What a firmware may import: its own files and the framework; only the framework goes to the preload bundle. */
import { join } from "node:path";
import { equal, ok, rejects } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { loadShipped, type Shipped } from "../../sim/shipped.js";
import { CommandLine } from "./command-line.js";

const HOLDFAST_JSON = JSON.stringify({ name: "app", version: "1.0.0", entry: "main.ts" });
const ONLY = 'expected relative imports and "holdfast…" only';

describe("command: imports of a firmware", () => {
  let shipped: Shipped;
  let line: CommandLine;
  let count = 0;

  before(async () => {
    shipped = await loadShipped();
    line = new CommandLine();
  });

  after(() => line.close());

  function build(main: string, more: Readonly<Record<string, string>> = {}) {
    count++;
    const folder = line.application(`app-${count}`, { "holdfast.json": HOLDFAST_JSON, "main.ts": main, ...more });
    return shipped.buildApplicationImage(shipped.readApplication(folder));
  }

  const using = (specifier: string): string => `import * as it from "${specifier}";\nexport default () => it;\n`;

  it("puts the application into one bundle and what it uses of the framework into the other", async () => {
    const imports = 'import { assert } from "holdfast";\nimport { told } from "./told.js";\n';
    const main = `${imports}export default () => assert(told, told);\n`;
    const { bundles } = await build(main, { "told.ts": 'export const told: string = "mine";\n' });
    ok(bundles.preload.includes("AssertionError") && !bundles.preload.includes("mine"));
    ok(bundles.application.includes("mine") && !bundles.application.includes("AssertionError"));
    ok(!bundles.preload.includes("ApplicationImage"), "what it does not use stays out");
    equal(bundles.application.match(/from '[^']*'/g), ["from './preload.js'"]);
  });

  it("takes a part of the framework by its name", async () => {
    const main = 'import { parsePartitionCsv } from "holdfast/image";\nexport default () => parsePartitionCsv;\n';
    const { bundles } = await build(main);
    ok(bundles.preload.includes("function parsePartitionCsv"));
  });

  it("refuses modules of Node, with and without prefix, and where they are loaded later", async () => {
    for (const [name, main] of [
      ["node:fs", using("node:fs")],
      ["fs", using("fs")],
      ["node:net", 'export default async () => import("node:net");\n'],
    ] as const) {
      await rejects(
        build(main),
        "invalid",
        new RegExp(`main\\.ts imports "${name}"; ${ONLY}: a device has no packages and no Node`),
      );
    }
  });

  it("refuses packages and absolute paths", async () => {
    await rejects(build(using("commander")), "invalid", new RegExp(`main\\.ts imports "commander"; ${ONLY}`));
    const elsewhere = join(line.folder, "elsewhere.ts");
    await rejects(build(using(elsewhere)), "invalid", new RegExp(`imports "${elsewhere}"; ${ONLY}`));
  });

  it("refuses the host, which main() is handed, and parts that the framework has not", async () => {
    await rejects(
      build(using("holdfast/host/node")),
      "invalid",
      /imports "holdfast\/host\/node"; .*: the host is handed to main\(\)/,
    );
    await rejects(build(using("holdfast/nothing")), "invalid", /imports "holdfast\/nothing"; .*: the package has no such part/);
  });

  it("names the file that imports, not only the entry", async () => {
    const main = 'import { told } from "./told.js";\nexport default () => told;\n';
    const told = 'import { EOL } from "node:os";\nexport const told = EOL;\n';
    await rejects(build(main, { "told.ts": told }), "invalid", /told\.ts imports "node:os"/);
  });

  it("refuses files that are not there and exports that are none, in one line", async () => {
    for (const [main, expected] of [
      [using("./missing.js"), /Could not resolve "\.\/missing\.js"/],
      ['import { nothing } from "holdfast";\nexport default () => nothing;\n', /"nothing" is not exported by/],
      ["export default function main( {\n", /main\.ts:2:0: ERROR: Expected/],
    ] as const) {
      const error = (await rejects(build(main), "invalid", expected)) as Error;
      ok(!error.message.includes("\n"), error.message);
    }
  });
});
