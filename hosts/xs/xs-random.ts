/** Random bytes from the chip, which takes them from the computer's source. */
import type { Random } from "../../src/ports/random.js";
import { Operation } from "../simulated/wire.js";
import type { Native } from "./native.js";

/** Bytes asked for in one request. */
const REQUEST_SIZE_BYTES = 4096;

/** The port over one wire. */
export function createRandom(native: Native): Random {
  return Object.freeze({
    fill(bytes: Uint8Array): void {
      for (let offset = 0; offset < bytes.length; offset += REQUEST_SIZE_BYTES) {
        const count = Math.min(bytes.length - offset, REQUEST_SIZE_BYTES);
        bytes.set(new Uint8Array(native.call(Operation.random, count, 0)!), offset);
      }
    },
  });
}
