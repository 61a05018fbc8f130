/**
 * The budgets of memory on XS: one row for each figure, its limit and why it is that. A run that exceeds one fails.
 *
 * Zero is a promise: an allocation in a path that runs for ever ends in a garbage collection at a moment that nobody chose. The
 * other limits are what was measured when the row was written, rounded up: they hold the figure where it is, and whoever raises
 * one says here why.
 */
import { deepFreeze } from "../../src/freeze.js";

export interface Budget {
  /** The reading's name. */
  readonly name: string;
  /** Slots and chunk bytes each time, or of each thing. */
  readonly slotsMax: number;
  readonly chunkBytesMax: number;
  readonly why: string;
}

const promised = (name: string, why: string): Budget => ({ name, slotsMax: 0, chunkBytesMax: 0, why });

export const BUDGETS: readonly Budget[] = deepFreeze([
  promised("dispatch at 8 tasks", "hot path"),
  promised("dispatch at 32 tasks", "hot path"),
  promised("dispatch at 100 tasks", "hot path"),
  promised("dispatch at 1000 tasks", "hot path"),
  promised("post and its run", "hot path, and called from drivers"),
  promised("event in a flat machine", "hot path"),
  promised("event through four levels", "hot path"),
  promised("event between delayed states", "hot path: cancels a task and arms another"),
  promised("watchdog report", "in every task's loop"),
  promised("watchdog progress", "in every task's loop"),
  promised("watchdog check and feed at 4 channels", "runs for ever"),
  promised("feed of the host's watchdog", "the port promises it"),
  promised("reading of the host's clock", "several times a dispatch"),
  { name: "task", slotsMax: 12, chunkBytesMax: 184, why: "measured: 11 and 177; the bytes are its row and its places" },
  { name: "channel", slotsMax: 16, chunkBytesMax: 40, why: "measured: 15 and 36; the bytes are its place in the list" },
  { name: "machine", slotsMax: 64, chunkBytesMax: 704, why: "measured: 60 and 672; the bytes are its queue of 8 events" },
  { name: "child, added", slotsMax: 12, chunkBytesMax: 40, why: "measured: 11 and 33; the bytes are its place in the list" },
  { name: "child, started", slotsMax: 24, chunkBytesMax: 0, why: "measured: 23; its scope, whose lists are still empty" },
  { name: "parse of an image's head", slotsMax: 40, chunkBytesMax: 544, why: "measured: 37 and 528; once an update" },
  {
    name: "4 KiB sector erased, written, kept",
    slotsMax: 84,
    chunkBytesMax: 4480,
    why: "measured: 79 and 4434; read back and compared, this host's flash gives a read as a new buffer",
  },
  {
    name: "4 KiB sector read back and verified",
    slotsMax: 20,
    chunkBytesMax: 4224,
    why: "measured: 18 and 4168; this host's flash gives a read as a new buffer",
  },
  {
    name: "signed update of 96 chunks judged",
    slotsMax: 1120,
    chunkBytesMax: 18_432,
    why: "measured: 1096 and 18232; once an update, and all of it garbage but the release",
  },
  {
    name: "arming of the host's timer",
    slotsMax: 0,
    chunkBytesMax: 0,
    why: "once a dispatch",
  },
]);

/** Slots as the ESP32 has them. */
export const SLOT_SIZE_BYTES = 16;

/**
 * The sensor node at rest above the shared machine: machine, modules and what its start keeps, without the adapters. It was
 * 24 KiB until updates were signed: keys, identity, the protocol and its waits are what came.
 */
export const IDLE_HEAP_BYTES_MAX = 26 * 1024;

/** A control: `{ field: index }` on XS, an object and one property. A ruler that sees less sees nothing. */
export const CONTROL = deepFreeze({ name: "control: an object of one field", slots: 2, chunkBytes: 0 });
