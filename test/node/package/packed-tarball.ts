/** The packed tarball, used from another folder: what is in it, what it exports, and that it runs and type-checks there. */
import { posix } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { flatten, importsOf, resolveName } from "../moddable/manifest.js";
import { PackedProject } from "./packed-project.js";

const NODE_TYPES = Object.freeze({ lib: "es2023", types: "node" });
/** What device code is compiled with: the language and nothing else. */
const DEVICE_TYPES = Object.freeze({ lib: "es2022", types: "" });

const CONSUMER = `
import { Core, type CoreOptions, FirmwareError } from "holdfast";
import { VirtualTime } from "holdfast/host/node";
import { parsePartitionCsv } from "holdfast/image";
import { Scheduler, type Task } from "holdfast/scheduler";

const time = new VirtualTime();
const scheduler = new Scheduler({ clock: time.clock, Timer: time.Timer, taskCountMax: 1 });
const ticks: number[] = [];
const task: Task = scheduler.every({ name: "tick", periodMs: 100, run: () => void ticks.push(time.clock.now()) });
scheduler.start();
time.advance(250);
task.close();
const [partition] = parsePartitionCsv("nvs, data, nvs, 0x9000, 0x6000\\n", { flashSizeBytes: 0x400000 });
const bounds: Pick<CoreOptions, "taskCountMax"> = { taskCountMax: 1 };
const error = new FirmwareError("full", "expected room");
console.log(JSON.stringify([typeof Core, ticks, partition?.label, bounds, error.code]));
`;

const FIRMWARE = `
import { assert, Core, type Host } from "holdfast";
import { defineChart } from "holdfast/statechart";

export default function main(host: Host): void {
  assert(typeof Core === "function" && typeof defineChart === "function");
  host.trace(\`packed: \${host.system.resetReason}\`);
}
`;

const POWER_ON = `
import { readFileSync } from "node:fs";
import { DeviceProcess, flashFactory } from "holdfast/host/node";

flashFactory({ file: "device.flash", image: readFileSync("app.bin") });
const device = new DeviceProcess({ file: "device.flash" });
device.powerOn();
const event = await device.waitFor(({ kind }) => kind === "line", 15_000, "a line");
await device.stop();
console.log(event.kind === "line" ? event.text : "");
`;

const MANIFESTS = ["manifest.json", "manifests/esp32.json", "manifests/esp32-basic.json"] as const;

describe("packed tarball", () => {
  let project: PackedProject;

  before(async () => {
    project = new PackedProject();
    await project.install();
    project.write("package.json", JSON.stringify({ name: "somebody-elses", type: "module" }));
  });

  after(() => project.close());

  it("holds what package.json and manifest.json name", () => {
    const { bin, exports } = project.packageJSON;
    const named = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [entry] : Object.values(entry)));
    equal(
      [...named, ...Object.values(bin)].filter((path) => matches(path).length === 0),
      [],
    );
    for (const path of MANIFESTS) equal(flatten(path, "esp32", project.package).missing, [], path);
  });

  it("offers each part of the framework under its name, with types", () => {
    for (const part of ["image", "ota", "ports", "scheduler", "statechart", "supervisor", "updater", "watchdog"]) {
      ok(project.paths.has(`dist/src/${part}/index.js`) && project.paths.has(`dist/src/${part}/index.d.ts`), part);
    }
    const untyped = [...project.paths].filter(
      (path) =>
        /^dist\/(src|hosts|cli)\//.test(path) && path.endsWith(".js") && !project.paths.has(path.replace(/\.js$/, ".d.ts")),
    );
    equal(untyped, []);
  });

  it("gives a Moddable project every module that the core imports", () => {
    for (const manifest of MANIFESTS) {
      const { modules } = flatten(manifest, "esp32", project.package);
      ok(modules.size > 50, `${manifest}: ${modules.size} modules`);
      const unmapped = new Set<string>();
      for (const [name, path] of modules) {
        for (const specifier of importsOf(path, project.package)) {
          const wanted = resolveName(name, specifier);
          if (wanted.startsWith("holdfast") && !modules.has(wanted)) unmapped.add(wanted);
        }
      }
      equal([...unmapped], []);
    }
  });

  it("holds no sources but the C of two hosts, which is built where it is used, and no specs, maps or leftovers", () => {
    const allowed = [
      /^dist\/(src|hosts|cli)\/.+\.(js|d\.ts)$/,
      /^dist\/bundles\/.+\.js$/,
      /^hosts\/xs\/engine\/([a-z0-9-]+\.[ch]|Makefile|README\.md)$/,
      /^hosts\/esp32\/(native\/[a-z0-9-]+\.[ch]|partitions\/\d+mb\.csv|sdkconfig\/(basic\/)?sdkconfig\.defaults)$/,
      /^manifests\/([a-z0-9-]+\.json|specifier\/[a-z0-9-]+\.(js|d\.ts))$/,
      /^(cli\/holdfast\.js|[A-Z]+(\.md)?|(package|manifest)\.json)$/,
    ];
    const isAllowed = (path: string): boolean => !/(^|\/)test\//.test(path) && allowed.some((kind) => kind.test(path));
    equal(
      [...project.paths].filter((path) => !isAllowed(path)),
      [],
    );
  });

  it("type-checks and runs in another folder", async () => {
    project.write("consumer.mts", CONSUMER);
    equal(await project.compile("consumer.mts", NODE_TYPES), { exitCode: 0, output: "" });
    const ended = await project.node("consumer.mjs");
    equal(ended, { exitCode: 0, output: '["function",[0,100,200],"nvs",{"taskCountMax":1},"full"]\n' });
  });

  it("refuses what it does not export, in the compiler and at run time", async () => {
    project.write("inside.mts", 'import { Core } from "holdfast/dist/src/core.js";\nconsole.log(Core);\n');
    const compiled = await project.compile("inside.mts", NODE_TYPES);
    ok(compiled.exitCode !== 0 && compiled.output.includes("TS2307"), compiled.output);
    for (const specifier of ["holdfast/dist/src/core.js", "holdfast/cli", "holdfast/core"]) {
      const ended = await project.node("--input-type=module", "-e", `import ${JSON.stringify(specifier)};`);
      ok(ended.exitCode !== 0 && /ERR_(PACKAGE_PATH_NOT_EXPORTED|MODULE_NOT_FOUND)/.test(ended.output), ended.output);
    }
  });

  it("type-checks a firmware without the types of Node, builds it and boots it", async () => {
    project.write("app/holdfast.json", JSON.stringify({ name: "app", version: "1.0.0", entry: "main.ts" }));
    project.write("app/main.ts", FIRMWARE);
    equal(await project.compile("app/main.ts", DEVICE_TYPES), { exitCode: 0, output: "" });
    const built = await project.node("node_modules/holdfast/cli/holdfast.js", "build", "app", "--out", "app.bin");
    equal(built.exitCode, 0, built.output);
    project.write("power-on.mjs", POWER_ON);
    equal(await project.node("power-on.mjs"), { exitCode: 0, output: "packed: powerOn\n" });
  });

  /** The files of the tarball that a path stands for, where "*" is one name or, in `exports`, more. */
  function matches(path: string): readonly string[] {
    const plain = posix.normalize(path);
    if (!plain.includes("*")) return project.paths.has(plain) ? [plain] : [];
    const [start = "", end = ""] = plain.split("*");
    return [...project.paths].filter((candidate) => {
      const middle = candidate.slice(start.length, candidate.length - end.length);
      return candidate.startsWith(start) && candidate.endsWith(end) && middle !== "" && !middle.includes("/");
    });
  }
});
