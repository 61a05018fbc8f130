/**
 * A body sent slice by slice, no faster than asked: a download over loopback is over before one can look at it.
 *
 * Written with the network and the time as options, so that what is sent when can be said without waiting for it.
 */
import { assert } from "../../../src/assert.js";

const SLICE_SIZE_BYTES = 4096;
/** Slices of a slow body are shorter, so that it moves this often. */
const SLICES_PER_SECOND = 4;

export interface PacedBodyOptions {
  readonly bytes: Uint8Array;
  /** Infinity: as fast as the network takes it. */
  readonly bytesPerSecond: number;
  /** Calls back when the slice has gone, and not at all when the network is gone. */
  readonly write: (slice: Uint8Array, onWritten: () => void) => void;
  readonly end: () => void;
  /** Calls back after the time; gives what undoes it. */
  readonly wait: (callback: () => void, delayMs: number) => () => void;
  readonly onSlice: (sizeBytes: number) => void;
}

export class PacedBody {
  readonly #options: PacedBodyOptions;
  readonly #sliceSizeBytes: number;
  #offset = 0;
  #isClosed = false;
  #cancelWait: (() => void) | undefined;

  /** Starts at once. */
  constructor(options: PacedBodyOptions) {
    assert(options.bytesPerSecond > 0, "paced-body: expected a rate above 0");
    this.#options = options;
    this.#sliceSizeBytes = Math.max(1, Math.min(SLICE_SIZE_BYTES, Math.floor(options.bytesPerSecond / SLICES_PER_SECOND)));
    this.#send();
  }

  /** Nothing is written any more. May be called again. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  #send(): void {
    if (this.#isClosed) return;
    const { bytes, bytesPerSecond, write, end, wait, onSlice } = this.#options;
    if (this.#offset === bytes.length) {
      this.#isClosed = true;
      end();
      return;
    }
    const slice = bytes.subarray(this.#offset, this.#offset + this.#sliceSizeBytes);
    this.#offset += slice.length;
    const delayMs = (1000 * slice.length) / bytesPerSecond;
    write(slice, () => {
      if (this.#isClosed) return;
      if (delayMs === 0) this.#send();
      else this.#cancelWait = wait(() => this.#send(), delayMs);
    });
    onSlice(slice.length);
  }
}
