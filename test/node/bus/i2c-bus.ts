/** The bus in memory: who answers, what is recorded, what is refused. */
import { type BusDevice, I2CBus } from "../../../hosts/node/i2c-bus.js";
import { equal, notEqual, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

/** A device that takes one write, then nothing, and counts stops. */
function openDevice(address: number): BusDevice & { stopCount: number } {
  return {
    address,
    stopCount: 0,
    write: (bytes) => bytes[0] !== 0xff,
    read: (byteLength) => (byteLength > 4 ? undefined : new Uint8Array(byteLength).fill(address)),
    stop() {
      this.stopCount += 1;
    },
  };
}

const WRITE = { write: Uint8Array.of(1, 2), readLength: undefined, stop: true };
const READ = { write: undefined, readLength: 2, stop: true };

describe("I2C bus in memory", () => {
  it("answers for attached devices and for nobody else", () => {
    const bus = new I2CBus();
    bus.attach(openDevice(0x10));
    equal(bus.transfer({ address: 0x10, ...READ }), Uint8Array.of(0x10, 0x10));
    equal(bus.transfer({ address: 0x10, ...WRITE }), new Uint8Array(0));
    equal(bus.transfer({ address: 0x11, ...READ }), undefined);
    bus.detach(0x10);
    equal(bus.transfer({ address: 0x10, ...READ }), undefined);
  });

  it("does not read after a write that was not acknowledged", () => {
    const bus = new I2CBus();
    bus.attach(openDevice(0x10));
    equal(bus.transfer({ address: 0x10, write: Uint8Array.of(0xff), readLength: 2, stop: false }), undefined);
    equal(bus.log[0]!.read, undefined);
  });

  it("tells a device of the stop, which every unacknowledged transfer ends in", () => {
    const bus = new I2CBus();
    const device = openDevice(0x10);
    bus.attach(device);
    bus.transfer({ address: 0x10, ...WRITE, stop: false });
    equal(device.stopCount, 0);
    bus.transfer({ address: 0x10, ...READ });
    equal(device.stopCount, 1);
    bus.transfer({ address: 0x10, write: undefined, readLength: 5, stop: false });
    equal(device.stopCount, 2);
  });

  it("records every transfer, and drops the oldest beyond its bound", () => {
    const bus = new I2CBus({ logLengthMax: 2 });
    bus.attach(openDevice(0x10));
    bus.transfer({ address: 0x10, ...WRITE });
    bus.transfer({ address: 0x10, ...WRITE, readLength: 1, stop: false });
    bus.transfer({ address: 0x11, ...READ });
    equal(bus.log, [
      { address: 0x10, write: Uint8Array.of(1, 2), read: Uint8Array.of(0x10), acknowledged: true, stop: false },
      { address: 0x11, write: undefined, read: undefined, acknowledged: false, stop: true },
    ]);
  });

  it("shares no memory with its callers", () => {
    const bus = new I2CBus();
    bus.attach(openDevice(0x10));
    const write = Uint8Array.of(1);
    const read = bus.transfer({ address: 0x10, write, readLength: 1, stop: true })!;
    write[0] = 9;
    read[0] = 9;
    equal([bus.log[0]!.write, bus.log[0]!.read], [Uint8Array.of(1), Uint8Array.of(0x10)]);
    notEqual(bus.log, []);
  });

  it("refuses a second device at an address, one beyond 7 bits, and to detach nobody", () => {
    const bus = new I2CBus();
    bus.attach(openDevice(0x10));
    throws(() => bus.attach(openDevice(0x10)), "refused", /0x10/);
    throws(() => bus.attach(openDevice(0x80)), "invalid", /128/);
    throws(() => bus.detach(0x20), "missing", /0x20/);
  });
});
