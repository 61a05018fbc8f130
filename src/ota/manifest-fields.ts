/**
 * Reads the fields of a signed map in the order of their keys, which is the only order that deterministic CBOR has.
 *
 * So nothing is kept between the bytes and the caller's variables, a key that nobody asked for is seen at once, and a missing
 * field is named. Keys below CRITICAL_KEY_LIMIT mean something that a device must understand: an unknown one is refused.
 */
import { assert } from "../assert.js";
import { CborReader } from "../data/cbor-reader.js";
import { isPrintableText } from "../data/printable.js";
import { FirmwareError } from "../errors.js";

export const DIGEST_SIZE_BYTES = 32;
export const UINT32_MAX = 0xffff_ffff;
/** Keys at and above it may be passed over by a device that does not know them. */
export const CRITICAL_KEY_LIMIT = 256;
const TEXT_LENGTH_MAX = 48;
const NO_KEY = Number.POSITIVE_INFINITY;

export class ManifestFields {
  readonly #reader: CborReader;
  readonly #what: string;
  #leftCount: number;
  #key = -1;

  /** `what` is the map's name in errors. Throws `corrupt` unless `bytes` begin with a map. */
  constructor(bytes: Uint8Array, what: string) {
    this.#reader = new CborReader(bytes);
    this.#what = what;
    this.#leftCount = this.#reader.map();
    this.#advance();
  }

  /** Whether the next field is `key`. Keys are asked for in ascending order. */
  has(key: number): boolean {
    assert(key < CRITICAL_KEY_LIMIT, "has: the fields that are known are critical ones");
    if (this.#key < key) throw this.#unknown();
    return this.#key === key;
  }

  /** `least` … `most`. */
  uint(key: number, name: string, least = 0, most = UINT32_MAX): number {
    this.#demand(key, name);
    const value = this.#reader.uint();
    if (value < least || value > most) throw this.#fail(`${name} is ${value}`, `${least} … ${most}`);
    this.#advance();
    return value;
  }

  /** Exactly `byteLength` bytes; a part of what is read. */
  bytes(key: number, name: string, byteLength = DIGEST_SIZE_BYTES): Uint8Array {
    this.#demand(key, name);
    const value = this.#reader.bytes();
    if (value.length !== byteLength) throw this.#fail(`${name} has ${value.length} bytes`, `${byteLength}`);
    this.#advance();
    return value;
  }

  /** 1 … 48 printable ASCII characters: a text ends up in logs and requests. */
  text(key: number, name: string): string {
    this.#demand(key, name);
    const value = this.#reader.text();
    if (value.length < 1 || value.length > TEXT_LENGTH_MAX || !isPrintableText(value)) {
      throw this.#fail(`${name} is not usable`, `1 … ${TEXT_LENGTH_MAX} printable ASCII characters`);
    }
    this.#advance();
    return value;
  }

  optionalUint(key: number, name: string): number | undefined {
    return this.has(key) ? this.uint(key, name) : undefined;
  }

  optionalBytes(key: number, name: string): Uint8Array | undefined {
    return this.has(key) ? this.bytes(key, name) : undefined;
  }

  optionalText(key: number, name: string): string | undefined {
    return this.has(key) ? this.text(key, name) : undefined;
  }

  /** Passes over what an older firmware need not know. Throws `corrupt` for a critical field, and for bytes behind the map. */
  end(): void {
    while (this.#key !== NO_KEY) {
      if (this.#key < CRITICAL_KEY_LIMIT) throw this.#unknown();
      this.#reader.skip();
      this.#advance();
    }
    this.#reader.end();
  }

  /** The error of a field that was read and makes no sense beside another. */
  fail(found: string, expected: string): FirmwareError {
    return this.#fail(found, expected);
  }

  #demand(key: number, name: string): void {
    if (!this.has(key)) throw this.#fail(`${name} is missing`, `the field ${key}`);
  }

  #advance(): void {
    if (this.#leftCount === 0) {
      this.#key = NO_KEY;
      return;
    }
    this.#leftCount--;
    const key = this.#reader.uint();
    if (key <= this.#key) throw this.#fail(`the field ${key} follows ${this.#key}`, "ascending fields, each once");
    this.#key = key;
  }

  #unknown(): FirmwareError {
    return this.#fail(`the field ${this.#key} is not known`, "a manifest that this firmware understands");
  }

  #fail(found: string, expected: string): FirmwareError {
    return new FirmwareError("corrupt", `${this.#what}: ${found}, expected ${expected}`);
  }
}
