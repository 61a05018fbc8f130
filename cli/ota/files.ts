/** Files of `holdfast ota`: read whole, written whole, each complaint with the path. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FirmwareError, messageOf } from "../../src/errors.js";

/** Throws `missing`, in one line. */
export function readBytes(path: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new FirmwareError("missing", `${path}: ${messageOf(error)}; expected ${what}`);
  }
}

/** Makes the folders above it. Throws `io`, in one line. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  } catch (error) {
    throw new FirmwareError("io", `${path}: ${messageOf(error)}`);
  }
}

/** Runs a reader of `path`'s bytes, and puts the path in front of what it complains about. */
export function reading<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof FirmwareError) throw new FirmwareError(error.code, `${path}: ${error.message}`);
    throw error;
  }
}
