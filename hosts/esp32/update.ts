/**
 * The Update port over Moddable's `embedded:update`. The core does not arm through it (see src/ports/update.ts); a firmware that
 * does gets ESP-IDF's effects on otadata with it.
 *
 * In mode "w" Moddable erases what `byteLength` says, and the whole slot where it says nothing or 0: here it always says
 * something.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";
import type { Update, UpdateOpenOptions, UpdateStorage } from "../../src/ports/update.js";
import { byteBuffer } from "./byte-buffer.js";
import { ESP32Partition, type ModdablePartition } from "./flash.js";

/** An update under way, of Moddable's. */
export interface ModdableUpdate {
  write(bytes: Uint8Array, offset?: number): void;
  complete(): void;
  close(): void;
}

/** The default export of `embedded:update`. */
export interface ModdableUpdateStorage {
  open(options: {
    readonly partition: ModdablePartition;
    readonly mode: "a" | "w";
    readonly byteLength: number;
  }): ModdableUpdate;
}

/** What open() made, and the only thing that makes an instance. */
class Opening {
  readonly update: ModdableUpdate;
  readonly mode: "a" | "w";

  constructor(update: ModdableUpdate, mode: "a" | "w") {
    this.update = update;
    this.mode = mode;
  }
}

class ESP32Update implements Update {
  target: unknown;
  #opening: Opening | undefined;
  #isComplete = false;

  /** Throws, as the standard asks, for everybody but open(). */
  constructor(opening: unknown) {
    if (!(opening instanceof Opening)) throw new FirmwareError("refused", "Update: not constructible, expected update.open()");
    this.#opening = opening;
  }

  get format(): "buffer" {
    return "buffer";
  }

  set format(value: "buffer") {
    if (value !== "buffer") throw new FirmwareError("unsupported", `update: format ${String(value)}, expected "buffer"`);
  }

  write(buffer: Uint8Array | ArrayBuffer, offset?: number): void {
    const { update, mode } = this.#open();
    const bytes = byteBuffer(buffer, "update: write");
    if (mode === "a") {
      if (offset !== undefined) throw new FirmwareError("invalid", 'update: an offset in mode "a", expected none');
      attempt("write", () => update.write(bytes));
      return;
    }
    if (typeof offset !== "number" || !Number.isInteger(offset) || offset < 0) {
      throw new FirmwareError("invalid", `update: write at ${String(offset)}, expected an integer from 0`);
    }
    attempt("write", () => update.write(bytes, offset));
  }

  complete(): void {
    const { update } = this.#open();
    this.#isComplete = true; // Right or wrong: ESP-IDF has ended it.
    attempt("complete", () => update.complete());
  }

  close(): void {
    this.#opening?.update.close();
    this.#opening = undefined;
  }

  #open(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "Update: used after close()");
    if (this.#isComplete) throw new FirmwareError("closed", "Update: used after complete()");
    return this.#opening;
  }
}

/** The port over Moddable's storage. */
export function openUpdateStorage(options: { readonly update: ModdableUpdateStorage }): UpdateStorage {
  return Object.freeze({
    open(openOptions: UpdateOpenOptions): Update {
      if (typeof openOptions !== "object" || openOptions === null) {
        throw new FirmwareError("invalid", "update.open: expected an options object");
      }
      const { mode = "a" } = openOptions;
      if (mode !== "a" && mode !== "w") {
        throw new FirmwareError("invalid", `update.open: mode ${String(mode)}, expected "a" or "w"`);
      }
      const { partition, size } = ESP32Partition.writable(openOptions.partition);
      const { byteLength = size } = openOptions;
      if (!Number.isInteger(byteLength) || byteLength < 1 || byteLength > size) {
        throw new FirmwareError("invalid", `update.open: byteLength ${String(byteLength)}, expected 1 … ${size}`);
      }
      const update = attempt("open", () => options.update.open({ partition, mode, byteLength }));
      const instance = new ESP32Update(new Opening(update, mode));
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
  });
}

/** Moddable's Errors say which of ESP-IDF's calls refused, and no more. */
function attempt<Result>(what: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new FirmwareError(what === "complete" ? "corrupt" : "io", `update: ${what}: ${messageOf(error)}`);
  }
}
