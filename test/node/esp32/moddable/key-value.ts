/**
 * `embedded:storage/key-value` as Moddable 8.2.3 behaves over NVS: integers cut to their width, a name that is found by its
 * type only, and the names of ESP-IDF's errors for messages.
 */
import type { ModdableDomain, ModdableKeyValueStorage } from "../../../../hosts/esp32/key-value.js";
import type { KeyValueFormat, KeyValueValue } from "../../../../src/ports/key-value.js";
import { bytesOf, iterate, noHostData } from "./flash.js";

const NAME_LENGTH_MAX_BYTES = 15;
const NAMESPACE_COUNT_MAX = 254;
const FORMATS: readonly string[] = Object.freeze([
  ...["buffer", "string", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"],
]);
/** Of a page: 126 entries of 32 bytes, the first of which heads a value. */
const ENTRY_SIZE_BYTES = 32;
const ENTRY_COUNT = 126;
const CHUNK_LENGTH_MAX_BYTES = ENTRY_SIZE_BYTES * (ENTRY_COUNT - 1);

type StoredValue = Uint8Array | string | number | bigint;

interface Entry {
  readonly namespace: string;
  readonly key: string;
  readonly type: KeyValueFormat;
  readonly value: StoredValue;
}

/** What is in NVS, which survives a restart: its entries in the order in which they were written. Pages only count here. */
export class FakeNVS {
  readonly namespaces = new Set<string>();
  readonly entries: Entry[] = [];
  /** One page of which is always kept free. */
  pageCount = 4;
  /** Before ESP-IDF 5.1.7, or with its switch for that, the values of other types stay. */
  keepsDuplicates = false;
  /** Called after each entry written or erased; may throw, as a power cut does. A new value stands before the old one goes. */
  onChange: () => void = () => {};

  find(namespace: string, key: string): Entry | undefined {
    return this.entries.find((entry) => entry.namespace === namespace && entry.key === key);
  }

  set(entry: Entry): void {
    const { namespace, key, type } = entry;
    if (Buffer.byteLength(key) > NAME_LENGTH_MAX_BYTES) throw new Error("ESP_ERR_NVS_KEY_TOO_LONG");
    const lengthMaxBytes = type === "buffer" ? (this.pageCount - 1) * CHUNK_LENGTH_MAX_BYTES : CHUNK_LENGTH_MAX_BYTES;
    if (lengthOf(entry.value) > lengthMaxBytes) throw new Error("ESP_ERR_NVS_VALUE_TOO_LONG");
    // By type it is found only where nothing of that name and another type lies in front of it.
    const first = this.find(namespace, key);
    const old = first === undefined || first.type === type || !this.keepsDuplicates ? first : undefined;
    if (old?.type === type && isSame(old.value, entry.value)) return;
    if (this.#usedEntries() + entryCountOf(entry) > (this.pageCount - 1) * ENTRY_COUNT) {
      throw new Error("ESP_ERR_NVS_NOT_ENOUGH_SPACE");
    }
    this.entries.push(entry);
    this.onChange();
    if (old !== undefined) this.#remove(old);
  }

  /** The first of that name, as nvs_erase_key() takes it. */
  erase(namespace: string, key: string): void {
    const entry = this.find(namespace, key);
    if (entry !== undefined) this.#remove(entry);
  }

  /** What nvs_flash_init() mends: where the last value written has an older one of its own type, the older one goes. */
  restart(): void {
    const last = this.entries.at(-1);
    if (last === undefined) return;
    const isOlder = ({ namespace, key, type }: Entry) => namespace === last.namespace && key === last.key && type === last.type;
    const index = this.entries.findIndex(isOlder);
    if (this.entries[index] !== last) this.entries.splice(index, 1);
  }

  #remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    this.onChange();
  }

  #usedEntries(): number {
    return this.entries.reduce((count, entry) => count + entryCountOf(entry), this.namespaces.size);
  }
}

class FakeDomain implements ModdableDomain {
  readonly #nvs: FakeNVS;
  readonly #namespace: string;
  readonly #isReadOnly: boolean;
  #format: KeyValueFormat = "buffer";
  #isOpen = true;

  constructor(nvs: FakeNVS, namespace: string, isReadOnly: boolean) {
    this.#nvs = nvs;
    this.#namespace = namespace;
    this.#isReadOnly = isReadOnly;
  }

  get format(): KeyValueFormat {
    this.#demandOpen();
    return this.#format;
  }

  set format(value: KeyValueFormat) {
    if (!FORMATS.includes(String(value))) throw new RangeError("unsupported");
    this.#demandOpen();
    this.#format = value;
  }

  /** A second argument is dropped. A key that is too long is compared by its first 15 bytes. */
  read(key: string): ArrayBuffer | string | number | bigint | undefined {
    this.#demandOpen();
    const entry = this.#nvs.find(this.#namespace, String(key).slice(0, NAME_LENGTH_MAX_BYTES));
    if (entry === undefined) return undefined;
    if (entry.type !== this.#format) {
      // These two ask for the type of whatever is there; the integers are looked up by name and type.
      if (this.#format === "buffer" || this.#format === "string") throw new TypeError("mismatch");
      return undefined;
    }
    return entry.value instanceof Uint8Array ? (entry.value.slice().buffer as ArrayBuffer) : entry.value;
  }

  write(key: string, value: KeyValueValue): void {
    this.#demandWritable();
    const entry = { namespace: this.#namespace, key: String(key), type: this.#format, value: store(this.#format, value) };
    this.#nvs.set(entry);
  }

  delete(key: string): void {
    this.#demandWritable();
    this.#nvs.erase(this.#namespace, String(key).slice(0, NAME_LENGTH_MAX_BYTES));
  }

  close(): void {
    this.#isOpen = false;
  }

  [Symbol.iterator](): Iterator<string> {
    this.#demandOpen();
    return iterate(this.#nvs.entries.filter(({ namespace }) => namespace === this.#namespace).map(({ key }) => key));
  }

  #demandOpen(): void {
    if (!this.#isOpen) throw noHostData();
  }

  #demandWritable(): void {
    this.#demandOpen();
    if (this.#isReadOnly) throw new Error("read-only");
  }
}

/** The module's default export over one NVS. */
export function fakeKeyValueModule(nvs: FakeNVS): ModdableKeyValueStorage {
  return {
    open(options) {
      if (!("path" in options)) throw new Error("no path");
      const path = String(options.path);
      if (path === "") throw new Error("invalid");
      const namespace = path.endsWith("/") ? path.slice(0, -1) : path;
      const mode = "mode" in options ? String(options.mode) : "r+";
      if (mode !== "r" && mode !== "r+") throw new Error("invalid mode");
      if (!nvs.namespaces.has(namespace)) {
        if (mode === "r") throw new Error("ESP_ERR_NVS_NOT_FOUND");
        if (Buffer.byteLength(namespace) > NAME_LENGTH_MAX_BYTES) throw new Error("ESP_ERR_NVS_KEY_TOO_LONG");
        if (nvs.namespaces.size >= NAMESPACE_COUNT_MAX) throw new Error("ESP_ERR_NVS_NOT_ENOUGH_SPACE");
        nvs.namespaces.add(namespace);
      }
      return new FakeDomain(nvs, namespace, mode === "r");
    },
  };
}

/** As C stores it: without a question. */
function store(format: KeyValueFormat, value: unknown): StoredValue {
  if (format === "buffer") return bytesOf(value).slice();
  if (format === "string") return String(value);
  if (format === "uint64") return BigInt.asUintN(64, BigInt(value as bigint));
  if (format === "int64") return BigInt.asIntN(64, BigInt(value as bigint));
  const bits = Number(format.replace(/\D/g, ""));
  const integer = BigInt(Math.trunc(Number(value) || 0));
  return Number(format.startsWith("u") ? BigInt.asUintN(bits, integer) : BigInt.asIntN(bits, integer));
}

function lengthOf(value: StoredValue): number {
  if (typeof value === "string") return Buffer.byteLength(value) + 1;
  return typeof value === "object" ? value.length : 0;
}

/** A blob has an index besides, and a head on each page that it is on. */
function entryCountOf({ type, value }: Entry): number {
  const length = lengthOf(value);
  const count = 1 + Math.ceil(length / ENTRY_SIZE_BYTES);
  return type === "buffer" ? count + 1 + Math.floor(length / CHUNK_LENGTH_MAX_BYTES) : count;
}

function isSame(left: StoredValue, right: StoredValue): boolean {
  if (!(left instanceof Uint8Array) || !(right instanceof Uint8Array)) return left === right;
  return Buffer.from(left).equals(right);
}
