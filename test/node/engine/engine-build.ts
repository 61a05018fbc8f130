/** The cache of the built engine: what is wrong is said in one line, and no caller ever sees half a program. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureEngine } from "../../../cli/engine/ensure-engine.js";
import { equal, ok, rejects } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { engineOrSkip } from "./engine-rig.js";

const program = await engineOrSkip();
const ARCHIVE = "agoric-xsnap-0.15.0.tgz";
/** The one that was checked when the engine for the other specs was built. */
const GOOD_ARCHIVE = program === undefined ? undefined : join(dirname(dirname(program)), ARCHIVE);

/** Stands in for a tool: its body is a shell script. */
type Tools = Readonly<Record<string, string>>;
const COMPILER: Tools = { cc: "echo 'cc (stand-in) 1.0'" };
/** Writes what it was called with to where the program is expected. */
const MAKE = `
for word in "$@"; do case "$word" in BUILD=*) folder="\${word#BUILD=}";; --version) exit 0;; esac; done
mkdir -p "$folder"; echo "$@" > "$folder/holdfast-xs"; echo built >> "$COUNTER"`;

describe("engine: build", () => {
  let folder: string;
  let lines: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "holdfast-build-"));
    lines = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Written before any is called: a script that is rewritten while it runs says nothing. */
  function install(tools: Tools): NodeJS.ProcessEnv {
    const path = join(folder, "tools");
    mkdirSync(path, { recursive: true });
    for (const [name, body] of Object.entries(tools)) {
      writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(path, name), 0o755);
    }
    const environment = {
      PATH: [path, ...(tools["make"] ? ["/usr/bin", "/bin"] : [])].join(delimiter),
      COUNTER: join(folder, "counter"),
    };
    return environment;
  }

  function ensureWith(environment: NodeJS.ProcessEnv, extension: readonly string[] = []): Promise<string> {
    return ensureEngine({ cacheFolder: join(folder, "cache"), extension, environment, log: (line) => lines.push(line) });
  }

  function ensure(tools: Tools): Promise<string> {
    return ensureWith(install(tools));
  }

  function putArchive(bytes: string | undefined): void {
    mkdirSync(join(folder, "cache"), { recursive: true });
    const file = join(folder, "cache", ARCHIVE);
    if (bytes === undefined) copyFileSync(GOOD_ARCHIVE!, file);
    else writeFileSync(file, bytes);
  }

  const NO_COMPILER = /^XS host: no C compiler; install gcc and make \(apt-get install build-essential\)$/;

  it("says what to install where there is no compiler, and where there is no make", async () => {
    await rejects(ensure({}), "missing", NO_COMPILER);
    await rejects(ensure(COMPILER), "missing", NO_COMPILER);
    equal(lines, []);
  });

  it("refuses an archive with a wrong hash, removes it and builds nothing", async () => {
    putArchive("not the engine");
    const tools = { ...COMPILER, make: MAKE };
    const text =
      /agoric-xsnap-0\.15\.0\.tgz: its sha512 is \S+==, expected ZBm4\S+==; the file was removed and nothing was built$/;
    await rejects(ensure(tools), "corrupt", text);
    equal(readdirSync(join(folder, "cache")), []);
    ok(!existsSync(join(folder, "counter")), "make was not called");
  });

  it("refuses what npm brings, too, where its hash is wrong, and says what npm said where it failed", async () => {
    const npm = 'while [ "$1" != --pack-destination ]; do shift; done; echo other > "$2/agoric-xsnap-0.15.0.tgz"';
    await rejects(ensure({ ...COMPILER, make: MAKE, npm }), "corrupt", /its sha512 is/);
    await rejects(
      ensure({ ...COMPILER, make: MAKE, npm: "echo 'npm error offline' >&2; exit 1" }),
      "io",
      /^npm pack .*npm error offline$/,
    );
    equal(readdirSync(join(folder, "cache")), []);
  });

  if (GOOD_ARCHIVE === undefined) return;

  it("compiles our C files without a warning", () => {
    execFileSync("tar", ["-xzf", GOOD_ARCHIVE, "-C", folder]);
    const makefile = fileURLToPath(new URL("../../../hosts/xs/engine/Makefile", import.meta.url));
    execFileSync("make", ["-f", makefile, `ENGINE=${join(folder, "package")}`, "warnings"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  });

  it("leaves nothing behind where the build fails, and gives the last words", async () => {
    putArchive(undefined);
    const make = 'if [ "$1" = --version ]; then exit 0; fi; echo "engine.c:1: error: nonsense" >&2; exit 2';
    await rejects(ensure({ ...COMPILER, make }), "io", /^make -j2 -f: engine\.c:1: error: nonsense$/);
    equal(readdirSync(join(folder, "cache")), [ARCHIVE]);
  });

  it("builds once for the same compiler, anew for another, and twice at once without harm", async () => {
    putArchive(undefined);
    const environment = install({ ...COMPILER, make: MAKE });
    const builds = (): number => readFileSync(join(folder, "counter"), "utf8").split("\n").length - 1;
    const [first, second] = await Promise.all([ensureWith(environment), ensureWith(environment)]);
    equal(first, second);
    ok(readFileSync(first, "utf8").startsWith("-j2 -f "));
    const concurrent = builds();
    equal(await ensureWith(environment), first);
    equal(builds(), concurrent, "from the cache");
    ok(lines.length > 0 && lines.every((line) => line.startsWith("XS host: ")), lines.join("\n"));
    const other = await ensure({ cc: "echo 'cc (stand-in) 2.0'", make: MAKE });
    ok(other !== first);
    equal(builds(), concurrent + 1);
    equal(readdirSync(join(folder, "cache")).length, 3, "the archive and two programs");
  });

  it("builds anew for an extension and for each change of its files, and hands its folders to make", async () => {
    putArchive(undefined);
    const environment = install({ ...COMPILER, make: MAKE });
    const extension = [join(folder, "one"), join(folder, "two")];
    for (const path of extension) mkdirSync(join(path, "inner"), { recursive: true });
    writeFileSync(join(extension[0]!, "inner", "first.h"), "1");
    const plain = await ensureWith(environment);
    const first = await ensureWith(environment, extension);
    ok(first !== plain);
    ok(!readFileSync(plain, "utf8").includes("EXTENSION"));
    ok(readFileSync(first, "utf8").includes(`EXTENSION=${extension.join(" ")}`));
    equal(await ensureWith(environment, extension), first, "from the cache");
    writeFileSync(join(extension[0]!, "inner", "first.h"), "2");
    ok((await ensureWith(environment, extension)) !== first);
  });

  it("keeps the engine's library and gives it to the next build, with the same flags only", async () => {
    putArchive(undefined);
    const make = MAKE.replace('echo "$@"', 'case "$*" in *XS_LIBRARY=*) ;; *) echo xs > "$folder/libxs.a";; esac; echo "$@"');
    const environment = install({ ...COMPILER, make });
    const extension = [join(folder, "one")];
    mkdirSync(extension[0]!);
    writeFileSync(join(extension[0]!, "a.c"), "");
    ok(!readFileSync(await ensureWith(environment), "utf8").includes("XS_LIBRARY"));
    const [library] = readdirSync(join(folder, "cache")).filter((name) => name.endsWith("-libxs.a"));
    const words = readFileSync(await ensureWith(environment, extension), "utf8");
    ok(words.includes(`XS_LIBRARY=${join(folder, "cache", library!)}`), words);
    const other = await ensureEngine({
      cacheFolder: join(folder, "cache"),
      variant: "sanitized",
      environment,
      log: () => {},
    });
    ok(!readFileSync(other, "utf8").includes("XS_LIBRARY"));
  });
});
