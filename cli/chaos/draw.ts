/** What chance decides about power cuts: a function of the seed alone, so that a name is enough to live a life again. */
import { createSeededRandom } from "../../hosts/node/random.js";
import type { CutOrder } from "./powered-chip.js";

/** An odd number: different operations of one seed get different seeds. */
const OPERATION_STEP = 0x9e3779b1;
/** Operations that an unstable place may outlast in the next life; a start has as many. */
const DECAY_LIMIT = 8;

/** A cut, and when what is unstable behind it turns to noise. */
export interface DrawnCut extends CutOrder {
  readonly decayOperation: number;
}

/** At most `count` of `0 … limit − 1`, each once, each as likely as any other. */
export function drawOperations(options: { readonly seed: number; readonly limit: number; readonly count: number }): number[] {
  const { seed, limit, count } = options;
  const below = numbersOf(seed);
  const operations = Array.from({ length: limit }, (_, index) => index);
  for (let index = 0; index < Math.min(count, limit); index++) {
    const other = index + below(limit - index);
    [operations[index], operations[other]] = [operations[other]!, operations[index]!];
  }
  return operations.slice(0, count);
}

/** How the power goes at an operation. */
export function drawCut(seed: number, operation: number): DrawnCut {
  const below = numbersOf((seed ^ Math.imul(operation + 1, OPERATION_STEP)) >>> 0);
  return { operation, choice: below(0x1_0000), seed: below(0x1_0000_0000), decayOperation: below(DECAY_LIMIT) };
}

function numbersOf(seed: number): (limit: number) => number {
  const random = createSeededRandom(seed);
  const view = new DataView(new ArrayBuffer(4));
  return (limit) => {
    random.fill(new Uint8Array(view.buffer));
    return Math.floor((view.getUint32(0) / 2 ** 32) * limit);
  };
}
