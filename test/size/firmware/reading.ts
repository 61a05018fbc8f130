/** One measured figure, as it goes from the firmware to the program that judges it: a line of JSON. */
export interface Reading {
  /** What was measured; the same words in every table. */
  readonly name: string;
  /** How many times; the figures below are of all of them together. */
  readonly count: number;
  readonly slots: number;
  readonly chunkBytes: number;
  /** Garbage collections meanwhile: any of them hides allocations. */
  readonly collections: number;
  /** Steps of the engine. */
  readonly meter: number;
}
