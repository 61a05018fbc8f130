/**
 * The chip as a processor sees it: every call is a frame on the wire and a wait for the reply, on whatever engine.
 *
 * Waiting is the point: a flash write must not return before it is in the file, and the standard's calls are synchronous. The
 * wait ends with the reply, or with the processor, when the chip pulls the reset line.
 */
import { decodeUTF8, encodeUTF8 } from "../../src/data/utf8.js";
import type { ResetReason } from "../../src/ports/system.js";
import type { BusTransfer, Chip, RawFlash } from "./chip.js";
import { Operation, TransferFlag } from "./wire.js";

/** One end of a wire. */
export interface Wire {
  /**
   * A request and its reply's bytes; `undefined` where the chip says "nothing". Throws with the chip's words what it refuses.
   */
  call(code: number, first: number, second: number, bytes?: Uint8Array): ArrayBuffer | undefined;
  /** A frame without a reply. */
  send(code: number, first: number, second: number, bytes?: Uint8Array): void;
}

/** What the chip tells the processor at reset, as JSON in the reply to `hello`. */
interface Hello {
  readonly resetReason: ResetReason;
  readonly runningSlot: number;
  readonly flashSizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly retainedSizeBytes: number;
}

export class WireChip implements Chip {
  readonly resetReason: ResetReason;
  readonly runningSlot: number;
  readonly retainedSizeBytes: number;
  readonly flash: RawFlash;
  readonly #wire: Wire;

  /** `hello`: the text of the chip's answer, where somebody has asked already. */
  constructor(wire: Wire, hello?: string) {
    const text = hello ?? decodeUTF8(new Uint8Array(wire.call(Operation.hello, 0, 0)!));
    const told = JSON.parse(text) as Hello;
    this.#wire = wire;
    this.resetReason = told.resetReason;
    this.runningSlot = told.runningSlot;
    this.retainedSizeBytes = told.retainedSizeBytes;
    this.flash = new WireFlash(wire, told);
  }

  readRetained(offset: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#wire.call(Operation.readRetained, offset, byteLength)!);
  }

  writeRetained(offset: number, bytes: Uint8Array): void {
    this.#wire.call(Operation.writeRetained, offset, 0, bytes);
  }

  armWatchdog(timeoutMs: number): void {
    this.#wire.send(Operation.armWatchdog, timeoutMs, 0);
  }

  disarmWatchdog(): void {
    this.#wire.call(Operation.disarmWatchdog, 0, 0);
  }

  transfer(transfer: BusTransfer): Uint8Array | undefined {
    let flags = transfer.stop ? TransferFlag.stop : 0;
    if (transfer.write) flags |= TransferFlag.write;
    if (transfer.readLength !== undefined) flags |= TransferFlag.read;
    const second = ((transfer.readLength ?? 0) << 8) | flags;
    const reply = this.#wire.call(Operation.transfer, transfer.address, second, transfer.write);
    return reply === undefined ? undefined : new Uint8Array(reply);
  }

  restart(): void {
    this.#wire.call(Operation.restart, 0, 0);
  }

  sleep(durationMs: number): void {
    this.#wire.call(Operation.sleep, Math.ceil(durationMs), 0);
  }

  trace(line: string): void {
    this.#wire.send(Operation.trace, 0, 0, encodeUTF8(line));
  }
}

class WireFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly #wire: Wire;

  constructor(wire: Wire, hello: Hello) {
    this.sizeBytes = hello.flashSizeBytes;
    this.sectorSizeBytes = hello.sectorSizeBytes;
    this.#wire = wire;
  }

  read(offset: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#wire.call(Operation.readFlash, offset, byteLength)!);
  }

  program(offset: number, bytes: Uint8Array): void {
    this.#wire.call(Operation.programFlash, offset, 0, bytes);
  }

  eraseSector(sector: number): void {
    this.#wire.call(Operation.eraseSector, sector, 0);
  }
}
