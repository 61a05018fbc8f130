/** Whatever is wrong with the command line or the application: one line that names it and what was expected, and no stack. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { CommandLine, type Run } from "./command-line.js";

const HOLDFAST_JSON = JSON.stringify({ name: "app", version: "1.0.0", entry: "main.ts" });
const MAIN = "export default function main() {}\n";

/** A wrong word on the command line is 2, anything else 1. */
function refused(run: Run, exitCode: 1 | 2, line: RegExp): void {
  ok(line.test(run.stderr), `expected ${line}, got ${run.stderr}`);
  equal(run.stderr.match(/\n/g)?.length, 1, run.stderr);
  ok(run.stderr.startsWith("holdfast: "), run.stderr);
  equal(run.stdout, "");
  equal(run.exitCode, exitCode);
}

describe("command: refusals", () => {
  let line: CommandLine;

  before(() => {
    line = new CommandLine();
  });

  after(() => line.close());

  it("refuses an unknown command and guesses what was meant", async () => {
    refused(await line.run(["buld"]), 2, /unknown command 'buld' \(Did you mean build\?\); holdfast --help lists the commands/);
  });

  it("refuses an unknown option of the command and of a subcommand", async () => {
    refused(await line.run(["--colour"]), 2, /unknown option '--colour'; holdfast --help lists/);
    refused(await line.run(["sim", "--speed", "2", "app"]), 2, /unknown option '--speed'.*COMMAND --help its options$/m);
  });

  it("refuses a missing argument, one too many, and a setting without a value", async () => {
    refused(await line.run(["build"]), 2, /missing required argument 'application';/);
    refused(await line.run(["build", "one", "two"]), 2, /Expected 1 argument but got 2;/);
    refused(await line.run(["sim", "app", "--set", "speed"]), 2, /argument 'speed' is invalid\. Expected key=value;/);
  });

  it("refuses a folder without a holdfast.json, for each command that takes one", async () => {
    const expected = /nowhere: no holdfast\.json; expected an application folder, such as examples\/sensor-node/;
    refused(await line.run(["build", "nowhere"]), 1, expected);
    refused(await line.run(["sim", "nowhere"]), 1, expected);
    ok(!existsSync(join(line.folder, "out")), "nothing was made");
  });

  it("refuses a wrong field", async () => {
    const folder = line.application("field", { "holdfast.json": '{"name":"app","version":1}', "main.ts": MAIN });
    refused(
      await line.run(["build", folder]),
      1,
      /holdfast\.json: entry is wrong; expected the path of a module in the folder/,
    );
  });

  it("refuses what does not compile and names the place", async () => {
    const folder = line.application("syntax", { "holdfast.json": HOLDFAST_JSON, "main.ts": `${MAIN}\nconst = 1;\n` });
    refused(await line.run(["build", folder]), 1, /main\.ts:3:6: ERROR: Expected identifier but found "="/);
  });

  it("refuses a module of Node", async () => {
    const main = `import { readFileSync } from "node:fs";\nexport default function main() { readFileSync("x"); }\n`;
    const folder = line.application("node", { "holdfast.json": HOLDFAST_JSON, "main.ts": main });
    const expected = /main\.ts imports "node:fs"; expected relative imports and "holdfast…" only: a device has no packages/;
    refused(await line.run(["build", folder]), 1, expected);
    refused(await line.run(["sim", folder]), 1, expected);
  });

  it("refuses an application without a main", async () => {
    const folder = line.application("mainless", { "holdfast.json": HOLDFAST_JSON, "main.ts": "export function main() {}\n" });
    refused(await line.run(["build", folder]), 1, /no default export; expected `export default function main\(host\)`/);
  });

  it("refuses a flash file that is none", async () => {
    const folder = line.application("flash", { "holdfast.json": HOLDFAST_JSON, "main.ts": MAIN, "short.flash": "short" });
    const run = await line.run(["sim", folder, "--flash", join(folder, "short.flash")]);
    refused(run, 1, /short\.flash: the file has 5 bytes, expected 4194304, the flash's size/);
  });
});
