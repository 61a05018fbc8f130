/** The I²C suite against this host, the faultless fake and the broken ones. */
import { createI2C } from "../../../hosts/simulated/i2c.js";
import { createSMBus } from "../../../hosts/simulated/smbus.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { BROKEN_I2C, fakeI2CSubject } from "../../ports/broken/i2c.js";
import { I2C_OBLIGATIONS, type I2CSubject } from "../../ports/i2c.js";
import { openScriptedBus } from "../bus/scripted-bus.js";

describePort<I2CSubject>("I2C of hosts/node", I2C_OBLIGATIONS, () => {
  const bus = openScriptedBus();
  return { ...bus, I2C: createI2C(bus.chip) };
});

describePort<I2CSubject>("SMBus of hosts/node as an I2C", I2C_OBLIGATIONS, () => {
  const bus = openScriptedBus();
  return { ...bus, I2C: createSMBus(createI2C(bus.chip)) };
});

describePort<I2CSubject>("I2C fake without a fault", I2C_OBLIGATIONS, () => fakeI2CSubject());
describeBroken("I2C", I2C_OBLIGATIONS, BROKEN_I2C);
