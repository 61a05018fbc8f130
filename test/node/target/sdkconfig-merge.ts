/** The sdkconfig that comes out: the framework's lines, the flash, the version and the application's, each symbol once. */
import { readFileSync } from "node:fs";
import { parseSDKConfig } from "../../../cli/target/sdkconfig.js";
import { FLASH_SIZES } from "../../../cli/target/target.js";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { complains, Workbench } from "./workbench.js";

const FOLDER = new URL("../../../hosts/esp32/sdkconfig/", import.meta.url);
const MERGED = "esp32c3/sdkconfig/sdkconfig.defaults";

function shipped(path: string): Map<string, string> {
  return symbolsOf(readFileSync(new URL(path, FOLDER), "utf8"));
}

function symbolsOf(text: string): Map<string, string> {
  const lines = parseSDKConfig(text, { file: "sdkconfig" });
  const symbols = new Map(lines.map((line) => [line.symbol, line.value]));
  equal(symbols.size, lines.length, "each symbol stands once");
  return symbols;
}

describe("target: merged sdkconfig", () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });

  afterEach(() => bench.close());

  it("has every line of the framework, and the application's behind them", async () => {
    const own =
      "# our sockets\nCONFIG_LWIP_MAX_SOCKETS=0x8\nCONFIG_ESP_TASK_WDT_TIMEOUT_S=0x3\n# CONFIG_BT_ENABLED is not set\n";
    const ended = await bench.run(bench.configured(own));
    equal(ended.line, undefined);
    const merged = symbolsOf(bench.prepared(MERGED));
    for (const [symbol, value] of shipped("sdkconfig.defaults")) equal(merged.get(symbol), value, symbol);
    equal(merged.get("CONFIG_LWIP_MAX_SOCKETS"), "0x8");
    equal(merged.get("CONFIG_BT_ENABLED"), "n", "mcconfig would pass over the comment");
    equal(merged.get("CONFIG_APP_PROJECT_VER"), '"1.2.3"');
    const comments = bench
      .prepared(MERGED)
      .split("\n")
      .filter((line) => line.includes("not set"));
    equal(comments, []);
  });

  it("says one flash size, and takes Moddable's back where it is another", async () => {
    for (const flash of FLASH_SIZES) {
      equal((await bench.run(bench.application(), { flash })).line, undefined);
      const merged = [...symbolsOf(bench.prepared(MERGED))].filter(([symbol]) => symbol.includes("FLASHSIZE"));
      const expected = [[`CONFIG_ESPTOOLPY_FLASHSIZE_${flash}`, "y"]];
      if (flash !== "4MB") expected.push(["CONFIG_ESPTOOLPY_FLASHSIZE_4MB", "n"]);
      equal(merged, expected);
    }
  });

  it("takes the flash size of holdfast.json, and the option before it", async () => {
    const folder = bench.application({ esp32: { flash: "8MB" } });
    ok((await bench.run(folder)).printed.includes("door counter 1.2.3 for esp32c3, 8MB of flash"));
    ok((await bench.run(folder, { flash: "16MB" })).printed.includes("16MB of flash"));
  });

  it("hands no armed watchdog to a basic application, which could not feed it", async () => {
    const full = shipped("sdkconfig.defaults");
    const basic = shipped("basic/sdkconfig.defaults");
    const differing = [...full.keys(), ...basic.keys()].filter((symbol) => full.get(symbol) !== basic.get(symbol));
    equal([...new Set(differing)], ["CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE"]);
    equal((await bench.run(bench.application(), { basic: true })).line, undefined);
    equal(symbolsOf(bench.prepared(MERGED)).get("CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE"), "n");
    complains(
      await bench.run(bench.configured("CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE=y\n"), { basic: true }),
      "CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE=y contradicts ",
      "basic/sdkconfig.defaults:",
    );
  });

  it("refuses a version that would not come through the tools as it is", async () => {
    complains(await bench.run(bench.application({ version: "1=2" })), "holdfast.json: version is", "expected letters, digits");
  });

  it("ships lines that mcconfig does not pass over", () => {
    for (const path of ["sdkconfig.defaults", "basic/sdkconfig.defaults"]) {
      ok(!/^#\s*CONFIG_\w+ is not set/m.test(readFileSync(new URL(path, FOLDER), "utf8")), path);
    }
    equal(shipped("sdkconfig.defaults").get("CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS"), "n");
  });
});
