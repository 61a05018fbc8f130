/**
 * The I2C port over Moddable's `embedded:io/i2c`: the same classes, with what they let pass judged before it reaches the bus.
 *
 * A read of a negative length asks XS for 4 GB, which ends the chip. A write of no bytes that nobody acknowledges comes back as
 * a number. `stop` is dropped on its way, and there is nowhere to take it: ESP-IDF ends every transfer with a stop, and reads
 * one byte at least. Both are `unsupported` here rather than something else on the wires; `writeRead()` is what most drivers
 * mean. See docs/design/esp32-host.md.
 */
import { errorCodeOf, FirmwareError, messageOf } from "../../src/errors.js";
import type { I2CConstructor, I2COptions, I2C as I2CPort } from "../../src/ports/i2c.js";
import { byteBuffer } from "./byte-buffer.js";

type ByteBuffer = Uint8Array | ArrayBuffer;

const ADDRESS_MIN = 0x08;
const ADDRESS_MAX = 0x77;
const LENGTH_MAX_BYTES = 0xffff;

/** An open target of Moddable's, of its I2C class or of its SMBus. A buffer is filled, and its length returned. */
export interface ModdableI2C {
  read(destination: number | Uint8Array): ArrayBuffer | number;
  /** A write of no bytes gives a number where nobody acknowledged; every other one throws there. */
  write(bytes: Uint8Array): number | undefined;
  writeRead(bytes: Uint8Array, destination: number | Uint8Array): ArrayBuffer | number;
  close(): void;
}
export type ModdableI2CConstructor = new (options: I2COptions) => ModdableI2C;

/** Constructors throw `invalid`, `refused` and `io`; transfers `invalid`, `unsupported`, `closed`, and `io` unacknowledged. */
export class ESP32I2C implements I2CPort {
  target: unknown;
  readonly #address: number;
  #i2c: ModdableI2C | undefined;

  constructor(Class: ModdableI2CConstructor, options: I2COptions) {
    demandOptions(options);
    this.#address = options.address;
    this.#i2c = open(Class, options);
    this.target = (options as { target?: unknown }).target;
  }

  get format(): "buffer" {
    return "buffer";
  }

  set format(value: "buffer") {
    demandFormat(value);
  }

  read(byteLength: number, stop?: boolean): ArrayBuffer;
  read(buffer: ByteBuffer, stop?: boolean): number;
  read(wanted: number | ByteBuffer, stop?: boolean): never {
    const i2c = this.#open();
    this.#demandStop(stop);
    const destination = this.#destination(wanted);
    return this.#attempt(() => i2c.read(destination)) as never;
  }

  write(buffer: ByteBuffer, stop?: boolean): void {
    const i2c = this.#open();
    this.#demandStop(stop);
    const bytes = byteBuffer(buffer, "I2C");
    const answer = this.#attempt(() => i2c.write(bytes));
    if (bytes.length === 0 && answer !== undefined) throw this.#error("io", "no device acknowledged");
  }

  writeRead(buffer: ByteBuffer, byteLength: number): ArrayBuffer;
  writeRead(buffer: ByteBuffer, target: ByteBuffer): number;
  writeRead(buffer: ByteBuffer, wanted: number | ByteBuffer): never {
    const i2c = this.#open();
    const bytes = byteBuffer(buffer, "I2C");
    const destination = this.#destination(wanted);
    if (bytes.length === 0) throw this.#error("unsupported", "writeRead() of no bytes, expected read()");
    return this.#attempt(() => i2c.writeRead(bytes, destination)) as never;
  }

  close(): void {
    this.#i2c?.close();
    this.#i2c = undefined;
  }

  #open(): ModdableI2C {
    if (this.#i2c === undefined) throw this.#error("closed", "used after close()");
    return this.#i2c;
  }

  #demandStop(stop: unknown): void {
    if (stop === undefined || stop === true) return;
    if (stop === false) throw this.#error("unsupported", "a transfer without a stop, expected writeRead()");
    throw this.#error("invalid", "stop is not a boolean");
  }

  #destination(wanted: unknown): number | Uint8Array {
    const destination = typeof wanted === "number" ? wanted : byteBuffer(wanted, "I2C");
    const length = typeof destination === "number" ? destination : destination.length;
    if (length === 0) throw this.#error("unsupported", "a read of no bytes, expected one at least");
    if (Number.isInteger(length) && length > 0 && length <= LENGTH_MAX_BYTES) return destination;
    throw this.#error("invalid", `a read of ${length} bytes, expected 1 … ${LENGTH_MAX_BYTES}`);
  }

  #attempt<Result>(transfer: () => Result): Result {
    try {
      return transfer();
    } catch (error) {
      throw this.#error("io", messageOf(error));
    }
  }

  #error(code: "closed" | "invalid" | "io" | "unsupported", what: string): FirmwareError {
    return new FirmwareError(code, `I2C 0x${this.#address.toString(16).padStart(2, "0")}: ${what}`);
  }
}

/** The class over Moddable's. Instances share a bus by their pins; the same address cannot be opened twice on it. */
export function createI2C(options: { readonly I2C: ModdableI2CConstructor }): I2CConstructor {
  return class extends ESP32I2C {
    constructor(i2cOptions: I2COptions) {
      super(options.I2C, i2cOptions);
    }
  };
}

function open(Class: ModdableI2CConstructor, options: I2COptions): ModdableI2C {
  try {
    return new Class(options);
  } catch (error) {
    if (errorCodeOf(error) !== undefined) throw error; // A class of ours that stands for a bus.
    const text = messageOf(error);
    const isTaken = text.indexOf("duplicate") >= 0 || text.indexOf("inUse") >= 0;
    throw new FirmwareError(isTaken ? "refused" : error instanceof RangeError ? "invalid" : "io", `I2C: ${text}`);
  }
}

function demandOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) throw new FirmwareError("invalid", "I2C: an options object is required");
  const { data, clock, hz, address, format = "buffer" } = options as Partial<I2COptions> & { format?: unknown };
  demandFormat(format);
  demandPin("data", data);
  demandPin("clock", clock);
  if (!Number.isSafeInteger(hz) || hz! <= 0)
    throw new FirmwareError("invalid", `I2C: hz is ${hz}, expected a positive integer`);
  if (Number.isInteger(address) && address! >= ADDRESS_MIN && address! <= ADDRESS_MAX) return;
  throw new FirmwareError("invalid", `I2C: the address is ${address}, expected 0x08 … 0x77`);
}

function demandPin(name: string, value: unknown): void {
  if (typeof value === "number" || typeof value === "string") return;
  throw new FirmwareError("invalid", `I2C: ${name} is ${typeof value}, expected a number or a string`);
}

function demandFormat(value: unknown): void {
  if (value !== "buffer") throw new FirmwareError("unsupported", `I2C: format ${String(value)}, expected "buffer"`);
}
