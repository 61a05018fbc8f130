/**
 * The native part of the ESP32 host, on the desktop: its C file in the real engine over mocks of ESP-IDF, judged by the specs
 * of test/esp32/spec. Each file of them is one boot of the engine.
 *
 * HOLDFAST_ENGINE=sanitized in the environment runs the same under the address and undefined-behaviour sanitizers. With a
 * Moddable SDK at $MODDABLE the C file is compiled against that SDK's engine too.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchEnginePackage } from "../../../cli/engine/engine-package.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, describe, it } from "../../harness/spec.js";
import { bundleSpecs } from "../../xs/bundle.js";
import { engineOrSkip, RigBench } from "../engine/engine-rig.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SPECS = join(ROOT, "test", "esp32", "spec");
const MAIN = join(ROOT, "test", "esp32", "firmware.ts");
const NATIVE = join(ROOT, "hosts", "esp32", "native");
const MOCK = join(ROOT, "test", "esp32", "mock");
/** The C file, and its configurations for the mocks. */
const CONFIGURATIONS = [join(NATIVE, "holdfast-chip.c"), join(MOCK, "chip-idf5.c"), join(MOCK, "chip-bare.c")];
const moddable = process.env["MODDABLE"];
const program = await engineOrSkip([NATIVE, MOCK]);

/** Boots the engine on one file of specs and gives what it said. The adapters are preloaded, as on a board. */
async function linesOf(bench: RigBench, name: string): Promise<readonly string[]> {
  const { preload, application } = await bundleSpecs([join(SPECS, name)], { main: MAIN, preloaded: ["src", "hosts/esp32"] });
  const rig = bench.start({ preload, application, parameters: ["--heap", "16000000"] });
  await rig.until("the last line", () => (rig.lines.at(-1) === "end" || rig.ended !== undefined ? true : undefined));
  equal([rig.aborts, rig.complaints, rig.lines.at(-1)], [[], "", "end"], rig.lines.at(-1) ?? "before the first spec");
  return rig.lines;
}

/** Our C files with warnings as errors, in a folder that is gone afterwards. */
async function compileForWarnings(cacheFolder: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-native-"));
  try {
    const archive = await fetchEnginePackage({ cacheFolder, environment: process.env, log: (line) => console.log(line) });
    execFileSync("tar", ["-xzf", archive, "-C", folder]);
    const makefile = join(ROOT, "hosts", "xs", "engine", "Makefile");
    const words = ["-f", makefile, `ENGINE=${join(folder, "package")}`, `EXTENSION=${NATIVE} ${MOCK}`, "warnings"];
    execFileSync("make", words, { stdio: ["ignore", "ignore", "pipe"] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (program !== undefined) {
  const bench = new RigBench(program);

  describe("ESP32: native part", () => {
    afterEach(() => bench.stop());

    for (const name of readdirSync(SPECS).sort()) {
      it(`passes ${name.replace(/\.ts$/, "")}`, async () => {
        const lines = await linesOf(bench, name);
        equal(
          lines.filter((line) => line.startsWith("fail ")),
          [],
        );
        ok(
          lines.some((line) => line.startsWith("pass ")),
          "there are specs in it",
        );
      });
    }

    it("compiles without a warning for the desktop engine", () => compileForWarnings(dirname(dirname(program))));

    if (moddable === undefined) {
      console.log("  the native part is not compiled against Moddable: MODDABLE is not set");
      return;
    }
    it("compiles without a warning for Moddable's engine", () => {
      const flags = ["-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-D__ets__", "-DESP32=4"];
      const folders = [join(moddable, "xs", "includes"), NATIVE, MOCK].map((folder) => `-I${folder}`);
      execFileSync("cc", [...flags, ...folders, ...CONFIGURATIONS], { stdio: ["ignore", "ignore", "pipe"] });
    });
  });
}
