/**
 * `embedded:io/i2c` as Moddable 8.2.3 behaves on the ESP32: its methods pass on no `stop`, ESP-IDF reads and writes one byte at
 * least, a write of none is a probe with an answer, and a negative length ends the chip.
 */
import type { ModdableI2C, ModdableI2CConstructor } from "../../../../hosts/esp32/i2c.js";
import type { BusTransfer } from "../../../../hosts/simulated/chip.js";
import type { I2COptions } from "../../../../src/ports/i2c.js";
import { bytesOf, ChipAborted, noHostData, toInteger } from "./flash.js";

const HZ_MAX = 20_000_000;
const ADDRESS_MAX = 127;
const PORT_COUNT = 2;

interface Claim {
  readonly data: number;
  readonly clock: number;
  readonly address: number;
}

/** The bus that the wires lead to. Notes what ended the chip, for a caller that catches what is thrown. */
export interface FakeBus {
  transfer(transfer: BusTransfer): Uint8Array | undefined;
  readonly aborts?: string[];
}

/** The class of the module, for the wires of one chip. */
export function fakeI2C(bus: FakeBus): ModdableI2CConstructor {
  const claims = new Set<Claim>();

  return class FakeI2C implements ModdableI2C {
    readonly #claim: Claim;

    constructor(options: I2COptions) {
      const { data, clock } = options;
      for (const name of ["data", "clock", "address"]) if (!(name in options)) throw new RangeError(`${name} required`);
      this.#claim = { data: toPin(data), clock: toPin(clock), address: toPin(options.address) };
      const { address } = this.#claim;
      const isShared = [...claims].some((held) => held.data === data && held.clock === clock);
      if (!isShared) {
        for (const held of claims) {
          if ([held.data, held.clock].some((pin) => pin === data || pin === clock)) throw new RangeError("inUse");
        }
      }
      if (address > ADDRESS_MAX) throw new RangeError("invalid address");
      for (const held of claims) {
        if (held.data === data && held.clock === clock && held.address === address) throw new RangeError("duplicate address");
      }
      const hz = toInteger(options.hz);
      if (hz <= 0 || hz > HZ_MAX) throw new RangeError("invalid hz");
      if ("port" in options) {
        const port = toInteger(options.port);
        if (port < 0 || port >= PORT_COUNT) throw new RangeError("invalid port");
      }
      claims.add(this.#claim);
    }

    read(destination: number | Uint8Array): ArrayBuffer | number {
      this.#demandOpen();
      const target = this.#target(destination);
      const bytes = target.length === 0 ? undefined : this.#transfer(undefined, target.length);
      if (bytes === undefined) throw new Error("read failed");
      target.set(bytes);
      return typeof destination === "number" ? (target.buffer as ArrayBuffer) : target.length;
    }

    write(buffer: Uint8Array): number | undefined {
      this.#demandOpen();
      const bytes = bytesOf(buffer);
      const isAcknowledged = this.#transfer(bytes.slice(), undefined) !== undefined;
      if (bytes.length === 0) return isAcknowledged ? undefined : 1;
      if (!isAcknowledged) throw new Error("write failed");
      return undefined;
    }

    writeRead(buffer: Uint8Array, destination: number | Uint8Array): ArrayBuffer | number {
      this.#demandOpen();
      const target = this.#target(destination);
      const bytes = bytesOf(buffer);
      const isEmpty = bytes.length === 0 || target.length === 0;
      const read = isEmpty ? undefined : this.#transfer(bytes.slice(), target.length);
      if (read === undefined) throw new Error("writeRead failed");
      target.set(read);
      return typeof destination === "number" ? (target.buffer as ArrayBuffer) : target.length;
    }

    close(): void {
      claims.delete(this.#claim);
    }

    #demandOpen(): void {
      if (!claims.has(this.#claim)) throw noHostData();
    }

    #target(destination: unknown): Uint8Array {
      if (typeof destination === "object") return bytesOf(destination);
      const length = toInteger(destination);
      if (length >= 0) return new Uint8Array(length);
      bus.aborts?.push(`an ArrayBuffer of ${length >>> 0} bytes`);
      throw new ChipAborted("memory full");
    }

    #transfer(write: Uint8Array | undefined, readLength: number | undefined): Uint8Array | undefined {
      return bus.transfer({ address: this.#claim.address, write, readLength, stop: true });
    }
  };
}

/** A number, or what becomes of a text: `"I2C_NUM_0"` is 0. */
function toPin(value: unknown): number {
  if (value === undefined) throw new Error("invalid");
  const pin = toInteger(value);
  if (pin < 0) throw new RangeError("negative");
  return pin;
}
