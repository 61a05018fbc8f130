/**
 * The two hardware watchdogs: who bites when, in which order ESP-IDF is called, and what a refusal leaves behind.
 *
 * Expected calls are compared whole: one too many, too few or in another order is a different program on hardware.
 */
import { createWatchdogTimer } from "../../../hosts/esp32/watchdog-timer.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { LEVELS, type Level, MockedChip } from "../mocked-chip.js";

const TASK_TIMEOUT_MS = 5000;
const TICKS_PER_MS = 128;
const SYSTEM_RESET = 3;
const TASK_WDT = 6;
const WDT = 7;
const NO_MEM = 0x101;
const INVALID_ARG = 0x102;
const INVALID_STATE = 0x103;
const NOT_FOUND = 0x105;
const FAIL = -1;

const ARM = [
  "wdt_hal_init 0 0 0",
  "wdt_hal_write_protect_disable",
  "wdt_hal_config_stage",
  "wdt_hal_enable",
  "wdt_hal_write_protect_enable",
];
const DISARM = ["wdt_hal_write_protect_disable", "wdt_hal_disable", "wdt_hal_write_protect_enable"];
const FEED = ["wdt_hal_write_protect_disable", "wdt_hal_feed", "wdt_hal_write_protect_enable"];
const CONFIGURED = "esp_task_wdt_reconfigure 5000 3 complain";

const AS_STARTED = { isCounting: true, userCount: 0, complaintCount: 0 };
const TASK_AS_STARTED: Readonly<Record<Level, object>> = {
  idf6: { timeoutMs: 5000, idleCoreMask: 3, isPanic: false, ...AS_STARTED },
  idf5: { timeoutMs: 10_000, idleCoreMask: 1, isPanic: true, ...AS_STARTED },
  bare: { timeoutMs: 0, idleCoreMask: 0, isPanic: false, ...AS_STARTED, isCounting: false },
};

/** The chip has nothing of us any more: no user, the configured timeout, the RTC watchdog off and locked. */
function expectAsStarted(mocked: MockedChip, level: Level): void {
  const { rtc, task } = mocked.report();
  equal(task, TASK_AS_STARTED[level]);
  equal([rtc.isOn, rtc.isLocked], [false, true]);
}

/** It can be opened, bites, and can be closed. */
function expectUsable(mocked: MockedChip, level: Level): void {
  mocked.chip.watchdogOpen(20_000);
  mocked.chip.watchdogFeed();
  mocked.advance(19_999);
  equal(mocked.report().bites, []);
  mocked.chip.watchdogFeed();
  mocked.chip.watchdogClose();
  expectAsStarted(mocked, level);
  mocked.advance(200_000);
  equal(mocked.report().bites, []);
}

describe("ESP32: watchdogs", () => {
  it("joins the task watchdog with a longer timeout and a panic, and arms the RTC watchdog half a second later", () => {
    const mocked = new MockedChip("idf6");
    mocked.chip.watchdogOpen(8000);
    const { calls, rtc, task } = mocked.report();
    equal(calls, ["esp_task_wdt_reconfigure 8000 3 panic", "esp_task_wdt_add_user holdfast", ...ARM]);
    equal(rtc, { isOn: true, isLocked: true, ticks: 8500 * TICKS_PER_MS, action: SYSTEM_RESET });
    equal([task.userCount, task.isPanic, task.timeoutMs], [1, true, 8000]);
    mocked.chip.watchdogFeed();
    equal(mocked.report().calls, ["esp_task_wdt_reset_user", ...FEED]);
    mocked.chip.watchdogClose();
    equal(mocked.report().calls, [...DISARM, "esp_task_wdt_delete_user", CONFIGURED]);
    expectAsStarted(mocked, "idf6");
  });

  it("leaves the task watchdog's timeout alone where a shorter one is wanted, and bites by the RTC watchdog", () => {
    const mocked = new MockedChip("idf6");
    mocked.chip.watchdogOpen(TASK_TIMEOUT_MS - 1);
    const { calls, rtc, task } = mocked.report();
    equal(calls, ["esp_task_wdt_add_user holdfast", ...ARM]);
    equal([rtc.ticks, task.timeoutMs, task.isPanic], [(TASK_TIMEOUT_MS - 1) * TICKS_PER_MS, TASK_TIMEOUT_MS, false]);
    mocked.advance(TASK_TIMEOUT_MS - 1);
    const { bites, resetReason } = mocked.report();
    equal([bites, resetReason], [["rtc"], WDT]);
    throws(() => mocked.chip.watchdogClose(), /^esp_task_wdt_delete_user: 0x105$/); // The restart took the user.
    equal(mocked.report().calls, [...DISARM, "esp_task_wdt_delete_user"]);
  });

  it("counts the configured timeout itself as long enough", () => {
    const mocked = new MockedChip("idf6");
    mocked.chip.watchdogOpen(TASK_TIMEOUT_MS);
    equal(mocked.report().calls[0], "esp_task_wdt_reconfigure 5000 3 panic");
  });

  it("lets the task watchdog be first, and the RTC watchdog bite where its interrupt does not come", () => {
    const mocked = new MockedChip("idf6");
    mocked.chip.watchdogOpen(8000);
    mocked.advance(7999);
    equal(mocked.report().bites, []);
    mocked.advance(1);
    const first = mocked.report();
    equal([first.bites, first.resetReason], [["task"], TASK_WDT]);
    const stuck = new MockedChip("idf6");
    stuck.set("interruptsOff", 1);
    stuck.chip.watchdogOpen(8000);
    stuck.advance(8499);
    equal(stuck.report().bites, []);
    stuck.advance(1);
    equal(stuck.report().bites, ["rtc"]);
  });

  it("keeps to the cores and the panic that are configured, and to the RTC watchdog where there is no other", () => {
    const one = new MockedChip("idf5");
    one.chip.watchdogOpen(10_000);
    equal(one.report().calls, ["esp_task_wdt_reconfigure 10000 1 panic", "esp_task_wdt_add_user holdfast", ...ARM]);
    one.chip.watchdogClose();
    equal(one.report().calls.at(-1), "esp_task_wdt_reconfigure 10000 1 panic");
    expectAsStarted(one, "idf5");
    const bare = new MockedChip("bare");
    bare.chip.watchdogOpen(8000);
    const { calls, rtc } = bare.report();
    equal([calls, rtc.ticks], [ARM, 8000 * TICKS_PER_MS]);
    bare.chip.watchdogFeed();
    bare.chip.watchdogClose();
    equal(bare.report().calls, [...FEED, ...DISARM]);
    expectAsStarted(bare, "bare");
  });

  it("takes over the watchdog that the bootloader left running, whose reset would clear the retained memory", () => {
    for (const level of LEVELS) {
      const left = new MockedChip(level);
      left.bootloader(1000);
      left.advance(1000);
      equal(left.report().bites, ["rtc, clearing its memory"], "where nobody takes it over");
      const mocked = new MockedChip(level);
      mocked.bootloader(1000);
      mocked.advance(999);
      mocked.chip.watchdogOpen(2000);
      mocked.advance(1999);
      equal(mocked.report().bites, []);
      mocked.advance(1);
      equal(mocked.report().bites, ["rtc"]);
    }
  });

  it("bites by ten milliseconds late at most, and never early, whatever the RTC's clock is", () => {
    // 150 kHz and 136 kHz inside, 32,768 Hz outside, 17.5 MHz/256, and odd ones; periods in Q13.19.
    for (const tickPeriod of [3_495_253, 3_855_059, 16_000_000, 7_669_584, 4_096_001, 3_999_999]) {
      for (const timeoutMs of [100, 101, 999, 4999, 5000, 119_999, 120_000]) {
        const mocked = new MockedChip("bare");
        mocked.set("tickPeriod", tickPeriod);
        mocked.chip.watchdogOpen(timeoutMs);
        mocked.advance(timeoutMs - 0.001);
        equal(mocked.report().bites, [], `${timeoutMs} ms at ${tickPeriod}`);
        mocked.advance(10);
        equal(mocked.report().bites, ["rtc"], `${timeoutMs} ms at ${tickPeriod}`);
      }
    }
  });

  it("refuses a clock without a period, or one that leaves no room, before any effect", () => {
    for (const tickPeriod of [0, 1, 14]) {
      const mocked = new MockedChip("idf6");
      mocked.set("tickPeriod", tickPeriod);
      throws(() => mocked.chip.watchdogOpen(120_000), /^esp_clk_slowclk_cal_get: \d+, expected the period of the RTC's clock$/);
      equal(mocked.report().calls, []);
      mocked.set("tickPeriod", 4_096_000);
      expectUsable(mocked, "idf6");
    }
  });

  it("refuses a second open, and a feed while closed, before any effect", () => {
    for (const level of LEVELS) {
      const mocked = new MockedChip(level);
      throws(() => mocked.chip.watchdogFeed(), /^watchdogFeed: not open$/);
      mocked.chip.watchdogClose();
      equal(mocked.report().calls, []);
      mocked.chip.watchdogOpen(1000);
      mocked.report();
      throws(() => mocked.chip.watchdogOpen(9000), /^watchdogOpen: open already, expected watchdogClose before$/);
      equal(mocked.report().calls, []);
      mocked.advance(1000);
      equal(mocked.report().bites, ["rtc"]);
    }
  });
});

describe("ESP32: watchdogs refused", () => {
  const timedLevels = ["idf6", "idf5"] as const;

  it("open: esp_task_wdt_reconfigure fails, and the configured timeout is set again", () => {
    for (const level of timedLevels) {
      for (const code of [INVALID_ARG, INVALID_STATE, NO_MEM, FAIL]) {
        const mocked = new MockedChip(level);
        mocked.bootloader(90_000);
        mocked.refuse("esp_task_wdt_reconfigure", code);
        const words = code < 0 ? `${code}` : `0x${code.toString(16)}`;
        throws(() => mocked.chip.watchdogOpen(12_000), new RegExp(`^esp_task_wdt_reconfigure: ${words}$`));
        const { calls, rtc, task } = mocked.report();
        equal(calls.length, 2, "the one that failed, and the way back");
        equal(task, TASK_AS_STARTED[level]);
        ok(rtc.isOn, "the bootloader's watchdog is untouched");
        expectUsable(mocked, level);
      }
    }
  });

  it("open: esp_task_wdt_add_user fails, and the timeout is set back", () => {
    for (const level of timedLevels) {
      for (const code of [INVALID_ARG, INVALID_STATE, NO_MEM]) {
        for (const timeoutMs of [1000, 12_000]) {
          const mocked = new MockedChip(level);
          mocked.refuse("esp_task_wdt_add_user", code);
          throws(() => mocked.chip.watchdogOpen(timeoutMs), new RegExp(`^esp_task_wdt_add_user: 0x${code.toString(16)}$`));
          equal(mocked.report().calls.length, timeoutMs === 1000 ? 1 : 3);
          expectAsStarted(mocked, level);
          expectUsable(mocked, level);
        }
      }
    }
  });

  it("open: the first failure is told where the way back fails too", () => {
    const mocked = new MockedChip("idf6");
    mocked.refuse("esp_task_wdt_add_user", NO_MEM);
    mocked.refuse("esp_task_wdt_reconfigure", INVALID_STATE, 1);
    throws(() => mocked.chip.watchdogOpen(12_000), /^esp_task_wdt_add_user: 0x101$/);
    equal(mocked.report().calls.length, 3);
    expectUsable(mocked, "idf6");
  });

  it("feed: esp_task_wdt_reset_user fails, and the RTC watchdog stays unfed", () => {
    for (const level of timedLevels) {
      for (const code of [INVALID_ARG, INVALID_STATE, NOT_FOUND]) {
        const mocked = new MockedChip(level);
        mocked.chip.watchdogOpen(3000);
        mocked.advance(2000);
        mocked.report();
        mocked.refuse("esp_task_wdt_reset_user", code);
        throws(() => mocked.chip.watchdogFeed(), new RegExp(`^esp_task_wdt_reset_user: 0x${code.toString(16)}$`));
        equal(mocked.report().calls, ["esp_task_wdt_reset_user"]);
        mocked.advance(999);
        equal(mocked.report().bites, []);
        mocked.chip.watchdogFeed();
        mocked.advance(2999);
        equal(mocked.report().bites, [], "fed again after it");
        mocked.advance(1);
        equal(mocked.report().bites, ["rtc"]);
      }
    }
  });

  it("close: esp_task_wdt_delete_user fails, is told, and all the rest is done", () => {
    for (const level of timedLevels) {
      for (const code of [INVALID_ARG, INVALID_STATE, NOT_FOUND]) {
        const mocked = new MockedChip(level);
        mocked.chip.watchdogOpen(12_000);
        mocked.refuse("esp_task_wdt_delete_user", code);
        throws(() => mocked.chip.watchdogClose(), new RegExp(`^esp_task_wdt_delete_user: 0x${code.toString(16)}$`));
        expectAsStarted(mocked, level);
        mocked.chip.watchdogClose();
        expectUsable(mocked, level);
      }
    }
  });

  it("close: setting the timeout back fails, and is told once", () => {
    const mocked = new MockedChip("idf6");
    mocked.chip.watchdogOpen(12_000);
    mocked.refuse("esp_task_wdt_reconfigure", INVALID_STATE);
    throws(() => mocked.chip.watchdogClose(), /^esp_task_wdt_reconfigure: 0x103$/);
    const { rtc, task } = mocked.report();
    equal([rtc.isOn, task.userCount], [false, 0]);
    mocked.chip.watchdogClose();
    expectUsable(mocked, "idf6");
    mocked.chip.watchdogOpen(12_000);
    mocked.refuse("esp_task_wdt_delete_user", NOT_FOUND);
    mocked.refuse("esp_task_wdt_reconfigure", INVALID_STATE);
    throws(() => mocked.chip.watchdogClose(), /^esp_task_wdt_delete_user: 0x105$/);
  });
});

describe("ESP32: WatchdogTimer refused", () => {
  it("throws io in the constructor, and another can be made", () => {
    const mocked = new MockedChip("idf6");
    const WatchdogTimer = createWatchdogTimer({ chip: mocked.chip });
    mocked.refuse("esp_task_wdt_add_user", NO_MEM);
    throws(() => new WatchdogTimer({ timeoutMs: 12_000 }), "io", /^WatchdogTimer: esp_task_wdt_add_user: 0x101$/);
    expectAsStarted(mocked, "idf6");
    new WatchdogTimer({ timeoutMs: 12_000 }).close();
  });

  it("does not throw at feed, and the chip restarts by the watchdog", () => {
    const mocked = new MockedChip("idf6");
    const watchdog = new (createWatchdogTimer({ chip: mocked.chip }))({ timeoutMs: 1000 });
    mocked.advance(900);
    mocked.refuse("esp_task_wdt_reset_user", NOT_FOUND);
    watchdog.feed();
    mocked.advance(100);
    equal(mocked.report().bites, ["rtc"]);
  });

  it("throws io at close, once, and is closed", () => {
    const mocked = new MockedChip("idf6");
    const WatchdogTimer = createWatchdogTimer({ chip: mocked.chip });
    const watchdog = new WatchdogTimer({ timeoutMs: 1000 });
    mocked.refuse("esp_task_wdt_delete_user", INVALID_STATE);
    throws(() => watchdog.close(), "io", /^WatchdogTimer: esp_task_wdt_delete_user: 0x103$/);
    watchdog.close();
    throws(() => watchdog.feed(), "closed");
    new WatchdogTimer({ timeoutMs: 1000 }).close();
  });

  it("takes a fraction of a millisecond as a whole one", () => {
    const mocked = new MockedChip("bare");
    new (createWatchdogTimer({ chip: mocked.chip }))({ timeoutMs: 100.25 });
    mocked.advance(100.25);
    equal(mocked.report().bites, []);
    mocked.advance(0.75);
    equal(mocked.report().bites, ["rtc"]);
  });
});
