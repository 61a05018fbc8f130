/**
 * The partition table in flash: 32-byte rows, an MD5 over them, an erased row as the end.
 *
 * Reading refuses what the bootloader refuses and nothing more, so that a device with an odd but working table can be looked
 * at; writing also keeps the rules of partition-check.ts. Bytes: docs/spec/partition-table.md.
 */
import { assert } from "../assert.js";
import { md5 } from "../data/md5.js";
import { FirmwareError } from "../errors.js";
import { hexadecimal } from "./hexadecimal.js";
import type { Partition } from "./partition.js";
import { checkPartitions, PARTITION_LABEL_LENGTH_MAX } from "./partition-check.js";

/** Where the table lies unless a product's sdkconfig moves it. */
export const PARTITION_TABLE_OFFSET = 0x8000;
/** What the bootloader reads of the table's sector: 96 rows. */
export const PARTITION_TABLE_SIZE_BYTES = 0xc00;
export const PARTITION_ROW_SIZE_BYTES = 32;

const LABEL_OFFSET = 12;
const FLAGS_OFFSET = 28;
const DIGEST_OFFSET = 16;
const DIGEST_SIZE_BYTES = 16;
/** The first two bytes of a row, read as a little-endian uint16. */
const PARTITION_MAGIC = 0x50aa;
const MD5_MAGIC = 0xebeb;
const END_MAGIC = 0xffff;
const FLAG_ENCRYPTED = 1;
const FLAG_READONLY = 2;

export interface PartitionTable {
  readonly partitions: readonly Partition[];
  /** A table without its MD5 row boots; it is just not protected. */
  readonly md5: "present" | "absent";
}

/** The 0xC00 bytes of the table, with MD5 row and end. Throws `corrupt` as checkPartitions does. */
export function encodePartitionTable(
  partitions: readonly Partition[],
  options: { readonly flashSizeBytes?: number | undefined } = {},
): Uint8Array {
  checkPartitions(partitions, options);
  const bytes = new Uint8Array(PARTITION_TABLE_SIZE_BYTES).fill(0xff);
  let offset = 0;
  for (const partition of partitions) {
    encodeRow(new DataView(bytes.buffer, offset, PARTITION_ROW_SIZE_BYTES), partition);
    offset += PARTITION_ROW_SIZE_BYTES;
  }
  const digest = md5(bytes, 0, offset);
  new DataView(bytes.buffer).setUint16(offset, MD5_MAGIC, true);
  bytes.set(digest, offset + DIGEST_OFFSET);
  return bytes;
}

function encodeRow(row: DataView, partition: Partition): void {
  row.setUint16(0, PARTITION_MAGIC, true);
  row.setUint8(2, partition.type);
  row.setUint8(3, partition.subtype);
  row.setUint32(4, partition.offset, true);
  row.setUint32(8, partition.size, true);
  for (let index = 0; index < PARTITION_LABEL_LENGTH_MAX; index++) {
    row.setUint8(LABEL_OFFSET + index, index < partition.label.length ? partition.label.charCodeAt(index) : 0);
  }
  row.setUint32(FLAGS_OFFSET, (partition.encrypted ? FLAG_ENCRYPTED : 0) | (partition.readonly ? FLAG_READONLY : 0), true);
}

/**
 * Reads the table at the start of `bytes`, at most its first 0xC00. Throws `corrupt` where the bootloader would not boot: a row
 * that is none, a wrong or a second MD5 row, no end, and with `flashSizeBytes` a partition that ends beyond the flash; also for
 * a partition row behind the MD5 row, where it would be unprotected.
 */
export function parsePartitionTable(
  bytes: Uint8Array,
  options: { readonly flashSizeBytes?: number | undefined } = {},
): PartitionTable {
  const flashSizeBytes = options.flashSizeBytes ?? 0x100000000;
  const rowCount = Math.floor(Math.min(bytes.length, PARTITION_TABLE_SIZE_BYTES) / PARTITION_ROW_SIZE_BYTES);
  const partitions: Partition[] = [];
  let checked = false;
  for (let index = 0; index < rowCount; index++) {
    const offset = index * PARTITION_ROW_SIZE_BYTES;
    const row = new DataView(bytes.buffer, bytes.byteOffset + offset, PARTITION_ROW_SIZE_BYTES);
    const magic = row.getUint16(0, true);
    if (magic === END_MAGIC) return { partitions, md5: checked ? "present" : "absent" };
    if (magic === MD5_MAGIC) {
      if (checked) throw rowError(index, "a second MD5 row, expected one");
      checkDigest(bytes, offset, index);
      checked = true;
    } else if (magic === PARTITION_MAGIC) {
      const partition = readRow(row);
      if (checked) throw rowError(index, `"${partition.label}" follows the MD5 row, expected the end of the table`);
      if (partition.offset + partition.size > flashSizeBytes) {
        const end = hexadecimal(partition.offset + partition.size);
        throw rowError(index, `"${partition.label}" ends at ${end}, expected at most ${hexadecimal(flashSizeBytes)}`);
      }
      partitions.push(partition);
    } else {
      throw rowError(index, `magic ${hexadecimal(magic, 4)}, expected 0x50aa, 0xebeb or 0xffff`);
    }
  }
  throw new FirmwareError("corrupt", `partition table: no end in ${rowCount} rows, expected a row that starts with ff ff`);
}

function readRow(row: DataView): Partition {
  let label = "";
  for (let index = 0; index < PARTITION_LABEL_LENGTH_MAX; index++) {
    const code = row.getUint8(LABEL_OFFSET + index);
    if (code === 0) break;
    label += String.fromCharCode(code);
  }
  const flags = row.getUint32(FLAGS_OFFSET, true);
  return {
    label,
    type: row.getUint8(2),
    subtype: row.getUint8(3),
    offset: row.getUint32(4, true),
    size: row.getUint32(8, true),
    encrypted: (flags & FLAG_ENCRYPTED) !== 0,
    readonly: (flags & FLAG_READONLY) !== 0,
  };
}

/** The digest covers every row before its own. */
function checkDigest(bytes: Uint8Array, offset: number, index: number): void {
  const digest = md5(bytes, 0, offset);
  assert(digest.length === DIGEST_SIZE_BYTES);
  for (let at = 0; at < DIGEST_SIZE_BYTES; at++) {
    if (bytes[offset + DIGEST_OFFSET + at] !== digest[at])
      throw rowError(index, "wrong MD5, expected that of the rows before it");
  }
}

function rowError(index: number, problem: string): FirmwareError {
  return new FirmwareError("corrupt", `partition table: row ${index}: ${problem}`);
}
