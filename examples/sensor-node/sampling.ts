/**
 * The part that the product exists for: a thermometer read on a steady grid, watched for progress.
 *
 * A supervised child: when the sensor does not answer, the read throws, the supervisor restarts this part alone, and the rest
 * of the firmware (updates above all) goes on.
 */
import type { Channel, ChildScope, SMBusDefault, Watchdog } from "holdfast";
import { TMP102 } from "./tmp102.js";

/** Periods without a sample until the watchdog's channel is late. */
const MISSED_PERIOD_COUNT_MAX = 5;

export interface SamplingOptions {
  readonly sensor: SMBusDefault;
  readonly watchdog: Watchdog;
  readonly periodMs: number;
  readonly onSample: (temperatureC: number) => void;
}

export class Sampling {
  readonly #options: SamplingOptions;
  #driver: TMP102 | undefined;
  #channel: Channel | undefined;
  #sampleCount = 0;

  constructor(options: SamplingOptions) {
    this.#options = options;
  }

  /** Samples taken since the device started. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  start(scope: ChildScope): void {
    const { sensor, watchdog, periodMs } = this.#options;
    this.#driver = new TMP102({ sensor });
    this.#channel = watchdog.open({ name: "sampling", kind: "progress", maxMs: MISSED_PERIOD_COUNT_MAX * periodMs });
    scope.every({ name: "sample", periodMs, run: () => this.#sample() });
  }

  stop(): void {
    this.#driver?.close();
    this.#driver = undefined;
    if (this.#channel) this.#options.watchdog.close(this.#channel);
    this.#channel = undefined;
  }

  #sample(): void {
    const { temperature } = this.#driver!.sample();
    this.#sampleCount++;
    this.#options.watchdog.progress(this.#channel!, this.#sampleCount);
    this.#options.onSample(temperature);
  }
}
