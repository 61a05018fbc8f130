/**
 * Which lives are lived: every fault alone, every pair of cuts where the records are, and rows of faults by chance.
 *
 * The operations of a life are known from a life without faults. Behind a first fault they are others, so the second fault of a
 * pair is placed among those of the life with the first one. See docs/design/chaos.md.
 */
import { type Fault, isCut, modesFor, type Operation } from "../../../hosts/node/chaos/fault.js";
import { createSeededRandom } from "../../../hosts/node/random.js";
import { SLOT_OFFSETS, SLOT_SIZE_BYTES } from "./scenario.js";

/** Every fault of every operation, one at a time. */
export function singles(operations: readonly Operation[]): Fault[][] {
  return operations.flatMap((operation, index) => modesFor(operation).map((mode) => [{ operation: index, mode }]));
}

/** The cuts of operations outside the slots: journal, otadata, settings. */
export function recordCuts(operations: readonly Operation[]): Fault[] {
  return singles(operations)
    .map(([fault]) => fault!)
    .filter(({ operation, mode }) => isCut(mode) && !isInSlot(operations[operation]!));
}

/** `faults` and, behind the last of them, each cut outside the slots among the operations of the life that they make. */
export function followedBy(faults: readonly Fault[], operations: readonly Operation[]): Fault[][] {
  const last = faults[faults.length - 1]!.operation;
  return recordCuts(operations)
    .filter(({ operation }) => operation > last)
    .map((fault) => [...faults, fault]);
}

/** A row of 2 … `countMax` cuts, anywhere, near and far from one another. */
export function randomCuts(operations: readonly Operation[], countMax: number, seed: number): Fault[] {
  const random = createSeededRandom(seed);
  const below = (limit: number): number => {
    const bytes = new Uint8Array(4);
    random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  };
  const count = 2 + below(countMax - 1);
  const stride = below(2) === 0 ? 6 : operations.length;
  const faults: Fault[] = [];
  for (let at = below(operations.length); faults.length < count; at += 1 + below(stride)) {
    const modes = modesFor(operations[at % operations.length]!).filter(isCut);
    faults.push({ operation: at, mode: modes[below(modes.length)]! });
  }
  return faults;
}

function isInSlot({ offset }: Operation): boolean {
  return SLOT_OFFSETS.some((start) => offset >= start && offset < start + SLOT_SIZE_BYTES);
}
