/** The SMBus suite against this host, the faultless fake and the broken ones. */
import { createI2C } from "../../../hosts/simulated/i2c.js";
import { createSMBus } from "../../../hosts/simulated/smbus.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { BROKEN_SMBUS, fakeSMBusSubject } from "../../ports/broken/smbus.js";
import { SMBUS_OBLIGATIONS, type SMBusSubject } from "../../ports/smbus.js";
import { openScriptedBus } from "../bus/scripted-bus.js";

describePort<SMBusSubject>("SMBus of hosts/node", SMBUS_OBLIGATIONS, () => {
  const bus = openScriptedBus();
  return { ...bus, I2C: createSMBus(createI2C(bus.chip)) };
});

describePort<SMBusSubject>("SMBus fake without a fault", SMBUS_OBLIGATIONS, () => fakeSMBusSubject());
describeBroken("SMBus", SMBUS_OBLIGATIONS, BROKEN_SMBUS);
