/** What the standard leaves open and this host promises: the codes of I2C and SMBus, their pins, and any realm's buffers. */
import { runInNewContext } from "node:vm";
import { createI2C } from "../../../hosts/simulated/i2c.js";
import { createSMBus } from "../../../hosts/simulated/smbus.js";
import type { I2COptions, SMBusOptions } from "../../../src/ports/i2c.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { beforeEach, describe, it } from "../../harness/spec.js";
import { openScriptedBus, type ScriptedBus } from "./scripted-bus.js";

let subject: ScriptedBus;
let options: I2COptions;

beforeEach(() => {
  subject = openScriptedBus();
  options = { ...subject.bus, address: subject.address };
});

describe("I2C of hosts/node", () => {
  it("throws io with the address where nobody acknowledges", () => {
    const i2c = new (createI2C(subject.chip))({ ...options, address: 0x50 });
    throws(() => i2c.read(1), "io", /0x50/);
    throws(() => i2c.write(Uint8Array.of(1)), "io", /0x50/);
  });

  it("throws closed after close", () => {
    const i2c = new (createI2C(subject.chip))(options);
    i2c.close();
    throws(() => i2c.read(1), "closed", /0x48/);
  });

  it("throws invalid for every option that is not usable", () => {
    const I2C = createI2C(subject.chip);
    const wrong: readonly object[] = [
      { data: undefined },
      { clock: {} },
      { clock: options.data },
      { hz: -1 },
      { hz: 1.5 },
      { hz: "400000" },
      { address: 0x78 },
      { port: {} },
    ];
    for (const change of wrong) throws(() => new I2C({ ...options, ...change } as I2COptions), "invalid");
    throws(() => new I2C({ ...options, format: "number" } as I2COptions), "unsupported");
    throws(() => new (createSMBus(I2C))({ ...options, stop: 1 } as unknown as SMBusOptions), "invalid", /stop/);
    new I2C(options).close();
  });

  it("refuses an address in use, also across I2C and the SMBus class made from it", () => {
    const I2C = createI2C(subject.chip);
    const SMBus = createSMBus(I2C);
    const smbus = new SMBus(options);
    throws(() => new I2C(options), "refused", /0x48/);
    ok(smbus instanceof I2C);
    smbus.close();
    new I2C(options).close();
  });

  it("refuses a pin that serves another bus, until that is closed", () => {
    const I2C = createI2C(subject.chip);
    const held = new I2C(options);
    throws(() => new I2C({ ...options, address: 0x49, clock: 5 }), "refused", /pin 21/);
    throws(() => new I2C({ ...options, address: 0x49, data: options.clock, clock: options.data }), "refused", /pin 22/);
    throws(() => new I2C({ ...options, address: 0x49, port: 1 }), "refused");
    held.close();
    new I2C({ ...options, address: 0x49, clock: 5 }).close();
  });

  it("keeps the target that it is given", () => {
    const i2c = new (createI2C(subject.chip))(Object.assign({ target: "mine" }, options));
    equal((i2c as unknown as { target: unknown }).target, "mine");
  });

  it("takes every Byte Buffer of the standard, from any realm, and no other view", () => {
    const smbus = new (createSMBus(createI2C(subject.chip)))(options);
    const foreign = runInNewContext("Uint8Array.of(1, 2)") as Uint8Array;
    const buffers = [foreign, foreign.buffer, Int8Array.of(1, 2), new DataView(Uint8Array.of(1, 2).buffer)] as Uint8Array[];
    for (const buffer of buffers) smbus.write(buffer);
    for (const buffer of buffers) smbus.writeBuffer(5, buffer);
    const written = subject.chip.log.map((entry) => entry.write);
    equal(written, [...buffers.map(() => Uint8Array.of(1, 2)), ...buffers.map(() => Uint8Array.of(5, 1, 2))]);
    throws(() => smbus.write(Uint16Array.of(1) as unknown as Uint8Array), "invalid");
    throws(() => smbus.writeBuffer(5, 3 as unknown as Uint8Array), "invalid");
  });

  it("refuses more than a transfer can hold", () => {
    const i2c = new (createI2C(subject.chip))(options);
    equal(i2c.read(65535).byteLength, 0, "the scripted target gives what was loaded: nothing");
    throws(() => i2c.read(65536), "invalid", /65536/);
  });
});

describe("SMBus of hosts/node", () => {
  it("throws io where a target gives fewer bytes than a register has", () => {
    const smbus = new (createSMBus(createI2C(subject.chip)))(options);
    subject.load([1]);
    throws(() => smbus.readUint16(5), "io", /1 bytes; expected 2/);
    subject.load([]);
    throws(() => smbus.receiveByte(), "io");
  });

  it("throws invalid with the number that is out of range", () => {
    const smbus = new (createSMBus(createI2C(subject.chip)))(options);
    throws(() => smbus.writeUint8(5, 256), "invalid", /256; expected an integer 0 … 255/);
    throws(() => smbus.writeUint16(5, 65536), "invalid", /65536; expected an integer 0 … 65535/);
    throws(() => smbus.readUint8(256), "invalid", /register/);
  });
});
