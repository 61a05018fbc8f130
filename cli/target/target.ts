/**
 * The chips and flash sizes that `holdfast build --target` prepares for, and Moddable's names for them.
 *
 * Three chips, because these have a Moddable target, our native part and the bootloader behaviour that was tried; others run
 * through an integrator's own manifest.
 */
export const TARGET_NAMES = Object.freeze(["esp32", "esp32s3", "esp32c3"] as const);
export type TargetName = (typeof TARGET_NAMES)[number];

/** For each there is a table in hosts/esp32/partitions. */
export const FLASH_SIZES = Object.freeze(["4MB", "8MB", "16MB"] as const);
export type FlashSize = (typeof FLASH_SIZES)[number];

/** What most modules have, and what Moddable's own settings say. */
export const DEFAULT_FLASH_SIZE: FlashSize = "4MB";

export function flashSizeBytes(flash: FlashSize): number {
  return Number.parseInt(flash, 10) * 1024 * 1024;
}

/** What mcconfig's `-p` takes. The plain ESP32 is the platform itself, the others are subplatforms of it. */
export function platformOf(target: TargetName): string {
  return target === "esp32" ? "esp32" : `esp32/${target}`;
}
