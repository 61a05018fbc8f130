/**
 * The ruler: counts what a piece of code allocates and computes on XS, exactly, and traces it as one line of JSON.
 *
 * The engine's own counters are read before and after a loop, into objects made beforehand, so that reading adds nothing; what
 * the loop and the readings cost by themselves is measured with an empty body and taken off. Time is not measured: the meter
 * counts the engine's steps and is the same on every computer. See docs/sizes.md and docs/meter.md.
 */
import type { XSHost } from "../../../hosts/xs/boot.js";
import type { Reading } from "./reading.js";

/** Has all fields that the engine fills, so that filling it allocates nothing. */
export function makeTarget() {
  return {
    slots: 0,
    slotBytes: 0,
    slotSizeBytes: 0,
    slotPeak: 0,
    chunkBytes: 0,
    chunkPeak: 0,
    stackPeak: 0,
    gcCount: 0,
    keyCount: 0,
    meter: 0,
    parserPeakBytes: 0,
  };
}

function nothing(): void {}

export class Ruler {
  /** A place for what is measured but needed by nobody, or the bundler would leave it out. */
  kept: unknown;
  readonly #host: XSHost;
  readonly #before = makeTarget();
  readonly #after = makeTarget();

  constructor(host: XSHost) {
    this.#host = host;
  }

  /** What `run` costs each time. It has run `count` times before: what is made once is not in it. */
  perOperation(name: string, count: number, run: (index: number) => void): void {
    this.#loop(count, nothing);
    const empty = this.#difference(count, nothing);
    this.#loop(count, run);
    this.#trace(name, count, this.#difference(count, run), empty);
  }

  /** What one pass costs where passes cannot be repeated: there is no warm-up. */
  perStep(name: string, count: number, run: (index: number) => void): void {
    const empty = this.#difference(count, nothing);
    this.#trace(name, count, this.#difference(count, run), empty);
  }

  /** What is kept of each thing that `make` makes, garbage not counted. The caller keeps them, in a place that is there. */
  perThing(name: string, count: number, make: (index: number) => void): void {
    const { engine } = this.#host;
    engine.collect();
    engine.statistics(this.#before);
    this.#loop(count, make);
    engine.collect();
    engine.statistics(this.#after);
    const slots = this.#after.slots - this.#before.slots;
    const chunkBytes = this.#after.chunkBytes - this.#before.chunkBytes;
    this.#print({ name, count, slots, chunkBytes, collections: 0, meter: 0 });
  }

  /** All that is in use now, garbage not counted. */
  total(name: string): void {
    this.#host.engine.collect();
    this.#host.engine.statistics(this.#after);
    const { slots, chunkBytes } = this.#after;
    this.#print({ name, count: 1, slots, chunkBytes, collections: 0, meter: 0 });
  }

  #difference(count: number, run: (index: number) => void): Omit<Reading, "name" | "count"> {
    const { engine } = this.#host;
    const before = this.#before;
    const after = this.#after;
    engine.collect();
    engine.statistics(before);
    this.#loop(count, run);
    engine.statistics(after);
    return {
      slots: after.slots - before.slots,
      chunkBytes: after.chunkBytes - before.chunkBytes,
      collections: after.gcCount - before.gcCount,
      meter: after.meter - before.meter,
    };
  }

  #loop(count: number, run: (index: number) => void): void {
    for (let index = 0; index < count; index++) run(index);
  }

  #trace(name: string, count: number, full: Omit<Reading, "name" | "count">, empty: Omit<Reading, "name" | "count">): void {
    this.#print({
      name,
      count,
      slots: full.slots - empty.slots,
      chunkBytes: full.chunkBytes - empty.chunkBytes,
      collections: full.collections - empty.collections,
      meter: full.meter - empty.meter,
    });
  }

  #print(reading: Reading): void {
    this.#host.trace(JSON.stringify(reading));
  }
}
