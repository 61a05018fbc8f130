/**
 * The optional `esp32` of holdfast.json: what a product wants of the build for a board, each field checked.
 *
 * Only what cannot be guessed: its own sdkconfig lines, its own partition table, the flash that is soldered on, and how much
 * of a slot stays free for later versions.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { FirmwareError } from "../../src/errors.js";
import { FLASH_SIZES, type FlashSize } from "./target.js";

const FIELDS = Object.freeze(["sdkconfig", "partitions", "flash", "headroomPercent"]);
/** A slot that is nine tenths empty is a mistake in the table. */
const HEADROOM_MAX_PERCENT = 90;

export interface ESP32Settings {
  /** Path of the application's own sdkconfig lines. */
  readonly sdkconfig?: string;
  /** Path of its own partition table. */
  readonly partitions?: string;
  readonly flash?: FlashSize;
  readonly headroomPercent?: number;
}

/** Reads the field's `value`; `file` is the holdfast.json in `folder`. Throws `invalid`. */
export function readESP32Settings(value: unknown, options: { readonly file: string; readonly folder: string }): ESP32Settings {
  const fail = (field: string, expected: string): FirmwareError =>
    new FirmwareError("invalid", `${options.file}: ${field} is wrong; expected ${expected}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail("esp32", "an object");
  const unknown = Object.keys(value).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw fail(`esp32.${unknown}`, `only ${FIELDS.join(", ")}`);
  const fields = value as Record<string, unknown>;
  const settings: { -readonly [Field in keyof ESP32Settings]: ESP32Settings[Field] } = {};
  for (const field of ["sdkconfig", "partitions"] as const) {
    const path = fields[field];
    if (path === undefined) continue;
    const full = typeof path === "string" ? join(options.folder, path) : undefined;
    if (full === undefined || !statSync(full, { throwIfNoEntry: false })?.isFile()) {
      throw fail(`esp32.${field}`, "the path of a file in the folder");
    }
    settings[field] = full;
  }
  const { flash, headroomPercent } = fields;
  if (flash !== undefined) {
    if (!FLASH_SIZES.includes(flash as FlashSize)) throw fail("esp32.flash", `one of ${FLASH_SIZES.join(", ")}`);
    settings.flash = flash as FlashSize;
  }
  if (headroomPercent !== undefined) {
    const isPercentage = Number.isInteger(headroomPercent) && Number(headroomPercent) >= 0;
    if (!isPercentage || Number(headroomPercent) > HEADROOM_MAX_PERCENT) {
      throw fail("esp32.headroomPercent", `a whole number from 0 to ${HEADROOM_MAX_PERCENT}`);
    }
    settings.headroomPercent = Number(headroomPercent);
  }
  return settings;
}
