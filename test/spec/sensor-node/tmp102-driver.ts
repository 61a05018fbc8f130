/**
 * The TMP102 driver of the example against registers in memory: what it writes, what it makes of what it reads, how it ends.
 *
 * Expected words follow from the data sheet's tables (SBOS397: temperature formats, configuration register).
 */
import { TMP102, type TMP102Configuration, type TMP102Options } from "../../../examples/sensor-node/tmp102.js";
import type { SMBus, SMBusConstructor, SMBusOptions } from "../../../src/ports/i2c.js";
import { equal, notEqual, ok, throws } from "../../harness/expect.js";
import { beforeEach, describe, it } from "../../harness/spec.js";

/** Four 16-bit registers and the record of what was done; `onRead` may answer instead, `onWrite` may throw. */
class Registers {
  readonly words = [0x1900, 0x60a0, 0x4b00, 0x5000];
  readonly written: string[] = [];
  opened: SMBusOptions[] = [];
  closedCount = 0;
  failAfter = Number.POSITIVE_INFINITY;

  get io(): SMBusConstructor {
    const registers = this;
    class FakeSMBus {
      constructor(options: SMBusOptions) {
        registers.opened.push(options);
      }
      readUint16(register: number, bigEndian?: boolean): number {
        registers.step();
        ok(bigEndian === true, "the chip sends the upper byte first");
        return registers.words[register]!;
      }
      writeUint16(register: number, value: number, bigEndian?: boolean): void {
        registers.step();
        ok(bigEndian === true, "the chip takes the upper byte first");
        ok(Number.isInteger(value) && value >= 0 && value <= 0xffff, "a 16-bit value");
        registers.written.push(`${register}=${value.toString(16).padStart(4, "0")}`);
      }
      close(): void {
        registers.closedCount += 1;
      }
    }
    return FakeSMBus as unknown as new (
      options: SMBusOptions,
    ) => SMBus;
  }

  step(): void {
    if (this.failAfter === 0) throw new Error("no acknowledgement");
    this.failAfter -= 1;
  }
}

let registers: Registers;

beforeEach(() => {
  registers = new Registers();
});

function open(more: Partial<TMP102Options["sensor"]> = {}): TMP102 {
  const driver = new TMP102(Object.freeze({ sensor: Object.freeze({ io: registers.io, data: 4, clock: 5, ...more }) }));
  registers.written.length = 0;
  return driver;
}

describe("TMP102 driver: construction", () => {
  it("opens the bus with the page's defaults and the options it was given", () => {
    open();
    equal([registers.opened[0]!.address, registers.opened[0]!.hz], [0x48, 3_400_000]);
    open({ address: 0x4a, hz: 100_000 });
    const { address, hz, data, clock } = registers.opened[1]!;
    equal([address, hz, data, clock], [0x4a, 100_000, 4, 5]);
  });

  it("puts the chip into its power-up state, whatever it was in", () => {
    new TMP102({ sensor: { io: registers.io, data: 4, clock: 5 } });
    equal(registers.written, ["2=4b00", "3=5000", "1=6080"]);
  });

  it("hands the target through", () => {
    equal(new TMP102({ sensor: { io: registers.io, data: 4, clock: 5 }, target: "mine" }).target, "mine");
  });

  it("refuses options that it cannot use before it opens anything", () => {
    throws(() => new TMP102(undefined as unknown as TMP102Options), /options object/);
    throws(() => new TMP102({} as unknown as TMP102Options), /sensor\.io/);
    throws(() => new TMP102({ sensor: { data: 4, clock: 5 } } as unknown as TMP102Options), /sensor\.io/);
    const withAlert = { sensor: { io: registers.io, data: 4, clock: 5 }, onAlert: () => {} };
    throws(() => new TMP102(withAlert), /alert pin/);
    equal(registers.opened.length, 0);
  });

  it("refuses another chip at the address, closes the bus and writes nothing", () => {
    registers.words[1] = 0x2000;
    throws(() => open(), /no TMP102/);
    equal([registers.written, registers.closedCount], [[], 1]);
  });

  it("closes the bus and rethrows at whichever transfer the chip falls silent", () => {
    for (let count = 0; count < 4; count++) {
      registers = new Registers();
      registers.failAfter = count;
      throws(() => open(), /no acknowledgement/);
      equal(registers.closedCount, 1, `after ${count} transfers`);
    }
  });
});

describe("TMP102 driver: samples", () => {
  const cases: readonly (readonly [word: number, temperature: number])[] = [
    [0x7ff0, 127.9375],
    [0x6400, 100],
    [0x1900, 25],
    [0x0040, 0.25],
    [0x0000, 0],
    [0xffc0, -0.25],
    [0xe700, -25],
    [0xc900, -55],
    // Extended mode: 13 bits, and bit 0 set.
    [(0x0960 << 3) | 1, 150],
    [(0x0800 << 3) | 1, 128],
    [(0x1ffc << 3) | 1, -0.25],
    [(0x1c90 << 3) | 1, -55],
  ];

  for (const [word, temperature] of cases) {
    it(`reads 0x${word.toString(16).padStart(4, "0")} as ${temperature} °C`, () => {
      const driver = open();
      registers.words[0] = word;
      equal(driver.sample()?.temperature, temperature);
    });
  }

  it("takes AL for an alert when it reads 0, and the other way round with POL set", () => {
    const driver = open();
    const alerts = [0x60a0, 0x6080, 0x64a0, 0x6480].map((configuration) => {
      registers.words[1] = configuration;
      return driver.sample()?.alert;
    });
    equal(alerts, [false, true, true, false]);
  });

  it("gives a new, mutable object every time", () => {
    const driver = open();
    const first = driver.sample();
    const second = driver.sample();
    ok(first !== undefined && second !== undefined && first !== second);
    first.temperature = 99;
    notEqual(second.temperature, 99);
  });

  it("asks for one conversion in shutdown mode, and gives nothing until it is done", () => {
    const driver = open();
    driver.configure({ shutdownMode: true });
    registers.words[1] = 0x61a0;
    registers.written.length = 0;
    equal([driver.sample(), driver.sample()], [undefined, undefined]);
    equal(registers.written, ["1=e180"], "asked once");
    registers.words[1] = 0xe1a0;
    equal(driver.sample(), { temperature: 25, alert: false });
    driver.sample();
    equal(registers.written, ["1=e180", "1=e180"], "a new reading is a new conversion");
  });

  it("lets the bus's error through", () => {
    const driver = open();
    registers.failAfter = 0;
    throws(() => driver.sample(), /no acknowledgement/);
    registers.failAfter = Number.POSITIVE_INFINITY;
    equal(driver.sample()?.temperature, 25, "the next sample works again");
  });
});

describe("TMP102 driver: configuration", () => {
  const cases: readonly (readonly [options: TMP102Configuration, configuration: string])[] = [
    [{}, "1=6080"],
    [{ polarity: 1 }, "1=6480"],
    [{ shutdownMode: true }, "1=6180"],
    [{ thermostatMode: "interrupt" }, "1=6280"],
    [{ faultQueue: 1 }, "1=6080"],
    [{ faultQueue: 2 }, "1=6880"],
    [{ faultQueue: 4 }, "1=7080"],
    [{ faultQueue: 6 }, "1=7880"],
    [{ conversionRate: 0.25 }, "1=6000"],
    [{ conversionRate: 1 }, "1=6040"],
    [{ conversionRate: 8 }, "1=60c0"],
    [{ extendedMode: true }, "1=6090"],
  ];

  for (const [options, configuration] of cases) {
    it(`writes ${configuration} for ${Object.entries(options).join(" ") || "nothing"}`, () => {
      open().configure(Object.freeze(options));
      equal(registers.written.at(-1), configuration);
    });
  }

  it("writes limits in the format that is set, negative ones in two's complement", () => {
    const driver = open();
    driver.configure({ lowTemperature: -25, highTemperature: 0.25 });
    equal(registers.written.slice(0, 2), ["2=e700", "3=0040"]);
    registers.written.length = 0;
    driver.configure({ extendedMode: true });
    equal(registers.written, ["2=f380", "3=0020", "1=6090"]);
  });

  it("leaves what is not named as it was", () => {
    const driver = open();
    driver.configure({ highTemperature: 30, faultQueue: 4 });
    driver.configure({ polarity: 1 });
    equal(registers.written.slice(3), ["2=4b00", "3=1e00", "1=7480"]);
  });

  it("refuses a value out of range and changes nothing", () => {
    const driver = open();
    const wrong: readonly object[] = [
      { highTemperature: 125.5 },
      { lowTemperature: -41 },
      { highTemperature: Number.NaN },
      { lowTemperature: "20" },
      { polarity: 2 },
      { shutdownMode: 1 },
      { thermostatMode: "thermostat" },
      { faultQueue: 3 },
      { conversionRate: 2 },
      { extendedMode: "yes" },
    ];
    for (const options of wrong) throws(() => driver.configure({ polarity: 1, ...options } as TMP102Configuration), /expected/);
    throws(() => driver.configure(undefined as unknown as TMP102Configuration), /options object/);
    equal(registers.written, []);
    driver.configure({});
    equal(registers.written.at(-1), "1=6080", "the valid neighbour of a refused value was not taken");
  });
});

describe("TMP102 driver: close", () => {
  it("puts the chip to sleep and releases the bus, once", () => {
    const driver = open();
    driver.close();
    driver.close();
    equal([registers.written, registers.closedCount], [["1=6180"], 1]);
  });

  it("releases the bus of a chip that does not answer any more", () => {
    const driver = open();
    registers.failAfter = 0;
    driver.close();
    equal(registers.closedCount, 1);
  });

  it("refuses every other call afterwards", () => {
    const driver = open();
    driver.close();
    throws(() => driver.sample(), /after close/);
    throws(() => driver.configure({}), /after close/);
  });
});
