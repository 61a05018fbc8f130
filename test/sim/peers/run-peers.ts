/**
 * All lives of the peers, counted: the columns of the survival table that are not ours.
 *
 * Every single fault, every pair of cuts at otadata, pairs by chance anywhere, resets during the trial, and images that are
 * bad, in four configurations each. See docs/design/peers.md.
 */
import { isCutMode, modesFor, type Operation, type OperationFault } from "../../../hosts/node/chaos/fault.js";
import { createSeededChance } from "../../../hosts/node/random.js";
import type { PeerBehaviour } from "./peer-firmware.js";
import { type PeerLife, type PeerLifeOptions, runPeerLife } from "./peer-life.js";
import { OTADATA_OFFSET, PEER_CONFIGURATIONS, type PeerScenario, preparePeer, SECTOR_SIZE_BYTES } from "./peer-scenario.js";
import { SCHEMES, type SchemeName } from "./scheme.js";
import { type SurvivalRow, SurvivalTable } from "./survival.js";

const RESET_COUNT_MAX = 5;
/** In each configuration. */
const PAIR_COUNT = 250;

export interface PeerColumn {
  readonly scheme: SchemeName;
  readonly name: string;
  /** Single faults under the name of their mode, then what peers.md lists. */
  readonly rows: readonly SurvivalRow[];
}

export interface PeerReport {
  readonly seed: number;
  readonly lifeCount: number;
  readonly columns: readonly PeerColumn[];
}

export interface RunPeersOptions {
  readonly seed: number;
  /** Default: all. */
  readonly schemes?: readonly SchemeName[];
  /** After each configuration of each scheme. */
  readonly onProgress?: (text: string) => void;
}

/** Lives them all in this process: a minute or two. */
export function runPeers({ seed, schemes = allSchemes(), onProgress }: RunPeersOptions): PeerReport {
  const columns = schemes.map((scheme): PeerColumn => {
    const table = new SurvivalTable();
    for (const configuration of PEER_CONFIGURATIONS) {
      new Explorer(preparePeer(SCHEMES[scheme], configuration), seed, table).explore();
      onProgress?.(`${SCHEMES[scheme].name}: slot ${configuration.runningSlot}, validation ${configuration.validation}`);
    }
    return { scheme, name: SCHEMES[scheme].name, rows: table.rows() };
  });
  const lifeCount = columns.reduce((sum, { rows }) => sum + rows.reduce((count, row) => count + row.lifeCount, 0), 0);
  return { seed, lifeCount, columns };
}

function allSchemes(): SchemeName[] {
  return Object.keys(SCHEMES) as SchemeName[];
}

/** A cut, and the life that it made. */
interface LivedCut {
  readonly fault: OperationFault;
  readonly seed: number;
  readonly after: readonly Operation[];
}

class Explorer {
  readonly #scenario: PeerScenario;
  readonly #seed: number;
  readonly #table: SurvivalTable;
  readonly #cuts: LivedCut[] = [];
  #lifeCount = 0;

  constructor(scenario: PeerScenario, seed: number, table: SurvivalTable) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#table = table;
  }

  explore(): void {
    const { operations } = this.#live("no fault", {});
    for (const fault of faultsOf(operations)) {
      const seed = this.#nextSeed();
      const after = this.#live(fault.mode, { faults: [fault], seed }).operations;
      if (isCutMode(fault.mode)) this.#cuts.push({ fault, seed, after });
    }
    for (const { fault } of this.#cuts) this.#live("a cut, and a bit turned in otadata", { faults: [fault], rot: true });
    this.#pairsAtOtadata(operations);
    this.#pairsByChance();
    for (let count = 1; count <= RESET_COUNT_MAX; count++) {
      this.#live(`healthy, resets on trial: ${count}`, { resetsOnTrial: count });
    }
    for (const behaviour of ["panics", "hangs", "unhealthy"] as const) this.#badImage(behaviour);
  }

  #badImage(behaviour: PeerBehaviour): void {
    this.#live(`bad image: ${behaviour}`, { behaviour });
    if (behaviour === "hangs") this.#live("bad image: hangs, the watchdog only logs", { behaviour, watchdog: false });
    this.#live(`bad image: ${behaviour}, a reset on trial`, { behaviour, resetsOnTrial: 1 });
  }

  #pairsAtOtadata(operations: readonly Operation[]): void {
    for (const first of this.#cuts.filter(({ fault }) => isAtOtadata(operations, fault))) {
      for (const second of cutsBehind(first)) {
        if (isAtOtadata(first.after, second)) this.#livePair("two cuts at otadata", first, second);
      }
    }
  }

  #pairsByChance(): void {
    const below = createSeededChance(this.#seed);
    for (let count = 0; count < PAIR_COUNT; count++) {
      const first = this.#cuts[below(this.#cuts.length)]!;
      const seconds = cutsBehind(first);
      if (seconds.length > 0) this.#livePair("two cuts by chance", first, seconds[below(seconds.length)]!);
    }
  }

  /** With the seed of the first cut's life, so that the operation behind it is the one that was chosen. */
  #livePair(name: string, { fault, seed }: LivedCut, second: OperationFault): void {
    this.#live(name, { faults: [fault, second], seed });
  }

  #live(name: string, options: Partial<PeerLifeOptions>): PeerLife {
    const life = runPeerLife({ seed: this.#nextSeed(), ...options, scenario: this.#scenario });
    this.#table.add(name, life);
    return life;
  }

  #nextSeed(): number {
    return (this.#seed + this.#lifeCount++) >>> 0;
  }
}

/** Every fault of every operation. */
export function faultsOf(operations: readonly Operation[]): OperationFault[] {
  return operations.flatMap((operation, index) =>
    modesFor(operation).map((mode): OperationFault => ({ kind: "operation", operation: index, mode })),
  );
}

/** The cuts that may follow, in the life that the first one makes. */
export function cutsBehind({ fault, after }: Pick<LivedCut, "fault" | "after">): OperationFault[] {
  return faultsOf(after).filter(({ operation, mode }) => isCutMode(mode) && operation > fault.operation);
}

/** Whether the fault hits one of the two entries. */
export function isAtOtadata(operations: readonly Operation[], { operation }: OperationFault): boolean {
  const { offset } = operations[operation]!;
  return offset >= OTADATA_OFFSET && offset < OTADATA_OFFSET + 2 * SECTOR_SIZE_BYTES;
}
