/** `--run` and `--fit`: an SDK that is missing or too old, a failing build, an image that is too large, each in one line. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { complains, Workbench } from "./workbench.js";

/** 0x1e0000: what a slot of the table for 4 MB has. */
const SLOT_SIZE_BYTES = 1_966_080;
/** Nine tenths of it. */
const SIZE_MAX = "1,769,472";

describe("target: run and fit", () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });

  afterEach(() => bench.close());

  /** A shell script that leaves `image` where mcconfig does. */
  function leaves(image: string): string {
    const folder = '"$MODDABLE/build/bin/esp32/esp32c3/release/door-counter"';
    return `echo "built $* in $PWD"\nmkdir -p ${folder}\ncp "${image}" ${folder}/xs_esp32.bin`;
  }

  it("says what is missing, and has prepared all the same", async () => {
    const { MODDABLE, IDF_PATH } = bench.sdk();
    const empty = bench.application();
    for (const [environment, complaint] of [
      [{}, "MODDABLE is not set; expected the folder of the Moddable SDK"],
      [{ MODDABLE }, "IDF_PATH is not set; expected the folder of ESP-IDF"],
      [{ MODDABLE: empty, IDF_PATH }, `MODDABLE is ${empty}, which has no ${join("tools", "VERSION")}; expected`],
    ] as const) {
      const ended = await bench.run(empty, { run: true }, environment);
      complains(ended, complaint);
      ok(ended.printed.endsWith("\nmcconfig -m -p esp32/esp32c3\n"), ended.printed);
      ok(existsSync(join(bench.out, "esp32c3", "manifest.json")));
    }
  });

  it("refuses an SDK that is too old, and an ESP-IDF that the SDK is not made for", async () => {
    const run = { run: true };
    complains(
      await bench.run(bench.application(), run, bench.sdk({ moddable: "8.1.9" })),
      "Moddable SDK 8.1.9; expected 8.2.3 or later",
    );
    complains(
      await bench.run(bench.application(), run, bench.sdk({ idf: [5, 5] })),
      "is ESP-IDF v5.5.0; expected v6.0, which Moddable SDK 8.2.3 builds with",
    );
    complains(await bench.run(bench.application(), run, bench.sdk({ moddable: "10.1.0" })), "no mcconfig in ");
  });

  it("runs mcconfig in the folder, shows what it prints, and judges the image", async () => {
    const mcconfig = leaves(bench.image("built.bin"));
    const { line, printed } = await bench.run(bench.application(), { run: true }, bench.sdk({ mcconfig }));
    equal(line, undefined);
    ok(printed.includes("built -m -p esp32/esp32c3 -t build in "), printed);
    ok(/xs_esp32\.bin: [\d,]+ bytes fit a slot of 1,966,080, 99 % are free\n$/.test(printed), printed);
  });

  it("tells a failure of mcconfig, and one that mcconfig does not tell", async () => {
    const failing = bench.sdk({ mcconfig: "echo no compiler >&2\nexit 3" });
    const ended = await bench.run(bench.application(), { run: true }, failing);
    complains(ended, "mcconfig ended with 3; expected 0");
    ok(ended.printed.endsWith("no compiler\n"), ended.printed);

    const silent = bench.sdk({ mcconfig: "exit 0" });
    bench.image(`${silent.MODDABLE.slice(bench.folder.length)}/build/bin/esp32/esp32c3/release/door-counter/xs_esp32.bin`);
    complains(await bench.run(bench.application(), { run: true }, silent), "mcconfig made no ", "expected the image");
  });

  it("refuses an image that leaves less than the headroom, of a run and of a file", async () => {
    const large = bench.image("large.bin", { sizeBytes: 1_769_472 });
    const complaint = [" bytes do not fit a slot of 1,966,080 with 10 % headroom; expected at most ", SIZE_MAX];
    const sdk = bench.sdk({ mcconfig: leaves(large) });
    complains(await bench.run(bench.application(), { run: true }, sdk), "xs_esp32.bin: ", ...complaint);
    complains(await bench.run(bench.application(), { fit: large }), "large.bin: ", ...complaint);
    const folder = bench.application({ esp32: { headroomPercent: 0 } });
    const { line, printed } = await bench.run(folder, { fit: large });
    equal(line, undefined);
    ok(printed.includes("bytes fit a slot of 1,966,080, 9 % are free"), printed);
    const larger = bench.image("larger.bin", { sizeBytes: SLOT_SIZE_BYTES });
    complains(await bench.run(folder, { fit: larger }), "with 0 % headroom; expected at most 1,966,080");
  });

  it("refuses a file that is not there, is no image, or is another chip's", async () => {
    const folder = bench.application();
    complains(
      await bench.run(folder, { fit: join(bench.folder, "none.bin") }),
      "none.bin: no such file; expected an application image",
    );
    complains(await bench.run(folder, { fit: bench.file("text.bin", "no image") }), "text.bin: image: ");
    complains(await bench.run(folder, { fit: bench.image("s3.bin", { chip: "esp32s3" }) }), "s3.bin: image: ", "esp32s3");
  });
});
