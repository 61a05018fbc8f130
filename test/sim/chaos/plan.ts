/**
 * Which lives are lived: every fault alone, bits at rest, resets, bad releases, lies, storms, pairs of cuts, rows by chance.
 *
 * The operations of a life are known from a life without faults. Behind a first fault they are others, so the second fault of a
 * pair is placed among those of the life with the first one. What does not fit into the time is left out by turns and not by
 * size: the configuration and the seed say which moment, which place, which half. See docs/design/chaos.md.
 */
import { type Fault, isCutMode, modesFor, type OperationFault, RESET_MODES } from "../../../hosts/node/chaos/fault.js";
import { createSeededChance } from "../../../hosts/node/random.js";
import type { Configuration } from "./configuration.js";
import type { SeenOperation } from "./life-report.js";
import {
  isIn,
  JOURNAL_OFFSET,
  JOURNAL_SIZE_BYTES,
  NVS_OFFSET,
  OTADATA_OFFSET,
  type Scenario,
  SECTOR_SIZE_BYTES,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
} from "./scenario.js";
import { BAD_BEHAVIOURS, LIE_NAMES, type Story, SUCCESSION_NAMES } from "./story.js";

/** A life to be lived. */
export interface PlannedLife {
  readonly story: Story;
  readonly faults: readonly Fault[];
}

type Operations = readonly SeenOperation[];

const RECORD_SIZE_BYTES = 32;
/** Of a full journal only the last records are turned, and its first ones. */
const JOURNAL_RECORD_COUNT_MAX = 12;
const SLOT_SAMPLE_COUNT = 24;
const NVS_SAMPLE_COUNT = 4;
const LIE_CUT_COUNT = 6;
const CUT_DOWNLOAD_COUNT = 8;
/** Into a trial: before its gate can say anything, and shortly before it does. */
const TRIAL_MOMENTS_MS: readonly number[] = Object.freeze([0, 150, 290]);
const STORM_COUNT_MAX = 5;
/** Operations of a start at which power is cut for hundreds of times: at rest before, and on trial behind the bootloader's. */
const STORM_OPERATIONS: readonly (readonly [start: number, operation: number])[] = Object.freeze([
  [1, 0],
  [1, 3],
  [1, 4],
  [1, 6],
  [2, 4],
  [2, 6],
]);
/** Faults of the old image in a row behind a bad release: one more than the ladder takes to look for another image. */
const LADDER_RESET_COUNT = 6;
/** Into a start: behind its BOOT, before it has done anything. */
const LADDER_RESET_MS = 50;

const fault = (operation: number, mode: OperationFault["mode"]): Fault => ({ kind: "operation", operation, mode });
const good = (faults: readonly Fault[]): PlannedLife => ({ story: "good", faults });

/** Every fault of every operation, one at a time. */
export function singles(operations: Operations): PlannedLife[] {
  return operations.flatMap((operation, index) => modesFor(operation).map((mode) => good([fault(index, mode)])));
}

/** The cuts of operations outside the slots: journal, otadata, settings. */
export function recordCuts(operations: Operations): Fault[] {
  return operations.flatMap((operation, index) => {
    if (isInSlot(operation)) return [];
    return modesFor(operation)
      .filter(isCutMode)
      .map((mode) => fault(index, mode));
  });
}

/** `life` and, behind the last of its faults, each cut outside the slots among the operations of the life that they make. */
export function followedBy({ story, faults }: PlannedLife, operations: Operations): PlannedLife[] {
  const last = faults[faults.length - 1];
  const from = last?.kind === "operation" ? last.operation : 0;
  return recordCuts(operations)
    .filter((cut) => cut.kind === "operation" && cut.operation > from)
    .map((cut) => ({ story, faults: [...faults, cut] }));
}

/** A row of 2 … `countMax` cuts, anywhere, near and far from one another. */
export function randomCuts(operations: Operations, countMax: number, seed: number): PlannedLife {
  const below = createSeededChance(seed);
  const count = 2 + below(countMax - 1);
  const stride = below(2) === 0 ? 6 : operations.length;
  const faults: Fault[] = [];
  for (let at = below(operations.length); faults.length < count; at += 1 + below(stride)) {
    const modes = modesFor(operations[at % operations.length]!).filter(isCutMode);
    faults.push(fault(at, modes[below(modes.length)]!));
  }
  return good(faults);
}

/**
 * A bit of each byte of otadata's entries and of the journal's records, and of samples of the settings and of both slots: at
 * one of the update's moments, and at another one with a power cut right behind it, by turns.
 */
export function bitsAtRest(scenario: Scenario, operations: Operations, seed: number): PlannedLife[] {
  const moments = momentsOf(operations);
  const below = createSeededChance(seed);
  return placesOfBits(scenario, operations, below).flatMap((offset, index) => {
    const turn = index + seed;
    const moment = moments[turn % moments.length]!;
    const other = moments[(turn + 2) % moments.length]!;
    const turned = (operation: number): Fault => ({ kind: "bit", operation, offset, bit: below(8) });
    return [good([turned(moment)]), good([turned(other), fault(other, "before")])];
  });
}

/** A bit of what stands of the new image, turned while the power is off that was cut in the middle of its download. */
export function bitsOfCutDownload({ configuration }: Scenario, operations: Operations, seed: number): PlannedLife[] {
  const below = createSeededChance(seed);
  const first = SLOT_OFFSETS[1 - configuration.runningSlot]! + SECTOR_SIZE_BYTES; // Sector 0 stays in RAM.
  const writes = [...operations.keys()].filter(
    (index) => isInSlot(operations[index]!) && operations[index]!.kind === "program",
  );
  return Array.from({ length: CUT_DOWNLOAD_COUNT }, () => {
    const operation = writes[4 + below(writes.length - 7)]!; // Behind the first chunk, before the header.
    const offset = first + below(operations[operation]!.offset - first);
    return good([{ kind: "bit", operation, offset, bit: below(8) }, fault(operation, "before")]);
  });
}

/** Bits of the image that runs at the beginning: at its first start, and while it serves. */
export function bitsOfRunningImage({ configuration, images, oldVersion }: Scenario, seed: number): PlannedLife[] {
  const below = createSeededChance(seed);
  return Array.from({ length: SLOT_SAMPLE_COUNT }, (_, index) => {
    const offset = SLOT_OFFSETS[configuration.runningSlot] + below(images[oldVersion]!.length);
    const operation = index % 2 === 0 ? 0 : 12;
    const faults: Fault[] = [{ kind: "bit", operation, offset, bit: below(8) }];
    return good(operation === 0 ? faults : [...faults, fault(operation, "before")]);
  });
}

/** Each reset at each operation of a firmware, on trial by time, and storms of up to five on trial. */
export function resets(operations: Operations): PlannedLife[] {
  const lives: PlannedLife[] = [];
  for (const [index, operation] of operations.entries()) {
    // In a slot one sector is as good as the next.
    if (operation.version === undefined || (isInSlot(operation) && index % 4 !== 0)) continue;
    for (const mode of RESET_MODES) lives.push(good([fault(index, mode)]));
  }
  const reasons = ["powerOn", ...RESET_MODES] as const;
  for (const reason of reasons) {
    for (const atMs of TRIAL_MOMENTS_MS) {
      for (const count of reason === "powerOn" || reason === "brownOut" ? [1, 2, 3, 4, STORM_COUNT_MAX] : [1, 2]) {
        // The old image comes between two trials.
        const storm = Array.from({ length: count }, (_, nth): Fault => ({ kind: "timed", start: 2 + 2 * nth, atMs, reason }));
        lives.push(good(storm));
      }
    }
    for (let start = 2; start <= 2 + 2 * STORM_COUNT_MAX; start += 2) {
      if (reason === "brownOut") continue;
      lives.push(
        good([
          { kind: "timed", start: 2, atMs: 150, reason: "brownOut" },
          { kind: "timed", start: start + 2, atMs: 150, reason },
        ]),
      );
    }
  }
  return lives;
}

/** Every bad release alone, and with a cut of the records: each in its turn of the configurations. */
export function badReleases(
  configuration: number,
  { rollback }: Configuration,
  operations: Operations,
  seed: number,
): PlannedLife[] {
  if (!rollback) return []; // Without it nobody takes a trial back that ends before its verdict.
  return BAD_BEHAVIOURS.flatMap((story, index) => {
    const alone: PlannedLife = { story, faults: [] };
    if ((index + configuration + seed) % 4 !== 0) return [alone];
    return [alone, ...recordCuts(operations).map((cut) => ({ story, faults: [cut] }))];
  });
}

/** A bad release that is gone, and then the old image fails start after start: the ladder must not take the bad one. */
export function ladders({ rollback }: Configuration): PlannedLife[] {
  if (!rollback) return [];
  return (["unhealthy", "crashAtStart"] as const).flatMap((story) =>
    (["panic", "software", "unknown"] as const).map((reason) => {
      const first = 3; // The old image offers, the bad one is sent away.
      const faults = Array.from({ length: LADDER_RESET_COUNT }, (_, nth): Fault => {
        return { kind: "timed", start: first + nth, atMs: LADDER_RESET_MS, reason };
      });
      return { story, faults };
    }),
  );
}

/** Two updates, one behind the other, alone and with a cut of the records: each in its turn of the configurations. */
export function successions(
  configuration: number,
  { rollback }: Configuration,
  operations: Operations,
  seed: number,
): PlannedLife[] {
  return SUCCESSION_NAMES.flatMap((story, index) => {
    if (!rollback && story === "mended") return []; // It can send away, but a cut on the way there brings the bad one back.
    const alone: PlannedLife = { story, faults: [] };
    if ((index + configuration + seed) % 4 !== 0) return [alone];
    return [alone, ...recordCuts(operations).map((cut) => ({ story, faults: [cut] }))];
  });
}

/** Power is cut hundreds of times in a row at one operation of a start. */
export function storms(): PlannedLife[] {
  return STORM_OPERATIONS.map(([start, operation]) => ({ story: `storm-${start}-${operation}`, faults: [] }));
}

/** Every lie alone, and with cuts by chance. */
export function lies(configuration: number, operations: Operations, seed: number): PlannedLife[] {
  const below = createSeededChance(seed);
  return LIE_NAMES.flatMap((name, index) => {
    const story = `lie-${name}`;
    const alone: PlannedLife = { story, faults: [] };
    if ((index + configuration + seed) % 3 !== 0) return [alone];
    const cuts = Array.from({ length: LIE_CUT_COUNT }, () => {
      const at = below(operations.length);
      const modes = modesFor(operations[at]!).filter(isCutMode);
      return { story, faults: [fault(at, modes[below(modes.length)]!)] };
    });
    return [alone, ...cuts];
  });
}

/** At rest before, with half of the download there, armed, on trial, and afterwards. */
function momentsOf(operations: Operations): number[] {
  const indexes = [...operations.keys()];
  const slot = indexes.filter((index) => isInSlot(operations[index]!));
  const lastOfSlot = slot[slot.length - 1]!;
  const bootloader = indexes.findLast((index) => operations[index]!.version === undefined) ?? lastOfSlot;
  const armed = Math.max(bootloader - 1, lastOfSlot + 1);
  return [0, slot[slot.length >> 1]!, armed, bootloader + 2, operations.length];
}

function placesOfBits(scenario: Scenario, operations: Operations, below: (limit: number) => number): number[] {
  const places: number[] = [];
  const add = (offset: number, byteLength: number): void => {
    for (let index = 0; index < byteLength; index++) places.push(offset + index);
  };
  add(OTADATA_OFFSET, RECORD_SIZE_BYTES);
  add(OTADATA_OFFSET + SECTOR_SIZE_BYTES, RECORD_SIZE_BYTES);
  for (const offset of recordOffsets(scenario, operations)) add(offset, RECORD_SIZE_BYTES);
  for (let count = 0; count < NVS_SAMPLE_COUNT; count++) places.push(NVS_OFFSET + below(OTADATA_OFFSET - NVS_OFFSET));
  const { images, newVersion, configuration } = scenario;
  const target = SLOT_OFFSETS[1 - configuration.runningSlot]!;
  for (let count = 0; count < SLOT_SAMPLE_COUNT; count++) places.push(target + below(images[newVersion]!.length));
  return places;
}

/** Of the records that stand at the beginning and of those that the update writes, each once. */
function recordOffsets({ image }: Scenario, operations: Operations): number[] {
  const before: number[] = [];
  for (let offset = JOURNAL_OFFSET; offset < JOURNAL_OFFSET + JOURNAL_SIZE_BYTES; offset += RECORD_SIZE_BYTES) {
    if (image[Math.floor(offset / SECTOR_SIZE_BYTES)]![offset % SECTOR_SIZE_BYTES] !== 0xff) before.push(offset);
  }
  const written = operations
    .filter(({ kind, offset }) => kind === "program" && isIn(offset, JOURNAL_OFFSET, JOURNAL_SIZE_BYTES))
    .map(({ offset }) => offset - (offset % RECORD_SIZE_BYTES));
  const half = JOURNAL_RECORD_COUNT_MAX >> 1;
  const ends = before.length > JOURNAL_RECORD_COUNT_MAX ? [...before.slice(0, half), ...before.slice(-half)] : before;
  return [...new Set([...ends, ...written])];
}

function isInSlot({ offset }: { readonly offset: number }): boolean {
  return SLOT_OFFSETS.some((start) => isIn(offset, start, SLOT_SIZE_BYTES));
}
