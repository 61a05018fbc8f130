/**
 * The SMBus initiator of ECMA-419 (10 IO classes, synchronous form): registers of 8 and 16 bits over an I2C class.
 *
 * The standard says that SMBus extends I2C, and so it does here: made from a host's I2C class, the two share its bus and its
 * addresses. Packet error codes and the alert response address are not in the standard and not here. See
 * docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { I2CConstructor, SMBusConstructor, SMBusOptions, SMBus as SMBusPort } from "../../src/ports/i2c.js";
import { demandByteBuffer } from "./byte-buffer.js";

type ByteBuffer = Uint8Array | ArrayBuffer;

const UINT8_MAX = 0xff;
const UINT16_MAX = 0xffff;

/** The SMBus class over `I2C`. Throws as that class does, and `invalid` before anything is sent for a number out of range. */
export function createSMBus(I2C: I2CConstructor): SMBusConstructor {
  return class SMBus extends I2C implements SMBusPort {
    readonly #stop: boolean;

    constructor(options: SMBusOptions) {
      const stop = options?.stop ?? false;
      if (typeof stop !== "boolean") throw new FirmwareError("invalid", "SMBus: stop is not a boolean");
      super(options);
      this.#stop = stop;
    }

    readUint8(register: number): number {
      return new DataView(whole(this.#readRegister(register, 1), 1)).getUint8(0);
    }

    writeUint8(register: number, value: number): void {
      super.write(Uint8Array.of(integer("register", register, UINT8_MAX), integer("value", value, UINT8_MAX)));
    }

    readUint16(register: number, bigEndian = false): number {
      return new DataView(whole(this.#readRegister(register, 2), 2)).getUint16(0, !bigEndian);
    }

    writeUint16(register: number, value: number, bigEndian = false): void {
      const bytes = new Uint8Array(3);
      bytes[0] = integer("register", register, UINT8_MAX);
      new DataView(bytes.buffer).setUint16(1, integer("value", value, UINT16_MAX), !bigEndian);
      super.write(bytes);
    }

    readBuffer(register: number, byteLength: number): ArrayBuffer;
    readBuffer(register: number, target: ByteBuffer): number;
    readBuffer(register: number, destination: number | ByteBuffer): ArrayBuffer | number {
      // The cast chooses an overload; both run the same code.
      return this.#readRegister(register, destination as number);
    }

    writeBuffer(register: number, buffer: ByteBuffer): void {
      const source = demandByteBuffer(buffer, "I2C");
      const bytes = new Uint8Array(1 + source.length);
      bytes[0] = integer("register", register, UINT8_MAX);
      bytes.set(source, 1);
      super.write(bytes);
    }

    readQuick(): void {
      super.read(0);
    }

    writeQuick(): void {
      super.write(new Uint8Array(0));
    }

    receiveByte(): number {
      return new DataView(whole(super.read(1), 1)).getUint8(0);
    }

    sendByte(command: number): void {
      super.write(Uint8Array.of(integer("command", command, UINT8_MAX)));
    }

    #readRegister(register: number, byteLength: number): ArrayBuffer {
      const command = Uint8Array.of(integer("register", register, UINT8_MAX));
      if (!this.#stop) return super.writeRead(command, byteLength);
      super.write(command, true);
      return super.read(byteLength);
    }
  };
}

function whole(read: ArrayBuffer, byteLength: number): ArrayBuffer {
  if (read.byteLength === byteLength) return read;
  throw new FirmwareError("io", `SMBus: the device gave ${read.byteLength} bytes; expected ${byteLength}`);
}

function integer(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new FirmwareError("invalid", `SMBus: the ${name} is ${value}; expected an integer 0 … ${max}`);
}
