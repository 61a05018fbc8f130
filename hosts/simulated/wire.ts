/**
 * The words on the wire between a simulated processor and its chip: numbers that both ends, on whatever engine, agree on.
 *
 * A frame is a length (u32, little endian, of what follows), one of these numbers, two numbers (u32) and bytes. Each request
 * has one reply, but `trace` and `armWatchdog`; after `restart`, `sleep` and `abort` none ever comes: the chip kills the
 * processor. Events go the other way, on a socket of their own, and have no reply. See docs/design/simulator.md.
 */

/** What the processor asks. */
export const Operation = Object.freeze({
  hello: 1,
  readFlash: 2,
  programFlash: 3,
  eraseSector: 4,
  readRetained: 5,
  writeRetained: 6,
  armWatchdog: 7,
  disarmWatchdog: 8,
  transfer: 9,
  restart: 10,
  sleep: 11,
  trace: 12,
  abort: 13,
  digest: 14,
  random: 15,
  httpOpen: 16,
  httpRequest: 17,
  httpRead: 18,
  httpWrite: 19,
  httpClose: 20,
  verify: 21,
});

/** Status bytes of replies. */
export const Status = Object.freeze({ done: 0, refused: 1, nothing: 2 });

/** Flags of `transfer`: whether there is something to write, to read, and whether a stop bit ends it. */
export const TransferFlag = Object.freeze({ write: 1, read: 2, stop: 4 });

/** The second number of `digest`. */
export const DigestStep = Object.freeze({ open: 0, write: 1, finish: 2, close: 3 });

/** The second number of `httpOpen`: what the client's connections run over. The options follow, as JSON. */
export const HTTPOpenMode = Object.freeze({ clear: 0, secure: 1 });

/** Bytes of the key and of the signature that begin a `verify`; the message follows. */
export const VERIFY_FIELD_SIZE_BYTES = 64;

/** What the chip tells by itself. The first number is a request's handle, but a client's for `error`. */
export const NetworkEvent = Object.freeze({ headers: 1, readable: 2, writable: 3, done: 4, error: 5 });
