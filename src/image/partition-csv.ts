/**
 * Partition tables as people write them: the CSV format of ESP-IDF's gen_esp32part.py.
 *
 * Read by the command and by simulated devices, so that one partitions.csv describes the product everywhere. Stricter than the
 * original in three points: sizes are whole sectors, a number with a leading zero is refused (octal or not?), and slots keep
 * the rules of partition-check.ts. Not supported: negative sizes, variables, and partitions of the bootloader and the table
 * itself. Format: docs/spec/partition-table.md.
 */
import { FirmwareError } from "../errors.js";
import { hexadecimal } from "./hexadecimal.js";
import {
  AppSubtype,
  OTA_SLOT_COUNT_MAX,
  PARTITION_SUBTYPE_NAMES,
  PARTITION_TYPE_NAMES,
  type Partition,
  PartitionType,
} from "./partition.js";
import { checkPartitions, FIRST_PARTITION_OFFSET, partitionAlignmentBytes, partitionError } from "./partition-check.js";

const FIELD_COUNT = 6;
/** What a blank subtype means for anything but an application. */
const SUBTYPE_UNDEFINED = 0x06;

/** One line of the file while it is read. */
interface Line {
  readonly number: number;
  readonly label: string;
  readonly fields: readonly string[];
}

/**
 * Reads `text` and gives the partitions in its order, blank offsets filled in: each goes right behind the partition before it,
 * aligned to 64 KiB for applications and to 4 KiB otherwise, the first to 0x9000. Throws `corrupt` with line, label and field
 * for anything that the format or checkPartitions refuses.
 */
export function parsePartitionCsv(
  text: string,
  options: { readonly flashSizeBytes?: number | undefined } = {},
): readonly Partition[] {
  const partitions: Partition[] = [];
  const lineNumbers: number[] = [];
  const lines = text.split(/\r\n|\n|\r/);
  let end = FIRST_PARTITION_OFFSET;
  for (let index = 0; index < lines.length; index++) {
    const content = lines[index]!.trim();
    if (content === "" || content.startsWith("#")) continue;
    const partition = parseLine(index + 1, content, end);
    end = partition.offset + partition.size;
    partitions.push(partition);
    lineNumbers.push(index + 1);
  }
  if (partitions.length === 0) throw new FirmwareError("corrupt", "partition table: no partition, expected one at least");
  checkPartitions(partitions, { flashSizeBytes: options.flashSizeBytes, lineNumbers });
  return partitions;
}

/** `end` is where the partition before ends: the least offset, and where a blank one starts from. */
function parseLine(number: number, content: string, end: number): Partition {
  const fields = content.split(",").map((field) => field.trim());
  const line: Line = { number, label: fields[0]!, fields };
  const surplus = fields.slice(FIELD_COUNT).find((field) => field !== "");
  if (surplus !== undefined) fail(line, `field "${surplus}" follows the flags, expected ${FIELD_COUNT} fields at most`);
  const type = parseType(line);
  const subtype = parseSubtype(line, type);
  const alignment = partitionAlignmentBytes(type);
  let offset = Math.ceil(end / alignment) * alignment;
  if (fieldOf(line, 3) !== "") {
    offset = parseNumber(line, "offset", fieldOf(line, 3));
    if (offset < end)
      fail(line, `offset ${hexadecimal(offset)}, expected at least ${hexadecimal(end)}, where the one before ends`);
  }
  if (fieldOf(line, 4) === "") fail(line, "size is empty, expected bytes as 0x1000, 4096, 4K or 1M");
  const size = parseNumber(line, "size", fieldOf(line, 4));
  const flags = parseFlags(line);
  return { label: line.label, type, subtype, offset, size, encrypted: flags.encrypted, readonly: flags.readonly };
}

function fieldOf(line: Line, index: number): string {
  return line.fields[index] ?? "";
}

function parseType(line: Line): number {
  const field = fieldOf(line, 1);
  if (Object.hasOwn(PARTITION_TYPE_NAMES, field)) return PARTITION_TYPE_NAMES[field]!;
  if (/^[0-9]/.test(field)) return parseNumber(line, "type", field);
  return fail(line, `type "${field}", expected app, data or a number`);
}

function parseSubtype(line: Line, type: number): number {
  const field = fieldOf(line, 2);
  if (field === "") {
    if (type === PartitionType.app) fail(line, "subtype is empty, expected factory, ota_0 … ota_15, test or a number");
    return SUBTYPE_UNDEFINED;
  }
  const names = PARTITION_SUBTYPE_NAMES[type] ?? {};
  if (Object.hasOwn(names, field)) return names[field]!;
  if (type === PartitionType.app && /^ota_(0|[1-9][0-9]?)$/.test(field)) {
    const slot = Number(field.slice("ota_".length));
    if (slot < OTA_SLOT_COUNT_MAX) return AppSubtype.ota0 + slot;
  }
  if (/^[0-9]/.test(field)) return parseNumber(line, "subtype", field);
  const known = Object.keys(names).concat(type === PartitionType.app ? ["ota_0 … ota_15"] : [], ["a number"]);
  return fail(line, `subtype "${field}", expected ${known.join(", ")}`);
}

/** Decimal or 0x-hexadecimal, with K for 1024 or M for 1024² behind it. Below 2^32. */
function parseNumber(line: Line, name: string, field: string): number {
  const match = /^(0x[0-9a-f]+|0|[1-9][0-9]*)([km]?)$/i.exec(field);
  if (match === null) return fail(line, `${name} "${field}", expected a number as 0x1000, 4096, 4K or 1M`);
  const unit = match[2]!.toLowerCase();
  const value = Number(match[1]!) * (unit === "k" ? 1024 : unit === "m" ? 1024 * 1024 : 1);
  if (value >= 0x100000000) return fail(line, `${name} "${field}", expected a number below 0x100000000`);
  return value;
}

function parseFlags(line: Line): { readonly encrypted: boolean; readonly readonly: boolean } {
  const flags = fieldOf(line, 5)
    .split(":")
    .map((flag) => flag.trim());
  for (const flag of flags) {
    if (flag !== "" && flag !== "encrypted" && flag !== "readonly") {
      fail(line, `flag "${flag}", expected encrypted or readonly, joined by ":"`);
    }
  }
  return { encrypted: flags.includes("encrypted"), readonly: flags.includes("readonly") };
}

function fail(line: Line, problem: string): never {
  throw partitionError(line.number, line.label, problem);
}
