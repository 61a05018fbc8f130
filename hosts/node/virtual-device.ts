/**
 * A whole device in one process and in virtual time: flash, bootloader, and one life of the firmware after another.
 *
 * The device simulator is the honest one: a process a boot. This one is the fast one, for specs that boot hundreds of times:
 * RAM is lost by building the composition root anew, and a cut ends a life in the middle of a flash operation. The firmware is
 * given as functions, one for each image, so a debugger and a coverage report see it. See docs/design/simulator.md.
 */
import { assert } from "../../src/assert.js";
import { messageOf } from "../../src/errors.js";
import { parseImageHead } from "../../src/image/application-image.js";
import { otaSlotsOf } from "../../src/image/partition.js";
import type { Host, Main } from "../../src/ports/host.js";
import type { HTTPClientConstructor } from "../../src/ports/http-client.js";
import type { ResetReason } from "../../src/ports/system.js";
import type { BusTransfer, RawFlash } from "../simulated/chip.js";
import { type BootloaderOptions, runBootloader } from "./bootloader.js";
import { Digest } from "./digest.js";
import { openHost, readPartitions } from "./open-host.js";
import { createSeededRandom } from "./random.js";
import { VirtualChip } from "./virtual-chip.js";
import { VirtualTime } from "./virtual-time.js";

/** Starts in a row without an advance of time: more is a boot loop that nobody wants to wait for. */
const BOOT_COUNT_MAX = 200;
/** Longer than any watchdog waits. */
const HANG_MS = 130_000;
const HANG_STEP_MS = 500;

/** One start, as it was seen from outside. */
export interface Life {
  readonly resetReason: ResetReason;
  readonly slot: number | undefined;
  /** From the image's descriptor; `undefined` where nothing booted. */
  readonly version: string | undefined;
  /** What ended it; `undefined` while it lasts. */
  endedBy: ResetReason | undefined;
}

export interface VirtualDeviceOptions {
  /** With a partition table at 0x8000. What it calls within an operation may call `cutPower` and throw. */
  readonly flash: RawFlash;
  /** The firmware for an image's version. */
  readonly firmware: (version: string) => Main;
  /** The network of a life, made for its time. Default: HTTP over the computer's network. */
  readonly network?: (time: VirtualTime) => HTTPClientConstructor;
  readonly bus?: { transfer(transfer: BusTransfer): Uint8Array | undefined };
  /** Default true. */
  readonly rollback?: boolean;
  /** Default "always". */
  readonly validation?: BootloaderOptions["validation"];
  /** Of the noise in retained memory and of Random. Default 1. */
  readonly seed?: number;
  /**
   * The bootloader leaves its watchdog running for so long, which bites a firmware that hangs before it has one of its own
   * (CONFIG_BOOTLOADER_WDT_DISABLE_IN_USER_CODE). Default: it does not.
   */
  readonly bootWatchdogMs?: number;
  /** Told what the bootloader did, a line for each decision, before the firmware starts. */
  readonly onBoot?: (life: Life, log: readonly string[]) => void;
}

export class VirtualDevice {
  /** Every start, oldest first. */
  readonly lives: Life[] = [];
  /** What the firmware traced, over all lives. */
  readonly lines: string[] = [];
  readonly #options: VirtualDeviceOptions;
  #chip: VirtualChip | undefined;
  #time = new VirtualTime();
  #host: Host | undefined;
  #pending: ResetReason | undefined;

  constructor(options: VirtualDeviceOptions) {
    this.#options = options;
  }

  /** The present life's ports. */
  get host(): Host {
    assert(this.#host, "virtual device: it has no power, or nothing booted");
    return this.#host;
  }

  /** The present life. */
  get life(): Life {
    return this.lives[this.lives.length - 1]!;
  }

  /** Applies power: the first start, or the one after `cutPower`. */
  powerOn(): void {
    this.#pending = "powerOn";
    this.#settle();
  }

  /** Pulls the reset line between two operations. */
  reset(reason: ResetReason): void {
    this.#chip?.reset(reason);
    this.#settle();
  }

  /**
   * Ends the life at once, from wherever it is called; nothing boots before `powerOn` or the next `advance`. From inside a
   * flash step, throw afterwards: code of the ended life that goes on finds its chip closed.
   */
  cutPower(reason: ResetReason = "powerOn"): void {
    this.#chip?.reset(reason);
  }

  /** The firmware hangs where it is: time passes, and nothing else does until a watchdog bites. Never returns. */
  hang(): never {
    for (let hungMs = 0; hungMs < HANG_MS && this.#pending === undefined; hungMs += HANG_STEP_MS) {
      this.#time.spend(HANG_STEP_MS);
      this.#chip?.look();
    }
    throw new Error("the firmware hangs");
  }

  /** Lets `durationMs` pass, over as many lives as it takes. */
  advance(durationMs: number): void {
    this.runUntil(() => false, durationMs);
  }

  /** Lets time pass until `predicate` holds, at most `limitMs`; says whether it does. */
  runUntil(predicate: () => boolean, limitMs: number): boolean {
    let leftMs = limitMs;
    let shortLifeCount = 0;
    for (;;) {
      this.#settle();
      const startMs = this.#time.nowMs;
      const holds = this.#runLife(predicate, leftMs);
      const passedMs = this.#time.nowMs - startMs;
      leftMs -= passedMs;
      shortLifeCount = passedMs > 0 ? 0 : shortLifeCount + 1;
      assert(shortLifeCount < BOOT_COUNT_MAX, "virtual device: it restarts without end");
      if (this.#pending === undefined) return holds;
      if (predicate()) return true;
    }
  }

  /** As VirtualTime.runUntil, until the life ends. What the firmware throws out of a timer ends it. */
  #runLife(predicate: () => boolean, limitMs: number): boolean {
    let isOutside = true; // In `predicate`, which is a spec's: what it throws is no matter of the device.
    const isDone = (): boolean => {
      isOutside = true;
      const done = this.#pending !== undefined || predicate();
      isOutside = false;
      return done;
    };
    try {
      return this.#time.runUntil(isDone, limitMs);
    } catch (error) {
      if (isOutside) throw error;
      if (this.#pending === undefined) this.#abort(error);
      return false;
    }
  }

  /** As XS does with an exception that nobody caught. */
  #abort(error: unknown): void {
    this.lines.push(`abort: ${messageOf(error)}`);
    this.#chip?.reset("software");
  }

  /** Boots until a life lasts past its start. */
  #settle(): void {
    let bootCount = 0;
    while (this.#pending) {
      assert(bootCount++ < BOOT_COUNT_MAX, "virtual device: it restarts without end");
      const reason = this.#pending;
      this.#pending = undefined;
      try {
        this.#boot(reason);
      } catch (error) {
        if (this.#pending === undefined) throw error; // Not a cut: the simulation itself is wrong.
      }
    }
  }

  #boot(resetReason: ResetReason): void {
    const { flash, rollback = true, validation = "always", seed = 1 } = this.#options;
    const retained = resetReason === "powerOn" ? undefined : this.#chip?.retained;
    this.#host = undefined;
    this.#time = new VirtualTime();
    const life: Life = { resetReason, slot: undefined, version: undefined, endedBy: undefined };
    this.lives.push(life);
    // A chip before the bootloader runs, so that a cut inside the bootloader has something to end.
    this.#chip = this.#makeChip(life, retained, undefined, seed + this.lives.length);
    const { slot, log } = runBootloader({ flash, rollback, validation, Digest });
    if (slot === undefined) {
      this.#options.onBoot?.(life, log);
      return;
    }
    const partition = otaSlotsOf(readPartitions(flash))[slot]!;
    const { version } = parseImageHead(flash.read(partition.offset, 4096)).descriptor;
    Object.assign(life, { slot, version });
    this.#options.onBoot?.(life, log);
    this.#start(version, slot, life, retained, seed + this.lives.length);
  }

  #start(version: string, slot: number, life: Life, retained: Uint8Array | undefined, seed: number): void {
    const chip = this.#makeChip(life, retained, slot, seed);
    this.#chip = chip;
    if (this.#options.bootWatchdogMs !== undefined) chip.armWatchdog(this.#options.bootWatchdogMs);
    try {
      this.#host = openHost({
        chip,
        time: this.#time,
        random: createSeededRandom(seed),
        rollback: this.#options.rollback ?? true,
        ...(this.#options.network ? { HTTPClient: this.#options.network(this.#time) } : {}),
      });
      this.#options.firmware(version)(this.#host);
    } catch (error) {
      if (life.endedBy === undefined) this.#abort(error);
    }
  }

  #makeChip(life: Life, retained: Uint8Array | undefined, slot: number | undefined, seed: number): VirtualChip {
    const { flash, bus } = this.#options;
    const time = this.#time;
    return new VirtualChip({
      time,
      flash,
      resetReason: life.resetReason,
      ...(slot === undefined ? {} : { runningSlot: slot }),
      ...(retained ? { retained } : {}),
      seed,
      ...(bus ? { bus } : {}),
      onReset: (reason) => {
        life.endedBy = reason;
        this.#pending = reason;
        time.dropAll();
      },
      onTrace: (line) => this.lines.push(line),
    });
  }
}
