/**
 * An application folder as the command understands it: `holdfast.json` beside its sources.
 *
 * Few fields, all checked, each complaint naming the file, the field and what was expected; an unknown field is a typing error
 * more often than not and is refused.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { FirmwareError, messageOf } from "../../src/errors.js";
import { ChipId, type ChipName } from "../../src/image/chip.js";
import { type ESP32Settings, readESP32Settings } from "../target/settings.js";
import { readUpdateKeys, type UpdateKeys } from "./update-keys.js";

export const APPLICATION_FILE = "holdfast.json";
/** ESP-IDF's application descriptor holds 31 characters and a zero. */
const NAME = /^[\x20-\x7e]{1,31}$/;
const NAME_EXPECTED = "a text of 1 to 31 printable ASCII characters";
const ENTRY_EXPECTED = "the path of a module in the folder";
const KEYS_EXPECTED = '{ "release": ["release.pub"], "deploy": ["deploy.pub"] }, public key files in the folder';
const FIELDS = Object.freeze(["name", "version", "entry", "chip", "keys", "esp32"]);
const DEFAULT_CHIP: ChipName = "esp32c3";

export interface Application {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** Path of the module whose default export is `main(host)`. */
  readonly entry: string;
  readonly chip: ChipName;
  /** Whose updates it takes; `undefined`: nobody's. */
  readonly keys?: UpdateKeys;
  /** What it wants of the build for a board. */
  readonly esp32?: ESP32Settings;
}

export interface ReadApplicationOptions {
  /** The chip that is built for, by `--target`: the file's must be the same, or absent. */
  readonly target?: ChipName;
}

/** Reads `holdfast.json`. Throws `missing` or `invalid`. */
export function readApplication(folder: string, options: ReadApplicationOptions = {}): Application {
  const file = join(resolve(folder), APPLICATION_FILE);
  if (!existsSync(file)) {
    throw new FirmwareError(
      "missing",
      `${folder}: no ${APPLICATION_FILE}; expected an application folder, such as examples/sensor-node`,
    );
  }
  const fields = parse(file);
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw wrong(file, unknown, `only ${FIELDS.join(", ")}`);
  const entry = join(resolve(folder), text(file, fields, "entry", /./, ENTRY_EXPECTED));
  if (!statSync(entry, { throwIfNoEntry: false })?.isFile()) throw wrong(file, "entry", ENTRY_EXPECTED);
  const { target } = options;
  const chip = (fields["chip"] ?? target ?? DEFAULT_CHIP) as ChipName;
  if (!Object.hasOwn(ChipId, chip)) throw wrong(file, "chip", `one of ${Object.keys(ChipId).join(", ")}`);
  if (target !== undefined && chip !== target) {
    throw new FirmwareError(
      "invalid",
      `${file}: chip is ${chip}, --target ${target}; expected the same, or no chip in the file`,
    );
  }
  const name = text(file, fields, "name", NAME, NAME_EXPECTED);
  const version = text(file, fields, "version", NAME, NAME_EXPECTED);
  const keys = keysOf(file, resolve(folder), fields["keys"]);
  const application: Application = { folder: resolve(folder), name, version, entry, chip, ...(keys ? { keys } : {}) };
  if (fields["esp32"] === undefined) return application;
  return { ...application, esp32: readESP32Settings(fields["esp32"], { file, folder: application.folder }) };
}

function keysOf(file: string, folder: string, value: unknown): UpdateKeys | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) throw wrong(file, "keys", KEYS_EXPECTED);
  const roles = value as Record<string, unknown>;
  const filesOf = (role: string): string[] => {
    const files = roles[role];
    if (!Array.isArray(files) || files.length === 0 || !files.every((name) => typeof name === "string")) {
      throw wrong(file, `keys.${role}`, KEYS_EXPECTED);
    }
    return files.map((name: string) => join(folder, name));
  };
  if (Object.keys(roles).some((role) => role !== "release" && role !== "deploy")) throw wrong(file, "keys", KEYS_EXPECTED);
  return readUpdateKeys({ release: filesOf("release"), deploy: filesOf("deploy") });
}

function parse(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new FirmwareError("invalid", `${file}: ${messageOf(error)}; expected JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FirmwareError("invalid", `${file}: expected a JSON object`);
  }
  return value as Record<string, unknown>;
}

function text(file: string, fields: Record<string, unknown>, field: string, pattern: RegExp, expected: string): string {
  const value = fields[field];
  if (typeof value !== "string" || !pattern.test(value)) throw wrong(file, field, expected);
  return value;
}

function wrong(file: string, field: string, expected: string): FirmwareError {
  return new FirmwareError("invalid", `${file}: ${field} is wrong; expected ${expected}`);
}
