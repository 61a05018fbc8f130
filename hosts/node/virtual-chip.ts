/**
 * A chip in the same process, from one start to the next reset: for simulations that cut, reset and boot thousands of times.
 *
 * One object is one life. A reset ends it, and the next life is a new VirtualChip over the same flash and the same retained
 * bytes, so nothing can leak from one to the other by mistake. Code of the ended life may still be on the stack: its commands
 * (watchdog, restart, sleep, trace) are ignored, and what would need an answer or leave a mark (flash, retained memory, bus)
 * throws `closed`. One object that is reset and goes on would let the old life's code write into the next one's flash.
 * A program that hangs without returning needs the device simulator, which is a process. See docs/design/simulator.md.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type { ResetReason } from "../../src/ports/system.js";
import type { Timer } from "../../src/ports/timer.js";
import type { BusTransfer, Chip, RawFlash } from "../simulated/chip.js";
import { createSeededRandom } from "./random.js";
import type { VirtualTime } from "./virtual-time.js";

const RETAINED_SIZE_BYTES = 256;
/** Beyond it the oldest line goes. */
const LINE_COUNT_MAX = 10_000;

export interface VirtualChipOptions {
  readonly time: VirtualTime;
  readonly flash: RawFlash;
  /** Why this life started. Default "powerOn". */
  readonly resetReason?: ResetReason;
  /** Default `undefined`: not known. */
  readonly runningSlot?: number;
  /** Used in place, so that the next life can be given the same bytes. By default 256 bytes of noise, as after power-on. */
  readonly retained?: Uint8Array;
  /** Of the noise. Default 1. */
  readonly seed?: number;
  /** Without it nobody acknowledges. */
  readonly bus?: { transfer(transfer: BusTransfer): Uint8Array | undefined };
  /**
   * The life has ended, and `reason` is the next one's reset reason; with "deepSleep" comes how long it sleeps. Called once,
   * from within the call that caused it: record and return, or throw to unwind the firmware; the next life starts outside.
   */
  readonly onReset?: (reason: ResetReason, sleepMs?: number) => void;
  readonly onTrace?: (line: string) => void;
}

export class VirtualChip implements Chip {
  readonly resetReason: ResetReason;
  readonly runningSlot: number | undefined;
  /** The given flash for as long as this life lasts; then every call throws `closed`. */
  readonly flash: RawFlash;
  /** For the next life's `retained`. */
  readonly retained: Uint8Array;
  /** What was traced, the last 10,000 lines. */
  readonly lines: string[] = [];
  readonly #options: VirtualChipOptions;
  readonly #watchdog: Timer;
  #watchdogDueMs = Number.POSITIVE_INFINITY;
  #ended = false;

  constructor(options: VirtualChipOptions) {
    this.#options = options;
    this.resetReason = options.resetReason ?? "powerOn";
    this.runningSlot = options.runningSlot;
    this.flash = new LifeFlash(options.flash, () => this.#demandAlive());
    this.retained = options.retained ?? noise(options.seed ?? 1);
    this.#watchdog = new options.time.Timer({ onExpire: () => this.reset("watchdog") });
  }

  get retainedSizeBytes(): number {
    return this.retained.length;
  }

  readRetained(offset: number, byteLength: number): Uint8Array {
    this.#demandAlive();
    assert(isWithin(offset, byteLength, this.retained.length), "VirtualChip: read outside the retained memory");
    return this.retained.slice(offset, offset + byteLength);
  }

  writeRetained(offset: number, bytes: Uint8Array): void {
    this.#demandAlive();
    assert(isWithin(offset, bytes.length, this.retained.length), "VirtualChip: write outside the retained memory");
    this.retained.set(bytes, offset);
  }

  armWatchdog(timeoutMs: number): void {
    assert(timeoutMs > 0, "VirtualChip: a watchdog needs a timeout");
    if (!this.#isAlive()) return;
    this.#watchdog.arm(timeoutMs);
    this.#watchdogDueMs = this.#options.time.nowMs + Math.ceil(timeoutMs);
  }

  disarmWatchdog(): void {
    if (!this.#isAlive()) return;
    this.#watchdog.disarm();
    this.#watchdogDueMs = Number.POSITIVE_INFINITY;
  }

  transfer(transfer: BusTransfer): Uint8Array | undefined {
    this.#demandAlive();
    return this.#options.bus?.transfer(transfer);
  }

  restart(): void {
    if (this.#isAlive()) this.reset("software");
  }

  sleep(durationMs: number): void {
    if (this.#isAlive()) this.reset("deepSleep", durationMs);
  }

  trace(line: string): void {
    if (!this.#isAlive()) return;
    if (this.lines.length === LINE_COUNT_MAX) this.lines.shift();
    this.lines.push(line);
    this.#options.onTrace?.(line);
  }

  /** Ends this life from outside: "brownOut" and "powerOn" for the supply, "panic" for a crash. Does nothing after the end. */
  reset(reason: ResetReason, sleepMs?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#watchdog.close();
    this.#options.onReset?.(reason, sleepMs);
  }

  /** Lets the watchdog bite where its time is up, though no code asks the chip for anything. */
  look(): void {
    this.#isAlive();
  }

  /** Also bites where virtual time was spent past the watchdog's due time: hardware does not wait for a callback to end. */
  #isAlive(): boolean {
    if (!this.#ended && this.#options.time.nowMs >= this.#watchdogDueMs) this.reset("watchdog");
    return !this.#ended;
  }

  #demandAlive(): void {
    if (!this.#isAlive()) throw new FirmwareError("closed", "VirtualChip: used after its reset, expected the next life's chip");
  }
}

/** A flash that only one life can reach. */
class LifeFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly #flash: RawFlash;
  readonly #demandAlive: () => void;

  constructor(flash: RawFlash, demandAlive: () => void) {
    this.sizeBytes = flash.sizeBytes;
    this.sectorSizeBytes = flash.sectorSizeBytes;
    this.#flash = flash;
    this.#demandAlive = demandAlive;
  }

  read(offset: number, byteLength: number): Uint8Array {
    this.#demandAlive();
    return this.#flash.read(offset, byteLength);
  }

  program(offset: number, bytes: Uint8Array): void {
    this.#demandAlive();
    this.#flash.program(offset, bytes);
  }

  eraseSector(sector: number): void {
    this.#demandAlive();
    this.#flash.eraseSector(sector);
  }
}

function isWithin(offset: number, byteLength: number, sizeBytes: number): boolean {
  return (
    Number.isInteger(offset) &&
    Number.isInteger(byteLength) &&
    offset >= 0 &&
    byteLength >= 0 &&
    offset + byteLength <= sizeBytes
  );
}

function noise(seed: number): Uint8Array {
  const bytes = new Uint8Array(RETAINED_SIZE_BYTES);
  createSeededRandom(seed).fill(bytes);
  return bytes;
}
