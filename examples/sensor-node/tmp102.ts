/**
 * Driver of the TMP102 temperature sensor, in the form that ECMA-419 gives to sensors: it runs on any host of the standard.
 *
 * The options are those of the TMP102 page of Ecma TC53, the register names those of the data sheet (Texas Instruments
 * SBOS397). It asks the host for an SMBus class and nothing else, so that the same file runs on a board and against a
 * virtual chip. The alert pin and `onAlert` of that page are refused: poll `sample().alert`.
 */
import type { SMBus, SMBusConstructor, SMBusOptions } from "../../src/ports/i2c.js";

export interface TMP102Options {
  /** The SMBus class and its options. `hz` is 3,400,000 and `address` 0x48 without them, as the page says. */
  readonly sensor: { readonly io: SMBusConstructor } & Omit<SMBusOptions, "hz" | "address"> &
    Partial<Pick<SMBusOptions, "hz" | "address">>;
  readonly target?: unknown;
}

/** Each property is optional, and what is absent stays as it is. The initial values are the chip's own after power-up. */
export interface TMP102Configuration {
  /** The alert rises at this temperature: -40 … 125 °C, initially 80. Kept in steps of 0.0625 °C. */
  readonly highTemperature?: number;
  /** The alert ends below this temperature: -40 … 125 °C, initially 75. */
  readonly lowTemperature?: number;
  /** The level of the alert pin during an alert, initially 0. */
  readonly polarity?: 0 | 1;
  /** Whether the chip sleeps between samples, initially false. */
  readonly shutdownMode?: boolean;
  /** Initially "comparator". */
  readonly thermostatMode?: "comparator" | "interrupt";
  /** How many readings in a row beyond a limit it takes, initially 1. */
  readonly faultQueue?: 1 | 2 | 4 | 6;
  /** Readings a second, initially 4. */
  readonly conversionRate?: 0.25 | 1 | 4 | 8;
  /** Ours, not the page's: readings up to 150 °C instead of 128, initially false. */
  readonly extendedMode?: boolean;
}

export interface TMP102Sample {
  /** In °C, in steps of 0.0625. */
  temperature: number;
  alert: boolean;
}

type Settings = Required<TMP102Configuration>;

const Register = Object.freeze({ TEMPERATURE: 0, CONFIGURATION: 1, LOW: 2, HIGH: 3 });

/** Configuration register, byte 1 in the upper half: OS R1 R0 F1 F0 POL TM SD, CR1 CR0 AL EM 0 0 0 0. */
const Bit = Object.freeze({ OS: 0x8000, POL: 0x0400, TM: 0x0200, SD: 0x0100, AL: 0x0020, EM: 0x0010 });
/** R1, R0 and the four unused bits never change: a chip that reads otherwise is another one. */
const FIXED_MASK = 0x600f;
const FIXED_VALUE = 0x6000;

/** The index is the value of the bits F1 F0 and CR1 CR0. */
const FAULT_QUEUES: readonly number[] = Object.freeze([1, 2, 4, 6]);
const CONVERSION_RATES_HZ: readonly number[] = Object.freeze([0.25, 1, 4, 8]);
const STEPS_PER_C = 16;

const INITIAL: Settings = Object.freeze({
  highTemperature: 80,
  lowTemperature: 75,
  polarity: 0,
  shutdownMode: false,
  thermostatMode: "comparator",
  faultQueue: 1,
  conversionRate: 4,
  extendedMode: false,
});

export class TMP102 {
  readonly target: unknown;
  #io: SMBus | undefined;
  #settings: Settings = INITIAL;
  #isActive = false;
  #isConverting = false;

  /** Throws where the options are not usable, nothing answers, or what answers is no TMP102; then nothing stays open. */
  constructor(options: TMP102Options) {
    if (typeof options !== "object" || options === null) throw new TypeError("TMP102: an options object is required");
    const { sensor } = options;
    if (typeof sensor?.io !== "function") throw new TypeError("TMP102: sensor.io is required, an SMBus class");
    if ("alert" in options || "onAlert" in options) {
      throw new Error("TMP102: the alert pin is not supported; poll sample().alert");
    }
    this.target = options.target;
    this.#io = new sensor.io({ hz: 3_400_000, address: 0x48, ...sensor });
    try {
      if ((this.#io.readUint16(Register.CONFIGURATION, true) & FIXED_MASK) !== FIXED_VALUE) {
        throw new Error("TMP102: what answers at this address is no TMP102");
      }
      this.#isActive = true;
      this.#apply(this.#io, INITIAL);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Changes what is named and leaves the rest. Throws before anything is sent where a value is out of range. */
  configure(options: TMP102Configuration): void {
    const io = this.#opened();
    if (typeof options !== "object" || options === null) throw new TypeError("TMP102: an options object is required");
    const settings = merged(this.#settings, options);
    validate(settings);
    this.#apply(io, settings);
    this.#settings = settings;
  }

  /**
   * The last reading, in a new object. In shutdown mode it asks for a reading and gives `undefined` until that is done, 35 ms
   * later at most: call again. In the first 35 ms after power-up the chip itself reports 0 °C. Throws where nothing answers.
   */
  sample(): TMP102Sample | undefined {
    const io = this.#opened();
    if (this.#settings.shutdownMode) {
      if (!this.#isConverting) io.writeUint16(Register.CONFIGURATION, configurationOf(this.#settings) | Bit.OS, true);
      this.#isConverting = true;
      if ((io.readUint16(Register.CONFIGURATION, true) & Bit.OS) === 0) return undefined;
      this.#isConverting = false;
    }
    const word = io.readUint16(Register.TEMPERATURE, true);
    const configuration = io.readUint16(Register.CONFIGURATION, true);
    const signed = (word << 16) >> 16;
    // Bit 0 tells which of the two formats this reading has, so that one from before a change of mode is not misread.
    const temperature = ((word & 1) === 1 ? signed >> 3 : signed >> 4) / STEPS_PER_C;
    // POL inverts AL: without an alert AL is 1 for POL = 0, and 0 for POL = 1.
    const alert = ((configuration & Bit.AL) !== 0) === ((configuration & Bit.POL) !== 0);
    return { temperature, alert };
  }

  /** Puts the chip to sleep, if it still answers, and releases the bus. */
  close(): void {
    const io = this.#io;
    this.#io = undefined;
    if (io === undefined) return;
    try {
      if (this.#isActive) io.writeUint16(Register.CONFIGURATION, configurationOf(this.#settings) | Bit.SD, true);
    } catch {
      // A sensor that was pulled out can be closed like any other.
    } finally {
      io.close();
    }
  }

  #opened(): SMBus {
    if (this.#io === undefined) throw new Error("TMP102: used after close()");
    return this.#io;
  }

  /** Writes all three registers, so that a chip that lost its supply for a moment is set up again. The limits come first. */
  #apply(io: SMBus, settings: Settings): void {
    const shift = settings.extendedMode ? 3 : 4;
    io.writeUint16(Register.LOW, (Math.round(settings.lowTemperature * STEPS_PER_C) << shift) & 0xffff, true);
    io.writeUint16(Register.HIGH, (Math.round(settings.highTemperature * STEPS_PER_C) << shift) & 0xffff, true);
    io.writeUint16(Register.CONFIGURATION, configurationOf(settings), true);
    this.#isConverting = false;
  }
}

/** `base` with what `options` names. Property by property: what else the object holds is ignored. */
function merged(base: Settings, options: TMP102Configuration): Settings {
  return {
    highTemperature: options.highTemperature ?? base.highTemperature,
    lowTemperature: options.lowTemperature ?? base.lowTemperature,
    polarity: options.polarity ?? base.polarity,
    shutdownMode: options.shutdownMode ?? base.shutdownMode,
    thermostatMode: options.thermostatMode ?? base.thermostatMode,
    faultQueue: options.faultQueue ?? base.faultQueue,
    conversionRate: options.conversionRate ?? base.conversionRate,
    extendedMode: options.extendedMode ?? base.extendedMode,
  };
}

function validate(settings: Settings): void {
  requireTemperature("highTemperature", settings.highTemperature);
  requireTemperature("lowTemperature", settings.lowTemperature);
  requireOneOf("polarity", settings.polarity, [0, 1]);
  requireOneOf("shutdownMode", settings.shutdownMode, [false, true]);
  requireOneOf("thermostatMode", settings.thermostatMode, ["comparator", "interrupt"]);
  requireOneOf("faultQueue", settings.faultQueue, FAULT_QUEUES);
  requireOneOf("conversionRate", settings.conversionRate, CONVERSION_RATES_HZ);
  requireOneOf("extendedMode", settings.extendedMode, [false, true]);
}

function requireTemperature(name: string, value: unknown): void {
  if (typeof value === "number" && value >= -40 && value <= 125) return;
  throw new RangeError(`TMP102: ${name} is ${String(value)}; expected -40 … 125 °C`);
}

function requireOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw new RangeError(`TMP102: ${name} is ${String(value)}; expected one of ${allowed.join(", ")}`);
}

function configurationOf(settings: Settings): number {
  let word = FIXED_VALUE | (FAULT_QUEUES.indexOf(settings.faultQueue) << 11);
  word |= CONVERSION_RATES_HZ.indexOf(settings.conversionRate) << 6;
  if (settings.polarity === 1) word |= Bit.POL;
  if (settings.thermostatMode === "interrupt") word |= Bit.TM;
  if (settings.shutdownMode) word |= Bit.SD;
  if (settings.extendedMode) word |= Bit.EM;
  return word;
}
