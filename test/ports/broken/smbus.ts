/**
 * An SMBus initiator over the fake I²C one, and what can be wrong with it: one fault for each MUST of the suite.
 *
 * Without a fault it passes the suite, so that the fault is what the suite notices.
 */
import type { SMBusConstructor, SMBusOptions, SMBus as SMBusPort } from "../../../src/ports/i2c.js";
import type { Broken } from "../../harness/port-suite.js";
import type { SMBusSubject } from "../smbus.js";
import { FAKE_ADDRESSES, FAKE_BUS, FakeWire, fakeI2C } from "./i2c.js";

export type SMBusFault =
  | "reads 8 bits as signed"
  | "writes 8 bits as 16"
  | "reads the upper byte first"
  | "never reads the upper byte first"
  | "writes the upper byte first"
  | "never writes the upper byte first"
  | "reads a run one byte at a time"
  | "writes a run without its register"
  | "sends a byte as a quick command"
  | "sends a byte with a register"
  | "never stops after the register"
  | "cuts numbers to size"
  | "reads zero from nobody"
  | "works after close";

/** The class, right but for `fault`. */
function fakeSMBus(wire: FakeWire, fault: SMBusFault | undefined): SMBusConstructor {
  const I2C = fakeI2C(wire, fault === "works after close" ? fault : undefined);
  return class FakeSMBus extends I2C implements SMBusPort {
    readonly #stop: boolean;

    constructor(options: SMBusOptions) {
      super(options);
      this.#stop = fault !== "never stops after the register" && options.stop === true;
    }

    readUint8(register: number): number {
      const value = bytesOf(this.readBuffer(register, 1))[0] ?? 0;
      return fault === "reads 8 bits as signed" ? (value << 24) >> 24 : value;
    }

    writeUint8(register: number, value: number): void {
      const bytes = [...number(value, 0xff)];
      this.writeBuffer(register, Uint8Array.from(fault === "writes 8 bits as 16" ? [...bytes, 0] : bytes));
    }

    readUint16(register: number, bigEndian = false): number {
      const [first = 0, second = 0] = bytesOf(this.readBuffer(register, 2));
      const isUpperFirst =
        fault === "reads the upper byte first" || (bigEndian && fault !== "never reads the upper byte first");
      return isUpperFirst ? (first << 8) | second : (second << 8) | first;
    }

    writeUint16(register: number, value: number, bigEndian = false): void {
      const [lower = 0, upper = 0] = number(value, 0xffff);
      const isUpperFirst =
        fault === "writes the upper byte first" || (bigEndian && fault !== "never writes the upper byte first");
      this.writeBuffer(register, isUpperFirst ? Uint8Array.of(upper, lower) : Uint8Array.of(lower, upper));
    }

    readBuffer(register: number, byteLength: number): ArrayBuffer;
    readBuffer(register: number, target: Uint8Array | ArrayBuffer): number;
    readBuffer(register: number, destination: number | Uint8Array | ArrayBuffer): ArrayBuffer | number {
      const length = (fault === "reads a run one byte at a time" ? 1 : destination) as number;
      try {
        if (!this.#stop) return this.writeRead(number(register, 0xff), length);
        this.write(number(register, 0xff));
        return this.read(length);
      } catch (error) {
        if (fault === "reads zero from nobody" && String(error).includes("acknowledgement")) return new ArrayBuffer(2);
        throw error;
      }
    }

    writeBuffer(register: number, buffer: Uint8Array | ArrayBuffer): void {
      const command = fault === "writes a run without its register" ? [] : number(register, 0xff);
      this.write(Uint8Array.from([...command, ...bytesOf(buffer)]));
    }

    readQuick(): void {
      this.read(0);
    }

    writeQuick(): void {
      this.write(fault === "sends a byte as a quick command" ? Uint8Array.of(0) : new Uint8Array(0));
    }

    receiveByte(): number {
      return bytesOf(this.read(1))[0] ?? 0;
    }

    sendByte(command: number): void {
      const bytes = [...number(command, 0xff)];
      this.write(Uint8Array.from(fault === "sends a byte with a register" ? [0, ...bytes] : bytes));
    }
  };

  /** The value as bytes, the lower first: one for a maximum of 0xff, else two. */
  function number(value: number, max: number): Uint8Array {
    const isInRange = Number.isInteger(value) && value >= 0 && value <= max;
    if (!isInRange && fault !== "cuts numbers to size") throw new Error("range");
    return max === 0xff ? Uint8Array.of(value) : Uint8Array.of(value & 0xff, value >> 8);
  }
}

function bytesOf(buffer: Uint8Array | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(buffer) ? buffer : new Uint8Array(buffer);
}

/** A subject of the suite over the fake. */
export function fakeSMBusSubject(fault?: SMBusFault): SMBusSubject {
  const wire = new FakeWire();
  return {
    I2C: fakeSMBus(wire, fault),
    bus: FAKE_BUS,
    ...FAKE_ADDRESSES,
    load: (bytes) => {
      wire.loaded = bytes;
    },
    wire: () => wire.text(),
  };
}

const FAULTS: readonly (readonly [must: string, fault: SMBusFault])[] = [
  ["read an 8-bit register", "reads 8 bits as signed"],
  ["write an 8-bit register", "writes 8 bits as 16"],
  ["read a 16-bit register, the lower byte first", "reads the upper byte first"],
  ["read a 16-bit register, the upper byte first on demand", "never reads the upper byte first"],
  ["write a 16-bit register, the lower byte first", "writes the upper byte first"],
  ["write a 16-bit register, the upper byte first on demand", "never writes the upper byte first"],
  ["read a run of bytes from a register on", "reads a run one byte at a time"],
  ["write a run of bytes from a register on", "writes a run without its register"],
  ["send quick commands as an address alone", "sends a byte as a quick command"],
  ["receive and send single bytes", "sends a byte with a register"],
  ["stop after the register number where the options ask for it", "never stops after the register"],
  ["refuse numbers out of range before anything is sent", "cuts numbers to size"],
  ["throw where no target acknowledges a register", "reads zero from nobody"],
  ["throw from register access after close", "works after close"],
];

export const BROKEN_SMBUS: readonly Broken<SMBusSubject>[] = FAULTS.map(([must, fault]) => ({
  must,
  fault,
  open: () => fakeSMBusSubject(fault),
}));
