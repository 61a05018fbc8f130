/**
 * The KeyValue port over Moddable's `embedded:storage/key-value`, which keeps its values in NVS.
 *
 * NVS finds a value by name and type, and Moddable passes that on: an integer that was written in another format reads as
 * absent, a number that is too large is cut to its lower bits, and on older ESP-IDF one name can hold two values. So formats
 * and ranges are judged here, and a value of another format is removed before the new one is written: the one case in which a
 * cut between the two loses the old value. See docs/design/esp32-host.md.
 */
import { encodeUTF8 } from "../../src/data/utf8.js";
import { FirmwareError, messageOf } from "../../src/errors.js";
import type {
  KeyValueDomain,
  KeyValueFormat,
  KeyValueOpenOptions,
  KeyValueStorage,
  KeyValueValue,
} from "../../src/ports/key-value.js";
import { byteBuffer } from "./byte-buffer.js";

/** Of NVS, for a namespace and for a key: 16 bytes with the zero. */
const NAME_LENGTH_MAX_BYTES = 15;
/** Of NVS, for a text: 4,000 bytes with the zero. */
const TEXT_LENGTH_MAX_BYTES = 3999;

/** An open domain of Moddable's. */
export interface ModdableDomain extends Iterable<string> {
  read(key: string): ArrayBuffer | string | number | bigint | undefined;
  write(key: string, value: KeyValueValue): void;
  delete(key: string): void;
  close(): void;
  format: KeyValueFormat;
}

/** The default export of `embedded:storage/key-value`. */
export interface ModdableKeyValueStorage {
  open(options: { readonly path: string; readonly mode: "r" | "r+" }): ModdableDomain;
}

/** Width and sign; the other two formats are no integers. */
const INTEGERS: Readonly<Record<string, { readonly bits: number; readonly isSigned: boolean }>> = Object.freeze({
  uint8: Object.freeze({ bits: 8, isSigned: false }),
  int8: Object.freeze({ bits: 8, isSigned: true }),
  uint16: Object.freeze({ bits: 16, isSigned: false }),
  int16: Object.freeze({ bits: 16, isSigned: true }),
  uint32: Object.freeze({ bits: 32, isSigned: false }),
  int32: Object.freeze({ bits: 32, isSigned: true }),
  uint64: Object.freeze({ bits: 64, isSigned: false }),
  int64: Object.freeze({ bits: 64, isSigned: true }),
});

/** What open() made, and the only thing that makes an instance. */
class Opening {
  readonly domain: ModdableDomain;
  readonly path: string;
  readonly isWritable: boolean;

  constructor(domain: ModdableDomain, path: string, isWritable: boolean) {
    this.domain = domain;
    this.path = path;
    this.isWritable = isWritable;
  }
}

class NVSDomain implements KeyValueDomain {
  target: unknown;
  #opening: Opening | undefined;
  #format: KeyValueFormat = "buffer";

  /** Throws, as the standard asks, for everybody but open(). */
  constructor(opening: unknown) {
    if (!(opening instanceof Opening)) {
      throw new FirmwareError("refused", "KeyValueDomain: not constructible, expected keyValue.open()");
    }
    this.#opening = opening;
  }

  get format(): KeyValueFormat {
    return this.#format;
  }

  set format(value: KeyValueFormat) {
    this.#format = demandFormat(value);
  }

  read(key: string, buffer?: Uint8Array | ArrayBuffer): ArrayBuffer | string | number | bigint | undefined {
    const opening = this.#open();
    const name = demandName("key", `${key}`);
    const value = this.#find(opening, name);
    if (value === undefined || buffer === undefined || this.#format !== "buffer") return value;
    const target = byteBuffer(buffer, `key-value "${name}"`);
    const bytes = new Uint8Array(value as ArrayBuffer);
    if (target.length < bytes.length) {
      const expected = `at least the ${bytes.length} of the value`;
      throw new FirmwareError("invalid", `key-value "${name}": a buffer of ${target.length} bytes, expected ${expected}`);
    }
    target.set(bytes);
    return bytes.length;
  }

  write(key: string, value: KeyValueValue): void {
    const opening = this.#writable("write");
    const name = demandName("key", `${key}`);
    const coerced = coerce(this.#format, value);
    if (this.#isOfAnotherFormat(opening, name)) attempt(name, () => opening.domain.delete(name));
    opening.domain.format = this.#format;
    attempt(name, () => opening.domain.write(name, coerced));
  }

  delete(key: string): void {
    const opening = this.#writable("delete");
    const name = demandName("key", `${key}`);
    attempt(name, () => opening.domain.delete(name));
  }

  close(): void {
    this.#opening?.domain.close();
    this.#opening = undefined;
  }

  /** The keys at the time of asking, so that writing meanwhile does no harm. */
  [Symbol.iterator](): Iterator<string> {
    return [...this.#open().domain][Symbol.iterator]();
  }

  /** The value; throws TypeError where there is one in another format. */
  #find({ domain }: Opening, name: string): ArrayBuffer | string | number | bigint | undefined {
    domain.format = this.#format;
    const value = attempt(name, () => domain.read(name));
    if (value !== undefined || INTEGERS[this.#format] === undefined) return value;
    domain.format = "buffer"; // In this format, Moddable asks for the type.
    if (attempt(name, () => domain.read(name)) === undefined) return undefined;
    throw mismatch(name);
  }

  #isOfAnotherFormat(opening: Opening, name: string): boolean {
    try {
      this.#find(opening, name);
      return false;
    } catch (error) {
      if (error instanceof TypeError) return true;
      throw error;
    }
  }

  #open(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "KeyValueDomain: used after close()");
    return this.#opening;
  }

  #writable(verb: string): Opening {
    const opening = this.#open();
    if (opening.isWritable) return opening;
    throw new FirmwareError("refused", `key-value "${opening.path}": ${verb} in mode "r", expected "r+"`);
  }
}

/** The port over Moddable's storage. */
export function openKeyValueStorage(options: { readonly storage: ModdableKeyValueStorage }): KeyValueStorage {
  const { storage } = options;
  return Object.freeze({
    open(openOptions: KeyValueOpenOptions): KeyValueDomain {
      if (typeof openOptions !== "object" || openOptions === null) {
        throw new FirmwareError("invalid", "keyValue.open: expected an options object");
      }
      const { mode = "r+", format = "buffer" } = openOptions;
      const path = demandName("path", openOptions.path);
      if (mode !== "r" && mode !== "r+") {
        throw new FirmwareError("invalid", `keyValue.open: mode ${String(mode)}, expected "r" or "r+"`);
      }
      demandFormat(format);
      // Read-only, NVS refuses a namespace that nothing was ever written to; writable, it makes one. What may be written is
      // judged here.
      const domain = attempt(path, () => storage.open({ path, mode: "r+" }));
      const instance = new NVSDomain(new Opening(domain, path, mode === "r+"));
      instance.format = format;
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
  });
}

function demandFormat(value: unknown): KeyValueFormat {
  if (value === "buffer" || value === "string") return value;
  if (typeof value === "string" && Object.hasOwn(INTEGERS, value)) return value as KeyValueFormat;
  const expected = `buffer, string, ${Object.keys(INTEGERS).join(", ")}`;
  throw new FirmwareError("unsupported", `key-value: format ${String(value)}, expected one of ${expected}`);
}

function demandName(what: string, name: unknown): string {
  const length = typeof name === "string" ? encodeUTF8(name).length : 0;
  if (typeof name === "string" && length >= 1 && length <= NAME_LENGTH_MAX_BYTES) return name;
  const found = typeof name === "string" ? `has ${length} bytes` : `is no text: ${typeof name}`;
  throw new FirmwareError("invalid", `key-value: the ${what} ${found}, expected 1 … ${NAME_LENGTH_MAX_BYTES} bytes`);
}

/** The value as Moddable takes it. Throws TypeError where the format cannot hold it. */
function coerce(format: KeyValueFormat, value: unknown): KeyValueValue {
  if (format === "buffer") {
    const isBuffer = value instanceof ArrayBuffer || ArrayBuffer.isView(value);
    if (!isBuffer) throw unfit(format, value, "an ArrayBuffer or a view of one");
    return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : new Uint8Array(value);
  }
  if (format === "string") return coerceText(value);
  const { bits, isSigned } = INTEGERS[format]!;
  const integer = integerOf(value);
  const fits = integer !== undefined && (isSigned ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer)) === integer;
  if (!fits) throw unfit(format, value, `an integer of ${bits} bits`);
  return bits === 64 ? integer : Number(integer);
}

function coerceText(value: unknown): string {
  const isText =
    typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  const text = isText ? String(value) : "";
  if (!isText || hasHalf(text)) throw unfit("string", value, "a string of whole characters");
  const length = encodeUTF8(text).length;
  if (length <= TEXT_LENGTH_MAX_BYTES) return text;
  throw new FirmwareError("invalid", `key-value: a text of ${length} bytes, expected at most ${TEXT_LENGTH_MAX_BYTES}`);
}

/** Whether half a surrogate pair is among the characters: it has no UTF-8. */
function hasHalf(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) return true;
  }
  return false;
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?[0-9]+$/.test(value) ? BigInt(value) : undefined;
}

function unfit(format: KeyValueFormat, value: unknown, expected: string): TypeError {
  const found = typeof value === "number" || typeof value === "bigint" ? String(value) : typeof value;
  return new TypeError(`key-value: ${found} in the format ${format}, expected ${expected}`);
}

function mismatch(name: string): TypeError {
  return new TypeError(`key-value "${name}": written in another format than the one it is read in`);
}

/** NVS's refusals, by the names that Moddable throws them with. */
function attempt<Result>(name: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    const text = messageOf(error);
    if (error instanceof TypeError || text.indexOf("TYPE_MISMATCH") >= 0) throw mismatch(name);
    const isFull = text.indexOf("NOT_ENOUGH_SPACE") >= 0 || text.indexOf("NO_FREE_PAGES") >= 0;
    throw new FirmwareError(isFull ? "full" : "io", `key-value "${name}": ${text}`);
  }
}
