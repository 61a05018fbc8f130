/**
 * What a partition table has to keep, checked before it is written: a table that does not boot is found on the desk.
 *
 * Beside the rules of ESP-IDF's generator, those of its bootloader and three of ours: application slots are of one size (an
 * image that fits one fits all), are numbered without a gap, and come with an otadata partition (the bootloader never boots
 * them without it).
 */
import { FirmwareError } from "../errors.js";
import { hexadecimal } from "./hexadecimal.js";
import { DataSubtype, factoryOf, otadataOf, otaSlotOf, otaSlotsOf, type Partition, PartitionType } from "./partition.js";

/** The table takes 96 rows of 32 bytes; one is the checksum's, and one stays erased to end it. */
export const PARTITION_COUNT_MAX = 94;
export const PARTITION_LABEL_LENGTH_MAX = 16;
/** The first byte behind the sector of the table at its usual place. */
export const FIRST_PARTITION_OFFSET = 0x9000;
export const OTADATA_SIZE_BYTES = 0x2000;

const SECTOR_SIZE_BYTES = 0x1000;
const APP_ALIGNMENT_BYTES = 0x10000;

export interface CheckPartitionsOptions {
  /** The flash chip's size; without it only the 4 GiB of the format bound the table. */
  readonly flashSizeBytes?: number | undefined;
  /** For each partition the line that it was read from, for the messages. */
  readonly lineNumbers?: readonly number[] | undefined;
}

/** By what the offset of a partition of `type` has to be divisible: 64 KiB for applications, a sector for the rest. */
export function partitionAlignmentBytes(type: number): number {
  return type === PartitionType.app ? APP_ALIGNMENT_BYTES : SECTOR_SIZE_BYTES;
}

/** The error of a table: `corrupt`, with the line where there is one, and the label. */
export function partitionError(lineNumber: number | undefined, label: string, problem: string): FirmwareError {
  const line = lineNumber === undefined ? "" : `line ${lineNumber}: `;
  return new FirmwareError("corrupt", `partition table: ${line}"${label}": ${problem}`);
}

/** Throws `corrupt` for the first rule that the table breaks; the message names line, label, field and what was expected. */
export function checkPartitions(partitions: readonly Partition[], options: CheckPartitionsOptions = {}): void {
  if (partitions.length > PARTITION_COUNT_MAX) {
    throw new FirmwareError(
      "corrupt",
      `partition table: ${partitions.length} partitions, expected at most ${PARTITION_COUNT_MAX}`,
    );
  }
  const fail = (partition: Partition, problem: string): never => {
    throw partitionError(options.lineNumbers?.[partitions.indexOf(partition)], partition.label, problem);
  };
  for (const partition of partitions) {
    const problem = problemOf(partition, options.flashSizeBytes);
    if (problem !== undefined) fail(partition, problem);
  }
  checkLabels(partitions, fail);
  checkOverlap(partitions, fail);
  checkOta(partitions, fail);
}

type Fail = (partition: Partition, problem: string) => never;

/** What is wrong with one partition by itself. */
function problemOf(partition: Partition, flashSizeBytes = 0x100000000): string | undefined {
  const { label, type, subtype, offset, size } = partition;
  if (label.length === 0) return "label is empty, expected 1 … 16 characters";
  if (label.length > PARTITION_LABEL_LENGTH_MAX) {
    return `label has ${label.length} characters, expected at most ${PARTITION_LABEL_LENGTH_MAX}`;
  }
  for (let index = 0; index < label.length; index++) {
    const code = label.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === 0x2c)
      return `label has character code ${code}, expected printable ASCII but no comma`;
  }
  if (!isByteBelowFF(type)) return `type ${type}, expected 0x00 … 0xfe`;
  if (!isByteBelowFF(subtype)) return `subtype ${subtype}, expected 0x00 … 0xfe`;
  const alignment = partitionAlignmentBytes(type);
  if (!Number.isInteger(offset) || offset % alignment !== 0) {
    return `offset ${hexadecimal(offset)}, expected a multiple of ${hexadecimal(alignment)}`;
  }
  if (offset < FIRST_PARTITION_OFFSET) {
    const first = hexadecimal(FIRST_PARTITION_OFFSET);
    return `offset ${hexadecimal(offset)}, expected at least ${first}, where the table's sector ends`;
  }
  if (!Number.isInteger(size) || size <= 0 || size % SECTOR_SIZE_BYTES !== 0) {
    return `size ${hexadecimal(size)}, expected a multiple of 0x1000 above 0`;
  }
  if (offset + size > flashSizeBytes) {
    return `ends at ${hexadecimal(offset + size)}, expected at most the flash size ${hexadecimal(flashSizeBytes)}`;
  }
  if (type === PartitionType.data && subtype === DataSubtype.ota && size !== OTADATA_SIZE_BYTES) {
    return `size ${hexadecimal(size)}, expected ${hexadecimal(OTADATA_SIZE_BYTES)} for otadata`;
  }
  const written = type === PartitionType.data && (subtype === DataSubtype.ota || subtype === DataSubtype.coredump);
  if (partition.readonly && written) return "flag readonly, expected none: ESP-IDF writes this partition";
  return undefined;
}

function checkLabels(partitions: readonly Partition[], fail: Fail): void {
  const seen = new Set<string>();
  for (const partition of partitions) {
    if (seen.has(partition.label)) fail(partition, "label is taken, expected one of its own");
    seen.add(partition.label);
  }
}

function checkOverlap(partitions: readonly Partition[], fail: Fail): void {
  const sorted = partitions.slice().sort((left, right) => left.offset - right.offset);
  for (let index = 1; index < sorted.length; index++) {
    const before = sorted[index - 1]!;
    const partition = sorted[index]!;
    const end = before.offset + before.size;
    if (partition.offset < end) {
      fail(
        partition,
        `offset ${hexadecimal(partition.offset)} overlaps "${before.label}", expected at least ${hexadecimal(end)}`,
      );
    }
  }
}

function checkOta(partitions: readonly Partition[], fail: Fail): void {
  const otadata = otadataOf(partitions);
  const factory = factoryOf(partitions);
  for (const partition of partitions) {
    if (partition.type === PartitionType.data && partition.subtype === DataSubtype.ota && partition !== otadata) {
      fail(partition, "a second otadata partition, expected one");
    }
    if (partition.type === PartitionType.app && partition.subtype === factory?.subtype && partition !== factory) {
      fail(partition, "a second factory partition, expected one");
    }
  }
  const slots = otaSlotsOf(partitions);
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index]!;
    const number = otaSlotOf(slot)!;
    if (number !== index) fail(slot, `subtype ota_${number}, expected ota_${index}: slots are numbered without a gap`);
    const size = slots[0]!.size;
    if (slot.size !== size) fail(slot, `size ${hexadecimal(slot.size)}, expected ${hexadecimal(size)} as "${slots[0]!.label}"`);
    if (otadata === undefined)
      fail(slot, "an application slot without otadata, expected a partition of type data and subtype ota");
  }
}

function isByteBelowFF(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xfe;
}
