/**
 * The SMBus port over the I2C class of this host: registers of 8 and 16 bits.
 *
 * Moddable has an SMBus class of its own. It cuts a register or a value that is too large to its lower bits, its `stop` option
 * has no effect, its writeQuick() is silent where nobody acknowledges, and an instance of it is three times as large as one of
 * its I2C. So it is not used. A quick read is `unsupported`: ESP-IDF reads one byte at least. See docs/design/esp32-host.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { SMBusConstructor, SMBusOptions, SMBus as SMBusPort } from "../../src/ports/i2c.js";
import { byteBuffer } from "./byte-buffer.js";
import { ESP32I2C, type ModdableI2CConstructor } from "./i2c.js";

type ByteBuffer = Uint8Array | ArrayBuffer;

const UINT8_MAX = 0xff;
const UINT16_MAX = 0xffff;

class ESP32SMBus extends ESP32I2C implements SMBusPort {
  readonly #stopsBetween: boolean;

  constructor(Class: ModdableI2CConstructor, options: SMBusOptions) {
    const stop = options?.stop ?? false;
    if (typeof stop !== "boolean") throw new FirmwareError("invalid", "SMBus: stop is not a boolean");
    super(Class, options);
    this.#stopsBetween = stop;
  }

  readUint8(register: number): number {
    const bytes = new Uint8Array(1);
    this.#readRegister(register, bytes);
    return bytes[0]!;
  }

  writeUint8(register: number, value: number): void {
    this.write(Uint8Array.of(integer("register", register, UINT8_MAX), integer("value", value, UINT8_MAX)));
  }

  readUint16(register: number, bigEndian = false): number {
    const bytes = new Uint8Array(2);
    this.#readRegister(register, bytes);
    return bigEndian ? (bytes[0]! << 8) | bytes[1]! : (bytes[1]! << 8) | bytes[0]!;
  }

  writeUint16(register: number, value: number, bigEndian = false): void {
    const command = integer("register", register, UINT8_MAX);
    const upper = integer("value", value, UINT16_MAX) >> 8;
    this.write(bigEndian ? Uint8Array.of(command, upper, value) : Uint8Array.of(command, value, upper));
  }

  readBuffer(register: number, byteLength: number): ArrayBuffer;
  readBuffer(register: number, target: ByteBuffer): number;
  readBuffer(register: number, destination: number | ByteBuffer): ArrayBuffer | number {
    return this.#readRegister(register, destination);
  }

  writeBuffer(register: number, buffer: ByteBuffer): void {
    const source = byteBuffer(buffer, "SMBus");
    const bytes = new Uint8Array(1 + source.length);
    bytes[0] = integer("register", register, UINT8_MAX);
    bytes.set(source, 1);
    this.write(bytes);
  }

  readQuick(): void {
    this.read(0);
  }

  writeQuick(): void {
    this.write(new Uint8Array(0));
  }

  receiveByte(): number {
    const bytes = new Uint8Array(1);
    this.read(bytes);
    return bytes[0]!;
  }

  sendByte(command: number): void {
    this.write(Uint8Array.of(integer("command", command, UINT8_MAX)));
  }

  /** The casts choose an overload; both run the same code. */
  #readRegister(register: number, destination: number | ByteBuffer): ArrayBuffer | number {
    const command = Uint8Array.of(integer("register", register, UINT8_MAX));
    if (!this.#stopsBetween) return this.writeRead(command, destination as number);
    this.write(command);
    return this.read(destination as number);
  }
}

/** The class over Moddable's I2C. Throws as ours does, and `invalid` before anything is sent for a number out of range. */
export function createSMBus(options: { readonly I2C: ModdableI2CConstructor }): SMBusConstructor {
  return class extends ESP32SMBus {
    constructor(smbusOptions: SMBusOptions) {
      super(options.I2C, smbusOptions);
    }
  };
}

function integer(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new FirmwareError("invalid", `SMBus: the ${name} is ${value}, expected an integer 0 … ${max}`);
}
