/**
 * The few bytes that tell the next boot which part of the firmware the watchdog restarted the device for.
 *
 * A chip's reset reason says "watchdog" and no more, and brown-outs get reported as watchdog too. The record is written into
 * retained memory before the bite, so it can be torn or be the noise of a power-on: whatever is not exactly a record is none.
 * The bytes are in docs/design/watchdog.md.
 */
import { assert } from "../assert.js";
import { crc32 } from "../data/crc32.js";
import type { RetainedMemory } from "../ports/retained-memory.js";
import { CHANNEL_NAME_LENGTH_MAX, type LateCause } from "./channel.js";

/** A channel's causes, and starved: no channel was late, but the feeder, of the lowest priority, never got its turn. */
export type WatchdogCause = LateCause | "starved";

export interface WatchdogRecord {
  /** The channel's name; empty where the feeder was starved. */
  readonly channel: string;
  readonly cause: WatchdogCause;
  /** Whole ms from the start of the device to the record. */
  readonly uptimeMs: number;
}

/** It lies at the start of retained memory; what else is kept there begins behind it. */
export const WATCHDOG_RECORD_SIZE_BYTES = 32;

const OFFSET = 0;
const MAGIC = 0x44574648; // "HFWD", least significant byte first.
const VERSION = 1;
const NAME_OFFSET = 12;
const CRC_OFFSET = 28;
const UINT32_RANGE = 0x1_0000_0000;
/** 48 bits of milliseconds are 8,900 years. */
const UPTIME_MAX_MS = 2 ** 48 - 1;

/** The numbers stand in retained memory, which another version of the firmware may read: they never change. */
const CAUSE_NUMBER: Readonly<Record<WatchdogCause, number>> = Object.freeze({ silent: 1, early: 2, starved: 3 });

/** Fills `bytes` (WATCHDOG_RECORD_SIZE_BYTES) with the record. Allocates nothing. */
export function encodeWatchdogRecord(bytes: Uint8Array, channel: string, cause: WatchdogCause, uptimeMs: number): void {
  assert(bytes.length === WATCHDOG_RECORD_SIZE_BYTES, "watchdog: a record has 32 bytes");
  assert(channel.length <= CHANNEL_NAME_LENGTH_MAX, "watchdog: a record's name has at most 16 characters");
  assert(uptimeMs >= 0, "watchdog: an uptime is not negative");
  const wholeMs = Math.min(Math.floor(uptimeMs), UPTIME_MAX_MS);
  writeUint32(bytes, 0, MAGIC);
  bytes[4] = VERSION;
  bytes[5] = CAUSE_NUMBER[cause];
  const high = Math.floor(wholeMs / UINT32_RANGE);
  bytes[6] = high;
  bytes[7] = high >>> 8;
  writeUint32(bytes, 8, wholeMs % UINT32_RANGE);
  for (let index = 0; index < CHANNEL_NAME_LENGTH_MAX; index++) {
    bytes[NAME_OFFSET + index] = index < channel.length ? channel.charCodeAt(index) : 0;
  }
  writeUint32(bytes, CRC_OFFSET, crc32(bytes, 0, CRC_OFFSET));
}

/** The record in `bytes`; `undefined` where any bit of it is not as it was written, or its version is not known here. */
export function decodeWatchdogRecord(bytes: Uint8Array): WatchdogRecord | undefined {
  if (bytes.length !== WATCHDOG_RECORD_SIZE_BYTES) return undefined;
  if (readUint32(bytes, 0) !== MAGIC || bytes[4] !== VERSION) return undefined;
  if (readUint32(bytes, CRC_OFFSET) !== crc32(bytes, 0, CRC_OFFSET)) return undefined;
  const cause = causeOf(bytes[5]!);
  if (cause === undefined) return undefined;
  let channel = "";
  for (let index = 0; index < CHANNEL_NAME_LENGTH_MAX; index++) {
    const code = bytes[NAME_OFFSET + index]!;
    if (code === 0) break;
    channel += String.fromCharCode(code);
  }
  const uptimeMs = (bytes[6]! | (bytes[7]! << 8)) * UINT32_RANGE + readUint32(bytes, 8);
  return { channel, cause, uptimeMs };
}

/**
 * What the watchdog left for this boot, read and cleared; `undefined` where it left nothing, the record is damaged, or the
 * memory is too small to hold one. Call it once at the start, before the watchdog is made.
 */
export function takeWatchdogRecord(retained: RetainedMemory): WatchdogRecord | undefined {
  if (!canHoldWatchdogRecord(retained)) return undefined;
  const record = decodeWatchdogRecord(retained.read(OFFSET, WATCHDOG_RECORD_SIZE_BYTES));
  clearWatchdogRecord(retained);
  return record;
}

/** Whether `retained` has room for a record; it is 0 bytes large on a chip without such memory. */
export function canHoldWatchdogRecord(retained: RetainedMemory): boolean {
  return retained.sizeBytes >= OFFSET + WATCHDOG_RECORD_SIZE_BYTES;
}

/** Stores an encoded record, or zeros, where takeWatchdogRecord looks. The memory can hold one. Allocates nothing. */
export function writeWatchdogRecord(retained: RetainedMemory, bytes: Uint8Array): void {
  assert(bytes.length === WATCHDOG_RECORD_SIZE_BYTES, "watchdog: a record has 32 bytes");
  retained.write(OFFSET, bytes);
}

/** Zeros are no record: the magic number is not zero. */
export function clearWatchdogRecord(retained: RetainedMemory): void {
  retained.write(OFFSET, new Uint8Array(WATCHDOG_RECORD_SIZE_BYTES));
}

function causeOf(number: number): WatchdogCause | undefined {
  if (number === CAUSE_NUMBER.silent) return "silent";
  if (number === CAUSE_NUMBER.early) return "early";
  return number === CAUSE_NUMBER.starved ? "starved" : undefined;
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>> 0;
}
