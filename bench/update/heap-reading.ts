/** What the measuring firmware says of the heap, as a line of JSON: shared by what runs on the engine and what listens. */

/** rest: nothing to do but to poll · offer: the signed update fetched and judged · the others by their names. */
export type UpdatePhase = "rest" | "offer" | "download" | "verify" | "arm";

/** Alive at the highest point of a phase. */
export interface HeapReading {
  readonly phase: UpdatePhase;
  readonly slots: number;
  readonly chunkBytes: number;
  /** Of both. */
  readonly bytes: number;
  readonly slotSizeBytes: number;
}
