/**
 * The leg with a real Moddable SDK (`npm run test:moddable`): every way in which an integrator's build takes this package is
 * resolved by mcconfig, compiled by xsc and linked with preload by xsl, and the portable specs run on the SDK's own XS.
 *
 * Silent where all is well but for one line a check. Without `$MODDABLE` it is skipped, by name. What it cannot do without
 * ESP-IDF is to compile the C files; `holdfast build --target … --run` does that. See docs/design/esp32-host.md.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findSDK, KNOWN_VERSION, type Linked, link, type SDK } from "./sdk.js";
import { runSpecsOnXst } from "./specs.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const TARGETS: readonly string[] = Object.freeze(["esp32", "esp32s3", "esp32c3"]);
/** `-p esp32` is the plain board; the others are subplatforms. */
const platformOf = (target: string): string => (target === "esp32" ? "esp32" : `esp32/${target}`);

/** One export of each part. */
const PARTS: Readonly<Record<string, string>> = Object.freeze({
  scheduler: "Scheduler",
  statechart: "defineChart",
  supervisor: "Supervisor",
  watchdog: "Watchdog",
  ota: "Slots",
  updater: "Updater",
  image: "verifyImage",
});

interface Check {
  readonly name: string;
  /** Gives what is wrong; `undefined` where nothing is. */
  readonly run: () => string | undefined;
}

/** What is wrong with a link that should be silent. */
function faultOf({ isLinked, text, warnings }: Linked): string | undefined {
  if (!isLinked) return text.trim().split("\n").slice(-12).join("\n");
  return warnings.length > 0 ? warnings.join("\n") : undefined;
}

/** A project of one module that uses the package as an integrator does. */
function writeProject(folder: string, options: { readonly include: readonly string[]; readonly main: string }): string {
  mkdirSync(folder, { recursive: true });
  const include = ["$(MODDABLE)/examples/manifest_base.json", ...options.include];
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ include, modules: { "*": "./main" }, preload: ["main"] }));
  writeFileSync(join(folder, "main.js"), options.main);
  return folder;
}

const USES_CORE = 'import { Core } from "holdfast";\nexport default function main() {\n  trace(typeof Core);\n}\n';
const USES_HOST = `import { openHost } from "holdfast/host/esp32";
import { Core } from "holdfast";
export default function main() {
  new Core({ host: openHost() });
}
`;

function checksOf(sdk: SDK, folder: string): Check[] {
  const compiler = join(ROOT, "node_modules", ".bin");
  const project = (name: string, source: string, platform: string): Check => ({
    name,
    run: () =>
      faultOf(link(sdk, { folder: source, platform, output: join(folder, "out", name.replace(/\W+/g, "-")), path: compiler })),
  });
  const checks: Check[] = [];
  for (const target of TARGETS) {
    for (const level of ["full", "basic"]) {
      const prepared = join(folder, level);
      checks.push({
        name: `sensor-node for ${target}, ${level}, by holdfast build`,
        run: () => {
          const flags = level === "basic" ? ["--basic"] : [];
          const command = ["cli/holdfast.js", "build", "examples/sensor-node", "--target", target, "--out", prepared, ...flags];
          execFileSync("node", command, { cwd: ROOT, stdio: "pipe" });
          const output = join(folder, "out", `${level}-${target}`);
          return faultOf(link(sdk, { folder: join(prepared, target), platform: platformOf(target), output }));
        },
      });
    }
    checks.push(
      project(
        `sensor-node for ${target}, by its own manifest in TypeScript`,
        join(ROOT, "examples/sensor-node"),
        platformOf(target),
      ),
    );
  }
  return [...checks, ...integratorChecks(sdk, folder, project)];
}

type ProjectCheck = (name: string, source: string, platform: string) => Check;

/** The routes: a path, node_modules, one part alone, a package by mcpack; and a platform without a host. */
function integratorChecks(sdk: SDK, folder: string, project: ProjectCheck): Check[] {
  const C3 = "esp32/esp32c3";
  const byPath = (name: string, manifest: string, main: string): Check =>
    project(name, writeProject(join(folder, name.replace(/\W+/g, "-")), { include: [join(ROOT, manifest)], main }), C3);
  const checks = [
    byPath("the core, by a path to manifest.json", "manifest.json", USES_CORE),
    byPath("the host, by a path to its manifest", "manifests/esp32.json", USES_HOST),
  ];
  for (const [part, name] of Object.entries(PARTS)) {
    const main = `import { ${name} } from "holdfast/${part}";\nexport default function main() {\n  trace(typeof ${name});\n}\n`;
    checks.push(byPath(`${part} alone`, `manifests/${part}.json`, main));
  }
  const installed = join(folder, "installed");
  const inModules = writeProject(installed, { include: ["./node_modules/holdfast/manifests/esp32.json"], main: USES_HOST });
  install(installed);
  checks.push(project("the host, from node_modules", inModules, C3));
  checks.push(mcpackCheck(sdk, folder, { name: "core", main: USES_CORE, include: [] }));
  const host = "./node_modules/holdfast/manifests/esp32.json";
  checks.push(mcpackCheck(sdk, folder, { name: "host", main: USES_HOST, include: [host] }));
  const elsewhere = writeProject(join(folder, "elsewhere"), { include: [join(ROOT, "manifests/esp32.json")], main: USES_HOST });
  checks.push({
    name: "a platform without a host is refused in one line",
    run: () => {
      const { isLinked, text } = link(sdk, { folder: elsewhere, platform: "lin", output: join(folder, "out", "elsewhere") });
      return !isLinked && /no host for this platform, expected esp32/.test(text) ? undefined : text;
    },
  });
  return checks;
}

/** A packed copy of this package, as npm would install it. */
function install(folder: string): void {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], { cwd: ROOT, encoding: "utf8" }),
  ) as { filename: string }[];
  const target = join(folder, "node_modules", "holdfast");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, packed!.filename), "-C", target, "--strip-components", "1"]);
}

function mcpackCheck(
  sdk: SDK,
  folder: string,
  { name, main, include }: { readonly name: string; readonly main: string; readonly include: readonly string[] },
): Check {
  return {
    name: `the ${name} in a package, by mcpack`,
    run: () => {
      const packed = join(folder, `packed-${name}`);
      mkdirSync(packed, { recursive: true });
      const moddable = { manifest: { include: ["$(MODDABLE)/examples/manifest_base.json", ...include] } };
      const description = {
        name: "packed",
        version: "1.0.0",
        type: "module",
        main: "main.js",
        dependencies: { holdfast: "*" },
        moddable,
      };
      writeFileSync(join(packed, "package.json"), JSON.stringify(description));
      writeFileSync(join(packed, "main.js"), main);
      install(packed);
      const output = join(folder, "out", `packed-${name}`);
      return faultOf(link(sdk, { folder: packed, platform: "esp32/esp32c3", output, through: "mcpack" }));
    },
  };
}

function problemOf(run: () => string | undefined): string | undefined {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<number> {
  const sdk = findSDK();
  if (typeof sdk === "string") {
    console.log(`moddable: skipped: ${sdk}`);
    return 0;
  }
  if (sdk.version !== KNOWN_VERSION) console.log(`moddable: SDK ${sdk.version}, not tried before; ${KNOWN_VERSION} is known`);
  const wanted = process.argv[2] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "holdfast-moddable-"));
  let failedCount = 0;
  let passedCount = 0;
  try {
    for (const { name, run } of checksOf(sdk, folder)) {
      if (!name.includes(wanted)) continue;
      const fault = problemOf(run);
      console.log(fault === undefined ? `  ✓ ${name}` : `  ✗ ${name}\n    ${fault.replaceAll("\n", "\n    ")}`);
      if (fault === undefined) passedCount++;
      else failedCount++;
    }
    const specs = await runSpecsOnXst(sdk, folder);
    console.log(specs.line);
    failedCount += specs.failedCount;
    passedCount += specs.passedCount;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\nmoddable: ${passedCount} passed, ${failedCount} failed`);
  return failedCount === 0 ? 0 : 1;
}

process.exitCode = await main();
