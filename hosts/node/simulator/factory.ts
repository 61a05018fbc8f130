/**
 * The factory: what a flashing tool writes to a blank chip before it first boots.
 *
 * Partition table, first image and the settings that a product gets on the line, through the same formats and storage classes
 * that the device uses. otadata stays blank: the bootloader writes its first entry, as it does after `idf.py flash`.
 */
import { FirmwareError } from "../../../src/errors.js";
import type { Partition } from "../../../src/image/partition.js";
import { parsePartitionCsv } from "../../../src/image/partition-csv.js";
import { encodePartitionTable, PARTITION_TABLE_OFFSET } from "../../../src/image/partition-table.js";
import type { RawFlash } from "../../simulated/chip.js";
import { openKeyValueStorage } from "../../simulated/key-value.js";
import { NorFlash } from "../nor-flash.js";

/** 4 MB, two equal slots, no factory partition: the layout that all examples and stories use. */
export const DEFAULT_PARTITIONS_CSV = `# Name,   Type, SubType, Offset,   Size
nvs,      data, nvs,     0x9000,   0x6000
otadata,  data, ota,     0xf000,   0x2000
phy_init, data, phy,     0x11000,  0x1000
ota_0,    app,  ota_0,   0x20000,  0x180000
ota_1,    app,  ota_1,   0x1a0000, 0x180000
journal,  data, 0x40,    0x320000, 0x4000
storage,  data, 0x41,    0x330000, 0xc0000
coredump, data, coredump, 0x3f0000, 0x10000
`;
export const DEFAULT_FLASH_SIZE_BYTES = 0x400000;

export interface FactoryOptions {
  readonly file: string;
  readonly image: Uint8Array;
  readonly partitionsCSV?: string;
  readonly flashSizeBytes?: number;
  /** Text settings by key, written to the key-value domain "settings". */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Whether a flash file is missing or was never written to. */
export function isBlankFlash(options: { readonly file: string; readonly flashSizeBytes?: number }): boolean {
  const flash = new NorFlash({ sizeBytes: options.flashSizeBytes ?? DEFAULT_FLASH_SIZE_BYTES, file: options.file });
  const isBlank = flash.read(PARTITION_TABLE_OFFSET, 32).every((byte) => byte === 0xff);
  flash.close();
  return isBlank;
}

/** Flashes a blank file. Throws `full` where the image does not fit its slot. */
export function flashFactory(options: FactoryOptions): void {
  const flash = new NorFlash({ sizeBytes: options.flashSizeBytes ?? DEFAULT_FLASH_SIZE_BYTES, file: options.file });
  try {
    writeFactory(flash, options);
  } finally {
    flash.close();
  }
}

/** The same to any blank flash, for a device in one process. */
export function writeFactory(flash: RawFlash, options: Omit<FactoryOptions, "file" | "flashSizeBytes">): void {
  const csv = options.partitionsCSV ?? DEFAULT_PARTITIONS_CSV;
  const partitions = parsePartitionCsv(csv, { flashSizeBytes: flash.sizeBytes });
  const slot = partitions.find((partition) => partition.label === "ota_0");
  const nvs = partitions.find((partition) => partition.label === "nvs");
  if (!slot || !nvs) throw new FirmwareError("missing", "partition table: expected ota_0 and nvs");
  if (options.image.length > slot.size) {
    throw new FirmwareError("full", `image of ${options.image.length} bytes: expected at most ${slot.size}, the size of ota_0`);
  }
  flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(partitions));
  const padded = new Uint8Array(Math.ceil(options.image.length / 4) * 4).fill(0xff);
  padded.set(options.image);
  flash.program(slot.offset, padded);
  writeSettings(flash, nvs, options.settings ?? {});
}

function writeSettings(flash: RawFlash, partition: Partition, settings: Readonly<Record<string, string>>): void {
  const domain = openKeyValueStorage({ flash, partition }).open({ path: "settings", format: "string" });
  for (const [key, value] of Object.entries(settings)) domain.write(key, value);
  domain.close();
}
