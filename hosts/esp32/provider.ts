/**
 * The board's bus, from Moddable's host provider, in whichever spelling: the global `device` has `I2C` in the SDKs up to 8,
 * `i2c` as ECMA-419's third edition has it.
 *
 * No board for these chips names a default for SMBus, which is I²C with a convention: the I²C pins serve.
 */
import { FirmwareError } from "../../src/errors.js";
import type { I2CConstructor, I2CDefault, SMBusConstructor, SMBusDefault } from "../../src/ports/i2c.js";

/** A bus as a provider names it: the class, the pins, and a speed where the board has one of its own. */
type Bus<Constructor> = { readonly io: Constructor; readonly hz?: number } & Pick<I2CDefault, "data" | "clock" | "port">;

/** The members that are looked for. */
export interface ModdableDevice {
  readonly I2C?: { readonly default?: Bus<I2CConstructor> };
  readonly i2c?: { readonly default?: Bus<I2CConstructor> };
  readonly SMBus?: { readonly default?: Bus<SMBusConstructor> };
  readonly smbus?: { readonly default?: Bus<SMBusConstructor> };
}

const HZ = 400_000;

/** Stands for a bus that the board does not have. */
class NoBus {
  constructor() {
    throw new FirmwareError("unsupported", "I2C: the board's provider names no default bus; expected device.I2C or device.i2c");
  }
}

/** The default bus, as I²C and as SMBus. Where the board has none, classes that say so when they are constructed. */
export function findBuses(options: { readonly device: ModdableDevice | undefined; readonly SMBus: SMBusConstructor }): {
  readonly i2c: I2CDefault;
  readonly smbus: SMBusDefault;
} {
  const { device, SMBus } = options;
  const i2c = device?.i2c?.default ?? device?.I2C?.default;
  const smbus = device?.smbus?.default ?? device?.SMBus?.default ?? (i2c && { ...i2c, io: SMBus });
  return {
    i2c: Object.freeze(i2c ? { hz: HZ, ...i2c } : absent<I2CConstructor>()),
    smbus: Object.freeze(smbus ? { hz: HZ, ...smbus } : absent<SMBusConstructor>()),
  };
}

function absent<Constructor>(): Bus<Constructor> & { readonly hz: number } {
  return { io: NoBus as unknown as Constructor, data: 0, clock: 0, hz: HZ };
}
