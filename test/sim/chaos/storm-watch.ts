/**
 * A storm: power is cut at the same operation of every start, until a counter that has a byte has come round.
 *
 * Its cuts are placed while it lasts, because a start that was cut leaves other operations to the next one. See
 * docs/design/chaos.md.
 */
import type { Life, VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Storm } from "./story.js";

/** A byte's worth, and one more. */
const CUT_COUNT = 257;
/** A start of a storm waits for so long: a device that starts again and again without any time is taken for a mistake. */
export const STORM_WAIT_MS = 1;

export class StormWatch {
  readonly #storm: Storm;
  #life: Life | undefined;
  /** Of the present start. */
  #operationCount = 0;
  #cutCount = 0;

  constructor(storm: Storm) {
    this.#storm = storm;
  }

  /** Asked before each operation. The bootloader is not cut: it would start again and again without any time. */
  isDue({ life, lives }: VirtualDevice): boolean {
    if (lives.length < this.#storm.start || this.#cutCount === CUT_COUNT) return false;
    if (this.#life !== life) this.#operationCount = 0;
    this.#life = life;
    if (this.#operationCount++ < this.#storm.operation || life.version === undefined) return false;
    this.#cutCount++;
    return true;
  }
}
