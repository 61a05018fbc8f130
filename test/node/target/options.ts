/** The words of `holdfast build --target`, through the real command: what it takes, and one line for what it does not. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { CommandLine, type Run } from "../command/command-line.js";

const HOLDFAST_JSON = JSON.stringify({ name: "app", version: "1.0.0", entry: "main.ts" });
const FILES = { "holdfast.json": HOLDFAST_JSON, "main.ts": "export default function main() {}\n" };

function refused(run: Run, line: RegExp): void {
  ok(line.test(run.stderr), `expected ${line}, got ${run.stderr}`);
  equal(run.stderr.match(/\n/g)?.length, 1, run.stderr);
  equal([run.stdout, run.exitCode], ["", 2]);
}

describe("target: options", () => {
  let line: CommandLine;
  let folder: string;

  before(() => {
    line = new CommandLine();
    folder = line.application("app", FILES);
  });

  after(() => line.close());

  it("refuses an unknown target and an unknown flash size, and names those that there are", async () => {
    refused(
      await line.run(["build", folder, "--target", "esp8266"]),
      /'esp8266' is invalid. Allowed choices are esp32, esp32s3, esp32c3;/,
    );
    const words = ["build", folder, "--target", "esp32", "--flash", "2MB"];
    refused(await line.run(words), /'2MB' is invalid. Allowed choices are 4MB, 8MB, 16MB;/);
  });

  it("refuses the options of a board without a target, and an image beside a run", async () => {
    refused(await line.run(["build", folder, "--flash", "4MB"]), /--flash is for a board; expected --target with it/);
    refused(await line.run(["build", folder, "--run"]), /--run is for a board/);
    refused(
      await line.run(["build", folder, "--target", "esp32", "--run", "--fit", "x"]),
      /cannot be used with option '--run'/,
    );
  });

  it("prepares below out, or where it is told to", async () => {
    const first = await line.run(["build", folder, "--target", "esp32"]);
    equal([first.exitCode, first.stderr], [0, ""]);
    ok(first.stdout.endsWith("\nmcconfig -m -p esp32\n"), first.stdout);
    ok(existsSync(join(line.folder, "out", "esp32", "manifest.json")));
    const second = await line.run(["build", folder, "--target", "esp32s3", "--basic", "--out", "boards"]);
    equal([second.exitCode, second.stderr], [0, ""]);
    ok(existsSync(join(line.folder, "boards", "esp32s3", "sdkconfig", "sdkconfig.defaults")));
  });
});
