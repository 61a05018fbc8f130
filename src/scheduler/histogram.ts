/**
 * Counts of how late a task's runs began and how long they took, in buckets that double: what a mean hides, in 128 bytes.
 *
 * The buffer is the caller's, so that a task that nobody measures costs nothing. Values are counted in eighths of a
 * millisecond, which the clocks of the hosts still tell: the clock of a chip counts microseconds.
 *
 *     index   0 … 15: lateness · 16 … 31: duration
 *     bucket  0: less than 1/8 ms · n: 2^(n−1)/8 to less than 2^n/8 ms · 15: 2,048 ms and more
 */
import { FirmwareError } from "../errors.js";

export const HISTOGRAM_BUCKET_COUNT = 16;
/** Of the whole buffer. */
export const HISTOGRAM_LENGTH = 2 * HISTOGRAM_BUCKET_COUNT;

const UNITS_PER_MS = 8;
const UNITS_MAX = 2 ** 31 - 1;

/** Throws `invalid` for anything but a Uint32Array of HISTOGRAM_LENGTH. */
export function checkHistogram(histogram: Uint32Array | undefined): void {
  if (histogram === undefined || (histogram instanceof Uint32Array && histogram.length === HISTOGRAM_LENGTH)) return;
  throw new FirmwareError("invalid", "scheduler: a histogram is wrong; expected a Uint32Array of 32");
}

/** The bucket that a time of at least 0 ms is counted in. */
export function bucketOf(ms: number): number {
  const units = Math.min(Math.floor(ms * UNITS_PER_MS), UNITS_MAX);
  return Math.min(32 - Math.clz32(units), HISTOGRAM_BUCKET_COUNT - 1);
}

/** The ms from which on a bucket counts. */
export function bucketStartMs(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** (bucket - 1) / UNITS_PER_MS;
}

/** Counts one run. Allocates nothing. */
export function countRun(histogram: Uint32Array, latenessMs: number, durationMs: number): void {
  const late = bucketOf(latenessMs);
  const long = HISTOGRAM_BUCKET_COUNT + bucketOf(durationMs);
  histogram[late] = histogram[late]! + 1;
  histogram[long] = histogram[long]! + 1;
}
