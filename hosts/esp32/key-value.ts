/**
 * The KeyValue port over Moddable's `embedded:storage/key-value`, which keeps its values in NVS.
 *
 * NVS finds a value by name and type, and Moddable passes that on: an integer that was written in another format reads as
 * absent, and a number that is too large is cut to its lower bits. So formats and ranges are judged here. A write is done when
 * it reads back: NVS writes the new value before it erases the old one, and a power cut between the two, in a change of format,
 * leaves the new one hidden behind the old one, to come to light at a later write. Removing the old value first was rejected:
 * a cut would lose it. See docs/design/esp32-host.md.
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
/** Values of one name: the one that is meant, and two that power cuts left. */
const VALUE_COUNT_MAX = 3;

/** An open domain of Moddable's. Its iterators are to be read to their end, as those of its flash are. */
export interface ModdableDomain extends Iterable<string> {
  /** Takes no buffer. */
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

type StoredValue = ArrayBuffer | string | number | bigint;

/** A validated request, and the only thing that makes an instance. */
class Opening {
  readonly path: string;
  readonly isWritable: boolean;
  readonly #storage: ModdableKeyValueStorage;
  #domain: ModdableDomain | undefined;

  /** A writable domain is made where there is none. */
  constructor(storage: ModdableKeyValueStorage, path: string, mode: "r" | "r+") {
    this.path = path;
    this.isWritable = mode === "r+";
    this.#storage = storage;
    this.find();
  }

  /** Moddable's domain. `undefined` for one that is only read and that nothing was ever written to: NVS does not have it. */
  find(): ModdableDomain | undefined {
    if (this.#domain !== undefined) return this.#domain;
    const { path, isWritable } = this;
    try {
      this.#domain = this.#storage.open({ path, mode: isWritable ? "r+" : "r" });
    } catch (error) {
      if (isWritable || messageOf(error).indexOf("NVS_NOT_FOUND") < 0) throw failure(path, error);
    }
    return this.#domain;
  }

  close(): void {
    this.#domain?.close();
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

  read(key: string, buffer?: Uint8Array | ArrayBuffer): StoredValue | undefined {
    const domain = this.#open().find();
    const name = demandName("key", `${key}`);
    const value = domain === undefined ? undefined : readValue(domain, name, this.#format);
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
    const domain = this.#writable("write");
    const name = demandName("key", `${key}`);
    const format = this.#format;
    const coerced = coerce(format, value);
    for (let count = 1; count <= VALUE_COUNT_MAX; count++) {
      domain.format = format;
      attempt(name, () => domain.write(name, coerced));
      if (isStored(domain, name, format, coerced)) return;
      // What lies in front of it goes. NVS does not write again what it has.
      if (count < VALUE_COUNT_MAX) attempt(name, () => domain.delete(name));
    }
    throw new FirmwareError("io", `key-value "${name}": reads otherwise than it was written`);
  }

  delete(key: string): void {
    const domain = this.#writable("delete");
    const name = demandName("key", `${key}`);
    for (let count = 1; count <= VALUE_COUNT_MAX; count++) {
      attempt(name, () => domain.delete(name));
      if (!isThere(domain, name)) return;
    }
    throw new FirmwareError("io", `key-value "${name}": is there after its removal`);
  }

  close(): void {
    this.#opening?.close();
    this.#opening = undefined;
  }

  /** The keys at the time of asking, so that writing meanwhile does no harm. */
  [Symbol.iterator](): Iterator<string> {
    const { path } = this.#open();
    const domain = this.#open().find();
    const keys = new Set(domain === undefined ? [] : attempt(path, () => [...domain]));
    return keys.values();
  }

  #open(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "KeyValueDomain: used after close()");
    return this.#opening;
  }

  #writable(verb: string): ModdableDomain {
    const opening = this.#open();
    const domain = opening.isWritable ? opening.find() : undefined;
    if (domain !== undefined) return domain;
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
      const instance = new NVSDomain(new Opening(storage, path, mode));
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

/** Without a "/" at the end, which Moddable drops from a path. */
function demandName(what: string, name: unknown): string {
  if (typeof name !== "string") throw new FirmwareError("invalid", `key-value: the ${what} is a ${typeof name}, expected text`);
  const length = lengthOf(name);
  if (length < 1 || length > NAME_LENGTH_MAX_BYTES || hasHalf(name)) {
    const expected = `1 … ${NAME_LENGTH_MAX_BYTES} bytes of UTF-8`;
    throw new FirmwareError("invalid", `key-value: the ${what} has ${length} bytes, expected ${expected}`);
  }
  if (what === "key" || name.charAt(name.length - 1) !== "/") return name;
  throw new FirmwareError("invalid", `key-value: the path "${name}" ends with "/", expected none there`);
}

/** Bytes of `text` in XS and in NVS, where U+0000 takes two. */
function lengthOf(text: string): number {
  let length = encodeUTF8(text).length;
  for (const character of text) if (character === "\u0000") length++;
  return length;
}

/** The value; `undefined` where there is none. Throws TypeError where it is one in another format. */
function readValue(domain: ModdableDomain, name: string, format: KeyValueFormat): StoredValue | undefined {
  domain.format = format;
  const value = attempt(name, () => domain.read(name));
  if (value !== undefined || INTEGERS[format] === undefined) return value;
  if (isThere(domain, name)) throw mismatch(name);
  return undefined;
}

/** Whether there is a value, whatever its format. Asked as for bytes: there Moddable looks at the type, and throws. */
function isThere(domain: ModdableDomain, name: string): boolean {
  domain.format = "buffer";
  try {
    return domain.read(name) !== undefined;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw failure(name, error);
  }
}

function isStored(domain: ModdableDomain, name: string, format: KeyValueFormat, value: KeyValueValue): boolean {
  let stored: StoredValue | undefined;
  try {
    stored = readValue(domain, name, format);
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
  if (format !== "buffer") return stored === value;
  return stored !== undefined && isSame(new Uint8Array(stored as ArrayBuffer), value as Uint8Array);
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
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
  const length = lengthOf(text);
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

function attempt<Result>(name: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof TypeError) throw mismatch(name);
    throw failure(name, error);
  }
}

/** NVS's refusals, by the names that Moddable throws them with; where a build leaves the names out, all of them are `io`. */
function failure(name: string, error: unknown): FirmwareError {
  const text = messageOf(error);
  const isFull = text.indexOf("NOT_ENOUGH_SPACE") >= 0 || text.indexOf("NO_FREE_PAGES") >= 0;
  const isTooLong = text.indexOf("VALUE_TOO_LONG") >= 0;
  return new FirmwareError(isFull ? "full" : isTooLong ? "invalid" : "io", `key-value "${name}": ${text}`);
}
