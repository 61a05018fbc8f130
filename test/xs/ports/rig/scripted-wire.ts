/**
 * The C part of the XS host and the chip behind it, in memory: time that stands still until it is advanced, and resets that can
 * be watched.
 *
 * A suite that ends in a restart, or needs a month to pass, cannot run on the wire that carries the specs. Over this one the
 * adapters and the engine are the real ones, and the frames are those of hosts/simulated/wire.ts. It keeps the promises of
 * native.ts: one wake-up, never from within a call.
 */

import { Operation, TransferFlag } from "../../../../hosts/simulated/wire.js";
import type { EngineStatistics, Native } from "../../../../hosts/xs/native.js";
import { FirmwareError } from "../../../../src/errors.js";
import type { ResetReason } from "../../../../src/ports/system.js";
import type { Ending } from "../../../ports/system.js";

const RETAINED_SIZE_BYTES = 256;
/** Addresses at which something acknowledges. */
const TARGETS: readonly number[] = Object.freeze([0x48, 0x49]);

export interface ScriptedWireOptions {
  /** Default "powerOn". */
  readonly resetReason?: ResetReason;
  /** Default 0. */
  readonly runningSlot?: number;
  /** What an earlier life left behind. Default: zeros. */
  readonly retained?: Uint8Array;
}

export class ScriptedWire implements Native {
  readonly hello: string;
  readonly retained: Uint8Array;
  /** How this life ended; empty while it lasts. */
  readonly endings: Ending[] = [];
  /** What each read from the bus gives, from its first byte on. */
  loaded: readonly number[] = [];
  readonly #words: string[] = [];
  /** Not a whole number, as the real one is none. */
  #nowMs = 0.3;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #biteAtMs = Number.POSITIVE_INFINITY;
  #onWake: () => void = () => {};

  constructor(options: ScriptedWireOptions = {}) {
    this.retained = options.retained ?? new Uint8Array(RETAINED_SIZE_BYTES);
    this.hello = JSON.stringify({
      resetReason: options.resetReason ?? "powerOn",
      runningSlot: options.runningSlot ?? 0,
      flashSizeBytes: 0,
      sectorSizeBytes: 4096,
      retainedSizeBytes: this.retained.length,
    });
  }

  /** All that crossed the bus, in the notation of the I²C suite. */
  get busText(): string {
    return this.#words.join(" ");
  }

  /** Lets time pass: what is due is called at its time, the watchdog included. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let nextMs = this.#next(); nextMs <= endMs; nextMs = this.#next()) {
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      if (this.#biteAtMs <= this.#nowMs) {
        this.#end("watchdog");
        continue;
      }
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#onWake();
    }
    this.#nowMs = endMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wakeAt(atMs: number): void {
    if (this.endings.length === 0) this.#wakeAtMs = atMs;
  }

  listen(onWake: () => void): void {
    this.#onWake = onWake;
  }

  send(code: number, first: number): void {
    if (code !== Operation.armWatchdog) throw unknown(code);
    if (this.endings.length === 0) this.#biteAtMs = this.#nowMs + first;
  }

  call(code: number, first: number, second: number, bytes?: Uint8Array | ArrayBuffer): ArrayBuffer | undefined {
    const given = bytes === undefined ? new Uint8Array(0) : new Uint8Array(bytes);
    switch (code) {
      case Operation.readRetained:
        return copyOf(this.retained.subarray(first, first + second));
      case Operation.writeRetained:
        this.retained.set(given, first);
        return new ArrayBuffer(0);
      case Operation.disarmWatchdog:
        this.#biteAtMs = Number.POSITIVE_INFINITY;
        return new ArrayBuffer(0);
      case Operation.transfer:
        return this.#transfer(first, second, given);
      case Operation.restart:
        this.#end("software");
        return new ArrayBuffer(0);
      case Operation.sleep:
        this.#end("deepSleep", first);
        return new ArrayBuffer(0);
      default:
        throw unknown(code);
    }
  }

  statistics(target: EngineStatistics): EngineStatistics {
    return target;
  }

  collect(): void {}

  meter(): number {
    return 0;
  }

  #next(): number {
    return Math.min(this.#wakeAtMs, this.#biteAtMs);
  }

  #end(reason: ResetReason, sleepMs?: number): void {
    this.endings.push({ reason, sleepMs });
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    this.#biteAtMs = Number.POSITIVE_INFINITY;
  }

  #transfer(address: number, flags: number, write: Uint8Array): ArrayBuffer | undefined {
    if ((flags & (TransferFlag.write | TransferFlag.read)) === 0) {
      throw new FirmwareError("invalid", "scripted wire: a transfer neither writes nor reads"); // As the chip's bus does.
    }
    if (!TARGETS.includes(address)) return undefined;
    let read = new Uint8Array(0);
    if (flags & TransferFlag.write) this.#words.push("S", `${hex(address)}w`, ...Array.from(write, hex));
    if (flags & TransferFlag.read) {
      read = Uint8Array.from(this.loaded.slice(0, flags >>> 8));
      this.#words.push("S", `${hex(address)}r`, ...Array.from(read, hex));
    }
    if (flags & TransferFlag.stop) this.#words.push("P");
    return copyOf(read);
  }
}

function unknown(code: number): FirmwareError {
  return new FirmwareError("unsupported", `scripted wire: operation ${code}, expected one of the chip's`);
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
