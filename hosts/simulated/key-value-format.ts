/**
 * The ten formats of ECMA-419's Key-Value: their numbers in flash, and values to bytes and back.
 *
 * The standard coerces a value to the current format and throws TypeError where that cannot be done. Here a coercion that would
 * store something else than was given is one that cannot be done: 256 is no uint8, an object no string.
 * Bytes: docs/spec/key-value-log.md.
 */
import { decodeUTF8, encodeUTF8 as encode } from "../../src/data/utf8.js";
import { FirmwareError } from "../../src/errors.js";
import type { KeyValueFormat } from "../../src/ports/key-value.js";
import { bytesOfBuffer } from "./byte-buffer.js";

/** Never renumbered: they are in flash. */
export const FORMAT_TAGS: Readonly<Record<KeyValueFormat, number>> = Object.freeze({
  buffer: 1,
  string: 2,
  uint8: 3,
  int8: 4,
  uint16: 5,
  int16: 6,
  uint32: 7,
  int32: 8,
  uint64: 9,
  int64: 10,
});

/** Width and sign of the integers; the other two formats are no integers. */
const INTEGERS: Readonly<Partial<Record<KeyValueFormat, { readonly bits: number; readonly signed: boolean }>>> = Object.freeze({
  uint8: { bits: 8, signed: false },
  int8: { bits: 8, signed: true },
  uint16: { bits: 16, signed: false },
  int16: { bits: 16, signed: true },
  uint32: { bits: 32, signed: false },
  int32: { bits: 32, signed: true },
  uint64: { bits: 64, signed: false },
  int64: { bits: 64, signed: true },
});

/** Throws `unsupported` unless `value` is one of the ten. */
export function demandFormat(value: unknown): KeyValueFormat {
  if (typeof value === "string" && Object.hasOwn(FORMAT_TAGS, value)) return value as KeyValueFormat;
  const expected = Object.keys(FORMAT_TAGS).join(", ");
  throw new FirmwareError("unsupported", `key-value: format ${String(value)}, expected one of ${expected}`);
}

/** The bytes of `value`, a copy. Throws TypeError where it does not fit. */
export function encodeValue(format: KeyValueFormat, value: unknown): Uint8Array {
  if (format === "buffer") {
    const bytes = bytesOfBuffer(value);
    if (bytes === undefined) throw mismatch(format, value, "an ArrayBuffer or a view of one");
    return bytes.slice();
  }
  if (format === "string") return encodeText(value);
  const { bits, signed } = INTEGERS[format]!;
  const integer = integerOf(value);
  const fits = integer !== undefined && (signed ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer)) === integer;
  if (!fits) throw mismatch(format, value, `an integer of ${bits} bits`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, integer), true);
  return bytes.slice(0, bits / 8);
}

/** The value of `bytes`, which encodeValue made. */
export function decodeValue(format: KeyValueFormat, bytes: Uint8Array): ArrayBuffer | string | number | bigint {
  if (format === "buffer") return bytes.slice().buffer as ArrayBuffer;
  if (format === "string") return decodeUTF8(bytes);
  const { bits, signed } = INTEGERS[format]!;
  const word = new Uint8Array(8);
  word.set(bytes.subarray(0, bits / 8));
  const raw = new DataView(word.buffer).getBigUint64(0, true);
  const integer = signed ? BigInt.asIntN(bits, raw) : raw;
  return bits === 64 ? integer : Number(integer);
}

/** UTF-8 that gives the same text back; half a surrogate pair has none. */
export function encodeUTF8(text: string): Uint8Array | undefined {
  const bytes = encode(text);
  return decodeUTF8(bytes) === text ? bytes : undefined;
}

function encodeText(value: unknown): Uint8Array {
  const isText =
    typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  const bytes = isText ? encodeUTF8(String(value)) : undefined;
  if (bytes === undefined) throw mismatch("string", value, "a string of whole characters");
  return bytes;
}

/** The integer that a number, a bigint or a text of digits stands for. */
function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?[0-9]+$/.test(value) ? BigInt(value) : undefined;
}

function mismatch(format: KeyValueFormat, value: unknown, expected: string): TypeError {
  const found = typeof value === "number" || typeof value === "bigint" ? String(value) : typeof value;
  return new TypeError(`key-value: ${found} in the format ${format}, expected ${expected}`);
}
