/**
 * The chip as the processor's process sees it: every call is a frame to the other process and a blocking wait for the reply.
 *
 * Blocking is the point: a flash write must not return before it is in the file, and the standard's calls are synchronous. The
 * wait ends with the reply, or with the process, when the chip pulls the reset line.
 */
import { readSync, writeSync } from "node:fs";
import { FirmwareError } from "../../../src/errors.js";
import type { ResetReason } from "../../../src/ports/system.js";
import type { BusTransfer, Chip, RawFlash } from "../../simulated/chip.js";
import { Operation, Status, TransferFlag } from "../../simulated/wire.js";
import { decodeFrame, encodeFrame, FRAME_HEADER_SIZE_BYTES, type Frame } from "./rpc.js";

/** What the chip tells the processor at reset. */
export interface Hello {
  readonly resetReason: ResetReason;
  readonly runningSlot: number;
  readonly flashSizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly retainedSizeBytes: number;
}

export class RemoteChip implements Chip {
  readonly #socket: number;
  readonly #hello: Hello;
  readonly flash: RawFlash;

  /** `socket` is the file descriptor of this side, in blocking mode. */
  constructor(socket: number) {
    this.#socket = socket;
    this.#hello = JSON.parse(Buffer.from(this.#call(Operation.hello).bytes).toString("utf8")) as Hello;
    this.flash = new RemoteFlash(this.#hello, (code, first, second, bytes) => this.#call(code, first, second, bytes));
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
    return this.#call(Operation.readRetained, offset, byteLength).bytes;
  }

  writeRetained(offset: number, bytes: Uint8Array): void {
    this.#call(Operation.writeRetained, offset, 0, bytes);
  }

  armWatchdog(timeoutMs: number): void {
    this.#send(Operation.armWatchdog, timeoutMs);
  }

  disarmWatchdog(): void {
    this.#call(Operation.disarmWatchdog);
  }

  transfer(transfer: BusTransfer): Uint8Array | undefined {
    let flags = transfer.stop ? TransferFlag.stop : 0;
    if (transfer.write) flags |= TransferFlag.write;
    if (transfer.readLength !== undefined) flags |= TransferFlag.read;
    const second = ((transfer.readLength ?? 0) << 8) | flags;
    const reply = this.#call(Operation.transfer, transfer.address, second, transfer.write);
    return reply.code === Status.nothing ? undefined : reply.bytes;
  }

  restart(): void {
    this.#call(Operation.restart);
  }

  sleep(durationMs: number): void {
    this.#call(Operation.sleep, Math.ceil(durationMs));
  }

  trace(line: string): void {
    this.#send(Operation.trace, 0, 0, Buffer.from(line, "utf8"));
  }

  /** What XS does with an exception that nobody caught: a line, then a restart. */
  abort(why: string): void {
    this.#call(Operation.abort, 0, 0, Buffer.from(why, "utf8"));
  }

  #send(code: number, first = 0, second = 0, bytes?: Uint8Array): void {
    const frame = encodeFrame(code, first, second, bytes);
    let written = 0;
    while (written < frame.length) written += writeSync(this.#socket, frame, written);
  }

  #call(code: number, first = 0, second = 0, bytes?: Uint8Array): Frame {
    this.#send(code, first, second, bytes);
    const lengthBytes = this.#receive(FRAME_HEADER_SIZE_BYTES).readUInt32LE(0);
    const reply = decodeFrame(this.#receive(lengthBytes));
    if (reply.code === Status.refused) throw new FirmwareError("invalid", Buffer.from(reply.bytes).toString("utf8"));
    return reply;
  }

  #receive(byteLength: number): Buffer {
    const buffer = Buffer.alloc(byteLength);
    let received = 0;
    while (received < byteLength) {
      const count = readSync(this.#socket, buffer, received, byteLength - received, null);
      if (count === 0) process.kill(process.pid, "SIGKILL"); // The chip is gone: so is the power.
      received += count;
    }
    return buffer;
  }
}

type Call = (code: number, first?: number, second?: number, bytes?: Uint8Array) => Frame;

class RemoteFlash implements RawFlash {
  readonly sizeBytes: number;
  readonly sectorSizeBytes: number;
  readonly #call: Call;

  constructor(hello: Hello, call: Call) {
    this.sizeBytes = hello.flashSizeBytes;
    this.sectorSizeBytes = hello.sectorSizeBytes;
    this.#call = call;
  }

  read(offset: number, byteLength: number): Uint8Array {
    return this.#call(Operation.readFlash, offset, byteLength).bytes;
  }

  program(offset: number, bytes: Uint8Array): void {
    this.#call(Operation.programFlash, offset, 0, bytes);
  }

  eraseSector(sector: number): void {
    this.#call(Operation.eraseSector, sector);
  }
}
