/**
 * I²C and SMBus of the XS host: the suites over a scripted target, as they need one that gives what it is told, and direct
 * specs of the one chip on the real bus, a TMP102.
 */
import { createI2C } from "../../../hosts/simulated/i2c.js";
import { createSMBus } from "../../../hosts/simulated/smbus.js";
import { WireChip } from "../../../hosts/simulated/wire-chip.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { I2C_OBLIGATIONS, type I2CSubject } from "../../ports/i2c.js";
import { SMBUS_OBLIGATIONS, type SMBusSubject } from "../../ports/smbus.js";
import { hostUnderTest } from "../host.js";
import { ScriptedWire } from "./rig/scripted-wire.js";

const TMP102_ADDRESS = 0x48;
const ABSENT_ADDRESS = 0x50;
/** Registers of the TMP102's datasheet (TI SBOS397). */
const TEMPERATURE_REGISTER = 0;
const LOW_LIMIT_REGISTER = 2;

function openBus(): Omit<I2CSubject, "I2C"> & { readonly chip: WireChip } {
  const wire = new ScriptedWire();
  return {
    chip: new WireChip(wire, wire.hello),
    bus: { data: 21, clock: 22, hz: 400_000 },
    address: 0x48,
    otherAddress: 0x49,
    absentAddress: ABSENT_ADDRESS,
    load: (bytes) => {
      wire.loaded = bytes;
    },
    wire: () => wire.busText,
  };
}

function openSMBus(): SMBusSubject {
  const bus = openBus();
  return { ...bus, I2C: createSMBus(createI2C(bus.chip)) };
}

describePort<I2CSubject>("I2C of hosts/xs, driven", I2C_OBLIGATIONS, () => {
  const bus = openBus();
  return { ...bus, I2C: createI2C(bus.chip) };
});
describePort<I2CSubject>("SMBus of hosts/xs as an I2C, driven", I2C_OBLIGATIONS, openSMBus);
describePort("SMBus of hosts/xs, driven", SMBUS_OBLIGATIONS, openSMBus);

describe("The bus of hosts/xs, real", () => {
  it("reads a temperature of a room from the TMP102", () => {
    const { io: SMBus, ...pins } = hostUnderTest().smbus.default;
    const sensor = new SMBus({ ...pins, address: TMP102_ADDRESS });
    // 12 bits, left-aligned, 1/16 °C each.
    const temperatureC = (sensor.readUint16(TEMPERATURE_REGISTER, true) >> 4) / 16;
    sensor.close();
    ok(temperatureC > 0 && temperatureC < 50, `it reads ${temperatureC} °C`);
  });

  it("reads back a register that was written", () => {
    const { io: SMBus, ...pins } = hostUnderTest().smbus.default;
    const sensor = new SMBus({ ...pins, address: TMP102_ADDRESS });
    sensor.writeUint16(LOW_LIMIT_REGISTER, 0x1230, true);
    equal(sensor.readUint16(LOW_LIMIT_REGISTER, true), 0x1230);
    sensor.close();
  });

  it("throws io where no target acknowledges", () => {
    const { io: I2C, ...pins } = hostUnderTest().i2c.default;
    const absent = new I2C({ ...pins, address: ABSENT_ADDRESS });
    throws(() => absent.read(1), "io");
    absent.close();
  });
});
