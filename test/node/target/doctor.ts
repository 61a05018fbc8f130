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
    return { exitCode, lines, summary: lines.at(-1)!, bad: lines.filter((line) => /^(missing|wrong) /.test(line)) };
  }

  /** One line of that state, with all of these in it. */
  function tells(lines: readonly string[], state: "ok" | "missing" | "wrong", name: string, ...parts: readonly string[]): void {
    const line = lines.find((candidate) => candidate.slice("missing  ".length).startsWith(`${name} `)) ?? "no such line";
    ok(line.startsWith(`${state} `), `${name} is ${state}: ${line}`);
    for (const part of parts) ok(line.includes(part), `expected "${part}" in: ${line}`);
  }

  it("is content with a computer that has everything", async () => {
    const { exitCode, lines, summary, bad } = await visit({});
    equal([exitCode, bad], [0, []]);
    tells(lines, "ok", "Node", NODE_VERSION);
    tells(lines, "ok", "C compiler", "cc 13.2.0");
    tells(lines, "ok", "Moddable SDK", "8.2.3, ");
    tells(lines, "ok", "TypeScript", "6.0.3");
    tells(lines, "ok", "ESP-IDF", "v6.0.0, ");
    equal(lines.at(-2), "no holdfast.json here: holdfast doctor FOLDER looks at an application too");
    equal(summary, "simulator: ready · simulator --host xs: ready · boards: ready");
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
    equal(exitCode, 1);
    tells(lines, "missing", "C compiler", "no cc on PATH; expected one", "build-essential");
    tells(lines, "missing", "make", "no make on PATH");
    tells(lines, "missing", "Moddable SDK", "MODDABLE is not set", "get release 8.2.3 or later");
    tells(lines, "missing", "mcconfig", "no mcconfig on PATH", "build the SDK's tools");
    tells(lines, "missing", "TypeScript", "no tsc on PATH", "npm install --global typescript");
    tells(lines, "missing", "ESP-IDF", "IDF_PATH is not set");
    tells(lines, "missing", "idf.py", "export.sh");
    equal(
      lines.at(-1),
      "simulator: ready · simulator --host xs: 1 missing (C compiler) · " +
        "boards: 6 missing (make, Moddable SDK, mcconfig, TypeScript, ESP-IDF, idf.py)",
    );
  });

  it("names the version that is wanted where one is too old", async () => {
    const { exitCode, bad, lines, summary } = await visit({
      sdk: { moddable: "8.1.9", idf: [5, 5] },
      programs: { tsc: "Version 5.9.3" },
      nodeVersion: "20.18.9",
    });
    equal([exitCode, bad.length], [1, 4]);
    tells(lines, "wrong", "Node", "Node 20.18.9; expected 20.19 or later");
    tells(lines, "wrong", "Moddable SDK", "Moddable SDK 8.1.9; expected 8.2.3 or later");
    tells(lines, "wrong", "TypeScript", "tsc 5.9.3; expected 6.0 or later");
    tells(lines, "wrong", "ESP-IDF", "ESP-IDF v5.5.0; expected v6.0");
    equal(
      summary,
      "simulator: 1 wrong (Node) · simulator --host xs: ready · boards: 3 wrong (Moddable SDK, TypeScript, ESP-IDF)",
    );
  });

  it("takes later versions", async () => {
    const { bad } = await visit({
      sdk: { moddable: "10.1.0" },
      programs: { tsc: "Version 7.0.2" },
      nodeVersion: "22.1.0",
    });
    equal(bad, []);
  });

  it("does without a C compiler for boards, and says what it is for", async () => {
    const { exitCode, summary } = await visit({ programs: { cc: undefined } });
    equal(exitCode, 0);
    equal(summary, "simulator: ready · simulator --host xs: 1 missing (C compiler) · boards: ready");
  });

  it("finds the SDK's tools that are built and not on PATH, and takes no file for a program that is none", async () => {
    bench.file("bin/mcconfig", "not executable");
    const { exitCode, lines } = await visit({ sdk: { mcconfig: "true" }, programs: { mcconfig: undefined } });
    equal(exitCode, 1);
    tells(lines, "missing", "mcconfig", "it is built: add ", join("build", "bin"), "to PATH");
  });

  it("looks at an application: its chip, its partition table, its sdkconfig", async () => {
    const good = bench.application({ chip: "esp32s3", esp32: { flash: "8MB" } });
    const { exitCode, lines } = await visit({ application: good });
    equal(exitCode, 0);
    tells(lines, "ok", "application", "door counter 1.2.3 for esp32s3");
    tells(lines, "ok", "partition table", "ours for 8MB: two slots of 3,145,728 bytes");
    tells(lines, "ok", "sdkconfig", "ours");
    ok(!lines.some((line) => line.includes("no holdfast.json here")));
  });

  it("finds in an application what holdfast build --target refuses", async () => {
    const csv = bench.table((text) => text.replace(/^(ota_1.*)0x1e0000/m, "$10x1d0000"));
    const table = await visit({ application: bench.partitioned(csv) });
    equal(table.exitCode, 1);
    tells(table.lines, "wrong", "partition table", '"ota_1": size 0x1d0000, expected 0x1e0000');
    const lines = await visit({ application: bench.configured("CONFIG_ESP_TASK_WDT_PANIC=n\n") });
    tells(lines.lines, "wrong", "sdkconfig", "CONFIG_ESP_TASK_WDT_PANIC=n contradicts ");
    equal(lines.summary.split(" · ").at(-1), "boards: 1 wrong (sdkconfig)");
    const chip = await visit({ application: bench.application({ chip: "esp32c6" }) });
    tells(chip.lines, "wrong", "application", "chip esp32c6; expected esp32, esp32s3, esp32c3");
    equal(chip.exitCode, 1);
  });

  it("finds a sdkconfig line that only the basic level contradicts", async () => {
    const application = bench.configured("CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE=y\n");
    const { lines, exitCode } = await visit({ application });
    tells(lines, "ok", "sdkconfig", "full level only", "basic/sdkconfig.defaults");
    equal(exitCode, 0);
  });

  it("says where there is no application, and takes the one of the current folder", async () => {
    const nowhere = await visit({ application: join(bench.folder, "nowhere") });
    equal(nowhere.exitCode, 1);
    tells(nowhere.lines, "missing", "application", "nowhere: no holdfast.json");
    const here = await visit({ currentFolder: dirname(join(bench.application(), "holdfast.json")) });
    tells(here.lines, "ok", "application", "door counter");
  });

  it("is a command", async () => {
    const line = new CommandLine();
    try {
      const run = await line.run(["doctor"]);
      ok(/^ok +Node /.test(run.stdout), run.stdout + run.stderr);
      ok(/ · boards: .*\n$/.test(run.stdout), run.stdout);
      equal(run.exitCode, run.stdout.endsWith("boards: ready\n") ? 0 : 1);
    } finally {
      line.close();
    }
  });
});
