/**
 * One record of the key-value log: bytes to values and back, nothing else.
 *
 * Both checksums take in the record's place in flash and the half's generation, so that no byte pattern inside a value, and no
 * leftover of an earlier generation, is ever taken for a record. The commit word is a write of its own and the last.
 * Bytes: docs/spec/key-value-log.md.
 */
import { crc32 } from "../../src/data/crc32.js";
import { decodeUTF8, encodeUTF8 } from "../../src/data/utf8.js";

export const RECORD_HEADER_SIZE_BYTES = 12;
export const COMMIT_SIZE_BYTES = 4;
export const DOMAIN_LENGTH_MAX_BYTES = 16;
export const KEY_LENGTH_MAX_BYTES = 48;
export const VALUE_LENGTH_MAX_BYTES = 1984;

export const RecordKind = Object.freeze({ value: 1, removal: 2 });

/** "DONE", read as a little-endian word. */
const COMMIT_WORD = 0x454e4f44;
const HEADER_CRC_OFFSET = 8;
const TRAILER_SIZE_BYTES = 4 + COMMIT_SIZE_BYTES;
const ERASED = 0xff;

/** Where a record stands: the generation of its half and its offset from the half's start. */
export interface RecordPlace {
  readonly generation: number;
  readonly offset: number;
}

/** A record as it was written. `format` is a number of FORMAT_TAGS, or a later version's. */
export interface KeyValueRecord {
  readonly kind: number;
  readonly domain: string;
  readonly key: string;
  readonly format: number;
  readonly value: Uint8Array;
}

/** What stands at a place: `record` is `undefined` where it was torn or is damaged; its extent is known all the same. */
export interface FoundRecord {
  readonly sizeBytes: number;
  readonly record: KeyValueRecord | undefined;
}

/** Bytes in flash of a record, a multiple of 4. */
export function recordSizeBytes(domain: string, key: string, valueLengthBytes: number): number {
  return sizeOf(encodeUTF8(domain).length, encodeUTF8(key).length, valueLengthBytes);
}

/** The whole record, commit word included. The lengths were checked by the caller. */
export function encodeRecord(record: KeyValueRecord, place: RecordPlace): Uint8Array {
  const domain = encodeUTF8(record.domain);
  const key = encodeUTF8(record.key);
  const bytes = new Uint8Array(sizeOf(domain.length, key.length, record.value.length)).fill(ERASED);
  const view = new DataView(bytes.buffer);
  bytes[0] = record.kind;
  bytes[1] = record.format;
  bytes[2] = domain.length;
  bytes[3] = key.length;
  view.setUint16(4, record.value.length, true);
  const seed = placeCrc(place);
  view.setUint32(HEADER_CRC_OFFSET, crc32(bytes, 0, HEADER_CRC_OFFSET, seed), true);
  bytes.set(domain, RECORD_HEADER_SIZE_BYTES);
  bytes.set(key, RECORD_HEADER_SIZE_BYTES + domain.length);
  bytes.set(record.value, RECORD_HEADER_SIZE_BYTES + domain.length + key.length);
  const end = bytes.length - TRAILER_SIZE_BYTES;
  view.setUint32(end, crc32(bytes, 0, end, seed), true);
  view.setUint32(end + 4, COMMIT_WORD, true);
  return bytes;
}

/**
 * Reads at `bytes[at]`, which stands at `place`. `undefined` unless a record's header stands there, whole and with room
 * behind it.
 */
export function decodeRecord(bytes: Uint8Array, at: number, place: RecordPlace): FoundRecord | undefined {
  if (at + RECORD_HEADER_SIZE_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const seed = placeCrc(place);
  if (view.getUint32(HEADER_CRC_OFFSET, true) !== crc32(bytes, at, at + HEADER_CRC_OFFSET, seed)) return undefined;
  const domainEnd = RECORD_HEADER_SIZE_BYTES + view.getUint8(2);
  const keyEnd = domainEnd + view.getUint8(3);
  const valueEnd = keyEnd + view.getUint16(4, true);
  const sizeBytes = sizeOf(view.getUint8(2), view.getUint8(3), view.getUint16(4, true));
  if (at + sizeBytes > bytes.length) return undefined;
  const end = sizeBytes - TRAILER_SIZE_BYTES;
  if (view.getUint32(end + 4, true) !== COMMIT_WORD || view.getUint32(end, true) !== crc32(bytes, at, at + end, seed)) {
    return { sizeBytes, record: undefined };
  }
  const record = {
    kind: view.getUint8(0),
    format: view.getUint8(1),
    domain: decodeUTF8(bytes, at + RECORD_HEADER_SIZE_BYTES, at + domainEnd),
    key: decodeUTF8(bytes, at + domainEnd, at + keyEnd),
    value: bytes.slice(at + keyEnd, at + valueEnd),
  };
  return { sizeBytes, record };
}

function sizeOf(domainLength: number, keyLength: number, valueLength: number): number {
  const contentLength = RECORD_HEADER_SIZE_BYTES + domainLength + keyLength + valueLength;
  return Math.ceil(contentLength / 4) * 4 + TRAILER_SIZE_BYTES;
}

/** Both checksums start from here. */
function placeCrc(place: RecordPlace): number {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, place.generation, true);
  view.setUint32(4, place.offset, true);
  return crc32(bytes);
}
