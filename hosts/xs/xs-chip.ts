/**
 * The chip as the XS processor sees it: the same frames as hosts/node/simulator/remote-chip.ts, sent by the C part.
 */
import { encodeUTF8 } from "../../src/data/utf8.js";
import type { ResetReason } from "../../src/ports/system.js";
import type { BusTransfer, Chip, RawFlash } from "../simulated/chip.js";
import { Operation, TransferFlag } from "../simulated/wire.js";
import type { Native } from "./native.js";

/** What the chip tells the processor at reset. */
interface Hello {
  readonly resetReason: ResetReason;
  readonly runningSlot: number;
  readonly flashSizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly retainedSizeBytes: number;
}

export class XSChip implements Chip {
  readonly flash: RawFlash;
  readonly #native: Native;
  readonly #hello: Hello;

  constructor(native: Native) {
    this.#native = native;
    this.#hello = JSON.parse(native.hello) as Hello;
    this.flash = new XSFlash(native, this.#hello);
  }

  get resetReason(): ResetReason {
    return this.#hello.resetReason;
  }

  get runningSlot(): number {
    return this.#hello.runningSlot;
  }

  get retainedSizeBytes(): number {
    return this.#hello.retainedSizeBytes;
  }

  readRetained(offset: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#native.call(Operation.readRetained, offset, byteLength)!);
  }

  writeRetained(offset: number, bytes: Uint8Array): void {
    this.#native.call(Operation.writeRetained, offset, 0, bytes);
  }

  armWatchdog(timeoutMs: number): void {
    this.#native.send(Operation.armWatchdog, timeoutMs, 0);
  }

  disarmWatchdog(): void {
    this.#native.call(Operation.disarmWatchdog, 0, 0);
  }

  transfer(transfer: BusTransfer): Uint8Array | undefined {
    let flags = transfer.stop ? TransferFlag.stop : 0;
    if (transfer.write) flags |= TransferFlag.write;
    if (transfer.readLength !== undefined) flags |= TransferFlag.read;
    const second = ((transfer.readLength ?? 0) << 8) | flags;
    const reply = this.#native.call(Operation.transfer, transfer.address, second, transfer.write);
    return reply === undefined ? undefined : new Uint8Array(reply);
  }

  restart(): void {
    this.#native.call(Operation.restart, 0, 0);
  }

  sleep(durationMs: number): void {
    this.#native.call(Operation.sleep, Math.ceil(durationMs), 0);
  }

  trace(line: string): void {
    this.#native.send(Operation.trace, 0, 0, encodeUTF8(line));
  }
}

class XSFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly #native: Native;

  constructor(native: Native, hello: Hello) {
    this.sizeBytes = hello.flashSizeBytes;
    this.sectorSizeBytes = hello.sectorSizeBytes;
    this.#native = native;
  }

  read(offset: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#native.call(Operation.readFlash, offset, byteLength)!);
  }

  program(offset: number, bytes: Uint8Array): void {
    this.#native.call(Operation.programFlash, offset, 0, bytes);
  }

  eraseSector(sector: number): void {
    this.#native.call(Operation.eraseSector, sector, 0);
  }
}
