/**
 * The Update port over Moddable's `embedded:update`. The core does not arm through it (see src/ports/update.ts); a firmware
 * that does gets ESP-IDF's effects on otadata with it.
 *
 * Moddable's mode "a" cannot write: its class hands an offset on even where it was given none, and then refuses it. So its mode
 * "w" serves both, with a `byteLength` always, as it erases the whole slot for 0 or none. What an update may reach is erased
 * when it is opened, in one call: some 50 ms a sector. Where none is given, that is the whole slot. Under flash encryption each
 * write has to be a multiple of 16 bytes. See docs/design/esp32-host.md.
 */
import { FirmwareError, messageOf } from "../../src/errors.js";
import { IMAGE_MAGIC } from "../../src/image/application-image.js";
import type { Update, UpdateOpenOptions, UpdateStorage } from "../../src/ports/update.js";
import { byteBuffer } from "./byte-buffer.js";
import { ESP32Partition, type ModdablePartition } from "./flash.js";

/** An update under way, of Moddable's, in its mode "w". */
export interface ModdableUpdate {
  /** Goes to offset 0 without one, and beyond `byteLength` into what was not erased. */
  write(bytes: Uint8Array, offset: number): void;
  complete(): void;
  close(): void;
}

/** The default export of `embedded:update`. */
export interface ModdableUpdateStorage {
  open(options: { readonly partition: ModdablePartition; readonly mode: "w"; readonly byteLength: number }): ModdableUpdate;
}

/** What open() made, and the only thing that makes an instance. */
class Opening {
  readonly update: ModdableUpdate;
  readonly mode: "a" | "w";
  /** Bytes that may be written. */
  readonly sizeBytes: number;

  constructor(update: ModdableUpdate, mode: "a" | "w", sizeBytes: number) {
    this.update = update;
    this.mode = mode;
    this.sizeBytes = sizeBytes;
  }
}

class ESP32Update implements Update {
  target: unknown;
  #opening: Opening | undefined;
  #writtenBytes = 0;
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
    demandFormat(value);
  }

  write(buffer: Uint8Array | ArrayBuffer, ...rest: unknown[]): void {
    const { update, mode, sizeBytes } = this.#open();
    const bytes = byteBuffer(buffer, "update: write");
    if (mode === "a" && rest.length > 0) throw invalid('an offset in mode "a"', "none");
    const offset = mode === "a" ? this.#writtenBytes : rest[0];
    if (typeof offset !== "number" || !Number.isInteger(offset) || offset < 0) {
      throw invalid(`write at ${String(offset)}`, "an integer from 0");
    }
    if (offset + bytes.length > sizeBytes) {
      throw invalid(`write ${bytes.length} bytes at ${offset}`, `an end of at most ${sizeBytes}`);
    }
    if (bytes.length === 0) return;
    if (mode === "a" && offset === 0 && bytes[0] !== IMAGE_MAGIC) {
      throw new FirmwareError("corrupt", `update: first byte ${bytes[0]}, expected ${IMAGE_MAGIC}`);
    }
    attempt("io", () => update.write(bytes, offset));
    this.#writtenBytes += bytes.length;
  }

  complete(): void {
    const { update } = this.#open();
    this.#isComplete = true; // Right or wrong: ESP-IDF has ended it.
    if (this.#writtenBytes === 0) throw new FirmwareError("corrupt", "update: nothing was written");
    try {
      update.complete();
    } catch (error) {
      // "end failed": the image was judged. The other one is otadata's.
      const text = messageOf(error);
      throw new FirmwareError(text.indexOf("end failed") >= 0 ? "corrupt" : "io", `update: complete: ${text}`);
    }
  }

  close(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    opening?.update.close();
  }

  #open(): Opening {
    if (this.#opening === undefined) throw new FirmwareError("closed", "Update: used after close()");
    if (this.#isComplete) throw new FirmwareError("refused", "Update: used after complete(), expected close()");
    return this.#opening;
  }
}

/** The port over Moddable's storage. */
export function openUpdateStorage(options: { readonly update: ModdableUpdateStorage }): UpdateStorage {
  return Object.freeze({
    open(openOptions: UpdateOpenOptions): Update {
      const { partition, mode, byteLength } = parseOptions(openOptions);
      // Where the image that runs is on trial ESP-IDF refuses, and Moddable does not say which refusal it was.
      const update = attempt("refused", () => options.update.open({ partition, mode: "w", byteLength }));
      const instance = new ESP32Update(new Opening(update, mode, byteLength));
      instance.target = (openOptions as { target?: unknown }).target;
      return instance;
    },
  });
}

function parseOptions(openOptions: UpdateOpenOptions): {
  readonly partition: ModdablePartition;
  readonly mode: "a" | "w";
  readonly byteLength: number;
} {
  if (typeof openOptions !== "object" || openOptions === null) {
    throw new FirmwareError("invalid", "update.open: expected an options object");
  }
  const { mode = "a" } = openOptions;
  const { format = "buffer" } = openOptions as { format?: unknown };
  if (mode !== "a" && mode !== "w") throw invalid(`mode ${String(mode)}`, '"a" or "w"');
  demandFormat(format);
  const { partition, size, path } = ESP32Partition.writable(openOptions.partition);
  // ESP-IDF 6.0 erases any data partition that it is given.
  if (path !== "nextota") throw invalid(`the partition "${path}"`, 'the one of "nextota"');
  const { byteLength = size } = openOptions;
  if (!Number.isInteger(byteLength) || byteLength < 1 || byteLength > size) {
    throw invalid(`byteLength ${String(byteLength)}`, `1 … ${size}`);
  }
  return { partition, mode, byteLength };
}

function demandFormat(value: unknown): void {
  if (value !== "buffer") throw new FirmwareError("unsupported", `update: format ${String(value)}, expected "buffer"`);
}

function invalid(found: string, expected: string): FirmwareError {
  return new FirmwareError("invalid", `update: ${found}, expected ${expected}`);
}

/** Moddable's Errors say which of ESP-IDF's calls refused, and no more. */
function attempt<Result>(code: "io" | "refused", call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new FirmwareError(code, `update: ${messageOf(error)}`);
  }
}
