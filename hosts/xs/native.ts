/**
 * What the C part of the XS host gives to JavaScript: a wire to the chip, a clock, one wake-up, and the engine's counters.
 *
 * The C part knows no port: everything that a port promises is TypeScript above these few functions, so that the same promises
 * are kept as on the Node host. Source: hosts/xs/engine/natives.c.
 */

/** Exact counts of the engine, of the application's machine only: what is preloaded is not in them. */
export interface EngineStatistics {
  /** Slots in use, and the most that were. */
  slots: number;
  slotPeak: number;
  /** 32 bytes on a 64-bit build, 16 on the ESP32. */
  slotSizeBytes: number;
  chunkBytes: number;
  chunkPeak: number;
  /** The most slots of the engine's stack that were in use. */
  stackPeak: number;
  gcCount: number;
  keyCount: number;
  /** Instructions of the engine since the machine started: the same number on every computer. */
  meter: number;
}

export interface Native {
  /** The chip's answer to `hello`, as JSON. */
  readonly hello: string;
  /** One request and its reply; `undefined` where the chip says "nothing". Throws an Error with the chip's words. */
  call(code: number, first: number, second: number, bytes?: Uint8Array | ArrayBuffer): ArrayBuffer | undefined;
  /** A frame without a reply. */
  send(code: number, first: number, second: number, bytes?: Uint8Array | ArrayBuffer): void;
  /** Milliseconds since the processor started, monotonic, fractions. */
  now(): number;
  /** When `onWake` is called next, by now(); Infinity for never. */
  wakeAt(atMs: number): void;
  /** Set once. `onEvent` gets what the chip sends by itself. */
  listen(onWake: () => void, onEvent: (code: number, first: number, second: number, bytes: ArrayBuffer) => void): void;
  /** Fills `target` and gives it. */
  statistics(target: EngineStatistics): EngineStatistics;
  /** Collects garbage now. */
  collect(): void;
  /** The present count of `EngineStatistics.meter`, without allocating. */
  meter(): number;
}
