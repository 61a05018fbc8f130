/**
 * The update schemes that ESP-IDF's own examples build, as data: what a device without Holdfast would most likely have.
 *
 * What they share is in peer-firmware.ts; what differs is here and nowhere else. See docs/design/peers.md.
 */
import type { IDFVersion } from "../../../hosts/simulated/esp-ota.js";

export interface Scheme {
  readonly name: string;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE, of bootloader and application. */
  readonly rollback: boolean;
  /** Whether the application declines the version that stands in the last invalid slot, as native_ota_example does. */
  readonly refusesInvalid: boolean;
  readonly idf: IDFVersion;
}

/** The newest rules, the ones with the fewest traps. */
const IDF: IDFVersion = "6.0";

export const SCHEMES = Object.freeze({
  default: Object.freeze({ name: "ESP-IDF default", rollback: false, refusesInvalid: false, idf: IDF }),
  rollback: Object.freeze({ name: "ESP-IDF with rollback", rollback: true, refusesInvalid: false, idf: IDF }),
  rollbackOnce: Object.freeze({
    name: "ESP-IDF with rollback, invalid version refused",
    rollback: true,
    refusesInvalid: true,
    idf: IDF,
  }),
} satisfies Record<string, Scheme>);

export type SchemeName = keyof typeof SCHEMES;
