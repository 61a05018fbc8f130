/** The virtual TMP102 by its data sheet (SBOS397), byte by byte on the wire. */
import { I2CBus } from "../../../hosts/node/i2c-bus.js";
import { VirtualTMP102 } from "../../../hosts/node/virtual-chips/tmp102.js";
import { equal, throws } from "../../harness/expect.js";
import { beforeEach, describe, it } from "../../harness/spec.js";

let bus: I2CBus;
let chip: VirtualTMP102;

beforeEach(() => {
  bus = new I2CBus();
  chip = new VirtualTMP102({ temperatureC: 25 });
  bus.attach(chip);
});

function write(...bytes: number[]): void {
  equal(bus.transfer({ address: 0x48, write: Uint8Array.from(bytes), readLength: undefined, stop: true })?.length, 0);
}

function read(register: number | undefined, byteLength = 2): Uint8Array | undefined {
  const pointer = register === undefined ? undefined : Uint8Array.of(register);
  return bus.transfer({ address: 0x48, write: pointer, readLength: byteLength, stop: true });
}

describe("virtual TMP102", () => {
  it("powers up with the data sheet's registers, pointing at the temperature", () => {
    equal(read(undefined), Uint8Array.of(0x19, 0x00));
    equal(read(1), Uint8Array.of(0x60, 0xa0));
    equal(read(2), Uint8Array.of(0x4b, 0x00));
    equal(read(3), Uint8Array.of(0x50, 0x00));
  });

  it("remembers its pointer between reads", () => {
    read(3);
    equal(read(undefined), Uint8Array.of(0x50, 0x00));
  });

  it("sends the upper byte alone on demand, and 0xFF beyond its two", () => {
    equal(read(1, 1), Uint8Array.of(0x60));
    equal(read(1, 3), Uint8Array.of(0x60, 0xa0, 0xff));
    equal(read(1, 0), new Uint8Array(0));
  });

  it("takes each byte of a register as it comes", () => {
    write(1, 0x07);
    equal(read(1), Uint8Array.of(0x67, 0x80), "byte 2 is untouched, but for AL, which POL inverts");
    write(1, 0x60, 0xd0);
    equal(read(1), Uint8Array.of(0x60, 0xf0));
  });

  it("does not let R1, R0, AL, OS and unused bits be written", () => {
    write(1, 0x80, 0x0f);
    equal(read(1), Uint8Array.of(0x60, 0x20));
    write(0, 0x12, 0x34);
    equal(read(0), Uint8Array.of(0x19, 0x00));
    write(2, 0x12, 0x3f);
    equal(read(2), Uint8Array.of(0x12, 0x30));
  });

  it("shows 13 bits and its mark in extended mode", () => {
    write(1, 0x60, 0xb0);
    chip.temperatureC = 150;
    equal(read(0), Uint8Array.of(0x4b, 0x01));
    chip.temperatureC = -55;
    equal(read(0), Uint8Array.of(0xe4, 0x81));
  });

  it("measures in shutdown mode only when asked", () => {
    write(1, 0x61, 0xa0);
    chip.temperatureC = 50;
    equal(read(0), Uint8Array.of(0x19, 0x00));
    write(1, 0xe1, 0xa0);
    equal(read(1), Uint8Array.of(0xe1, 0xa0), "OS reads 1: done");
    equal(read(0), Uint8Array.of(0x32, 0x00));
    chip.temperatureC = 60;
    equal(read(0), Uint8Array.of(0x32, 0x00));
    write(1, 0x60, 0xa0);
    equal(read(0), Uint8Array.of(0x3c, 0x00), "awake it measures by itself");
    equal(read(1), Uint8Array.of(0x60, 0xa0));
  });

  it("lets AL follow the comparator whatever TM says", () => {
    write(1, 0x62, 0xa0);
    chip.temperatureC = 80;
    equal([chip.isAlerting, read(1)], [true, Uint8Array.of(0x62, 0x80)]);
    chip.temperatureC = 75;
    equal(chip.isAlerting, true, "75 is not below the low limit");
    chip.temperatureC = 74.9375;
    equal([chip.isAlerting, read(1)], [false, Uint8Array.of(0x62, 0xa0)]);
  });

  it("never finishes a conversion while it is stuck, and never answers while it has the fault nack", () => {
    chip.fault = "stuck";
    chip.temperatureC = 90;
    write(1, 0xe1, 0xa0);
    equal([read(0), read(1)], [Uint8Array.of(0x19, 0x00), Uint8Array.of(0x61, 0xa0)]);
    chip.fault = "nack";
    equal(read(0), undefined);
    equal(read(undefined), undefined);
  });

  it("has the addresses of its address pin and no other", () => {
    throws(() => new VirtualTMP102({ address: 0x4c }), /0x48/);
  });
});
