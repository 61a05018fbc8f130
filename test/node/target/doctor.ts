/** `holdfast doctor` on computers made for it: each thing that is missing or too old is one line that says what to do. */
import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { doctorCommand } from "../../../cli/doctor/command.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { CommandLine } from "../command/command-line.js";
import { Workbench } from "./workbench.js";

const NODE_VERSION = "20.19.0";
/** Programs of the computer and the first thing that each prints. */
const PROGRAMS: Readonly<Record<string, string>> = Object.freeze({
  cc: "cc 13.2.0",
  make: "GNU Make 4.3",
  tar: "",
  mcconfig: "",
  tsc: "Version 6.0.3",
  "idf.py": "",
});

describe("target: doctor", () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });

  afterEach(() => bench.close());

  /** A folder for PATH that has these programs and nothing else. */
  function path(programs: Readonly<Record<string, string | undefined>>): string {
    for (const [name, printed] of Object.entries(programs)) {
      if (printed !== undefined) chmodSync(bench.file(`bin/${name}`, `#!/bin/sh\necho "${printed}"\n`), 0o755);
    }
    return join(bench.folder, "bin");
  }

  interface Visit {
    readonly sdk?: Parameters<Workbench["sdk"]>[0];
    readonly programs?: Readonly<Record<string, string | undefined>>;
    readonly nodeVersion?: string;
    readonly application?: string;
    readonly currentFolder?: string;
  }

  /** A computer with everything, but for what the visit says. */
  async function visit({ sdk, programs, nodeVersion = NODE_VERSION, application, currentFolder = bench.folder }: Visit) {
    let printed = "";
    const exitCode = await doctorCommand(application, {
      environment: { ...bench.sdk(sdk), PATH: path({ ...PROGRAMS, ...programs }) },
      nodeVersion,
      currentFolder,
      write: (text) => {
        printed += text;
      },
    });
    const lines = printed.trimEnd().split("\n");
    return { exitCode, lines, summary: summaryOf(lines), bad: lines.filter((line) => /^[–✗] /.test(line)) };
  }

  /** The lines that say what is ready, one for each purpose. */
  function summaryOf(lines: readonly string[]): readonly string[] {
    return lines.filter((line) => /^[a-z -]+: (?:not )?ready/.test(line));
  }

  /** One line with that mark, with all of these in it. */
  function tells(lines: readonly string[], mark: "✓" | "–" | "✗", name: string, ...parts: readonly string[]): void {
    const line = lines.find((candidate) => candidate.slice("✓  ".length).startsWith(`${name} `)) ?? "no such line";
    ok(line.startsWith(`${mark} `), `${name} has ${mark}: ${line}`);
    for (const part of parts) ok(line.includes(part), `expected "${part}" in: ${line}`);
  }

  it("is content with a computer that has everything", async () => {
    const { exitCode, lines, summary, bad } = await visit({});
    equal([exitCode, bad], [0, []]);
    tells(lines, "✓", "Node", NODE_VERSION);
    tells(lines, "✓", "C compiler", "cc 13.2.0");
    tells(lines, "✓", "Moddable SDK", "8.2.3, ");
    tells(lines, "✓", "TypeScript", "6.0.3");
    tells(lines, "✓", "ESP-IDF", "v6.0.0, ");
    equal(lines.at(-4), "no holdfast.json here: holdfast doctor FOLDER looks at an application too");
    equal(summary, ["simulator: ready", "simulator --host xs: ready", "boards: ready"]);
  });

  it("names all that is missing, each with what to do", async () => {
    let printed = "";
    const exitCode = await doctorCommand(undefined, {
      environment: { PATH: path({}) },
      nodeVersion: NODE_VERSION,
      currentFolder: bench.folder,
      write: (text) => {
        printed += text;
      },
    });
    const lines = printed.trimEnd().split("\n");
    equal(exitCode, 0, "the simulator is ready");
    tells(lines, "–", "C compiler", "no cc on PATH; expected one", "build-essential");
    tells(lines, "–", "tar", "no tar on PATH");
    tells(lines, "–", "make", "no make on PATH");
    tells(lines, "–", "Moddable SDK", "MODDABLE is not set", "get release 8.2.3 or later");
    tells(lines, "–", "mcconfig", "no mcconfig on PATH", "build the SDK's tools");
    tells(lines, "–", "TypeScript", "no tsc on PATH", "npm install --global typescript");
    tells(lines, "–", "ESP-IDF", "IDF_PATH is not set");
    tells(lines, "–", "idf.py", "export.sh");
    const boards = "make is missing, Moddable SDK is missing, mcconfig is missing, TypeScript is missing, ESP-IDF is missing";
    equal(summaryOf(lines), [
      "simulator: ready",
      "simulator --host xs: not ready because C compiler is missing, tar is missing, make is missing",
      `boards: not ready because ${boards}, idf.py is missing`,
    ]);
  });

  it("names the version that is wanted where one is too old", async () => {
    const { exitCode, bad, lines, summary } = await visit({
      sdk: { moddable: "8.1.9", idf: [5, 5] },
      programs: { tsc: "Version 5.9.3" },
      nodeVersion: "20.18.9",
    });
    equal([exitCode, bad.length], [1, 4]);
    tells(lines, "✗", "Node", "Node 20.18.9; expected 20.19 or later");
    tells(lines, "✗", "Moddable SDK", "Moddable SDK 8.1.9; expected 8.2.3 or later");
    tells(lines, "✗", "TypeScript", "tsc 5.9.3; expected 6.0 or later");
    tells(lines, "✗", "ESP-IDF", "ESP-IDF v5.5.0; expected v6.0");
    equal(summary, [
      "simulator: not ready because Node is wrong",
      "simulator --host xs: ready",
      "boards: not ready because Moddable SDK is wrong, TypeScript is wrong, ESP-IDF is wrong",
    ]);
  });

  it("takes later versions, and says of the SDK that it was not tried", async () => {
    const { bad, lines } = await visit({
      sdk: { moddable: "10.1.0" },
      programs: { tsc: "Version 7.0.2" },
      nodeVersion: "22.1.0",
    });
    equal(bad, []);
    tells(lines, "✓", "Moddable SDK", "10.1.0, ", "not tried with this package, 8.2.3 was");
    const known = await visit({});
    ok(!known.lines.some((line) => line.includes("not tried")), known.lines.join());
  });

  it("needs no board for exit code 0, whatever is wrong with it", async () => {
    const { exitCode, bad } = await visit({ sdk: { idf: [5, 5] }, programs: { tsc: undefined } });
    equal([exitCode, bad.length], [0, 2]);
  });

  it("does without a C compiler for boards, and says what it is for", async () => {
    const { exitCode, summary } = await visit({ programs: { cc: undefined } });
    equal(exitCode, 0);
    const device = "simulator --host xs: not ready because C compiler is missing";
    equal(summary, ["simulator: ready", device, "boards: ready"]);
  });

  it("finds the SDK's tools that are built and not on PATH, and takes no file for a program that is none", async () => {
    bench.file("bin/mcconfig", "not executable");
    const { exitCode, lines } = await visit({ sdk: { mcconfig: "true" }, programs: { mcconfig: undefined } });
    equal(exitCode, 0);
    tells(lines, "–", "mcconfig", "it is built: add ", join("build", "bin"), "to PATH");
  });

  it("looks at an application: its chip, its partition table, its sdkconfig", async () => {
    const good = bench.application({ chip: "esp32s3", esp32: { flash: "8MB" } });
    const { exitCode, lines } = await visit({ application: good });
    equal(exitCode, 0);
    tells(lines, "✓", "application", "door counter 1.2.3 for esp32s3");
    tells(lines, "✓", "partition table", "ours for 8MB: two slots of 3,145,728 bytes");
    tells(lines, "✓", "sdkconfig", "ours");
    ok(!lines.some((line) => line.includes("no holdfast.json here")));
  });

  it("finds in an application what holdfast build --target refuses", async () => {
    const csv = bench.table((text) => text.replace(/^(ota_1.*)0x1e0000/m, "$10x1d0000"));
    const table = await visit({ application: bench.partitioned(csv) });
    equal(table.exitCode, 1);
    tells(table.lines, "✗", "partition table", '"ota_1": size 0x1d0000, expected 0x1e0000');
    const lines = await visit({ application: bench.configured("CONFIG_ESP_TASK_WDT_PANIC=n\n") });
    tells(lines.lines, "✗", "sdkconfig", "CONFIG_ESP_TASK_WDT_PANIC=n contradicts ");
    equal(lines.exitCode, 1);
    equal(lines.summary.slice(-2), ["boards: ready", "this application: not ready because sdkconfig is wrong"]);
    const chip = await visit({ application: bench.application({ chip: "esp32c6" }) });
    tells(chip.lines, "✗", "application", "chip esp32c6; expected esp32, esp32s3, esp32c3");
    equal(chip.exitCode, 1);
  });

  it("finds a sdkconfig line that only the basic level contradicts", async () => {
    const application = bench.configured("CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE=y\n");
    const { lines, exitCode } = await visit({ application });
    tells(lines, "✓", "sdkconfig", "full level only", "basic/sdkconfig.defaults");
    equal(exitCode, 0);
  });

  it("says where there is no application, and takes the one of the current folder", async () => {
    const nowhere = await visit({ application: join(bench.folder, "nowhere") });
    equal(nowhere.exitCode, 1);
    tells(nowhere.lines, "✗", "application", "nowhere: no holdfast.json");
    const here = await visit({ currentFolder: dirname(join(bench.application(), "holdfast.json")) });
    tells(here.lines, "✓", "application", "door counter");
  });

  it("is a command", async () => {
    const line = new CommandLine();
    try {
      const run = await line.run(["doctor"]);
      ok(/^✓ +Node /.test(run.stdout), run.stdout + run.stderr);
      ok(/\nboards: .*\n$/.test(run.stdout), run.stdout);
      equal(run.exitCode, 0, "this Node runs the specs");
    } finally {
      line.close();
    }
  });
});
