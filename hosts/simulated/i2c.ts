/**
 * The I²C initiator of ECMA-419 (10 IO classes, synchronous form) over the bus of a chip.
 *
 * A class is made for one chip, so that the same firmware runs against a bus in this process or in the simulator's. Every
 * transfer goes through Chip.transfer; the chip has one bus, whichever pins it is opened on. Addresses outside 0x08 … 0x77
 * are refused though the standard's annex allows 0 … 127: the I²C specification reserves them. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { I2CConstructor, I2COptions, I2C as I2CPort } from "../../src/ports/i2c.js";
import { demandByteBuffer } from "./byte-buffer.js";
import type { Chip } from "./chip.js";

type ByteBuffer = Uint8Array | ArrayBuffer;

/** What an open instance holds: a target address, and with others of the same bus the two pins. */
interface Claim {
  readonly data: number | string;
  readonly clock: number | string;
  readonly port: number | string | undefined;
  readonly address: number;
}

const ADDRESS_MIN = 0x08;
const ADDRESS_MAX = 0x77;
/** The longest transfer of this host, far above what a driver asks for: 2 ** 16 - 1. */
const TRANSFER_LENGTH_MAX_BYTES = 0xffff;

/**
 * The I2C class of `chip`. Its instances share the bus: the same address cannot be opened twice, a pin cannot serve two
 * buses. Constructors throw `invalid` and `refused`; transfers throw `invalid`, `closed`, and `io` where nobody acknowledges.
 */
export function createI2C(chip: Pick<Chip, "transfer">): I2CConstructor {
  const claims = new Set<Claim>();

  return class I2C implements I2CPort {
    readonly #claim: Claim;
    target: unknown;

    constructor(options: I2COptions) {
      const claim = parseOptions(options);
      refuseConflict(claims, claim);
      this.target = (options as { target?: unknown }).target;
      this.#claim = claim;
      claims.add(claim);
    }

    get format(): "buffer" {
      return "buffer";
    }

    set format(value: "buffer") {
      refuseFormat(value);
    }

    read(byteLength: number, stop?: boolean): ArrayBuffer;
    read(buffer: ByteBuffer, stop?: boolean): number;
    read(destination: number | ByteBuffer, stop = true): ArrayBuffer | number {
      if (destination === undefined) throw new FirmwareError("invalid", "I2C: read() expects a byte count or a buffer");
      return this.#transfer(undefined, destination, stop);
    }

    write(buffer: ByteBuffer, stop = true): void {
      this.#transfer(buffer, undefined, stop);
    }

    writeRead(buffer: ByteBuffer, byteLength: number): ArrayBuffer;
    writeRead(buffer: ByteBuffer, target: ByteBuffer): number;
    writeRead(buffer: ByteBuffer, destination: number | ByteBuffer): ArrayBuffer | number {
      return this.#transfer(buffer, destination, true);
    }

    close(): void {
      claims.delete(this.#claim);
    }

    #transfer(
      source: ByteBuffer | undefined,
      destination: number | ByteBuffer | undefined,
      stop: boolean,
    ): ArrayBuffer | number {
      const { address } = this.#claim;
      if (!claims.has(this.#claim)) throw new FirmwareError("closed", `I2C ${hex(address)}: used after close()`);
      if (typeof stop !== "boolean") throw new FirmwareError("invalid", "I2C: stop is not a boolean");
      const write = source === undefined ? undefined : demandByteBuffer(source, "I2C").slice();
      // A number is a length.
      const target = typeof destination === "object" ? demandByteBuffer(destination, "I2C") : undefined;
      const readLength = destination === undefined ? undefined : lengthOf(target?.length ?? destination);
      const read = chip.transfer({ address, write, readLength, stop });
      if (read === undefined) throw new FirmwareError("io", `I2C ${hex(address)}: no device acknowledged`);
      const count = Math.min(read.length, readLength ?? 0);
      const result = target ?? new Uint8Array(count);
      result.set(read.subarray(0, count));
      return target === undefined ? (result.buffer as ArrayBuffer) : count;
    }
  };
}

function parseOptions(options: I2COptions): Claim {
  if (typeof options !== "object" || options === null) throw new FirmwareError("invalid", "I2C: an options object is required");
  const { data, clock, hz, address, port } = options;
  refuseFormat((options as { format?: unknown }).format ?? "buffer");
  requirePin("data", data);
  requirePin("clock", clock);
  if (data === clock) throw new FirmwareError("invalid", `I2C: data and clock are both pin ${data}; expected two pins`);
  if (!Number.isSafeInteger(hz) || hz <= 0) throw new FirmwareError("invalid", `I2C: hz is ${hz}; expected a positive integer`);
  if (!Number.isInteger(address) || address < ADDRESS_MIN || address > ADDRESS_MAX) {
    throw new FirmwareError("invalid", `I2C: the address is ${address}; expected 0x08 … 0x77`);
  }
  if (port !== undefined) requirePin("port", port);
  return { data, clock, port, address };
}

function requirePin(name: string, value: unknown): void {
  if (typeof value !== "number" && typeof value !== "string") {
    throw new FirmwareError("invalid", `I2C: ${name} is required, a number or a string`);
  }
}

function refuseConflict(claims: ReadonlySet<Claim>, wanted: Claim): void {
  for (const held of claims) {
    const isSameBus = held.data === wanted.data && held.clock === wanted.clock && held.port === wanted.port;
    if (held.address === wanted.address)
      throw new FirmwareError("refused", `I2C: ${hex(held.address)} is in use until it is closed`);
    if (isSameBus) continue;
    for (const pin of [wanted.data, wanted.clock]) {
      if (pin === held.data || pin === held.clock)
        throw new FirmwareError("refused", `I2C: pin ${pin} is in use by another bus`);
    }
  }
}

function refuseFormat(value: unknown): void {
  if (value !== "buffer")
    throw new FirmwareError("unsupported", `I2C: the format ${String(value)} is unknown; expected "buffer"`);
}

function lengthOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= TRANSFER_LENGTH_MAX_BYTES) return value;
  throw new FirmwareError("invalid", `I2C: cannot read ${String(value)} bytes; expected 0 … 65535 or a buffer`);
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(2, "0")}`;
}
