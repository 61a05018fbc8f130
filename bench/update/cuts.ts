/**
 * What cuts of the power cost: every single one of an update, and pairs by chance, for Holdfast and for the peers alike.
 *
 * One explorer lives through all of them, so that the columns differ in the scheme only: the same flash, the same kinds of
 * cut, the same way of drawing the second one among the operations that the first one has left.
 */
import { isCutMode, modesFor, type Operation, type OperationFault } from "../../hosts/node/chaos/fault.js";
import { createSeededChance } from "../../hosts/node/random.js";
import { CONFIGURATIONS } from "../../test/sim/chaos/configuration.js";
import { runLife } from "../../test/sim/chaos/life.js";
import {
  isIn,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  prepareScenario,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
} from "../../test/sim/chaos/scenario.js";
import { runPeerLife } from "../../test/sim/peers/peer-life.js";
import { PEER_CONFIGURATIONS, preparePeer } from "../../test/sim/peers/peer-scenario.js";
import { SCHEMES, type SchemeName } from "../../test/sim/peers/scheme.js";
import { againBytes, outcomeOf } from "../../test/sim/peers/survival.js";

/** In each configuration. */
const PAIR_COUNT = 250;

/** What an update that was cut has cost. */
interface CutLife {
  readonly operations: readonly Operation[];
  /** Beyond one image. */
  readonly againBytes: number;
  readonly imageSizeBytes: number;
  /** The new image runs at the end. */
  readonly isUpdated: boolean;
}

/** A device under one scheme, which can be lived with any cuts. */
type Living = (faults: readonly OperationFault[], seed: number) => CutLife;

/** Of lives with the same number of cuts. */
export interface CutTally {
  lifeCount: number;
  /** Lives in which a whole image was fetched beyond the one that it takes. */
  fullAgainCount: number;
  /** Lives that ended without the update. */
  withoutUpdateCount: number;
  /** Over all lives, and in the worst of them. */
  againBytes: number;
  againBytesMax: number;
  /** Of one sector of a slot, and of one of otadata's, in the worst life. */
  slotEraseCountMax: number;
  otadataEraseCountMax: number;
}

/** By the number of cuts: none, one, two. */
export type CutTallies = readonly [CutTally, CutTally, CutTally];

export interface CutMeasurement {
  readonly tallies: CutTallies;
  readonly imageSizeBytes: number;
  readonly durationMs: number;
}

/** Holdfast on both slots, with the bootloader as ESP-IDF recommends it: the first two configurations of the chaos. */
export function measureHoldfastCuts(seed: number): CutMeasurement {
  return measure(
    CONFIGURATIONS.slice(0, 2).map((configuration): (() => Living) => {
      return () => {
        const scenario = prepareScenario(configuration);
        const imageSizeBytes = scenario.images[scenario.newVersion]!.length;
        return (faults, lifeSeed) => {
          const { operations, fetchedBytes, outcome } = runLife({ scenario, faults, seed: lifeSeed });
          const more = Math.max(0, fetchedBytes - imageSizeBytes);
          return { operations, againBytes: more, imageSizeBytes, isUpdated: outcome === "updated" };
        };
      };
    }),
    seed,
  );
}

/** A peer on both slots, with a bootloader that validates. */
export function measurePeerCuts(scheme: SchemeName, seed: number): CutMeasurement {
  const configurations = PEER_CONFIGURATIONS.filter(({ validation }) => validation === "always");
  return measure(
    configurations.map((configuration): (() => Living) => {
      return () => {
        const scenario = preparePeer(SCHEMES[scheme], configuration);
        return (faults, lifeSeed) => {
          const life = runPeerLife({ scenario, faults, seed: lifeSeed });
          const outcome = outcomeOf(life);
          const isUpdated = outcome === "updated" || outcome === "refetched";
          const { operations, imageSizeBytes } = life;
          return { operations, againBytes: againBytes(life), imageSizeBytes, isUpdated };
        };
      };
    }),
    seed,
  );
}

function measure(worlds: readonly (() => Living)[], seed: number): CutMeasurement {
  const tallies: CutTallies = [newTally(), newTally(), newTally()];
  let [durationMs, imageSizeBytes] = [0, 0];
  for (const prepare of worlds) {
    const live = prepare();
    const startedMs = performance.now();
    imageSizeBytes = explore(live, tallies, seed);
    durationMs += performance.now() - startedMs;
  }
  return { tallies, imageSizeBytes, durationMs };
}

/** Gives the size of the image. */
function explore(live: Living, tallies: CutTallies, seed: number): number {
  const one = (faults: readonly OperationFault[], lifeSeed: number): CutLife => {
    const life = live(faults, lifeSeed);
    count(tallies[faults.length]!, life, faults);
    return life;
  };
  const quiet = one([], seed);
  const firsts = cutsOf(quiet.operations, -1).map((fault, index) => {
    const lifeSeed = (seed + index) >>> 0;
    return { fault, lifeSeed, after: one([fault], lifeSeed).operations };
  });
  const below = createSeededChance(seed);
  for (let pair = 0; pair < PAIR_COUNT; pair++) {
    const { fault, lifeSeed, after } = firsts[below(firsts.length)]!;
    const seconds = cutsOf(after, fault.operation);
    // With the seed of the first cut's life, so that the operation behind it is the one that was drawn.
    if (seconds.length > 0) one([fault, seconds[below(seconds.length)]!], lifeSeed);
  }
  return quiet.imageSizeBytes;
}

function cutsOf(operations: readonly Operation[], behind: number): OperationFault[] {
  return operations.flatMap((operation, index) => {
    if (index <= behind) return [];
    return modesFor(operation)
      .filter(isCutMode)
      .map((mode): OperationFault => ({ kind: "operation", operation: index, mode }));
  });
}

function newTally(): CutTally {
  return {
    lifeCount: 0,
    fullAgainCount: 0,
    withoutUpdateCount: 0,
    againBytes: 0,
    againBytesMax: 0,
    slotEraseCountMax: 0,
    otadataEraseCountMax: 0,
  };
}

function count(tally: CutTally, life: CutLife, faults: readonly OperationFault[]): void {
  tally.lifeCount++;
  if (life.againBytes >= life.imageSizeBytes) tally.fullAgainCount++;
  if (!life.isUpdated) tally.withoutUpdateCount++;
  tally.againBytes += life.againBytes;
  tally.againBytesMax = Math.max(tally.againBytesMax, life.againBytes);
  const slots = worstEraseCount(life.operations, faults, isInSlot);
  const otadata = worstEraseCount(life.operations, faults, (offset) => isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES));
  tally.slotEraseCountMax = Math.max(tally.slotEraseCountMax, slots);
  tally.otadataEraseCountMax = Math.max(tally.otadataEraseCountMax, otadata);
}

function isInSlot(offset: number): boolean {
  return SLOT_OFFSETS.some((start) => isIn(offset, start, SLOT_SIZE_BYTES));
}

/** Erases of the sector that has the most, of those that `isMeant`; one that the power did not let begin is none. */
function worstEraseCount(
  operations: readonly Operation[],
  faults: readonly OperationFault[],
  isMeant: (offset: number) => boolean,
): number {
  const counts = new Map<number, number>();
  for (const [index, { kind, offset }] of operations.entries()) {
    const isUndone = faults.some(({ operation, mode }) => operation === index && mode === "before");
    if (kind === "erase" && !isUndone && isMeant(offset)) counts.set(offset, (counts.get(offset) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}
