/**
 * An I²C initiator of a few lines over a list, and what can be wrong with it: one fault for each MUST of the suite.
 *
 * Without a fault it passes the suite, which is checked too: so the fault, and nothing else, is what the suite notices.
 */
import type { I2CConstructor, I2COptions, I2C as I2CPort } from "../../../src/ports/i2c.js";
import type { Broken } from "../../harness/port-suite.js";
import type { I2CSubject } from "../i2c.js";

export type I2CFault =
  | "takes clock for optional"
  | "takes any address"
  | "writes to its options"
  | "claims before it checks"
  | "opens an address twice"
  | "owns its pins alone"
  | "takes any format"
  | "releases its successor"
  | "works after close"
  | "hears an acknowledgement from nobody"
  | "never stops"
  | "stops between write and read"
  | "hands out one buffer"
  | "ignores the bounds of a target"
  | "ignores the bounds of a source"
  | "keeps the caller's buffer"
  | "skips transfers of no bytes"
  | "writes whatever it is given";

/** The bus of a fake: what crossed it, what its target gives, and who holds an address. */
export class FakeWire {
  readonly #segments: { readonly head: string; readonly bytes: Uint8Array; readonly stop: boolean }[] = [];
  readonly addresses = new Map<number, object>();
  loaded: readonly number[] = [];

  send(head: string, bytes: Uint8Array, stop: boolean): void {
    this.#segments.push({ head, bytes, stop });
  }

  text(): string {
    const words: string[] = [];
    for (const { head, bytes, stop } of this.#segments) {
      words.push("S", head, ...Array.from(bytes, hex));
      if (stop) words.push("P");
    }
    return words.join(" ");
  }
}

export const FAKE_BUS = Object.freeze({ data: 4, clock: 5, hz: 100_000 });
export const FAKE_ADDRESSES = Object.freeze({ address: 0x48, otherAddress: 0x49, absentAddress: 0x50 });

/** The class, right but for `fault`. */
export function fakeI2C(wire: FakeWire, fault: I2CFault | undefined): I2CConstructor {
  const shared = new ArrayBuffer(2);
  return class FakeI2C implements I2CPort {
    readonly #address: number;
    #isClosed = false;

    constructor(options: I2COptions) {
      const { data, clock, hz, address } = options;
      if (fault === "claims before it checks") claim(wire, this, address, fault);
      if (data === undefined || (clock === undefined && fault !== "takes clock for optional")) throw new Error("pins");
      if (address === undefined || !(hz > 0)) throw new Error("address or hz");
      const isAddress = Number.isInteger(address) && address >= 0x08 && address <= 0x77;
      if (!isAddress && fault !== "takes any address") throw new Error("address");
      if (fault === "writes to its options") Object.assign(options, { hz: hz + 1 });
      if (fault !== "claims before it checks") claim(wire, this, address, fault);
      this.#address = address;
    }

    get format(): "buffer" {
      return "buffer";
    }

    set format(value: "buffer") {
      if (value !== "buffer" && fault !== "takes any format") throw new Error("format");
    }

    read(byteLength: number, stop?: boolean): ArrayBuffer;
    read(buffer: Uint8Array | ArrayBuffer, stop?: boolean): number;
    read(destination: number | Uint8Array | ArrayBuffer, stop = true): ArrayBuffer | number {
      this.#check();
      if (typeof destination !== "object" && !(destination >= 0)) throw new Error("length");
      const target =
        typeof destination === "object" ? viewOf(destination, fault === "ignores the bounds of a target") : undefined;
      const bytes = Uint8Array.from(wire.loaded.slice(0, target?.length ?? (destination as number)));
      if (bytes.length > 0 || fault !== "skips transfers of no bytes") {
        wire.send(`${hex(this.#address)}r`, bytes, stop && fault !== "never stops");
      }
      const result =
        fault === "hands out one buffer" && bytes.length === 2 ? new Uint8Array(shared) : new Uint8Array(bytes.length);
      (target ?? result).set(bytes);
      return target === undefined ? (result.buffer as ArrayBuffer) : bytes.length;
    }

    write(buffer: Uint8Array | ArrayBuffer, stop = true): void {
      this.#check();
      if (!(buffer instanceof ArrayBuffer || ArrayBuffer.isView(buffer)) && fault !== "writes whatever it is given") {
        throw new Error("buffer");
      }
      const bytes = viewOf(buffer, fault === "ignores the bounds of a source");
      if (bytes.length === 0 && fault === "skips transfers of no bytes") return;
      const sent = fault === "keeps the caller's buffer" ? bytes : bytes.slice();
      wire.send(`${hex(this.#address)}w`, sent, stop && fault !== "never stops");
    }

    writeRead(buffer: Uint8Array | ArrayBuffer, byteLength: number): ArrayBuffer;
    writeRead(buffer: Uint8Array | ArrayBuffer, target: Uint8Array | ArrayBuffer): number;
    writeRead(buffer: Uint8Array | ArrayBuffer, destination: number | Uint8Array | ArrayBuffer): ArrayBuffer | number {
      this.write(buffer, fault === "stops between write and read");
      return this.read(destination as number);
    }

    close(): void {
      if (!this.#isClosed || fault === "releases its successor") wire.addresses.delete(this.#address);
      this.#isClosed = true;
    }

    #check(): void {
      if (this.#isClosed && fault !== "works after close") throw new Error("closed");
      const isAbsent = this.#address === FAKE_ADDRESSES.absentAddress;
      if (isAbsent && fault !== "hears an acknowledgement from nobody") throw new Error("no acknowledgement");
    }
  };
}

function claim(wire: FakeWire, owner: object, address: number, fault: I2CFault | undefined): void {
  const isTaken = fault === "owns its pins alone" ? wire.addresses.size > 0 : wire.addresses.has(address);
  if (isTaken && fault !== "opens an address twice") throw new Error("in use");
  wire.addresses.set(address, owner);
}

function viewOf(buffer: Uint8Array | ArrayBuffer, isWhole: boolean): Uint8Array {
  if (!ArrayBuffer.isView(buffer)) return new Uint8Array(buffer);
  return isWhole ? new Uint8Array(buffer.buffer) : buffer;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** A subject of the suite over the fake. */
export function fakeI2CSubject(fault?: I2CFault): I2CSubject {
  const wire = new FakeWire();
  return {
    I2C: fakeI2C(wire, fault),
    bus: FAKE_BUS,
    ...FAKE_ADDRESSES,
    load: (bytes) => {
      wire.loaded = bytes;
    },
    wire: () => wire.text(),
  };
}

const FAULTS: readonly (readonly [must: string, fault: I2CFault])[] = [
  ["refuse a construction without data, clock, hz or address", "takes clock for optional"],
  ["refuse an address outside 0x08 … 0x77", "takes any address"],
  ["accept frozen options and ignore what it does not know", "writes to its options"],
  ["hold nothing after a refused construction", "claims before it checks"],
  ["refuse an address that is in use until it is closed", "opens an address twice"],
  ["share its pins between several addresses", "owns its pins alone"],
  ["have the format buffer and no other", "takes any format"],
  ["close any number of times", "releases its successor"],
  ["throw from every transfer after close", "works after close"],
  ["throw where no target acknowledges", "hears an acknowledgement from nobody"],
  ["end a transfer with a stop unless told otherwise", "never stops"],
  ["write then read without a stop between", "stops between write and read"],
  ["give an ArrayBuffer of its own where a length is asked for", "hands out one buffer"],
  ["fill a buffer within its bounds and give the count", "ignores the bounds of a target"],
  ["write exactly the bytes of a buffer", "ignores the bounds of a source"],
  ["keep no reference to a written buffer", "keeps the caller's buffer"],
  ["send the address alone for no bytes", "skips transfers of no bytes"],
  ["refuse what is no buffer and no length", "writes whatever it is given"],
];

export const BROKEN_I2C: readonly Broken<I2CSubject>[] = FAULTS.map(([must, fault]) => ({
  must,
  fault,
  open: () => fakeI2CSubject(fault),
}));
