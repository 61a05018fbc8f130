/** What the chip tells of its start: every reset reason that ESP-IDF has, and the slot of every partition that can run. */
import { createSystem } from "../../../hosts/esp32/system.js";
import type { ResetReason, System } from "../../../src/ports/system.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { MockedChip } from "../mocked-chip.js";

const APP = 0;
const DATA = 1;

/** In the order of esp_reset_reason_t. */
const REASONS: readonly (readonly [name: string, reason: ResetReason])[] = [
  ["UNKNOWN", "unknown"],
  ["POWERON", "powerOn"],
  ["EXT", "powerOn"],
  ["SW", "software"],
  ["PANIC", "panic"],
  ["INT_WDT", "watchdog"],
  ["TASK_WDT", "watchdog"],
  ["WDT", "watchdog"],
  ["DEEPSLEEP", "deepSleep"],
  ["BROWNOUT", "brownOut"],
  ["SDIO", "powerOn"],
  ["USB", "powerOn"],
  ["JTAG", "powerOn"],
  ["EFUSE", "unknown"],
  ["PWR_GLITCH", "brownOut"],
  ["CPU_LOCKUP", "panic"],
];

function systemOf(mocked: MockedChip): System {
  return createSystem({ chip: mocked.chip, restart: () => {}, runningSlot: 7 });
}

describe("ESP32: facts of the boot", () => {
  it("has a word for each reset reason of ESP-IDF, and unknown for one that is new", () => {
    const mocked = new MockedChip("idf6");
    for (let number = 0; number < REASONS.length; number++) {
      const [name, reason] = REASONS[number]!;
      mocked.set("resetReason", number);
      equal(mocked.chip.resetReason(), number);
      equal(systemOf(mocked).resetReason, reason, name);
    }
    for (const number of [REASONS.length, 255, -1]) {
      mocked.set("resetReason", number);
      equal(systemOf(mocked).resetReason, "unknown", `${number}`);
    }
  });

  it("gives the number of the slot, and undefined for what is no slot", () => {
    const mocked = new MockedChip("idf6");
    const expectSlot = (type: number, subtype: number, slot: number | undefined): void => {
      mocked.set("partitionType", type);
      mocked.set("partitionSubtype", subtype);
      equal(mocked.chip.runningSlot(), slot, `type ${type}, subtype ${subtype}`);
      equal(systemOf(mocked).runningSlot, slot, "never the one that was deduced");
    };
    for (let slot = 0; slot < 16; slot++) expectSlot(APP, 0x10 + slot, slot);
    expectSlot(APP, 0x00, undefined); // factory
    expectSlot(APP, 0x0f, undefined);
    expectSlot(APP, 0x20, undefined); // test
    expectSlot(APP, 0xff, undefined);
    expectSlot(DATA, 0x10, undefined);
    expectSlot(APP, -1, undefined); // no partition
  });

  it("restarts by what it was given, once", () => {
    let count = 0;
    const { chip } = new MockedChip("idf6");
    const system = createSystem({ chip, restart: () => void count++ });
    system.restart();
    system.restart();
    equal(count, 1);
  });
});
