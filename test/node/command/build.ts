/** `holdfast build`: the image that a slot takes, the same bytes each time, wherever the sources lie. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { equal, notEqual, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { loadShipped } from "../../sim/shipped.js";
import { CommandLine } from "./command-line.js";

const PROBE = fileURLToPath(new URL("../../fixtures/firmware/probe/", import.meta.url));

describe("command: build", () => {
  let line: CommandLine;

  before(() => {
    line = new CommandLine();
  });

  after(() => line.close());

  it("gives the same bytes from the same sources, in another folder too, and says what they are", async () => {
    const copy = join(line.folder, "copy");
    cpSync(PROBE, copy, { recursive: true });
    const first = await line.run(["build", PROBE, "--out", "first.bin"]);
    const second = await line.run(["build", copy, "--out", join("made", "on", "the", "way", "second.bin")]);
    equal([first.exitCode, first.stderr, second.exitCode, second.stderr], [0, "", 0, ""]);
    const image = readFileSync(join(line.folder, "first.bin"));
    ok(image.equals(readFileSync(join(line.folder, "made/on/the/way/second.bin"))), "the same bytes");
    ok(first.stdout.startsWith("no update keys (holdfast.json: keys): this firmware takes no updates\n"), first.stdout);
    ok(first.stdout.includes("\nprobe 1.0.0 for esp32c3\n"), first.stdout);
    ok(first.stdout.includes(image.subarray(-32).toString("hex")), first.stdout);
    ok(!image.includes(line.folder) && !image.includes(PROBE), "no path of this machine is in the image");
  });

  it("makes what the bundles are read back from, and another image for another version", async () => {
    const shipped = await loadShipped();
    const application = shipped.readApplication(PROBE);
    const one = await shipped.buildApplicationImage(application);
    equal(shipped.readFirmwareBundles(one.image), one.bundles);
    equal(one.sha256, Buffer.from(one.image.subarray(-32)).toString("hex"));
    const two = await shipped.buildApplicationImage({ ...application, version: "1.0.1" });
    equal(two.bundles, one.bundles);
    notEqual(two.sha256, one.sha256);
  });
});
