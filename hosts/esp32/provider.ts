/**
 * The board's bus, from Moddable's host provider, in whichever spelling: the global `device` has `I2C` in the SDKs up to 8,
 * `i2c` as ECMA-419's third edition has it.
 *
 * No board for these chips names a default for SMBus, which is I²C with a convention: the I²C pins serve. None names a speed.
 * The classes that are handed out are ours over those that the provider names. See docs/design/esp32-host.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { I2CDefault, SMBusDefault } from "../../src/ports/i2c.js";
import { createI2C, type ModdableI2CConstructor } from "./i2c.js";
import { createSMBus } from "./smbus.js";

/** A bus as a provider names it: the class, the pins, and a speed where the board has one of its own. */
type Bus = { readonly io: ModdableI2CConstructor; readonly hz?: number } & Pick<I2CDefault, "data" | "clock" | "port">;

/** The members that are looked for. A class for SMBus has the methods of I²C as well. */
export interface ModdableDevice {
  readonly I2C?: { readonly default?: Bus };
  readonly i2c?: { readonly default?: Bus };
  readonly SMBus?: { readonly default?: Bus };
  readonly smbus?: { readonly default?: Bus };
}

/** Standard mode, which every chip takes: what a driver spreads here overrides its own speed. */
const HZ = 100_000;

/** Stands for a bus that the board does not have. */
class NoBus {
  constructor() {
    throw new FirmwareError("unsupported", "I2C: the board's provider names no default bus; expected device.I2C or device.i2c");
  }
}
const NO_BUS: Bus = Object.freeze({ io: NoBus as unknown as ModdableI2CConstructor, data: 0, clock: 0 });

/** The default bus, as I²C and as SMBus. Where the board has none, classes that say so when they are constructed. */
export function findBuses(options: { readonly device: ModdableDevice | undefined }): {
  readonly i2c: I2CDefault;
  readonly smbus: SMBusDefault;
} {
  const { device } = options;
  const i2c = device?.i2c?.default ?? device?.I2C?.default ?? NO_BUS;
  const smbus = device?.smbus?.default ?? device?.SMBus?.default ?? i2c;
  return {
    i2c: Object.freeze({ hz: HZ, ...i2c, io: createI2C({ I2C: i2c.io }) }),
    smbus: Object.freeze({ hz: HZ, ...smbus, io: createSMBus({ I2C: smbus.io }) }),
  };
}
