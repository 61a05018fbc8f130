/**
 * The partition table of a board: ours for its flash size, or the application's own, checked for what the firmware opens.
 *
 * The format's own rules are in src/image/partition-check.ts; here is what Holdfast needs besides: the partitions that the boot
 * authority opens by label, and one for the core dump that our sdkconfig asks for.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FirmwareError, messageOf } from "../../src/errors.js";
import { AppSubtype, DataSubtype, otaSlotsOf, type Partition, PartitionType } from "../../src/image/partition.js";
import { parsePartitionCsv } from "../../src/image/partition-csv.js";
import { type FlashSize, flashSizeBytes } from "./target.js";

/** Two halves of whole sectors: docs/spec/journal.md. */
const JOURNAL_STEP_BYTES = 0x2000;

interface Need {
  readonly label: string;
  readonly type: number;
  /** Any without it. */
  readonly subtype?: number;
}

const NEEDS: readonly Need[] = Object.freeze([
  { label: "nvs", type: PartitionType.data, subtype: DataSubtype.nvs },
  { label: "otadata", type: PartitionType.data, subtype: DataSubtype.ota },
  { label: "ota_0", type: PartitionType.app, subtype: AppSubtype.ota0 },
  { label: "ota_1", type: PartitionType.app, subtype: AppSubtype.ota0 + 1 },
  { label: "journal", type: PartitionType.data },
  { label: "coredump", type: PartitionType.data, subtype: DataSubtype.coredump },
]);

export interface PartitionFile {
  readonly text: string;
  /** Of each slot; all are of one size. */
  readonly slotSizeBytes: number;
}

/** Reads and checks `file`. Throws `corrupt` for a bad table and `missing` for a partition that is not there. */
export function readPartitions(file: string, options: { readonly flash: FlashSize }): PartitionFile {
  const text = readFileSync(file, "utf8");
  let partitions: readonly Partition[];
  try {
    partitions = parsePartitionCsv(text, { flashSizeBytes: flashSizeBytes(options.flash) });
  } catch (error) {
    throw new FirmwareError("corrupt", `${file}: ${messageOf(error)}`);
  }
  for (const { label, type, subtype } of NEEDS) {
    const partition = partitions.find((candidate) => candidate.label === label);
    if (partition === undefined) {
      const labels = NEEDS.map((need) => need.label).join(", ");
      throw new FirmwareError("missing", `${file}: partition table: no "${label}"; expected ${labels}`);
    }
    if (partition.type !== type || (subtype !== undefined && partition.subtype !== subtype)) {
      const expected = `type ${type}${subtype === undefined ? "" : ` and subtype ${subtype}`}`;
      const found = `type ${partition.type}, subtype ${partition.subtype}`;
      throw new FirmwareError("corrupt", `${file}: partition table: "${label}": ${found}; expected ${expected}`);
    }
    if (label === "journal" && partition.size % JOURNAL_STEP_BYTES !== 0) {
      throw new FirmwareError(
        "corrupt",
        `${file}: partition table: "journal": size ${partition.size}; expected a multiple of ${JOURNAL_STEP_BYTES}, two halves`,
      );
    }
  }
  return { text, slotSizeBytes: otaSlotsOf(partitions)[0]!.size };
}

/** The table that comes with the package. */
export function shippedPartitions(root: string, flash: FlashSize): string {
  return join(root, "hosts", "esp32", "partitions", `${flash.toLowerCase()}.csv`);
}
