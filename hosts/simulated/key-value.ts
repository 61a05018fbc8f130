/**
 * ECMA-419's Key-Value (28 Persistent Storage) over a log in flash.
 *
 * All domains of a storage share one log; one storage is open on a partition at a time. The log does the keeping, this file the
 * standard's letter: options, modes, formats, what throws. See docs/design/ports.md.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Partition } from "../../src/image/partition.js";
import type {
  KeyValueDomain,
  KeyValueFormat,
  KeyValueOpenOptions,
  KeyValueStorage,
  KeyValueValue,
} from "../../src/ports/key-value.js";
import { bytesOfBuffer } from "./byte-buffer.js";
import type { RawFlash } from "./chip.js";
import { decodeValue, demandFormat, encodeUTF8, encodeValue, FORMAT_TAGS } from "./key-value-format.js";
import { KeyValueLog } from "./key-value-log.js";
import {
  DOMAIN_LENGTH_MAX_BYTES,
  KEY_LENGTH_MAX_BYTES,
  type KeyValueRecord,
  VALUE_LENGTH_MAX_BYTES,
} from "./key-value-record.js";

/** A validated request, and the only thing that makes an instance. */
class Opening {
  readonly log: KeyValueLog;
  readonly path: string;
  readonly isWritable: boolean;
  readonly format: KeyValueFormat;

  constructor(log: KeyValueLog, path: string, mode: "r" | "r+", format: KeyValueFormat) {
    this.log = log;
    this.path = path;
    this.isWritable = mode === "r+";
    this.format = format;
  }
}

class LogDomain implements KeyValueDomain {
  target: unknown;
  #opening: Opening | undefined;
  #format: KeyValueFormat;

  /** Throws, as the standard asks, for everybody but open(). */
  constructor(opening: unknown) {
    if (!(opening instanceof Opening)) {
      throw new FirmwareError("refused", "KeyValueDomain: not constructible, expected keyValue.open()");
    }
    this.#opening = opening;
    this.#format = opening.format;
  }

  get format(): KeyValueFormat {
    return this.#format;
  }

  set format(value: KeyValueFormat) {
    this.#format = demandFormat(value);
  }

  read(key: string, buffer?: Uint8Array | ArrayBuffer): ArrayBuffer | string | number | bigint | undefined {
    const { log, path } = this.#demandOpen();
    const name = demandKey(key);
    const record = log.get(path, name);
    if (record === undefined) return undefined;
    if (record.format !== FORMAT_TAGS[this.#format]) throw formatMismatch(name, record, this.#format);
    if (this.#format !== "buffer" || buffer === undefined) return decodeValue(this.#format, record.value);
    const destination = bytesOfBuffer(buffer);
    if (destination === undefined) throw new FirmwareError("invalid", "key-value: expected an ArrayBuffer or a view of one");
    if (destination.length < record.value.length) {
      const expected = `at least the ${record.value.length} of the value`;
      throw new FirmwareError("invalid", `key-value "${name}": a buffer of ${destination.length} bytes, expected ${expected}`);
    }
    destination.set(record.value);
    return record.value.length;
  }

  write(key: string, value: KeyValueValue): void {
    const { log, path } = this.#demandWritable("write");
    const name = demandKey(key);
    const bytes = encodeValue(this.#format, value);
    if (bytes.length > VALUE_LENGTH_MAX_BYTES) {
      const expected = `at most ${VALUE_LENGTH_MAX_BYTES}`;
      throw new FirmwareError("invalid", `key-value "${name}": a value of ${bytes.length} bytes, expected ${expected}`);
    }
    log.put(path, name, FORMAT_TAGS[this.#format], bytes);
  }

  /** Also tells whether there was such a key, as the standard's algorithm does. */
  delete(key: string): boolean {
    const { log, path } = this.#demandWritable("delete");
    return log.remove(path, demandKey(key));
  }

  close(): void {
    this.#opening = undefined;
  }

  [Symbol.iterator](): Generator<string> {
    const { log, path } = this.#demandOpen();
    return listKeys(log.keys(path));
  }

  #demandOpen(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "KeyValueDomain: used after close()");
    return this.#opening;
  }

  #demandWritable(verb: string): Opening {
    const opening = this.#demandOpen();
    if (opening.isWritable) return opening;
    throw new FirmwareError("refused", `key-value "${opening.path}": ${verb} in mode "r", expected "r+"`);
  }
}

/** The default export of `embedded:storage/key-value`, in `partition`. Throws `invalid` for a partition it cannot use. */
export function openKeyValueStorage(options: { readonly flash: RawFlash; readonly partition: Partition }): KeyValueStorage {
  const log = new KeyValueLog(options.flash, options.partition);
  return Object.freeze({
    open(openOptions: KeyValueOpenOptions): KeyValueDomain {
      const instance = new LogDomain(parseOptions(log, openOptions));
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
  });
}

/** The keys at the time of asking, so that writing meanwhile does no harm. */
function* listKeys(keys: readonly string[]): Generator<string> {
  for (const key of keys) yield key;
}

function parseOptions(log: KeyValueLog, options: KeyValueOpenOptions): Opening {
  if (typeof options !== "object" || options === null) {
    throw new FirmwareError("invalid", "keyValue.open: expected an options object");
  }
  const { path, mode = "r+", format = "buffer" } = options;
  demandName("path", path, DOMAIN_LENGTH_MAX_BYTES);
  if (mode !== "r" && mode !== "r+") {
    throw new FirmwareError("invalid", `keyValue.open: mode ${String(mode)}, expected "r" or "r+"`);
  }
  return new Opening(log, path, mode, demandFormat(format));
}

/** The standard converts a key to a string. */
function demandKey(key: unknown): string {
  const name = `${key as string}`;
  demandName("key", name, KEY_LENGTH_MAX_BYTES);
  return name;
}

function demandName(what: string, name: unknown, lengthMaxBytes: number): void {
  const bytes = typeof name === "string" ? encodeUTF8(name) : undefined;
  if (bytes !== undefined && bytes.length > 0 && bytes.length <= lengthMaxBytes) return;
  const found = bytes === undefined ? `is no text: ${typeof name}` : `has ${bytes.length} bytes`;
  throw new FirmwareError("invalid", `key-value: the ${what} ${found}, expected 1 … ${lengthMaxBytes} bytes of UTF-8`);
}

function formatMismatch(key: string, record: KeyValueRecord, format: KeyValueFormat): TypeError {
  const written = Object.entries(FORMAT_TAGS).find(([, tag]) => tag === record.format)?.[0] ?? "a later version's";
  return new TypeError(`key-value "${key}": written in the format ${written}, read in ${format}`);
}
