/**
 * A TMP102 temperature sensor on the bus in memory, by its data sheet (Texas Instruments SBOS397, registers and modes).
 *
 * Time stands still in it: a conversion happens when the test sets `temperatureC`, calls `convert()`, wakes the chip or asks
 * for a one-shot, and is finished at once. A model with the data sheet's 26 ms would need a clock on both ends of every test
 * and would show a driver nothing that `fault: "stuck"` does not. Not modelled: the ALERT pin and with it interrupt mode's
 * latch (nothing reads the pin; TM is stored), the alert response address, the general call reset. See docs/design/ports.md.
 */
import { assert } from "../../../src/assert.js";
import type { BusDevice } from "../i2c-bus.js";

/**
 * What is broken: `nack` leaves every transfer unanswered, as a chip without power or with a torn wire does; `stuck` answers,
 * but no conversion ever ends: the temperature register keeps its last value and the one-shot bit never reads 1.
 */
export type TMP102Fault = "none" | "nack" | "stuck";

const TEMPERATURE = 0;
const CONFIGURATION = 1;
const LOW_LIMIT = 2;
const HIGH_LIMIT = 3;

/** Configuration register, byte 1 in the upper half: OS R1 R0 F1 F0 POL TM SD, CR1 CR0 AL EM 0 0 0 0. */
const ONE_SHOT = 0x8000;
const RESOLUTION = 0x6000;
const POLARITY = 0x0400;
const SHUTDOWN = 0x0100;
const ALERT = 0x0020;
const EXTENDED = 0x0010;
/** F1 F0 POL TM SD CR1 CR0 EM: what a write changes. */
const WRITABLE = 0x1fd0;
/** Power-up: R1 R0 set and 4 Hz; with AL, which reads 1 while there is no alert, 0x60A0. */
const CONFIGURATION_RESET = 0x6080;
/** F1 F0 → consecutive conversions beyond a limit that change the alert. */
const FAULT_COUNTS: readonly number[] = Object.freeze([1, 2, 4, 6]);
/** 1 °C is 16 steps of 0.0625 °C. */
const STEPS_PER_C = 16;

export class VirtualTMP102 implements BusDevice {
  readonly address: number;
  fault: TMP102Fault = "none";
  #ambientC: number;
  #pointer = TEMPERATURE;
  #configuration = CONFIGURATION_RESET;
  #oneShotDone = false;
  /** The last conversion, in steps, and the limits as they were written: the 16 bits of their registers. */
  #steps = 0;
  #limits = { [LOW_LIMIT]: 75 << 8, [HIGH_LIMIT]: 80 << 8 };
  #alerting = false;
  #faultCount = 0;

  /** Powers up at `temperatureC` (25 without it) with a first conversion done. The ADD0 pin chooses 0x48 … 0x4B. */
  constructor(options: { readonly address?: number; readonly temperatureC?: number } = {}) {
    const { address = 0x48, temperatureC = 25 } = options;
    assert(address >= 0x48 && address <= 0x4b, "VirtualTMP102: the address pin allows 0x48 … 0x4B");
    assert(Number.isFinite(temperatureC), "VirtualTMP102: temperatureC is not a number");
    this.address = address;
    this.#ambientC = temperatureC;
    this.convert();
  }

  /** What the chip feels, in °C. Setting it converts once, unless the chip is shut down. */
  get temperatureC(): number {
    return this.#ambientC;
  }

  set temperatureC(value: number) {
    assert(Number.isFinite(value), "VirtualTMP102: temperatureC is not a number");
    this.#ambientC = value;
    if ((this.#configuration & SHUTDOWN) === 0) this.convert();
  }

  /** The configuration register as a read of it would give it. */
  get configuration(): number {
    const al = this.#alerting === ((this.#configuration & POLARITY) !== 0) ? ALERT : 0;
    return this.#configuration | al | (this.#oneShotDone ? ONE_SHOT : 0);
  }

  /** Whether the comparator's alert stands, whatever the polarity. */
  get isAlerting(): boolean {
    return this.#alerting;
  }

  /** One conversion: measures, clamps to the format's range and compares with the limits. */
  convert(): void {
    if (this.fault === "stuck") return;
    const stepMax = this.#isExtended() ? 0x0fff : 0x07ff;
    this.#steps = Math.max(-stepMax - 1, Math.min(stepMax, Math.floor(this.#ambientC * STEPS_PER_C)));
    const isBeyond = this.#alerting ? this.#steps < this.#limitSteps(LOW_LIMIT) : this.#steps >= this.#limitSteps(HIGH_LIMIT);
    this.#faultCount = isBeyond ? this.#faultCount + 1 : 0;
    if (this.#faultCount < FAULT_COUNTS[(this.#configuration >> 11) & 3]!) return;
    this.#alerting = !this.#alerting;
    this.#faultCount = 0;
  }

  /** The pointer byte, then the register's two bytes, the upper first; each is taken as it comes. */
  write(bytes: Uint8Array): boolean {
    if (this.fault === "nack") return false;
    if (bytes.length > 0) this.#pointer = bytes[0]! & 3;
    if (bytes.length > 1) this.#writeByte(8, bytes[1]!);
    if (bytes.length > 2) this.#writeByte(0, bytes[2]!);
    return true;
  }

  /** The register under the pointer, which stays; beyond its two bytes the released bus reads 0xFF. */
  read(byteLength: number): Uint8Array | undefined {
    if (this.fault === "nack") return undefined;
    const value = this.#register(this.#pointer);
    const bytes = new Uint8Array(byteLength).fill(0xff);
    if (byteLength > 0) bytes[0] = value >> 8;
    if (byteLength > 1) bytes[1] = value & 0xff;
    return bytes;
  }

  #register(pointer: number): number {
    if (pointer === CONFIGURATION) return this.configuration;
    if (pointer === LOW_LIMIT || pointer === HIGH_LIMIT) return this.#limits[pointer];
    // Left-aligned; bit 0 tells which of the two formats it is.
    return this.#isExtended() ? ((this.#steps << 3) & 0xffff) | 1 : (this.#steps << 4) & 0xffff;
  }

  #writeByte(shift: 0 | 8, byte: number): void {
    const mask = 0xff << shift;
    const value = byte << shift;
    if (this.#pointer === LOW_LIMIT || this.#pointer === HIGH_LIMIT) {
      const unused = this.#isExtended() ? 0x0007 : 0x000f;
      this.#limits[this.#pointer] = ((this.#limits[this.#pointer] & ~mask) | value) & ~unused;
    }
    if (this.#pointer === CONFIGURATION) this.#configure(value, mask);
  }

  #configure(value: number, mask: number): void {
    const wasShutDown = (this.#configuration & SHUTDOWN) !== 0;
    this.#configuration = RESOLUTION | (this.#configuration & WRITABLE & ~mask) | (value & WRITABLE & mask);
    const isShutDown = (this.#configuration & SHUTDOWN) !== 0;
    if (!isShutDown) this.#oneShotDone = false;
    if (wasShutDown && !isShutDown) this.convert();
    if (isShutDown && (value & ONE_SHOT) !== 0) {
      this.convert();
      this.#oneShotDone = this.fault !== "stuck";
    }
  }

  #isExtended(): boolean {
    return (this.#configuration & EXTENDED) !== 0;
  }

  /** The limit as the comparator sees it, in the format that is set now. */
  #limitSteps(limit: typeof LOW_LIMIT | typeof HIGH_LIMIT): number {
    const signed = (this.#limits[limit] << 16) >> 16;
    return this.#isExtended() ? signed >> 3 : signed >> 4;
  }
}
