/** Two sdkconfig lines that cannot both hold are one line of complaint that names both, and nothing is written. */
import { ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { complains, Workbench } from "./workbench.js";

describe("target: contradictory sdkconfig lines", () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });

  afterEach(() => bench.close());

  it("names both lines of one file", async () => {
    const folder = bench.configured("CONFIG_LWIP_MAX_SOCKETS=4\n\n# more\nCONFIG_LWIP_MAX_SOCKETS=8\n");
    complains(
      await bench.run(folder),
      "board.defaults:4: CONFIG_LWIP_MAX_SOCKETS=8 contradicts ",
      "board.defaults:1: CONFIG_LWIP_MAX_SOCKETS=4; expected one value",
    );
    ok(bench.isUntouched);
  });

  it("names the framework's line and the application's", async () => {
    complains(
      await bench.run(bench.configured("CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=n\n")),
      "board.defaults:1: CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=n contradicts ",
      "hosts/esp32/sdkconfig/sdkconfig.defaults:",
      ": CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y; expected one value",
    );
    ok(bench.isUntouched);
  });

  it("takes `is not set` and an empty value for n", async () => {
    for (const off of ["# CONFIG_ESP_TASK_WDT_PANIC is not set", "CONFIG_ESP_TASK_WDT_PANIC="]) {
      complains(
        await bench.run(bench.configured(`\n${off}\n`)),
        "board.defaults:2: CONFIG_ESP_TASK_WDT_PANIC=n contradicts",
        "CONFIG_ESP_TASK_WDT_PANIC=y",
      );
    }
  });

  it("knows a symbol by its old name", async () => {
    complains(
      await bench.run(bench.configured("CONFIG_TASK_WDT_TIMEOUT_S=30\n")),
      "board.defaults:1: CONFIG_TASK_WDT_TIMEOUT_S=30 contradicts ",
      "CONFIG_ESP_TASK_WDT_TIMEOUT_S=3;",
    );
  });

  it("refuses a second member of a choice", async () => {
    complains(
      await bench.run(bench.configured("CONFIG_ESP_COREDUMP_ENABLE_TO_NONE=y\n")),
      "board.defaults:1: CONFIG_ESP_COREDUMP_ENABLE_TO_NONE=y contradicts ",
      "CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH=y; expected one of the choice",
    );
    complains(
      await bench.run(bench.configured("CONFIG_PARTITION_TABLE_TWO_OTA=y\n")),
      "CONFIG_PARTITION_TABLE_TWO_OTA=y contradicts ",
      "CONFIG_PARTITION_TABLE_CUSTOM=y",
    );
  });

  it("refuses another flash size than the one that is built for, and says where that comes from", async () => {
    const eight = "CONFIG_ESPTOOLPY_FLASHSIZE_8MB=y\n";
    complains(
      await bench.run(bench.configured(eight)),
      "FLASHSIZE_8MB=y contradicts the default of 4MB (--flash and esp32.flash",
    );
    complains(await bench.run(bench.configured(eight), { flash: "16MB" }), "FLASHSIZE_8MB=y contradicts --flash 16MB");
    const folder = bench.application({ esp32: { sdkconfig: "own", flash: "16MB" } }, { own: eight });
    complains(await bench.run(folder), "FLASHSIZE_8MB=y contradicts ", "holdfast.json: esp32.flash 16MB");
  });

  it("refuses a line that mcconfig and ESP-IDF would read differently", async () => {
    complains(
      await bench.run(bench.configured("CONFIG_ESP_INT_WDT=y # why\n")),
      "board.defaults:1: CONFIG_ESP_INT_WDT has the value",
    );
    complains(await bench.run(bench.configured('CONFIG_NAME="a=b"\n')), 'board.defaults:1: CONFIG_NAME has the value "a=b"');
    complains(
      await bench.run(bench.configured("ESP_INT_WDT=y\n")),
      'board.defaults:1: "ESP_INT_WDT=y"; expected CONFIG_NAME=value',
    );
  });
});
