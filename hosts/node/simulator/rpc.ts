/**
 * Frames of the wire between the two processes of the device simulator, as Node reads and writes them.
 *
 * The processor side is synchronous, because ECMA-419's flash and bus calls are: it writes a frame and blocks in read until the
 * reply is there. What the numbers mean is in hosts/simulated/wire.ts.
 */

export const FRAME_HEADER_SIZE_BYTES = 4;
/** Operation or status, and two numbers. */
const FIXED_SIZE_BYTES = 9;

/** One frame in memory. What `first` and `second` mean depends on the operation. */
export interface Frame {
  readonly code: number;
  readonly first: number;
  readonly second: number;
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** The frame as it goes over the wire, its length in front. */
export function encodeFrame(code: number, first = 0, second = 0, bytes: Uint8Array = NO_BYTES): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_SIZE_BYTES + FIXED_SIZE_BYTES + bytes.length);
  frame.writeUInt32LE(FIXED_SIZE_BYTES + bytes.length, 0);
  frame.writeUInt8(code, 4);
  frame.writeUInt32LE(first >>> 0, 5);
  frame.writeUInt32LE(second >>> 0, 9);
  frame.set(bytes, FRAME_HEADER_SIZE_BYTES + FIXED_SIZE_BYTES);
  return frame;
}

/** The frame in `body`, which is what follows the length. The bytes are a view. */
export function decodeFrame(body: Buffer): Frame {
  return {
    code: body.readUInt8(0),
    first: body.readUInt32LE(1),
    second: body.readUInt32LE(5),
    bytes: new Uint8Array(body.buffer, body.byteOffset + FIXED_SIZE_BYTES, body.length - FIXED_SIZE_BYTES),
  };
}

/** Cuts a stream of chunks into frame bodies. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Gives each frame that `chunk` completes to `onFrame`. */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= FRAME_HEADER_SIZE_BYTES) {
      const end = FRAME_HEADER_SIZE_BYTES + this.#pending.readUInt32LE(0);
      if (this.#pending.length < end) return;
      const body = this.#pending.subarray(FRAME_HEADER_SIZE_BYTES, end);
      this.#pending = this.#pending.subarray(end);
      onFrame(decodeFrame(body));
    }
  }
}
