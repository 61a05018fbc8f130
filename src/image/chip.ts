/**
 * The chips an image can be made for: their id in the image header and the addresses at which they map flash.
 *
 * A mapped segment must lie in the file where its address says, modulo one 64 KiB page of the flash cache; the bootloader
 * refuses it otherwise. Source: ESP-IDF's esp_app_format.h and soc.h of each chip (ranges of v5; the bytes are in
 * docs/spec/application-image.md).
 */
import { assert } from "../assert.js";
import { deepFreeze } from "../freeze.js";
import { hexadecimal } from "./hexadecimal.js";

/** `chip_id` of the image header. */
export const ChipId = Object.freeze({
  esp32: 0x0000,
  esp32s2: 0x0002,
  esp32c3: 0x0005,
  esp32s3: 0x0009,
  esp32c6: 0x000d,
  esp32h2: 0x0010,
});

export type ChipName = keyof typeof ChipId;

/** Size of one page of the flash cache: the modulus by which load address and file offset agree. */
export const MMU_PAGE_SIZE_BYTES = 0x10000;

interface MappedRanges {
  readonly chipId: number;
  readonly name: ChipName;
  /** Read-only data: from `dataStart` up to, not including, `dataEnd`. */
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly instructionsStart: number;
  readonly instructionsEnd: number;
}

function ranges(name: ChipName, data: readonly [number, number], instructions: readonly [number, number]): MappedRanges {
  return {
    chipId: ChipId[name],
    name,
    dataStart: data[0],
    dataEnd: data[1],
    instructionsStart: instructions[0],
    instructionsEnd: instructions[1],
  };
}

// The C6 and the H2 have one range for both.
const CHIPS: readonly MappedRanges[] = deepFreeze([
  ranges("esp32", [0x3f400000, 0x3f800000], [0x400d0000, 0x40400000]),
  ranges("esp32s2", [0x3f000000, 0x3ff80000], [0x40080000, 0x40800000]),
  ranges("esp32c3", [0x3c000000, 0x3c800000], [0x42000000, 0x42800000]),
  ranges("esp32s3", [0x3c000000, 0x3e000000], [0x42000000, 0x44000000]),
  ranges("esp32c6", [0x42000000, 0x43000000], [0x42000000, 0x43000000]),
  ranges("esp32h2", [0x42000000, 0x43000000], [0x42000000, 0x43000000]),
]);

function rangesOf(chipId: number): MappedRanges | undefined {
  for (let index = 0; index < CHIPS.length; index++) {
    if (CHIPS[index]!.chipId === chipId) return CHIPS[index];
  }
  return undefined;
}

/** A chip id for messages: the number and the name, as in `0x0005 (esp32c3)`. */
export function describeChip(chipId: number): string {
  return `${hexadecimal(chipId, 4)} (${rangesOf(chipId)?.name ?? "unknown chip"})`;
}

/** Whether the chip reads `address` straight from flash. Always false for a chip that is not in the table. */
export function isMappedAddress(chipId: number, address: number): boolean {
  const chip = rangesOf(chipId);
  if (chip === undefined) return false;
  return (
    (address >= chip.dataStart && address < chip.dataEnd) ||
    (address >= chip.instructionsStart && address < chip.instructionsEnd)
  );
}

/**
 * The load address of a mapped segment whose data stand at `fileOffset` of the image: the start of the chip's range plus the
 * offset, so that segments of one image never collide. The chip must be in `ChipId` and the offset fit its range.
 */
export function mappedAddress(chipId: number, kind: "data" | "instructions", fileOffset: number): number {
  const chip = rangesOf(chipId);
  assert(chip !== undefined, "mappedAddress: the chip is one of ChipId");
  const start = kind === "data" ? chip.dataStart : chip.instructionsStart;
  const end = kind === "data" ? chip.dataEnd : chip.instructionsEnd;
  assert(
    Number.isInteger(fileOffset) && fileOffset >= 0 && start + fileOffset < end,
    "mappedAddress: the offset fits the range",
  );
  return start + fileOffset;
}
