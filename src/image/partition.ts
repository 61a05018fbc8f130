/**
 * A partition as ESP-IDF knows it, the numbers and names of its types, and the few look-ups that an update needs.
 *
 * Plain data instead of a class: the same object comes from a CSV file, from flash and from a test vector.
 * Bytes: docs/spec/partition-table.md.
 */
import { deepFreeze } from "../freeze.js";

export interface Partition {
  /** 1 … 16 characters of printable ASCII without a comma. */
  readonly label: string;
  /** One of PartitionType, or 0x40 … 0xFE for a product's own. */
  readonly type: number;
  readonly subtype: number;
  /** Start in flash, bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly encrypted: boolean;
  readonly readonly: boolean;
}

export const PartitionType = Object.freeze({ app: 0x00, data: 0x01 });

export const OTA_SLOT_COUNT_MAX = 16;

export const AppSubtype = Object.freeze({ factory: 0x00, ota0: 0x10, test: 0x20 });

export const DataSubtype = Object.freeze({ ota: 0x00, phy: 0x01, nvs: 0x02, coredump: 0x03 });

/** The names that a CSV file may use for types; both may be given as numbers too. */
export const PARTITION_TYPE_NAMES: Readonly<Record<string, number>> = Object.freeze({ app: 0x00, data: 0x01 });

/** The names of subtypes by type, beside ota_0 … ota_15. Source: ESP-IDF's esp_partition.h. */
export const PARTITION_SUBTYPE_NAMES: Readonly<Record<number, Readonly<Record<string, number>>>> = deepFreeze({
  0: { factory: 0x00, test: 0x20 },
  1: {
    ota: 0x00,
    phy: 0x01,
    nvs: 0x02,
    coredump: 0x03,
    nvs_keys: 0x04,
    efuse: 0x05,
    undefined: 0x06,
    esphttpd: 0x80,
    fat: 0x81,
    spiffs: 0x82,
    littlefs: 0x83,
  },
});

/** The number of the application slot that a partition is (0 for ota_0 …); `undefined` for any other. */
export function otaSlotOf(partition: Partition): number | undefined {
  const slot = partition.subtype - AppSubtype.ota0;
  return partition.type === PartitionType.app && slot >= 0 && slot < OTA_SLOT_COUNT_MAX ? slot : undefined;
}

/** The application slots, ota_0 first, in the order of their numbers. Empty where there are none. */
export function otaSlotsOf(partitions: readonly Partition[]): Partition[] {
  const slots = partitions.filter((partition) => otaSlotOf(partition) !== undefined);
  return slots.sort((left, right) => left.subtype - right.subtype);
}

/** The first partition of a type and subtype, as ESP-IDF finds one; `undefined` where there is none. */
export function findPartition(
  partitions: readonly Partition[],
  wanted: { readonly type: number; readonly subtype: number },
): Partition | undefined {
  return partitions.find((partition) => partition.type === wanted.type && partition.subtype === wanted.subtype);
}

/** The factory application; `undefined` where there is none. */
export function factoryOf(partitions: readonly Partition[]): Partition | undefined {
  return findPartition(partitions, { type: PartitionType.app, subtype: AppSubtype.factory });
}

/** The two sectors by which the bootloader chooses a slot; `undefined` where there are none. */
export function otadataOf(partitions: readonly Partition[]): Partition | undefined {
  return findPartition(partitions, { type: PartitionType.data, subtype: DataSubtype.ota });
}
