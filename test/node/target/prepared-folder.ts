/** What mcconfig finds in the prepared folder: a manifest whose paths lead somewhere, an application that names its imports. */
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { manifestSpecifiers, packageFolder } from "../../../cli/target/package-files.js";
import { TARGET_NAMES } from "../../../cli/target/target.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { complains, Workbench } from "./workbench.js";

interface Manifest {
  readonly build: Readonly<Record<string, string>>;
  readonly include: readonly string[];
  readonly modules: Readonly<Record<string, string>>;
}

describe("target: prepared folder", () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });

  afterEach(() => bench.close());

  for (const target of TARGET_NAMES) {
    it(`has a manifest whose paths exist, for ${target} at both levels`, async () => {
      for (const basic of [false, true]) {
        const ended = await bench.run(bench.application({ chip: target }), { target, basic });
        equal(ended.line, undefined);
        const manifest = JSON.parse(bench.prepared(`${target}/manifest.json`)) as Manifest;
        equal(manifest.build["NAME"], "door-counter");
        const [base, ...ours] = manifest.include;
        equal(ours.pop(), "./build.json", "last, so that no board's variables come after it");
        equal(base, "$(MODDABLE)/examples/manifest_base.json");
        const folder = realpathSync(join(bench.out, target));
        const level = basic ? "esp32-basic.json" : "esp32.json";
        equal(
          ours.map((path) => realpathSync(join(folder, path))),
          [level, "esp32-main.json"].map((name) => join(realpathSync(packageFolder()), "manifests", name)),
        );
        const { build } = JSON.parse(bench.prepared(`${target}/build.json`)) as Pick<Manifest, "build">;
        for (const path of [build["SDKCONFIGPATH"]!, build["PARTITIONS_FILE"]!]) {
          ok(path.startsWith("./") && existsSync(join(folder, path)), path);
        }
        equal(manifest.modules, { application: "./application" });
        ok(existsSync(join(folder, "application.js")));
        const platform = target === "esp32" ? "esp32" : `esp32/${target}`;
        ok(ended.printed.includes(`next, in ${join(bench.out, target)}, `), ended.printed);
        ok(ended.printed.endsWith(`\nmcconfig -m -p ${platform}\n`), ended.printed);
      }
    });
  }

  it("leaves the framework to the manifests and bundles the rest into one module", async () => {
    const imports = 'import { assert } from "holdfast";\nimport { Scheduler } from "holdfast/scheduler";\n';
    const main = `${imports}import { told } from "./told.js";\n`;
    const files = {
      "main.ts": `${main}export default function main() {\n  assert(told, Scheduler);\n}\n`,
      "told.ts": 'import type { Host } from "holdfast";\nexport const told: Host | string = "mine";\n',
    };
    equal((await bench.run(bench.application({}, files))).line, undefined);
    const code = bench.prepared("esp32c3/application.js");
    equal(code.match(/from '[^']*'/g), ["from 'holdfast'", "from 'holdfast/scheduler'"]);
    ok(code.includes('"mine"') && !code.includes("AssertionError"));
    ok(/export \{ main as default \}/.test(code), code);
  });

  it("refuses what the manifests do not have", async () => {
    ok(manifestSpecifiers(packageFolder()).has("holdfast/ota"));
    for (const specifier of ["holdfast/host/node", "holdfast/ports", "holdfast/dist/src/errors.js"]) {
      const main = `import * as it from "${specifier}";\nexport default () => it;\n`;
      complains(
        await bench.run(bench.application({}, { "main.ts": main })),
        `imports "${specifier}"; expected`,
        "manifests have no",
      );
    }
    const main = 'import { readFileSync } from "node:fs";\nexport default () => readFileSync;\n';
    complains(await bench.run(bench.application({}, { "main.ts": main })), 'imports "node:fs"; expected relative imports');
    ok(bench.isUntouched);
  });

  it("refuses a chip that is not the target", async () => {
    complains(
      await bench.run(bench.application({ chip: "esp32s3" })),
      "holdfast.json: chip is esp32s3, --target esp32c3; expected the same, or no chip in the file",
    );
    ok(bench.isUntouched);
  });

  it("refuses wrong fields of esp32 in holdfast.json", async () => {
    const wrong: readonly (readonly [esp32: unknown, complaint: string])[] = [
      [[], "esp32 is wrong; expected an object"],
      [{ flashs: "4MB" }, "esp32.flashs is wrong; expected only sdkconfig, partitions, flash, headroomPercent"],
      [{ flash: "2MB" }, "esp32.flash is wrong; expected one of 4MB, 8MB, 16MB"],
      [{ sdkconfig: "nowhere" }, "esp32.sdkconfig is wrong; expected the path of a file in the folder"],
      [{ partitions: "." }, "esp32.partitions is wrong; expected the path of a file in the folder"],
      [{ headroomPercent: 91 }, "esp32.headroomPercent is wrong; expected a whole number from 0 to 90"],
    ];
    for (const [esp32, complaint] of wrong)
      complains(await bench.run(bench.application({ esp32 })), `holdfast.json: ${complaint}`);
  });
});
