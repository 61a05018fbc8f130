/** `holdfast image inspect`: what a file is, in words, and one line for what is none. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageIdOf } from "../../../src/ota/journal-record.js";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { smallImage } from "../../spec/image/small-image.js";
import { image, signedUpdate } from "../signing/workbench.js";
import { CommandLine } from "./command-line.js";

describe("command: image inspect", () => {
  const line = new CommandLine();
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(line.folder, name), bytes);
  const inspect = (...words: string[]) => line.run(["image", "inspect", ...words]);

  before(async () => {
    const { update, release, deployment } = await signedUpdate();
    write("fw.bin", image);
    write("update.cose", update);
    write("release.cose", release);
    write("deployment.cose", deployment);
    write("other.bin", smallImage());
  });
  after(() => line.close());

  /** The words of the output, by their names. */
  const told = (output: string): Map<string, string> =>
    new Map(output.split("\n").map((row) => [row.slice(0, 16).trim(), row.slice(18)]));

  it("says what an image is", async () => {
    const { exitCode, stdout, stderr } = await inspect("fw.bin");
    equal([exitCode, stderr], [0, ""]);
    const words = told(stdout);
    equal(words.get("image"), "40,352 bytes");
    equal(words.get("chip"), "esp32c3 (0x0005)");
    equal(words.get("project"), "lamp 1.2.3");
    equal(words.get("security version"), "7");
    equal(words.get("journal's name"), imageIdOf(image, image.length - 32));
    ok(words.get("carried SHA-256")!.endsWith(", right"));
  });

  it("says what a signed update is, and each of its parts", async () => {
    const whole = told((await inspect("update.cose")).stdout);
    equal(whole.get("release"), "7: example.com sensor-node 2.0.0");
    equal(whole.get("chunks"), "3 of 16,384 bytes");
    equal(whole.get("for"), "every device of the class");
    equal(whole.get("it deploys"), "the release above");
    equal(told((await inspect("release.cose")).stdout).get("hardware"), "2 … 5");
    equal(told((await inspect("deployment.cose")).stdout).get("revokes"), "nothing");
  });

  it("holds an update against an image", async () => {
    const right = await inspect("fw.bin", "--update", "update.cose");
    equal([right.exitCode, told(right.stdout).get("of this image")], [0, "yes: size and SHA-256"]);
    const wrong = await inspect("other.bin", "--update", "update.cose");
    equal([wrong.exitCode, wrong.stderr], [1, "holdfast: update.cose: other.bin is not the image of the release\n"]);
  });

  it("refuses, in one line, what is damaged or something else", async () => {
    write("junk", new Uint8Array([1, 2, 3]));
    write("cut.bin", image.subarray(0, 1000));
    write("empty", new Uint8Array(0));
    const refusals: readonly (readonly [words: readonly string[], stderr: RegExp])[] = [
      [["junk"], /^holdfast: junk: begins with 0x01; expected an application image, or a signed update/],
      [["empty"], /^holdfast: empty: /],
      [["cut.bin"], /^holdfast: cut\.bin: image: /],
      [["nowhere"], /^holdfast: nowhere: .*expected an application image/],
      [["update.cose", "--update", "update.cose"], /--update goes with an application image/],
    ];
    for (const [words, stderr] of refusals) {
      const run = await inspect(...words);
      ok(run.exitCode === 1 && stderr.test(run.stderr) && run.stderr.split("\n").length === 2, `${words}: ${run.stderr}`);
    }
  });
});
