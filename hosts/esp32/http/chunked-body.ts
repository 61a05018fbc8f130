/**
 * A body in chunks (RFC 9112, 7.1): takes sizes, extensions and trailers out of what arrives, and never holds a byte of it.
 *
 * One byte at a time, because a size may come in pieces, and there are few of them beside what they announce. Extensions and
 * trailers are passed over: nothing here understands any, and RFC 9110 (6.5.1) forbids to merge what is not understood.
 *
 *   size ─► [extension] ─► CR LF ─► run of that size ─► CR LF ─► size …
 *             └─ of size 0 ─► CR LF ─► trailers, each with its CR LF ─► CR LF: complete
 */
import { assert } from "../../../src/assert.js";
import { FirmwareError } from "../../../src/errors.js";
import type { ResponseBody } from "./response-body.js";

const SIZE_MAX = 2 ** 32;
/** A size and its extensions: 8 digits and more than any server adds. */
const LINE_MAX_BYTES = 128;
const TRAILERS_MAX_BYTES = 1024;
const CR = 13;
const LF = 10;

/** What the next byte belongs to. */
type Place = "size" | "extension" | "lineEnd" | "run" | "runEnd" | "runLineEnd" | "trailer" | "trailerEnd" | "complete";

export class ChunkedBody implements ResponseBody {
  readonly endsWithConnection = false;
  #place: Place = "size";
  #size = 0;
  #runBytes = 0;
  #digitCount = 0;
  /** Of the line, or of all trailers. */
  #byteCount = 0;
  #isLineEmpty = true;

  get runBytes(): number {
    return this.#runBytes;
  }

  get isComplete(): boolean {
    return this.#place === "complete";
  }

  push(bytes: Uint8Array, from: number, to: number): number {
    let index = from;
    while (index < to && this.#place !== "run" && this.#place !== "complete") this.#takeByte(bytes[index++]!);
    return index;
  }

  take(count: number): void {
    assert(count <= this.#runBytes, "body: no more is taken than there is");
    this.#runBytes -= count;
    if (this.#runBytes === 0 && this.#place === "run") this.#place = "runEnd";
  }

  #takeByte(byte: number): void {
    switch (this.#place) {
      case "size":
      case "extension":
        this.#takeSize(byte);
        break;
      case "lineEnd":
        this.#demand(byte, LF, "a chunk's size");
        this.#runBytes = this.#size;
        this.#place = this.#size > 0 ? "run" : "trailer";
        this.#byteCount = 0;
        break;
      case "runEnd":
        this.#demand(byte, CR, "a chunk");
        this.#place = "runLineEnd";
        break;
      case "runLineEnd":
        this.#demand(byte, LF, "a chunk");
        this.#place = "size";
        this.#size = 0;
        this.#digitCount = 0;
        this.#byteCount = 0;
        break;
      case "trailer":
        this.#takeTrailer(byte);
        break;
      case "trailerEnd":
        this.#demand(byte, LF, "a trailer");
        this.#byteCount++;
        this.#place = this.#isLineEmpty ? "complete" : "trailer";
        this.#isLineEmpty = true;
        break;
    }
  }

  #takeSize(byte: number): void {
    if (++this.#byteCount > LINE_MAX_BYTES) throw corrupt(`a chunk's size line has more than ${LINE_MAX_BYTES} bytes`);
    if (byte === CR && this.#digitCount > 0) {
      this.#place = "lineEnd";
      return;
    }
    if (this.#place === "extension") {
      if (byte === CR || byte === LF) throw corrupt("a line break in a chunk's extension");
      return;
    }
    const digit = digitOf(byte);
    if (digit !== undefined) {
      this.#size = this.#size * 16 + digit;
      this.#digitCount++;
      if (this.#size > SIZE_MAX) throw corrupt("a chunk of more than 2^32 bytes");
    } else if (this.#digitCount > 0 && (byte === 0x3b || byte === 0x20 || byte === 0x09)) {
      this.#place = "extension"; // RFC 9112 (7.1.1) has servers that put blanks before the semicolon, or nothing behind them.
    } else {
      throw corrupt(`a chunk's size: found byte ${byte}, expected hexadecimal digits`);
    }
  }

  #takeTrailer(byte: number): void {
    if (++this.#byteCount > TRAILERS_MAX_BYTES) throw corrupt(`trailers of more than ${TRAILERS_MAX_BYTES} bytes`);
    if (byte === LF) throw corrupt("a trailer: found LF, expected CR LF");
    if (byte === CR) this.#place = "trailerEnd";
    else this.#isLineEmpty = false;
  }

  #demand(byte: number, expected: number, behind: string): void {
    if (byte !== expected) throw corrupt(`the end of ${behind}: found byte ${byte}, expected ${expected}`);
  }
}

/** The value of a hexadecimal digit; `undefined` for any other byte. */
function digitOf(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}

function corrupt(what: string): FirmwareError {
  return new FirmwareError("corrupt", `the response: ${what}`);
}
