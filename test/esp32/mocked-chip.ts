/**
 * The native part over a chip of mocks, as the specs hold it: what a firmware gets of it, and the hand on the chip below.
 *
 * Every function of the module is in the program once for each level, under its own name; which of them chip.ts means is chosen
 * here, by the word `native` that Moddable has built in.
 */
import { openNativeChip } from "../../hosts/esp32/native/chip.js";
import type { NativeChip } from "../../hosts/esp32/native-chip.js";
import { assert } from "../../src/assert.js";
import { equal } from "../harness/expect.js";

/**
 * idf6: ESP-IDF v6.0, two cores, task watchdog of 5 s that complains · idf5: v5, one core, task watchdog of 10 s that panics ·
 * bare: neither task watchdog nor retained memory.
 */
export type Level = "idf6" | "idf5" | "bare";

export const LEVELS: readonly Level[] = Object.freeze(["idf6", "idf5", "bare"]);
const IDF: Readonly<Record<Level, number>> = Object.freeze({ idf6: 6, idf5: 5, bare: 0 });

/** What a spec can choose of the chip. */
export type Fact = "resetReason" | "partitionType" | "partitionSubtype" | "tickPeriod" | "interruptsOff";

export type CFunction = (...parameters: readonly unknown[]) => unknown;

/** The engine's object, as far as these specs use it. */
export interface EngineNative {
  readonly [name: string]: CFunction;
  collect(): void;
}

/** What the mocks know (test/esp32/mock/mock-chip.c). */
export interface ChipReport {
  readonly nowMs: number;
  readonly resetReason: number;
  /** Blocks of C memory that nobody has given back. */
  readonly blockCount: number;
  /** Size of the memory that no start clears. */
  readonly noInitBytes: number;
  readonly rtc: { readonly isOn: boolean; readonly isLocked: boolean; readonly ticks: number; readonly action: number };
  readonly task: {
    readonly timeoutMs: number;
    readonly idleCoreMask: number;
    readonly isPanic: boolean;
    readonly isCounting: boolean;
    readonly userCount: number;
    readonly complaintCount: number;
  };
  /** Calls of ESP-IDF since the last report. */
  readonly calls: readonly string[];
  /** What the hardware would not have forgiven. */
  readonly faults: readonly string[];
  /** Which watchdog has restarted the chip. */
  readonly bites: readonly string[];
}

const holder: { native: EngineNative | undefined } = { native: undefined };

/** Called once by `main`. */
export function setNative(native: EngineNative): void {
  assert(holder.native === undefined, "setNative: called once");
  holder.native = native;
}

/** One chip at a time: a new one is fresh. */
export class MockedChip {
  readonly chip: NativeChip;
  readonly #native: EngineNative;
  readonly #level: Level;

  constructor(level: Level) {
    assert(holder.native !== undefined, "MockedChip: made in a spec, not while the specs register");
    this.#native = holder.native!;
    this.#level = level;
    (globalThis as unknown as { native: CFunction }).native = (name) => this.call(String(name));
    this.chip = openNativeChip()!;
    // The module's memory outlives the mocked chip's restart, as this is one program: an open watchdog has to be closed.
    try {
      this.chip.watchdogClose();
    } catch {
      // The chip that it was open on is gone.
    }
    this.collect();
    this.#native["mockReset"]!(IDF[level]);
  }

  /** The function of the module in this chip's level. */
  call(name: string): CFunction {
    const found = this.#native[`${this.#level}/${name}`];
    assert(found !== undefined, "MockedChip: the module has a function of that name");
    return found!;
  }

  set(fact: Fact, value: number): void {
    this.#native["mockSet"]!(fact, value);
  }

  /** Makes a call of a function of ESP-IDF return `code`: the next one, or that after `callCount` others. Or of calloc. */
  refuse(name: string, code: number, callCount = 0): void {
    this.#native["mockRefuse"]!(name, code, callCount);
  }

  advance(durationMs: number): void {
    this.#native["mockAdvance"]!(durationMs);
  }

  /** Leaves the RTC watchdog running, as a bootloader does. */
  bootloader(timeoutMs: number): void {
    this.#native["mockBootloader"]!(timeoutMs);
  }

  collect(): void {
    this.#native.collect();
  }

  /** Fails where the C file has done what hardware does not forgive. */
  report(): ChipReport {
    const report = JSON.parse(this.#native["mockReport"]!() as string) as ChipReport;
    equal(report.faults, [], "faults of the mocked chip");
    return report;
  }
}
