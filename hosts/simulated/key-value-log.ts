/**
 * Named values in two halves of a flash partition, as a log that a power cut can end at any word without losing anything.
 *
 * A write appends a record; only its commit word, written last, makes it count, so a torn one is as good as none. When a half
 * is full, what still counts is copied to the other one, whose header word, written last, makes that half the current one:
 * until then the old half is whole, and the write that found no room is part of the copy. NVS's own pages were rejected:
 * hundreds of lines to imitate a format that no device of ours has to read here. Bytes: docs/spec/key-value-log.md.
 */
import { crc32 } from "../../src/data/crc32.js";
import { FirmwareError } from "../../src/errors.js";
import type { Partition } from "../../src/image/partition.js";
import type { RawFlash } from "./chip.js";
import {
  COMMIT_SIZE_BYTES,
  decodeRecord,
  encodeRecord,
  type FoundRecord,
  type KeyValueRecord,
  RecordKind,
  type RecordPlace,
  recordSizeBytes,
} from "./key-value-record.js";

/** "HKV1", read as a little-endian word. */
const HALF_MAGIC = 0x31564b48;
const HALF_HEADER_SIZE_BYTES = 16;
const HALF_CRC_OFFSET = 12;
const VERSION = 1;
const WORD_SIZE_BYTES = 4;
const ERASED_WORD = 0xffffffff;

/** Where a value that counts stands. */
interface LiveRecord {
  /** From the start of the half. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export class KeyValueLog {
  readonly #flash: RawFlash;
  readonly #label: string;
  readonly #offset: number;
  readonly #halfSizeBytes: number;
  /** By domain, then by key. */
  #live = new Map<string, Map<string, LiveRecord>>();
  /** The current half; `undefined` while nothing was ever written. */
  #half: 0 | 1 | undefined;
  #generation = 0;
  /** Where the next record goes, from the start of the half. */
  #end = 0;
  /** False after a change that the flash broke off: what is true is in flash, and is read anew. */
  #isLoaded = false;

  /** Reads nothing yet. Throws `invalid` for a partition that is encrypted or has fewer than two sectors. */
  constructor(flash: RawFlash, partition: Partition) {
    const sectorCount = Math.floor(partition.size / flash.sectorSizeBytes);
    if (sectorCount < 2 || partition.encrypted || partition.offset % flash.sectorSizeBytes !== 0) {
      const found = `${partition.size} bytes at ${partition.offset}${partition.encrypted ? ", encrypted" : ""}`;
      throw new FirmwareError("invalid", `key-value ${partition.label}: ${found}, expected two plain sectors or more`);
    }
    this.#flash = flash;
    this.#label = partition.label;
    this.#offset = partition.offset;
    this.#halfSizeBytes = Math.floor(sectorCount / 2) * flash.sectorSizeBytes;
  }

  /**
   * The newest record of a key; `undefined` where it has no value. Throws `corrupt` where its bytes have changed since
   * opening.
   */
  get(domain: string, key: string): KeyValueRecord | undefined {
    this.#load();
    const live = this.#live.get(domain)?.get(key);
    if (live === undefined) return undefined;
    const record = this.#readRecord(live);
    if (record === undefined)
      throw new FirmwareError("corrupt", `key-value ${this.#label}: the value of "${key}" fails its checksum`);
    return record;
  }

  /** The keys of a domain, oldest value first. */
  keys(domain: string): string[] {
    this.#load();
    return [...(this.#live.get(domain)?.keys() ?? [])];
  }

  /** Replaces a value, all or nothing. Throws `full`, before any effect, where it does not fit beside the others. */
  put(domain: string, key: string, format: number, value: Uint8Array): void {
    this.#load();
    const record = { kind: RecordKind.value, domain, key, format, value };
    if (this.#hasRoom(record)) {
      this.#change(() => this.#append(record));
      return;
    }
    const neededBytes = this.#liveBytes(record) + sizeOf(record);
    const roomBytes = this.#halfSizeBytes - HALF_HEADER_SIZE_BYTES;
    if (neededBytes > roomBytes) {
      const found = `the values and "${key}" take ${neededBytes} bytes`;
      throw new FirmwareError("full", `key-value ${this.#label}: ${found}, expected at most ${roomBytes}`);
    }
    this.#change(() => this.#compact(record));
  }

  /** Whether there was a value. Never full: where no record fits, the copy leaves the key out. */
  remove(domain: string, key: string): boolean {
    this.#load();
    if (!this.#live.get(domain)?.has(key)) return false;
    const record = { kind: RecordKind.removal, domain, key, format: 0, value: new Uint8Array(0) };
    this.#change(() => (this.#hasRoom(record) ? this.#append(record) : this.#compact(record)));
    return true;
  }

  #hasRoom(record: KeyValueRecord): boolean {
    return this.#half !== undefined && this.#end + sizeOf(record) <= this.#halfSizeBytes;
  }

  /** Bytes of all that counts, but for the key of `except`. */
  #liveBytes(except: KeyValueRecord): number {
    let bytes = 0;
    for (const [domain, keys] of this.#live) {
      for (const [key, live] of keys) if (domain !== except.domain || key !== except.key) bytes += live.sizeBytes;
    }
    return bytes;
  }

  #change(body: () => void): void {
    this.#isLoaded = false;
    body();
    this.#isLoaded = true;
  }

  #append(record: KeyValueRecord): void {
    const place = { generation: this.#generation, offset: this.#end };
    const bytes = encodeRecord(record, place);
    const address = this.#addressOf(this.#half!) + place.offset;
    const commitOffset = bytes.length - COMMIT_SIZE_BYTES;
    this.#flash.program(address, bytes.subarray(0, commitOffset));
    this.#flash.program(address + commitOffset, bytes.subarray(commitOffset));
    this.#end += bytes.length;
    this.#note(this.#live, record, place.offset);
  }

  /** Copies what counts to the other half, with `change` instead of what it replaces. */
  #compact(change: KeyValueRecord): void {
    const half = this.#half === 0 ? 1 : 0;
    const generation = this.#generation + 1;
    const address = this.#addressOf(half);
    const firstSector = address / this.#flash.sectorSizeBytes;
    const sectorCount = this.#halfSizeBytes / this.#flash.sectorSizeBytes;
    for (let sector = firstSector; sector < firstSector + sectorCount; sector++) this.#flash.eraseSector(sector);
    const live = new Map<string, Map<string, LiveRecord>>();
    let end = HALF_HEADER_SIZE_BYTES;
    const copy = (record: KeyValueRecord): void => {
      const bytes = encodeRecord(record, { generation, offset: end });
      this.#flash.program(address + end, bytes);
      this.#note(live, record, end);
      end += bytes.length;
    };
    for (const [domain, keys] of this.#live) {
      for (const [key, place] of keys) {
        if (domain === change.domain && key === change.key) continue;
        const record = this.#readRecord(place);
        if (record !== undefined) copy(record); // A damaged one ends here.
      }
    }
    if (change.kind === RecordKind.value) copy(change);
    const header = encodeHalfHeader(generation);
    this.#flash.program(address, header.subarray(0, HALF_CRC_OFFSET));
    this.#flash.program(address + HALF_CRC_OFFSET, header.subarray(HALF_CRC_OFFSET));
    this.#half = half;
    this.#generation = generation;
    this.#end = end;
    this.#live = live;
  }

  /** Finds the current half and reads its log. */
  #load(): void {
    if (this.#isLoaded) return;
    const generations = [this.#generationOf(0), this.#generationOf(1)] as const;
    this.#half = undefined;
    if (generations[0] !== undefined) this.#half = 0;
    if (generations[1] !== undefined && generations[1] > (generations[0] ?? 0)) this.#half = 1;
    this.#generation = this.#half === undefined ? 0 : generations[this.#half]!;
    this.#live = new Map();
    this.#end = HALF_HEADER_SIZE_BYTES;
    if (this.#half !== undefined) this.#scan(this.#flash.read(this.#addressOf(this.#half), this.#halfSizeBytes));
    this.#isLoaded = true;
  }

  /**
   * Word by word, because behind a torn or damaged header the next record's place is not known. The log ends behind the last
   * word that is not blank: what a cut left behind is never programmed a second time.
   */
  #scan(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = HALF_HEADER_SIZE_BYTES;
    while (at + WORD_SIZE_BYTES <= bytes.length) {
      if (view.getUint32(at, true) === ERASED_WORD) {
        at += WORD_SIZE_BYTES;
        continue;
      }
      const found = decodeRecord(bytes, at, { generation: this.#generation, offset: at });
      if (found?.record !== undefined) this.#note(this.#live, found.record, at);
      at += found?.sizeBytes ?? WORD_SIZE_BYTES;
      this.#end = at;
    }
  }

  /** Enters a record into the list of what counts. Kinds of a later version are passed over. */
  #note(live: Map<string, Map<string, LiveRecord>>, record: KeyValueRecord, offset: number): void {
    const keys = live.get(record.domain) ?? new Map<string, LiveRecord>();
    live.set(record.domain, keys);
    if (record.kind === RecordKind.value || record.kind === RecordKind.removal) keys.delete(record.key);
    if (record.kind === RecordKind.value) keys.set(record.key, { offset, sizeBytes: sizeOf(record) });
  }

  #readRecord(live: LiveRecord): KeyValueRecord | undefined {
    const bytes = this.#flash.read(this.#addressOf(this.#half!) + live.offset, live.sizeBytes);
    const place: RecordPlace = { generation: this.#generation, offset: live.offset };
    const found: FoundRecord | undefined = decodeRecord(bytes, 0, place);
    return found?.record;
  }

  /** The generation of a half; `undefined` where it has none. Throws `unsupported` for a half of another version. */
  #generationOf(half: 0 | 1): number | undefined {
    const bytes = this.#flash.read(this.#addressOf(half), HALF_HEADER_SIZE_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (view.getUint32(0, true) !== HALF_MAGIC) return undefined;
    if (view.getUint32(HALF_CRC_OFFSET, true) !== crc32(bytes, 0, HALF_CRC_OFFSET)) return undefined;
    const version = view.getUint32(4, true);
    if (version !== VERSION) {
      throw new FirmwareError("unsupported", `key-value ${this.#label}: log version ${version}, expected ${VERSION}`);
    }
    return view.getUint32(8, true);
  }

  #addressOf(half: 0 | 1): number {
    return this.#offset + half * this.#halfSizeBytes;
  }
}

function encodeHalfHeader(generation: number): Uint8Array {
  const bytes = new Uint8Array(HALF_HEADER_SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HALF_MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, generation, true);
  view.setUint32(HALF_CRC_OFFSET, crc32(bytes, 0, HALF_CRC_OFFSET), true);
  return bytes;
}

function sizeOf(record: KeyValueRecord): number {
  return recordSizeBytes(record.domain, record.key, record.value.length);
}
