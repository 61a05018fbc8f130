/** `holdfast sim`: one device until Ctrl-C, which remembers what is in its flash file. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { CommandLine, type Run } from "./command-line.js";

const SENSOR_NODE = fileURLToPath(new URL("../../../examples/sensor-node/", import.meta.url));
/** Nobody listens there: the device polls, fails, and goes on. */
const SETTINGS = ["--set", "update.host=127.0.0.1", "--set", "update.port=1"];

describe("command: sim", () => {
  let line: CommandLine;

  before(() => {
    line = new CommandLine();
  });

  after(() => line.close());

  /** Until the first temperature, then Ctrl-C, which a terminal sends to every process of the group. */
  function simulate(signal: NodeJS.Signals): Promise<Run> {
    return line.run(["sim", SENSOR_NODE, "--flash", "device.flash", ...SETTINGS], (text, send) => {
      if (/temperature \d+\.\d °C$/.test(text)) send(signal);
    });
  }

  it("flashes a blank device, runs it, and ends well at Ctrl-C; the second time it keeps the flash", async () => {
    const first = await simulate("SIGINT");
    equal([first.exitCode, first.stderr], [0, ""]);
    ok(/^flashed sensor-node 1\.0\.0, \d+ bytes, to device\.flash\n/.test(first.stdout), first.stdout);
    ok(first.stdout.includes("otadata[0] written: sequence 1, valid"), first.stdout);
    ok(!/panic|abort/.test(first.stdout), first.stdout);
    ok(!existsSync(join(line.folder, "device.flash.lock")), "the file is given back");

    const second = await simulate("SIGTERM");
    equal([second.exitCode, second.stderr], [0, ""]);
    ok(second.stdout.startsWith("device.flash is kept as it is (slot 0: 1.0.0 valid, slot 1: empty"), second.stdout);
    ok(second.stdout.includes("otadata[0] selects ota_0"), second.stdout);
  });

  it("refuses the flash of a device that runs already, which runs on", async () => {
    let second: Promise<Run> | undefined;
    const words = ["sim", SENSOR_NODE, "--flash", "shared.flash", ...SETTINGS];
    const first = await line.run(words, (text, send) => {
      if (!text.includes("temperature") || second !== undefined) return;
      second = line.run(words);
      void second.finally(() => send("SIGINT"));
    });
    equal(first.exitCode, 0);
    const refused = await second!;
    equal([refused.exitCode, refused.stdout], [1, ""]);
    ok(/^holdfast: \S+shared\.flash\.lock: process \d+ holds the file; expected .*\n$/.test(refused.stderr), refused.stderr);
  });
});
