/**
 * An I²C bus in memory: virtual chips answer on it by address, and everything that crossed it can be read back.
 *
 * It works on whole transfers, not on bits: what a driver can see of a bus is the acknowledgement and the bytes. Clock
 * stretching, arbitration and bus speed have no effect here. A write is acknowledged or not as a whole. See
 * docs/design/ports.md.
 */
import { assert } from "../../src/assert.js";
import { FirmwareError } from "../../src/errors.js";
import type { BusTransfer } from "../simulated/chip.js";

/** A target on the bus. */
export interface BusDevice {
  /** 7-bit address, 0x00 … 0x7F. */
  readonly address: number;
  /** Takes the bytes of one write (none for a quick command) and keeps no reference to them. False does not acknowledge. */
  write(bytes: Uint8Array): boolean;
  /** Gives `byteLength` bytes, or `undefined` to not acknowledge its address. */
  read(byteLength: number): Uint8Array | undefined;
  /** A stop bit ended the transaction. */
  stop?(): void;
}

/** What one transfer did. */
export interface BusLogEntry {
  readonly address: number;
  /** The bytes written; `undefined` for a pure read. */
  readonly write: Uint8Array | undefined;
  /** The bytes read; `undefined` for a pure write and where nothing was acknowledged. */
  readonly read: Uint8Array | undefined;
  readonly acknowledged: boolean;
  /** Whether a stop bit ended it. A transfer that is not acknowledged always ends in one. */
  readonly stop: boolean;
}

const ADDRESS_MAX = 0x7f;

export class I2CBus {
  readonly #devices = new Map<number, BusDevice>();
  readonly #log: BusLogEntry[] = [];
  readonly #logLengthMax: number;

  /** Keeps the last `logLengthMax` transfers, 256 without it; older ones are dropped. */
  constructor(options: { readonly logLengthMax?: number } = {}) {
    const logLengthMax = options.logLengthMax ?? 256;
    assert(Number.isSafeInteger(logLengthMax) && logLengthMax >= 0, "I2CBus: logLengthMax is not a count");
    this.#logLengthMax = logLengthMax;
  }

  /** The transfers, oldest first: a copy. */
  get log(): readonly BusLogEntry[] {
    return [...this.#log];
  }

  /** Puts a device on the bus. Throws `invalid` for an address beyond 7 bits, `refused` where another device has it. */
  attach(device: BusDevice): void {
    const { address } = device;
    if (!Number.isInteger(address) || address < 0 || address > ADDRESS_MAX) {
      throw new FirmwareError("invalid", `I2CBus: the address ${address} is not a 7-bit one (0 … 127)`);
    }
    if (this.#devices.has(address)) {
      throw new FirmwareError("refused", `I2CBus: another device answers at ${addressText(address)}; detach it first`);
    }
    this.#devices.set(address, device);
  }

  /** Takes the device at `address` off the bus. Throws `missing` where there is none. */
  detach(address: number): void {
    if (!this.#devices.delete(address)) {
      throw new FirmwareError("missing", `I2CBus: no device is attached at ${addressText(address)}`);
    }
  }

  /** Chip.transfer of a chip with this bus: the bytes read, none for a pure write; `undefined` where nobody acknowledged. */
  transfer(transfer: BusTransfer): Uint8Array | undefined {
    const { address, write, readLength } = transfer;
    assert(write !== undefined || readLength !== undefined, "I2CBus: a transfer neither writes nor reads");
    const device = this.#devices.get(address);
    let read: Uint8Array | undefined;
    let acknowledged = device !== undefined;
    if (device !== undefined && write !== undefined) acknowledged = device.write(write.slice());
    if (device !== undefined && acknowledged && readLength !== undefined) {
      read = device.read(readLength)?.slice();
      acknowledged = read !== undefined;
    }
    const stop = transfer.stop || !acknowledged;
    if (stop) device?.stop?.();
    this.#record({ address, write: write?.slice(), read, acknowledged, stop });
    return acknowledged ? (read?.slice() ?? new Uint8Array(0)) : undefined;
  }

  #record(entry: BusLogEntry): void {
    this.#log.push(Object.freeze(entry));
    if (this.#log.length > this.#logLengthMax) this.#log.shift();
  }
}

function addressText(address: number): string {
  return `0x${address.toString(16).padStart(2, "0")}`;
}
