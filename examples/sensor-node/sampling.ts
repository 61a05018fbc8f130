/**
 * The part that the product exists for: a thermometer read on a steady grid, watched for progress.
 *
 * A supervised child: when the sensor does not answer, the read throws, the supervisor restarts this part alone, and the rest
 * of the firmware (updates above all) goes on.
 */
import type { Channel, ChildScope, SMBusDefault, Watchdog } from "holdfast";
import { TMP102 } from "./tmp102.js";

/** Periods without a sample until the watchdog's channel expires, and the least time that they are given. */
const MISSED_PERIOD_COUNT_MAX = 5;
const EXPIRY_MIN_MS = 3000;

export interface SamplingOptions {
  readonly sensor: SMBusDefault;
  readonly watchdog: Watchdog;
  readonly periodMs: number;
  readonly onSample: (temperatureC: number) => void;
}

export class Sampling {
  readonly #options: SamplingOptions;
  #sampleCount = 0;

  constructor(options: SamplingOptions) {
    this.#options = options;
  }

  /** Samples taken since the device started. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  /** Opens driver and channel, and samples once a period until the scope ends. Throws what the driver throws. */
  start(scope: ChildScope): void {
    const { sensor, watchdog, periodMs } = this.#options;
    const driver = new TMP102({ sensor });
    scope.onStop(() => driver.close());
    const maxMs = Math.max(MISSED_PERIOD_COUNT_MAX * periodMs, EXPIRY_MIN_MS);
    const channel = watchdog.open({ name: "sampling", kind: "progress", maxMs });
    scope.onStop(() => watchdog.close(channel));
    scope.every({ name: "sample", periodMs, run: () => this.#sample(driver, channel) });
  }

  #sample(driver: TMP102, channel: Channel): void {
    const sample = driver.sample();
    if (sample === undefined) return; // Not converted yet: the channel sees to it that this does not last.
    this.#sampleCount++;
    this.#options.watchdog.progress(channel, this.#sampleCount);
    this.#options.onSample(sample.temperature);
  }
}
