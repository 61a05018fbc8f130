/**
 * The file in which a simulated flash outlives its process: the bytes of the chip and nothing else, as a flash dump is.
 *
 * A dump without a header of our own can be compared, edited and flashed to a board. Writes go straight to the file and are not
 * synced: what is simulated is the device's power, not the desktop's. One process at a time, by FileLock.
 * See docs/design/simulator.md.
 */
import { closeSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from "node:fs";
import { FirmwareError } from "../../src/errors.js";
import { FileLock } from "./file-lock.js";

const ERASED = 0xff;

export class FlashFile {
  /** The content at opening, `sizeBytes` of it; the caller's to use and to change. */
  readonly bytes: Uint8Array;
  readonly #lock: FileLock;
  readonly #descriptor: number;
  #closed = false;

  /**
   * Opens `path`, made as an erased flash where there is no such file or an empty one. Throws `busy` while another process has
   * it open, `invalid` where it has another size, and what the file system throws.
   */
  constructor(path: string, sizeBytes: number) {
    this.#lock = new FileLock(path);
    try {
      if (sizeOf(path) === 0) create(path, sizeBytes);
      const foundBytes = sizeOf(path);
      if (foundBytes !== sizeBytes) {
        throw new FirmwareError(
          "invalid",
          `${path}: the file has ${foundBytes} bytes, expected ${sizeBytes}, the flash's size`,
        );
      }
      this.bytes = new Uint8Array(readFileSync(path));
      this.#descriptor = openSync(path, "r+");
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Writes `bytes[offset … offset + byteLength)` to the same place in the file. Allocates nothing. */
  write(bytes: Uint8Array, offset: number, byteLength: number): void {
    let done = 0;
    while (done < byteLength) done += writeSync(this.#descriptor, bytes, offset + done, byteLength - done, offset + done);
  }

  /** A second close does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
    this.#lock.release();
  }
}

/** 0 for a file that is not there. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Under another name first: a process killed meanwhile must not leave a file of a wrong size. */
function create(path: string, sizeBytes: number): void {
  writeFileSync(`${path}.new`, new Uint8Array(sizeBytes).fill(ERASED));
  renameSync(`${path}.new`, path);
}
