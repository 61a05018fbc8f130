/**
 * What an I²C initiator must do, as obligations: ECMA-419 (10 IO classes, synchronous I²C) where a driver can notice.
 *
 * The subject brings a scripted target and the trace of its bus in the notation of the I²C specification: `S` a start, an
 * address with `w` or `r`, bytes in hexadecimal, `P` a stop. Only that something is thrown is checked, not what: the
 * standard promises an Error and no more.
 */
import type { I2CConstructor, I2COptions } from "../../src/ports/i2c.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface I2CSubject {
  readonly I2C: I2CConstructor;
  /** Pins and speed of the bus. */
  readonly bus: Pick<I2COptions, "data" | "clock" | "hz">;
  /** Two addresses at which the scripted target acknowledges, and one where nobody does. */
  readonly address: number;
  readonly otherAddress: number;
  readonly absentAddress: number;
  /** What each read gives, from its first byte on. */
  load(bytes: readonly number[]): void;
  /** All that crossed the bus. A transfer that nobody acknowledged is not in it. */
  wire(): string;
}

function open(subject: I2CSubject) {
  return new subject.I2C({ ...subject.bus, address: subject.address });
}

function hex(address: number): string {
  return address.toString(16).padStart(2, "0");
}

const CONSTRUCTION: readonly Obligation<I2CSubject>[] = [
  {
    must: "refuse a construction without data, clock, hz or address",
    check(subject) {
      const all = { ...subject.bus, address: subject.address };
      throws(() => new (subject.I2C as unknown as new () => unknown)());
      for (const name of ["data", "clock", "hz", "address"]) {
        const options = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
        throws(() => new subject.I2C(options as unknown as I2COptions));
      }
    },
  },
  {
    must: "refuse an address outside 0x08 … 0x77",
    check(subject) {
      for (const address of [-1, 0x07, 0x78, 0x80, 8.5]) throws(() => new subject.I2C({ ...subject.bus, address }));
    },
  },
  {
    must: "accept frozen options and ignore what it does not know",
    check(subject) {
      const options = Object.freeze({ ...subject.bus, address: subject.address, io: "reserved", colour: "blue" });
      new subject.I2C(options).close();
      equal(options, { ...subject.bus, address: subject.address, io: "reserved", colour: "blue" });
    },
  },
  {
    must: "hold nothing after a refused construction",
    check(subject) {
      throws(() => new subject.I2C({ ...subject.bus, hz: 0, address: subject.address }));
      open(subject).close();
    },
  },
  {
    must: "refuse an address that is in use until it is closed",
    check(subject) {
      const first = open(subject);
      throws(() => open(subject));
      first.close();
      open(subject).close();
    },
  },
  {
    must: "share its pins between several addresses",
    check(subject) {
      const first = open(subject);
      const second = new subject.I2C({ ...subject.bus, address: subject.otherAddress });
      first.write(Uint8Array.of(1));
      second.write(Uint8Array.of(2));
      equal(subject.wire(), `S ${hex(subject.address)}w 01 P S ${hex(subject.otherAddress)}w 02 P`);
    },
  },
  {
    must: "have the format buffer and no other",
    check(subject) {
      const i2c = open(subject);
      equal(i2c.format, "buffer");
      i2c.format = "buffer";
      throws(() => Object.assign(i2c, { format: "number" }));
      equal(i2c.format, "buffer");
    },
  },
  {
    must: "close any number of times",
    check(subject) {
      const i2c = open(subject);
      i2c.close();
      const next = open(subject);
      i2c.close();
      throws(() => open(subject)); // The second close() released nothing of its successor.
      next.close();
    },
  },
  {
    must: "throw from every transfer after close",
    check(subject) {
      const i2c = open(subject);
      i2c.close();
      throws(() => i2c.read(1));
      throws(() => i2c.write(Uint8Array.of(1)));
      throws(() => i2c.writeRead(Uint8Array.of(1), 1));
      equal(subject.wire(), "");
    },
  },
];

const TRANSFERS: readonly Obligation<I2CSubject>[] = [
  {
    must: "throw where no target acknowledges",
    check(subject) {
      const i2c = new subject.I2C({ ...subject.bus, address: subject.absentAddress });
      throws(() => i2c.write(Uint8Array.of(1)));
      throws(() => i2c.read(1));
      throws(() => i2c.writeRead(Uint8Array.of(1), 1));
    },
  },
  {
    must: "end a transfer with a stop unless told otherwise",
    check(subject) {
      const i2c = open(subject);
      const at = hex(subject.address);
      subject.load([0xaa]);
      i2c.write(Uint8Array.of(1));
      i2c.read(1);
      i2c.write(Uint8Array.of(2), true);
      i2c.write(Uint8Array.of(3), false);
      i2c.read(1, false);
      i2c.read(1, true);
      equal(subject.wire(), `S ${at}w 01 P S ${at}r aa P S ${at}w 02 P S ${at}w 03 S ${at}r aa S ${at}r aa P`);
    },
  },
  {
    must: "write then read without a stop between",
    check(subject) {
      const i2c = open(subject);
      subject.load([0xaa, 0xbb]);
      equal(i2c.writeRead(Uint8Array.of(1), 2), Uint8Array.of(0xaa, 0xbb).buffer);
      const target = new Uint8Array(1);
      equal(i2c.writeRead(Uint8Array.of(2, 3), target), 1);
      equal(target, Uint8Array.of(0xaa));
      const at = hex(subject.address);
      equal(subject.wire(), `S ${at}w 01 S ${at}r aa bb P S ${at}w 02 03 S ${at}r aa P`);
    },
  },
  {
    must: "give an ArrayBuffer of its own where a length is asked for",
    check(subject) {
      const i2c = open(subject);
      subject.load([0xaa, 0xbb]);
      const first = i2c.read(2);
      ok(first instanceof ArrayBuffer);
      equal(first.byteLength, 2);
      const second = i2c.read(2);
      new Uint8Array(second)[0] = 0;
      equal(first, Uint8Array.of(0xaa, 0xbb).buffer);
    },
  },
  {
    must: "fill a buffer within its bounds and give the count",
    check(subject) {
      const i2c = open(subject);
      subject.load([0xaa, 0xbb, 0xcc]);
      const whole = new Uint8Array(4);
      equal(i2c.read(whole.subarray(1, 3)), 2);
      equal(whole, Uint8Array.of(0, 0xaa, 0xbb, 0));
      const buffer = new ArrayBuffer(1);
      equal(i2c.read(buffer), 1);
      equal(buffer, Uint8Array.of(0xaa).buffer);
    },
  },
  {
    must: "write exactly the bytes of a buffer",
    check(subject) {
      const i2c = open(subject);
      i2c.write(Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
      i2c.write(Uint8Array.of(3).buffer);
      equal(subject.wire(), `S ${hex(subject.address)}w 01 02 P S ${hex(subject.address)}w 03 P`);
    },
  },
  {
    must: "keep no reference to a written buffer",
    check(subject) {
      const i2c = open(subject);
      const bytes = Uint8Array.of(1);
      i2c.write(bytes);
      bytes[0] = 2;
      equal(subject.wire(), `S ${hex(subject.address)}w 01 P`);
    },
  },
  {
    must: "send the address alone for no bytes",
    check(subject) {
      const i2c = open(subject);
      i2c.write(new Uint8Array(0));
      equal(i2c.read(0).byteLength, 0);
      equal(subject.wire(), `S ${hex(subject.address)}w P S ${hex(subject.address)}r P`);
    },
  },
  {
    must: "refuse what is no buffer and no length",
    check(subject) {
      const i2c = open(subject);
      throws(() => i2c.write(5 as unknown as Uint8Array));
      throws(() => i2c.write([1, 2] as unknown as Uint8Array));
      throws(() => i2c.read(-1));
      throws(() => i2c.read(undefined as unknown as number));
      equal(subject.wire(), "");
    },
  },
];

export const I2C_OBLIGATIONS: readonly Obligation<I2CSubject>[] = Object.freeze([...CONSTRUCTION, ...TRANSFERS]);
