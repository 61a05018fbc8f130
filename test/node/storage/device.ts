/** What the specs of this folder share: a partition table, images, and a flash that loses its power at a given step. */
import { Digest } from "../../../hosts/node/digest.js";
import { type FlashStep, NorFlash } from "../../../hosts/node/nor-flash.js";
import { encodeAppDescriptor } from "../../../src/image/app-descriptor.js";
import { ChipId } from "../../../src/image/chip.js";
import { buildImage } from "../../../src/image/image-builder.js";
import { encodeOtaEntry, OTA_ENTRY_SIZE_BYTES, readOtaEntry } from "../../../src/image/otadata.js";
import type { Partition } from "../../../src/image/partition.js";
import { encodePartitionTable, PARTITION_TABLE_OFFSET } from "../../../src/image/partition-table.js";

export const SIZE_BYTES = 0x40000;
const OTADATA_OFFSET = 0xd000;
const SECTOR_SIZE_BYTES = 4096;

function partition(label: string, type: number, subtype: number, offset: number, size: number): Partition {
  return { label, type, subtype, offset, size, encrypted: false, readonly: false };
}

/** A small device: two slots of 64 KiB in a flash of 256 KiB. */
export const PARTITIONS: readonly Partition[] = Object.freeze([
  partition("nvs", 1, 2, 0x9000, 0x4000),
  partition("otadata", 1, 0, OTADATA_OFFSET, 0x2000),
  partition("ota_0", 0, 0x10, 0x10000, 0x10000),
  partition("ota_1", 0, 0x11, 0x20000, 0x10000),
  partition("storage", 1, 0x82, 0x30000, 0x4000),
  { ...partition("secret", 1, 0x81, 0x34000, 0x4000), encrypted: true },
  { ...partition("factory-data", 1, 0x80, 0x38000, 0x1000), readonly: true },
]);

export function partitionOf(label: string): Partition {
  return PARTITIONS.find((candidate) => candidate.label === label)!;
}

/** An image of about 10 KiB that the bootloader boots. */
export function imageOf(version: string): Uint8Array {
  const descriptor = encodeAppDescriptor({ projectName: "device", version });
  const data = new Uint8Array(10_000);
  for (let index = 0; index < data.length; index++) data[index] = (index * 31 + version.length) & 0xff;
  data.set(descriptor);
  return buildImage({ chipId: ChipId.esp32c3, entryAddress: 0x40380000, segments: [{ address: 0x3fc80000, data }], Digest });
}

/** A device out of the factory: partition table, the image 1.0.0 in ota_0, everything else blank. */
export function factoryFresh(onStep?: (step: FlashStep) => void): NorFlash {
  const flash = new NorFlash({ sizeBytes: SIZE_BYTES, onStep });
  flash.program(PARTITION_TABLE_OFFSET, encodePartitionTable(PARTITIONS, { flashSizeBytes: SIZE_BYTES }));
  programImage(flash, 0, imageOf("1.0.0"));
  return flash;
}

export function programImage(flash: NorFlash, slot: number, image: Uint8Array): void {
  const { offset } = partitionOf(`ota_${slot}`);
  const padded = new Uint8Array(Math.ceil(image.length / 4) * 4).fill(0xff);
  padded.set(image);
  for (let at = 0; at < padded.length; at += SECTOR_SIZE_BYTES) flash.eraseSector((offset + at) / SECTOR_SIZE_BYTES);
  flash.program(offset, padded);
}

/** Both entries as they stand, short: "1 valid", "blank". */
export function otadataOf(flash: NorFlash): [string, string] {
  const names = ["new", "pending", "valid", "invalid", "aborted"];
  const show = (index: number): string => {
    const entry = readOtaEntry(flash.read(OTADATA_OFFSET + index * SECTOR_SIZE_BYTES, OTA_ENTRY_SIZE_BYTES));
    return entry.sequence === 0xffffffff ? "blank" : `${entry.sequence} ${names[entry.state] ?? "undefined"}`;
  };
  return [show(0), show(1)];
}

export function writeEntry(flash: NorFlash, index: 0 | 1, sequence: number, state: number): void {
  flash.eraseSector(OTADATA_OFFSET / SECTOR_SIZE_BYTES + index);
  flash.program(OTADATA_OFFSET + index * SECTOR_SIZE_BYTES, encodeOtaEntry(sequence, state));
}

/** What a flash throws when its power goes. */
export class PowerCut extends Error {
  override name = "PowerCut";
}

/** A flash with the bytes of `snapshot` whose power goes right after step `stepCount`, the first being 1. */
export function cutAfter(snapshot: Uint8Array, stepCount: number, sectorSizeBytes = SECTOR_SIZE_BYTES): NorFlash {
  return NorFlash.from(snapshot, {
    sectorSizeBytes,
    onStep(step) {
      if (step.index + 1 >= stepCount) throw new PowerCut("power cut");
    },
  });
}

/** Runs `body` to its end or to the power cut in it; true where it came to its end. */
export function survives(body: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    if (error instanceof PowerCut) return false;
    throw error;
  }
}
