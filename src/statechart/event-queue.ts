/**
 * The events that wait in one machine: those raised inside it first, then those sent to it.
 *
 * SCXML has two queues, the internal one served first. Both share one ring here, raised events in front, because only what
 * actions raise and send ever waits (a machine at rest has an empty queue) and two rings would double the memory of each
 * machine. A raised event moves the sent ones up by one place: a few words, and rarely. Nothing is allocated after the
 * constructor.
 */
import { assert } from "../assert.js";

/**
 * Places kept for the machine's own events, so that a queue filled by actions still takes the one `done.state` and one
 * `error.execution` of the microstep that filled it.
 */
const RESERVE_COUNT = 2;

export class EventQueue {
  readonly #events: number[] = [];
  readonly #payloads: unknown[] = [];
  readonly #countMax: number;
  #head = 0;
  #count = 0;
  #raisedCount = 0;

  /** Holds `countMax` events (1 or more) besides the machine's own. */
  constructor(countMax: number) {
    assert(Number.isInteger(countMax) && countMax > 0, "EventQueue: countMax must be a whole number above 0");
    this.#countMax = countMax;
    for (let index = 0; index < countMax + RESERVE_COUNT; index++) {
      this.#events.push(0);
      this.#payloads.push(undefined);
    }
  }

  /** Whether a raised event waits: it is the head then. */
  get hasRaised(): boolean {
    return this.#raisedCount > 0;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Adds a sent event at the end. False if there is no room. */
  send(event: number, payload: unknown): boolean {
    if (this.#count >= this.#countMax) return false;
    this.#put(this.#count, event, payload);
    this.#count++;
    return true;
  }

  /** Adds a raised event after the other raised ones and before all sent ones. False if there is no room. */
  raise(event: number, payload: unknown): boolean {
    if (this.#count >= this.#countMax) return false;
    this.#insert(event, payload);
    return true;
  }

  /** As `raise`, for the machine's own events, which may use the reserve. */
  raiseOwn(event: number, payload: unknown): boolean {
    if (this.#count >= this.#countMax + RESERVE_COUNT) return false;
    this.#insert(event, payload);
    return true;
  }

  /** The event to serve next. The queue must not be empty. */
  get headEvent(): number {
    assert(this.#count > 0);
    return this.#events[this.#head]!;
  }

  get headPayload(): unknown {
    assert(this.#count > 0);
    return this.#payloads[this.#head];
  }

  /** Takes the head out and lets its payload go. */
  drop(): void {
    assert(this.#count > 0);
    this.#payloads[this.#head] = undefined;
    this.#head = this.#head + 1 === this.#events.length ? 0 : this.#head + 1;
    this.#count--;
    if (this.#raisedCount > 0) this.#raisedCount--;
  }

  #insert(event: number, payload: unknown): void {
    for (let place = this.#count; place > this.#raisedCount; place--) {
      const from = this.#index(place - 1);
      this.#put(place, this.#events[from]!, this.#payloads[from]);
    }
    this.#put(this.#raisedCount, event, payload);
    this.#raisedCount++;
    this.#count++;
  }

  #put(place: number, event: number, payload: unknown): void {
    const index = this.#index(place);
    this.#events[index] = event;
    this.#payloads[index] = payload;
  }

  #index(place: number): number {
    const index = this.#head + place;
    return index < this.#events.length ? index : index - this.#events.length;
  }
}
