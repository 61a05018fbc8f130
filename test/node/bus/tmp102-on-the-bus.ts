/**
 * The example's TMP102 driver, unmodified, on the SMBus class of this host with the virtual chip behind it.
 *
 * Both were written from the data sheet and not from each other; here they have to agree.
 */
import fc from "fast-check";
import { TMP102 } from "../../../examples/sensor-node/tmp102.js";
import { I2CBus } from "../../../hosts/node/i2c-bus.js";
import { VirtualTMP102 } from "../../../hosts/node/virtual-chips/tmp102.js";
import { createI2C } from "../../../hosts/simulated/i2c.js";
import { createSMBus } from "../../../hosts/simulated/smbus.js";
import type { SMBusConstructor, SMBusDefault } from "../../../src/ports/i2c.js";
import { equal, throws } from "../../harness/expect.js";
import { beforeEach, describe, it } from "../../harness/spec.js";

let bus: I2CBus;
let chip: VirtualTMP102;
let io: SMBusConstructor;

beforeEach(() => {
  bus = new I2CBus();
  chip = new VirtualTMP102();
  bus.attach(chip);
  io = createSMBus(createI2C(bus));
});

function open(): TMP102 {
  const board: SMBusDefault = { io, data: 21, clock: 22, hz: 400_000 };
  return new TMP102({ sensor: { ...board } });
}

describe("TMP102 driver and virtual chip", () => {
  for (const temperatureC of [25, 0, 0.0625, -0.0625, -0.25, -25, -40, -55, 127.9375]) {
    it(`agree on ${temperatureC} °C`, () => {
      const driver = open();
      chip.temperatureC = temperatureC;
      equal(driver.sample(), { temperature: temperatureC, alert: temperatureC >= 80 });
    });
  }

  it("agree on every temperature and mode, to the step below", () => {
    const driver = open();
    fc.assert(
      fc.property(fc.double({ min: -55, max: 150, noNaN: true }), fc.boolean(), (temperatureC, extendedMode) => {
        driver.configure({ extendedMode });
        chip.temperatureC = temperatureC;
        const expected = Math.min(Math.floor(temperatureC * 16) / 16, extendedMode ? 150 : 127.9375);
        equal(driver.sample()?.temperature, expected + 0); // A register has no -0.
      }),
      { numRuns: 300 },
    );
  });

  it("reach beyond 128 °C in extended mode only", () => {
    const driver = open();
    chip.temperatureC = 140;
    equal(driver.sample()?.temperature, 127.9375);
    driver.configure({ extendedMode: true });
    chip.convert();
    equal(driver.sample()?.temperature, 140);
  });

  it("agree on the alert: it rises at the high limit and ends below the low one, in both polarities and formats", () => {
    const driver = open();
    for (const polarity of [0, 1] as const) {
      for (const extendedMode of [false, true]) {
        driver.configure({ highTemperature: -5, lowTemperature: -10.5, polarity, extendedMode });
        const alerts = [-20, -5.0625, -5, -10.5, -10.5625].map((temperatureC) => {
          chip.temperatureC = temperatureC;
          return driver.sample()?.alert;
        });
        equal(alerts, [false, false, true, true, false], `polarity ${polarity}, extended ${extendedMode}`);
      }
    }
  });

  it("agree on the fault queue", () => {
    const driver = open();
    driver.configure({ faultQueue: 4 });
    const alerts: unknown[] = [];
    for (const temperatureC of [85, 85, 85, 20, 85, 85, 85, 85]) {
      chip.temperatureC = temperatureC;
      alerts.push(driver.sample()?.alert);
    }
    equal(alerts, [false, false, false, false, false, false, false, true]);
  });

  it("read on demand in shutdown mode", () => {
    const driver = open();
    driver.configure({ shutdownMode: true });
    chip.temperatureC = -10;
    equal(driver.sample()?.temperature, -10);
    chip.fault = "stuck";
    chip.temperatureC = 30;
    equal(driver.sample(), undefined, "the conversion does not end");
    chip.fault = "none";
    driver.configure({ shutdownMode: false });
    equal(driver.sample()?.temperature, 30);
  });

  it("report a chip that lost its supply, and go on when it is back", () => {
    const driver = open();
    chip.fault = "nack";
    throws(() => driver.sample(), "io", /0x48/);
    chip.fault = "none";
    equal(driver.sample()?.temperature, 25);
  });

  it("keep the last reading of a chip that is stuck", () => {
    const driver = open();
    chip.fault = "stuck";
    chip.temperatureC = 60;
    equal(driver.sample()?.temperature, 25);
  });

  it("leave the address free where construction fails", () => {
    chip.fault = "nack";
    throws(open, "io", /0x48/);
    chip.fault = "none";
    const driver = open();
    throws(open, "refused", /0x48/);
    driver.close();
    open().close();
  });

  it("start from the power-up state after a predecessor changed everything", () => {
    const first = open();
    first.configure({ highTemperature: 10, lowTemperature: 5, polarity: 1, faultQueue: 6, extendedMode: true });
    first.close();
    const second = open();
    equal(chip.configuration, 0x60a0);
    chip.temperatureC = 79;
    equal(second.sample(), { temperature: 79, alert: false });
  });
});
