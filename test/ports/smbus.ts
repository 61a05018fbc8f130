/**
 * What an SMBus initiator must do beyond I²C, as obligations: ECMA-419 (10 IO classes, synchronous SMBus).
 *
 * The subject is that of the I²C suite with an SMBus class; what is expected are the bus transactions of the SMBus
 * specification, in the notation of that suite. Run the I²C suite on the class too: SMBus extends I²C.
 */
import type { SMBus, SMBusConstructor } from "../../src/ports/i2c.js";
import { equal, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";
import type { I2CSubject } from "./i2c.js";

export interface SMBusSubject extends I2CSubject {
  readonly I2C: SMBusConstructor;
}

function open(subject: SMBusSubject, stop?: boolean): SMBus {
  const options = { ...subject.bus, address: subject.address };
  return new subject.I2C(stop === undefined ? options : { ...options, stop });
}

/** The trace with the target's address written as `@`. */
function wireOf(subject: SMBusSubject): string {
  return subject.wire().replaceAll(`S ${subject.address.toString(16).padStart(2, "0")}`, "S @");
}

const REGISTERS: readonly Obligation<SMBusSubject>[] = [
  {
    must: "read an 8-bit register",
    check(subject) {
      const smbus = open(subject);
      subject.load([0xfe, 0x01]);
      equal(smbus.readUint8(0x05), 0xfe);
      equal(wireOf(subject), "S @w 05 S @r fe P");
    },
  },
  {
    must: "write an 8-bit register",
    check(subject) {
      open(subject).writeUint8(0x05, 0xfe);
      equal(wireOf(subject), "S @w 05 fe P");
    },
  },
  {
    must: "read a 16-bit register, the lower byte first",
    check(subject) {
      const smbus = open(subject);
      subject.load([0xfe, 0x01]);
      equal(smbus.readUint16(0x05), 0x01fe);
      equal(smbus.readUint16(0x06, false), 0x01fe);
      equal(wireOf(subject), "S @w 05 S @r fe 01 P S @w 06 S @r fe 01 P");
    },
  },
  {
    must: "read a 16-bit register, the upper byte first on demand",
    check(subject) {
      const smbus = open(subject);
      subject.load([0xfe, 0x01]);
      equal(smbus.readUint16(0x05, true), 0xfe01);
    },
  },
  {
    must: "write a 16-bit register, the lower byte first",
    check(subject) {
      const smbus = open(subject);
      smbus.writeUint16(0x05, 0x01fe);
      smbus.writeUint16(0x05, 0x01fe, false);
      equal(wireOf(subject), "S @w 05 fe 01 P S @w 05 fe 01 P");
    },
  },
  {
    must: "write a 16-bit register, the upper byte first on demand",
    check(subject) {
      open(subject).writeUint16(0x05, 0x01fe, true);
      equal(wireOf(subject), "S @w 05 01 fe P");
    },
  },
  {
    must: "read a run of bytes from a register on",
    check(subject) {
      const smbus = open(subject);
      subject.load([1, 2, 3]);
      equal(smbus.readBuffer(0x05, 3), Uint8Array.of(1, 2, 3).buffer);
      const target = new Uint8Array(2);
      equal(smbus.readBuffer(0x06, target), 2);
      equal(target, Uint8Array.of(1, 2));
      equal(wireOf(subject), "S @w 05 S @r 01 02 03 P S @w 06 S @r 01 02 P");
    },
  },
  {
    must: "write a run of bytes from a register on",
    check(subject) {
      const smbus = open(subject);
      smbus.writeBuffer(0x05, Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
      smbus.writeBuffer(0x06, Uint8Array.of(3).buffer);
      equal(wireOf(subject), "S @w 05 01 02 P S @w 06 03 P");
    },
  },
];

const COMMANDS: readonly Obligation<SMBusSubject>[] = [
  {
    must: "send quick commands as an address alone",
    check(subject) {
      const smbus = open(subject);
      smbus.readQuick();
      smbus.writeQuick();
      equal(wireOf(subject), "S @r P S @w P");
    },
  },
  {
    must: "receive and send single bytes",
    check(subject) {
      const smbus = open(subject);
      subject.load([0xaa]);
      equal(smbus.receiveByte(), 0xaa);
      smbus.sendByte(0xbb);
      equal(wireOf(subject), "S @r aa P S @w bb P");
    },
  },
  {
    must: "stop after the register number where the options ask for it",
    check(subject) {
      const smbus = open(subject, true);
      subject.load([0xaa, 0xbb]);
      smbus.readUint8(0x05);
      smbus.readUint16(0x06);
      smbus.readBuffer(0x07, 1);
      equal(wireOf(subject), "S @w 05 P S @r aa P S @w 06 P S @r aa bb P S @w 07 P S @r aa P");
    },
  },
  {
    must: "refuse numbers out of range before anything is sent",
    check(subject) {
      const smbus = open(subject);
      throws(() => smbus.writeUint8(0x05, 0x100));
      throws(() => smbus.writeUint8(0x05, -1));
      throws(() => smbus.writeUint16(0x05, 0x10000));
      throws(() => smbus.writeUint8(0x100, 0));
      throws(() => smbus.readUint8(1.5));
      throws(() => smbus.sendByte(0x100));
      equal(subject.wire(), "");
    },
  },
  {
    must: "throw where no target acknowledges a register",
    check(subject) {
      const smbus = new subject.I2C({ ...subject.bus, address: subject.absentAddress });
      throws(() => smbus.readUint8(0x05));
      throws(() => smbus.writeUint16(0x05, 1));
      throws(() => smbus.readQuick());
      throws(() => smbus.sendByte(1));
    },
  },
  {
    must: "throw from register access after close",
    check(subject) {
      const smbus = open(subject);
      smbus.close();
      throws(() => smbus.readUint8(0x05));
      throws(() => smbus.writeBuffer(0x05, Uint8Array.of(1)));
      throws(() => smbus.receiveByte());
      equal(subject.wire(), "");
    },
  },
];

export const SMBUS_OBLIGATIONS: readonly Obligation<SMBusSubject>[] = Object.freeze([...REGISTERS, ...COMMANDS]);
