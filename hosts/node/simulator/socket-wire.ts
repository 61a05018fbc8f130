/**
 * The Node processor's end of the wire: frames written to a socket, and a blocking read for each reply.
 */
import { readSync, writeSync } from "node:fs";
import { FirmwareError } from "../../../src/errors.js";
import { Operation, Status } from "../../simulated/wire.js";
import type { Wire } from "../../simulated/wire-chip.js";
import { decodeFrame, encodeFrame, FRAME_HEADER_SIZE_BYTES } from "./rpc.js";

export class SocketWire implements Wire {
  readonly #socket: number;

  /** `socket` is the file descriptor of this side, in blocking mode. */
  constructor(socket: number) {
    this.#socket = socket;
  }

  send(code: number, first: number, second: number, bytes?: Uint8Array): void {
    const frame = encodeFrame(code, first, second, bytes);
    let written = 0;
    while (written < frame.length) written += writeSync(this.#socket, frame, written);
  }

  call(code: number, first: number, second: number, bytes?: Uint8Array): ArrayBuffer | undefined {
    this.send(code, first, second, bytes);
    const lengthBytes = this.#receive(FRAME_HEADER_SIZE_BYTES).readUInt32LE(0);
    const reply = decodeFrame(this.#receive(lengthBytes));
    if (reply.code === Status.refused) throw new FirmwareError("invalid", Buffer.from(reply.bytes).toString("utf8"));
    return reply.code === Status.nothing ? undefined : (reply.bytes.slice().buffer as ArrayBuffer);
  }

  /** What XS does with an exception that nobody caught: a line, then a restart. */
  abort(why: string): void {
    this.call(Operation.abort, 0, 0, Buffer.from(why, "utf8"));
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
