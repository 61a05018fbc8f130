/**
 * Trace ring: the latest runs of the scheduler and what went wrong with them, kept in a memory of fixed size.
 *
 * A stall is over when somebody asks about it, so the dispatcher tells all along and the oldest is overwritten. One record
 * holds a whole run, begin and end: with one record for each, the same memory would reach back half as far, and the ring could
 * lose a begin and keep its end. Written into typed arrays, because a record as an object costs a device eight slots.
 * See docs/guide/timeline.md.
 */
import { assert } from "../assert.js";
import type { Priority } from "./task.js";
import type { SchedulerTrace, TraceKind } from "./trace.js";

export interface TraceRingOptions {
  /** Runs and notes that are kept, at least 1. Each takes 25 bytes and one element of an array (16 bytes on a 32-bit chip). */
  readonly recordCountMax: number;
}

/** What a record's number means: a run by its priority, or a note. */
const PRIORITIES: readonly Priority[] = Object.freeze(["high", "normal", "low"] as const);
const NOTE_KINDS: readonly TraceKind[] = Object.freeze(["deadline", "budget", "starved", "missed", "fault", "wake"] as const);

export class TraceRing implements SchedulerTrace {
  readonly #recordCountMax: number;
  /** An index of PRIORITIES, or behind those one of NOTE_KINDS. */
  readonly #codes: Uint8Array;
  readonly #names: string[];
  readonly #atMs: Float64Array;
  /** A run's end, NaN while it has none; a note's value. */
  readonly #ends: Float64Array;
  readonly #dueMs: Float64Array;
  /** The place that is written next, and where the ring is full the oldest. */
  #next = 0;
  #count = 0;
  #overwrittenCount = 0;
  /** The place of the run that has not ended. */
  #open: number | undefined;

  /** Asserts its bound: it is a literal of the composition root. All memory is taken here. */
  constructor(options: TraceRingOptions) {
    const { recordCountMax } = options;
    assert(Number.isSafeInteger(recordCountMax) && recordCountMax > 0, "trace: recordCountMax is a whole number above 0");
    this.#recordCountMax = recordCountMax;
    this.#codes = new Uint8Array(recordCountMax);
    this.#names = new Array<string>(recordCountMax).fill("");
    this.#atMs = new Float64Array(recordCountMax);
    this.#ends = new Float64Array(recordCountMax);
    this.#dueMs = new Float64Array(recordCountMax);
  }

  begin(name: string, priority: Priority, dueMs: number, nowMs: number): void {
    const place = this.#place(PRIORITIES.indexOf(priority), name, nowMs);
    this.#ends[place] = Number.NaN;
    this.#dueMs[place] = dueMs;
    this.#open = place;
  }

  /** Does nothing where the run's record was overwritten by notes, or cleared. */
  end(nowMs: number): void {
    if (this.#open === undefined) return;
    this.#ends[this.#open] = nowMs;
    this.#open = undefined;
  }

  note(kind: TraceKind, name: string, nowMs: number, value: number): void {
    const place = this.#place(PRIORITIES.length + NOTE_KINDS.indexOf(kind), name, nowMs);
    this.#ends[place] = value;
  }

  /** Forgets all records and the count of those overwritten. A run that is under way will not be in the ring. */
  clear(): void {
    this.#next = 0;
    this.#count = 0;
    this.#overwrittenCount = 0;
    this.#open = undefined;
  }

  /** Records to be read, 0 … recordCountMax. Index 0 is the oldest of them. */
  get count(): number {
    return this.#count;
  }

  /** Records that newer ones took the place of, since the start or the last `clear`. */
  get overwrittenCount(): number {
    return this.#overwrittenCount;
  }

  /** What a record is. As the other readers, asserts that `index` is 0 … count − 1. */
  kindAt(index: number): "run" | TraceKind {
    const code = this.#codes[this.#placeOf(index)]!;
    return code < PRIORITIES.length ? "run" : NOTE_KINDS[code - PRIORITIES.length]!;
  }

  /** The task; of a note that is about none, the empty text. */
  nameAt(index: number): string {
    return this.#names[this.#placeOf(index)]!;
  }

  /** When a run began or a note was made, by the scheduler's clock. */
  atMsAt(index: number): number {
    return this.#atMs[this.#placeOf(index)]!;
  }

  /** Of a run; `undefined` for a note. */
  priorityAt(index: number): Priority | undefined {
    return PRIORITIES[this.#codes[this.#placeOf(index)]!];
  }

  /** When a run was due; `undefined` for a note. */
  dueMsAt(index: number): number | undefined {
    const place = this.#placeOf(index);
    return this.#isRun(place) ? this.#dueMs[place] : undefined;
  }

  /** When a run ended; `undefined` for one that has not, and for a note. */
  endMsAt(index: number): number | undefined {
    const place = this.#placeOf(index);
    const endMs = this.#ends[place]!;
    return this.#isRun(place) && !Number.isNaN(endMs) ? endMs : undefined;
  }

  /** A note's milliseconds or count; `undefined` for a run. */
  valueAt(index: number): number | undefined {
    const place = this.#placeOf(index);
    return this.#isRun(place) ? undefined : this.#ends[place];
  }

  #isRun(place: number): boolean {
    return this.#codes[place]! < PRIORITIES.length;
  }

  #placeOf(index: number): number {
    assert(index >= 0 && index < this.#count, "trace: a record's index is 0 to count - 1");
    return (this.#next - this.#count + index + this.#recordCountMax) % this.#recordCountMax;
  }

  /** Takes the next place, from the oldest record where all are taken. */
  #place(code: number, name: string, atMs: number): number {
    const place = this.#next;
    if (this.#count < this.#recordCountMax) this.#count++;
    else this.#overwrittenCount++;
    if (this.#open === place) this.#open = undefined;
    this.#next = place + 1 === this.#recordCountMax ? 0 : place + 1;
    this.#codes[place] = code;
    this.#names[place] = name;
    this.#atMs[place] = atMs;
    return place;
  }
}
