/**
 * Reads deterministic CBOR (RFC 8949, 4.2.1) item by item, and refuses everything else: for signed data from outside.
 *
 * A pull reader and no tree: the caller asks for the type that has to come next, so nothing is allocated but what it keeps, and
 * there is no way to nest deeper than the caller's own code does. One form for each value is accepted (shortest heads, definite
 * lengths, sorted keys without duplicates): what was signed and what is read cannot differ. Floating point, simple values but
 * false and true, and numbers above 2^53 − 1 are refused; no format of ours has them.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import { areEqualBytes, compareBytes } from "./bytes.js";
import { decodeUTF8, encodeUTF8 } from "./utf8.js";

/** Major types, in the upper three bits of an item's first byte. */
export const CborType = Object.freeze({ uint: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 });

const TYPE_NAMES: readonly string[] = Object.freeze([
  "an unsigned integer",
  "a negative integer",
  "a byte string",
  "a text",
  "an array",
  "a map",
  "a tag",
  "a simple value",
]);
const FALSE = 20;
const TRUE = 21;
/** Deepest nesting that skip() follows. */
const SKIP_DEPTH_MAX = 8;

export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /** Reads from the start of `bytes`, which are not copied and must not change. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Where the next item begins. */
  get offset(): number {
    return this.#offset;
  }

  /** The major type of the next item, one of `CborType`. Throws `corrupt` at the end. */
  get nextType(): number {
    if (this.#offset >= this.#bytes.length) throw this.#corrupt("the data ends", "an item");
    return this.#bytes[this.#offset]! >>> 5;
  }

  /** 0 … 2^53 − 1. */
  uint(): number {
    return this.#head(CborType.uint);
  }

  /** −2^53 … 2^53 − 1. */
  int(): number {
    if (this.nextType !== CborType.negative) return this.uint();
    return -1 - this.#head(CborType.negative);
  }

  boolean(): boolean {
    const value = this.#head(CborType.simple);
    if (value === FALSE || value === TRUE) return value === TRUE;
    throw this.#corrupt(`the simple value ${value}`, "false or true");
  }

  /** A part of what is read, not a copy. */
  bytes(): Uint8Array {
    return this.#string(CborType.bytes);
  }

  /** Well-formed UTF-8 only. */
  text(): string {
    const at = this.#offset;
    const bytes = this.#string(CborType.text);
    const text = decodeUTF8(bytes);
    if (!areEqualBytes(encodeUTF8(text), bytes)) {
      this.#offset = at;
      throw this.#corrupt("a text that is no UTF-8", "UTF-8");
    }
    return text;
  }

  /** Begins an array; gives the number of items that follow. Never more than there are bytes. */
  array(): number {
    return this.#counted(CborType.array, 1);
  }

  /** Begins a map; gives the number of pairs. The caller reads each key through `keys`. */
  map(): number {
    return this.#counted(CborType.map, 2);
  }

  /** The number of a tag; the tagged item follows. */
  tag(): number {
    return this.#head(CborType.tag);
  }

  /**
   * Reads a map with unsigned integers for keys, and calls `onPair` with each: it has to read or skip the value. Keys have to
   * ascend, which is their deterministic order.
   */
  uintMap(onPair: (key: number) => void): void {
    const count = this.map();
    let previous = -1;
    for (let index = 0; index < count; index++) {
      const at = this.#offset;
      const key = this.uint();
      if (key <= previous) {
        this.#offset = at;
        throw this.#corrupt(`the key ${key} behind ${previous}`, "ascending keys, each once");
      }
      previous = key;
      onPair(key);
    }
  }

  /** Passes over one item of any type, as strict as reading it. */
  skip(): void {
    this.#skip(SKIP_DEPTH_MAX);
  }

  /** Throws `corrupt` unless everything was read. */
  end(): void {
    if (this.#offset < this.#bytes.length) {
      throw this.#corrupt(`${this.#bytes.length - this.#offset} more bytes`, "the end of the data");
    }
  }

  #skip(depth: number): void {
    if (depth === 0) throw this.#corrupt("a nesting", `at most ${SKIP_DEPTH_MAX} levels`);
    switch (this.nextType) {
      case CborType.uint:
      case CborType.negative:
        this.int();
        break;
      case CborType.bytes:
        this.bytes();
        break;
      case CborType.text:
        this.text();
        break;
      case CborType.array:
        for (let left = this.array(); left > 0; left--) this.#skip(depth - 1);
        break;
      case CborType.map:
        this.#skipMap(depth);
        break;
      case CborType.tag:
        this.tag();
        this.#skip(depth - 1);
        break;
      default:
        this.boolean();
    }
  }

  /** Keys of any type: their encodings ascend, byte by byte. */
  #skipMap(depth: number): void {
    let previous: Uint8Array | undefined;
    for (let left = this.map(); left > 0; left--) {
      const from = this.#offset;
      this.#skip(depth - 1);
      const key = this.#bytes.subarray(from, this.#offset);
      if (previous && compareBytes(previous, key) >= 0) {
        this.#offset = from;
        throw this.#corrupt("a key that is not above the one before", "sorted keys, each once");
      }
      previous = key;
      this.#skip(depth - 1);
    }
  }

  #string(type: number): Uint8Array {
    const at = this.#offset;
    const length = this.#head(type);
    const from = this.#offset;
    if (length > this.#bytes.length - from) {
      this.#offset = at;
      throw this.#corrupt(`a length of ${length}`, `at most the ${this.#bytes.length - from} bytes that are left`);
    }
    this.#offset = from + length;
    return this.#bytes.subarray(from, this.#offset);
  }

  #counted(type: number, itemsEach: number): number {
    const at = this.#offset;
    const count = this.#head(type);
    const left = this.#bytes.length - this.#offset;
    if (count * itemsEach > left) {
      this.#offset = at;
      throw this.#corrupt(`a count of ${count}`, `no more items than the ${left} bytes that are left`);
    }
    return count;
  }

  /** The argument of the next item's head, which has to be of `type` and in its shortest form. */
  #head(type: number): number {
    if (this.nextType !== type) throw this.#corrupt(TYPE_NAMES[this.nextType]!, TYPE_NAMES[type]!);
    const info = this.#bytes[this.#offset]! & 31;
    if (info < 24) {
      this.#offset++;
      return info;
    }
    if (info > 27) throw this.#corrupt(info === 31 ? "an indefinite length" : `the head ${info}`, "a definite length");
    if (type === CborType.simple) throw this.#corrupt("a number with a fraction, or a long simple value", "false or true");
    const sizeBytes = 1 << (info - 24);
    if (this.#offset + 1 + sizeBytes > this.#bytes.length) throw this.#corrupt("an item that is cut", "the whole item");
    const value = this.#argument(sizeBytes);
    this.#offset += 1 + sizeBytes;
    return value;
  }

  #argument(sizeBytes: number): number {
    const at = this.#offset + 1;
    assert(sizeBytes <= 8, "argument: 1, 2, 4 or 8 bytes");
    let value = 0;
    let least = 24;
    if (sizeBytes === 1) value = this.#bytes[at]!;
    else if (sizeBytes === 2) {
      value = this.#view.getUint16(at);
      least = 0x100;
    } else if (sizeBytes === 4) {
      value = this.#view.getUint32(at);
      least = 0x1_0000;
    } else {
      value = this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
      least = 0x1_0000_0000;
      if (this.#view.getUint32(at) > 0x1f_ffff) throw this.#corrupt("a number above 2^53 − 1", "one that is exact");
    }
    if (value < least) throw this.#corrupt(`${value} in ${sizeBytes} bytes`, "its shortest form");
    return value;
  }

  #corrupt(found: string, expected: string): FirmwareError {
    return new FirmwareError("corrupt", `cbor: ${found} at byte ${this.#offset}, expected ${expected}`);
  }
}
