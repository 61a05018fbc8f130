/**
 * What a loss of power leaves of one flash operation: a pure function of the flash before it, and after it.
 *
 * The device's operation is let happen and then taken back to what the mode leaves, by the flash of hosts/node/chaos, which
 * knows the ways of being torn. See docs/design/chaos.md.
 */
import { ChaosFlash, flashImageOf } from "../../hosts/node/chaos/chaos-flash.js";
import { type FaultMode, isCutMode, modesFor, type Operation } from "../../hosts/node/chaos/fault.js";

const SECTOR_SIZE_BYTES = 4096;
/** More operations than an unstable place outlasts. */
const DECAY_OPERATION_COUNT = 20;
/** Programs nothing, in a place that no update touches. */
const IDLE_OFFSET = 0;
const IDLE_WORD = Object.freeze([0xff, 0xff, 0xff, 0xff]);

/** A place that reads as it should, and as `noise` from some operation on. */
export interface UnstablePlace {
  readonly offset: number;
  readonly noise: Uint8Array;
}

export interface TornFlash {
  readonly bytes: Uint8Array;
  readonly unstable: UnstablePlace | undefined;
}

class PowerLost extends Error {
  override name = "PowerLost";
}

/** The ways in which power can be lost at an operation. */
export function cutModesFor(operation: Operation): readonly FaultMode[] {
  return modesFor(operation).filter(isCutMode);
}

/** `after` is `before` with the whole operation done; `mode` is one of cutModesFor. */
export function tornFlash(options: {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly operation: Operation;
  readonly mode: FaultMode;
  readonly seed: number;
}): TornFlash {
  const { before, after, operation, mode, seed } = options;
  const { kind, offset, byteLength } = operation;
  const flash = new ChaosFlash({
    image: flashImageOf(before),
    faults: [{ kind: "operation", operation: 0, mode }],
    seed,
    onCut: () => {
      throw new PowerLost();
    },
  });
  try {
    if (kind === "erase") flash.eraseSector(offset / SECTOR_SIZE_BYTES);
    else flash.program(offset, after.slice(offset, offset + byteLength));
  } catch (error) {
    if (!(error instanceof PowerLost)) throw error;
  }
  const bytes = flash.snapshot();
  if (mode !== "unstable") return { bytes, unstable: undefined };
  for (let count = 0; count < DECAY_OPERATION_COUNT; count++) flash.program(IDLE_OFFSET, Uint8Array.from(IDLE_WORD));
  return { bytes, unstable: differenceOf(bytes, flash.snapshot()) };
}

/** From the first byte that differs to the last; `undefined` where none does. */
function differenceOf(bytes: Uint8Array, noise: Uint8Array): UnstablePlace | undefined {
  const offset = bytes.findIndex((byte, index) => byte !== noise[index]);
  if (offset < 0) return undefined;
  let end = bytes.length;
  while (bytes[end - 1] === noise[end - 1]) end--;
  return { offset, noise: noise.slice(offset, end) };
}
