/** I²C and SMBus on the ESP32: what Moddable's classes let pass, drop or answer, and what the adapters make of it. */
import { createI2C } from "../../../hosts/esp32/i2c.js";
import { findBuses } from "../../../hosts/esp32/provider.js";
import { createSMBus } from "../../../hosts/esp32/smbus.js";
import type { I2C, SMBus, SMBusOptions } from "../../../src/ports/i2c.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { I2C_OBLIGATIONS, type I2CSubject } from "../../ports/i2c.js";
import { SMBUS_OBLIGATIONS, type SMBusSubject } from "../../ports/smbus.js";
import { openScriptedBus } from "../bus/scripted-bus.js";
import { fakeI2C } from "./moddable/i2c.js";

/** What ESP-IDF cannot put on the wires: each is refused, and has its spec below. */
const IMPOSSIBLE: readonly string[] = Object.freeze([
  "end a transfer with a stop unless told otherwise",
  "send the address alone for no bytes",
  "send quick commands as an address alone",
]);
const possible = <Kind extends { readonly must: string }>(all: readonly Kind[]): Kind[] =>
  all.filter(({ must }) => !IMPOSSIBLE.includes(must));

/** The wires with two targets, and Moddable's class over them. */
function openWires() {
  const scripted = openScriptedBus();
  const aborts: string[] = [];
  const Moddable = fakeI2C({ transfer: (transfer) => scripted.chip.transfer(transfer), aborts });
  return { ...scripted, aborts, Moddable, options: { ...scripted.bus, address: scripted.address } };
}

interface Watched extends I2CSubject {
  readonly aborts: readonly string[];
}

/** An obligation that waits for any error would not notice that the chip was ended. */
function stillRuns(subject: Watched): void {
  equal(subject.aborts, [], "what ended the chip");
}

function openI2CSubject(): Watched {
  const wires = openWires();
  return { ...wires, I2C: createI2C({ I2C: wires.Moddable }) };
}
function openSMBusSubject(): Watched & SMBusSubject {
  const wires = openWires();
  return { ...wires, I2C: createSMBus({ I2C: wires.Moddable }) };
}

describePort("I2C on the ESP32", possible(I2C_OBLIGATIONS), openI2CSubject, stillRuns);
describePort("SMBus on the ESP32 as an I2C", possible(I2C_OBLIGATIONS), openSMBusSubject, stillRuns);
describePort<Watched & SMBusSubject>("SMBus on the ESP32", possible(SMBUS_OBLIGATIONS), openSMBusSubject, stillRuns);

function openBoth(more: Partial<SMBusOptions> = {}) {
  const wires = openWires();
  const I2C = createI2C({ I2C: wires.Moddable });
  const SMBus = createSMBus({ I2C: wires.Moddable });
  const i2c: I2C = new I2C(wires.options);
  const smbus: SMBus = new SMBus({ ...wires.options, address: wires.otherAddress, ...more });
  return { ...wires, i2c, smbus, I2C, SMBus };
}

describe("ESP32: I2C", () => {
  it("refuses a transfer without a stop, which Moddable sends with one", () => {
    const raw = openWires();
    (new raw.Moddable(raw.options) as unknown as I2C).write(Uint8Array.of(1), false);
    equal(raw.wire(), "S 48w 01 P", "Moddable's");
    const { i2c, wire } = openBoth();
    const expected = /^I2C 0x48: a transfer without a stop, expected writeRead\(\)$/;
    throws(() => i2c.write(Uint8Array.of(1), false), "unsupported", expected);
    throws(() => i2c.read(1, false), "unsupported", expected);
    throws(() => i2c.read(1, 0 as unknown as boolean), "invalid", /stop is not a boolean/);
    equal(wire(), "");
    i2c.write(Uint8Array.of(1), true);
    equal(wire(), "S 48w 01 P");
  });

  it("judges a length before XS allocates it, which ends the chip", () => {
    const { i2c, Moddable, aborts, options, bus } = openBoth();
    i2c.close();
    throws(() => new Moddable(options).read(-1), /memory full/);
    equal(aborts.splice(0), ["an ArrayBuffer of 4294967295 bytes"]);
    const safe = new (createI2C({ I2C: Moddable }))({ ...bus, address: 0x50 });
    for (const length of [-1, 1.5, 65_536, Number.NaN]) throws(() => safe.read(length), "invalid", /expected 1 … 65535$/);
    for (const length of [-1, 65_536]) throws(() => safe.writeRead(Uint8Array.of(1), length), "invalid");
    equal(aborts, []);
  });

  it("says that ESP-IDF reads no 0 bytes, and that nobody acknowledged a probe, which Moddable answers with a number", () => {
    const { i2c, I2C, Moddable, bus, absentAddress, wire } = openBoth();
    throws(() => i2c.read(0), "unsupported", /^I2C 0x48: a read of no bytes, expected one at least$/);
    throws(() => i2c.read(new Uint8Array(0)), "unsupported");
    throws(() => i2c.writeRead(new Uint8Array(0), 1), "unsupported", /expected read\(\)$/);
    i2c.write(new Uint8Array(0));
    equal(wire(), "S 48w P");
    equal(new Moddable({ ...bus, address: 0x51 }).write(new Uint8Array(0)), 1, "Moddable's answer");
    const absent = new I2C({ ...bus, address: absentAddress });
    throws(() => absent.write(new Uint8Array(0)), "io", /^I2C 0x50: no device acknowledged$/);
    throws(() => absent.write(Uint8Array.of(1)), "io", /^I2C 0x50: write failed$/);
    throws(() => absent.read(1), "io", /^I2C 0x50: read failed$/);
    throws(() => absent.writeRead(Uint8Array.of(1), 1), "io", /^I2C 0x50: writeRead failed$/);
  });

  it("tells a bus that is taken from options that are wrong: a reserved address, no speed, a port that is none", () => {
    const { I2C, options, absentAddress, bus } = openBoth();
    const at = { ...bus, address: absentAddress };
    throws(() => new I2C({ ...at, address: 0x78 }), "invalid", /^I2C: the address is 120, expected 0x08 … 0x77$/);
    throws(() => new I2C({ ...at, hz: undefined as unknown as number }), "invalid", /^I2C: hz is undefined/);
    throws(() => new I2C({ ...at, hz: 30_000_000 }), "invalid", /^I2C: invalid hz$/);
    throws(() => new I2C({ ...at, port: 2 }), "invalid", /^I2C: invalid port$/);
    throws(() => new I2C({ ...at, format: "number" } as never), "unsupported", /^I2C: format number, expected "buffer"$/);
    throws(() => new I2C(options), "refused", /^I2C: duplicate address$/);
    throws(() => new I2C({ ...at, clock: 5 }), "refused", /^I2C: inUse$/);
    new I2C(at).close();
  });

  it("keeps the target, and hands it on to nobody", () => {
    const { I2C, bus, absentAddress } = openBoth();
    const target = { owner: "the application" };
    ok((new I2C({ ...bus, address: absentAddress, target } as never) as { target?: unknown }).target === target);
  });
});

describe("ESP32: SMBus", () => {
  it("stops after the register number where it is told to, which Moddable's forgets", () => {
    const { smbus, load, wire } = openBoth({ stop: true });
    load([0xaa, 0xbb]);
    equal([smbus.readUint8(5), smbus.readUint16(6, true)], [0xaa, 0xaabb]);
    equal(wire(), "S 49w 05 P S 49r aa P S 49w 06 P S 49r aa bb P");
  });

  it("sends a quick write, says where nobody acknowledged it, and refuses a quick read", () => {
    const { smbus, SMBus, bus, absentAddress, wire } = openBoth();
    smbus.writeQuick();
    throws(() => smbus.readQuick(), "unsupported", /^I2C 0x49: a read of no bytes/);
    equal(wire(), "S 49w P");
    throws(() => new SMBus({ ...bus, address: absentAddress }).writeQuick(), "io", /no device acknowledged/);
  });

  it("refuses a stop that is none", () => {
    throws(() => openBoth({ stop: 1 as unknown as boolean }), "invalid", /^SMBus: stop is not a boolean$/);
  });
});

describe("ESP32: the default bus", () => {
  const { Moddable, load, wire } = openWires();
  const pins = { io: Moddable, data: 21, clock: 22, port: "I2C_NUM_0" };

  it("is found in both spellings of the provider, with a speed, and serves SMBus too", () => {
    for (const device of [{ I2C: { default: pins } }, { i2c: { default: pins } }]) {
      const { i2c, smbus } = findBuses({ device });
      for (const { io, ...bus } of [i2c, smbus]) {
        equal(bus, { hz: 100_000, data: 21, clock: 22, port: "I2C_NUM_0" });
        ok(io !== (Moddable as unknown), "the adapter, not Moddable's class");
      }
    }
    equal(findBuses({ device: { i2c: { default: { ...pins, hz: 400_000 } } } }).smbus.hz, 400_000, "the board's own");
    const own = findBuses({ device: { smbus: { default: { ...pins, data: 8 } }, i2c: { default: pins } } });
    equal([own.smbus.data, own.i2c.data], [8, 21]);
  });

  it("reaches a target as a driver would reach it", () => {
    const { io, ...bus } = findBuses({ device: { I2C: { default: pins } } }).smbus;
    load([0x12, 0x34]);
    const sensor = new io({ ...bus, address: 0x48 });
    equal(sensor.readUint16(0, true), 0x1234);
    sensor.close();
    equal(wire(), "S 48w 00 S 48r 12 34 P");
  });

  it("says that there is none when it is used, not before", () => {
    for (const device of [undefined, {}, { I2C: {} }]) {
      const { i2c, smbus } = findBuses({ device });
      for (const { io, ...bus } of [i2c, smbus]) {
        const expected = /names no default bus; expected device\.I2C or device\.i2c/;
        throws(() => new io({ ...bus, address: 0x48 }), "unsupported", expected);
      }
    }
  });
});
