/** A reset ends a virtual chip: what its firmware still tries can harm neither the next life nor what it left behind. */

import { VirtualChip, type VirtualChipOptions } from "../../../hosts/node/virtual-chip.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import type { BusTransfer, RawFlash } from "../../../hosts/simulated/chip.js";
import { AssertionError } from "../../../src/assert.js";
import { equal, notEqual, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { noFlash } from "./no-flash.js";

const PING: BusTransfer = { address: 0x44, write: undefined, readLength: 2, stop: true };

/** A chip, its time and its resets; every flash call is logged. */
function opened(options: Partial<VirtualChipOptions> = {}) {
  const time = options.time ?? new VirtualTime();
  const resets: unknown[] = [];
  const flashLog: string[] = [];
  const flash: RawFlash = {
    sizeBytes: 8192,
    sectorSizeBytes: 4096,
    read(offset, byteLength) {
      flashLog.push(`read ${offset}`);
      return new Uint8Array(byteLength);
    },
    program: (offset) => void flashLog.push(`program ${offset}`),
    eraseSector: (sector) => void flashLog.push(`erase ${sector}`),
  };
  const onReset = (reason: unknown, sleepMs?: number) => void resets.push(sleepMs === undefined ? reason : [reason, sleepMs]);
  return { time, resets, flashLog, chip: new VirtualChip({ time, flash, onReset, ...options }) };
}

describe("a virtual chip", () => {
  it("gives the flash, the bus and the lines while it lives", () => {
    const { chip, flashLog } = opened({ bus: { transfer: ({ address }) => Uint8Array.of(address) } });
    equal([chip.flash.sizeBytes, chip.flash.sectorSizeBytes], [8192, 4096]);
    equal(chip.flash.read(4, 3), new Uint8Array(3));
    chip.flash.program(8, new Uint8Array(4));
    chip.flash.eraseSector(1);
    equal(flashLog, ["read 4", "program 8", "erase 1"]);
    equal(chip.transfer(PING), Uint8Array.of(0x44));
    chip.trace("up");
    equal(chip.lines, ["up"]);
  });

  it("acknowledges nothing without a bus", () => {
    equal(opened().chip.transfer(PING), undefined);
  });

  it("ends in silence for commands, and with closed for memory and bus", () => {
    const { chip, resets, flashLog, time } = opened();
    chip.armWatchdog(1000);
    chip.restart();
    chip.restart();
    chip.sleep(5);
    chip.armWatchdog(100);
    chip.disarmWatchdog();
    chip.trace("zombie");
    chip.reset("brownOut");
    time.advance(10_000);
    equal(resets, ["software"]);
    equal(chip.lines, []);
    throws(() => chip.readRetained(0, 1), "closed");
    throws(() => chip.writeRetained(0, new Uint8Array(1)), "closed");
    throws(() => chip.transfer(PING), "closed");
    throws(() => chip.flash.read(0, 1), "closed");
    throws(() => chip.flash.program(0, new Uint8Array(4)), "closed");
    throws(() => chip.flash.eraseSector(0), "closed");
    equal(flashLog, []);
  });

  it("is over already when the reset is reported, and lets the report unwind the firmware", () => {
    const seen: unknown[] = [];
    const chip: VirtualChip = new VirtualChip({
      time: new VirtualTime(),
      flash: noFlash,
      onReset(reason, sleepMs) {
        chip.trace("too late");
        seen.push(reason, sleepMs, chip.lines.length);
        throw new Error("unwound");
      },
    });
    throws(() => chip.sleep(250), /unwound/);
    equal(seen, ["deepSleep", 250, 0]);
  });

  it("keeps what it was started with", () => {
    const fresh = opened().chip;
    equal([fresh.resetReason, fresh.runningSlot], ["powerOn", undefined]);
    const { chip } = opened({ resetReason: "watchdog", runningSlot: 1 });
    chip.restart();
    equal([chip.resetReason, chip.runningSlot], ["watchdog", 1]);
  });

  it("keeps the last 10,000 lines and reports all", () => {
    let count = 0;
    const { chip } = opened({ onTrace: () => void count++ });
    for (let line = 0; line < 10_005; line++) chip.trace(`${line}`);
    equal([count, chip.lines.length, chip.lines[0], chip.lines[9999]], [10_005, 10_000, "5", "10004"]);
  });
});

describe("a virtual chip's retained memory", () => {
  it("holds noise after power-on: the same for a seed, another for another", () => {
    const content = (seed?: number) => opened(seed === undefined ? {} : { seed }).chip.readRetained(0, 256);
    equal(content(), content());
    notEqual(content(3), content(4));
    ok(new Set(content()).size > 100, "it is no noise");
  });

  it("passes to the next life by its array", () => {
    const first = opened();
    first.chip.writeRetained(10, Uint8Array.of(1, 2, 3));
    first.chip.restart();
    const second = opened({ time: first.time, retained: first.chip.retained, resetReason: "software" });
    equal(second.chip.readRetained(9, 4).subarray(1), Uint8Array.of(1, 2, 3));
  });

  it("asserts its range", () => {
    const { chip } = opened();
    for (const [offset, lengthBytes] of [
      [255, 2],
      [-1, 1],
      [0.5, 1],
    ] as const) {
      ok(throws(() => chip.readRetained(offset, lengthBytes)) instanceof AssertionError);
      ok(throws(() => chip.writeRetained(offset, new Uint8Array(lengthBytes))) instanceof AssertionError);
    }
  });
});

describe("a virtual chip's watchdog", () => {
  it("bites in virtual time, in the middle of what the firmware waits for", () => {
    const { chip, resets, time } = opened();
    chip.armWatchdog(1000);
    time.advance(999);
    equal(resets, []);
    time.advance(5000);
    equal(resets, ["watchdog"]);
  });

  it("bites a callback that takes too long before it can feed or write", () => {
    const { chip, resets, flashLog, time } = opened();
    chip.armWatchdog(1000);
    time.spend(1000);
    throws(() => chip.flash.eraseSector(0), "closed");
    equal([resets, flashLog], [["watchdog"], []]);

    const second = opened();
    second.chip.armWatchdog(1000);
    second.time.spend(1500);
    second.chip.armWatchdog(1000);
    equal(second.resets, ["watchdog"], "fed too late");
  });

  it("bites once, and not after it was disarmed or the supply failed", () => {
    const { chip, resets, time } = opened();
    chip.armWatchdog(1000);
    chip.disarmWatchdog();
    time.spend(5000);
    chip.trace("alive");
    chip.armWatchdog(1000);
    chip.reset("brownOut");
    time.advance(5000);
    equal(resets, ["brownOut"]);
    equal(chip.lines, ["alive"]);
  });
});
