/**
 * The devices on which lives are lived: which slot runs, what the bootloader does, what state journal and otadata are in.
 *
 * All combinations would be eighty, and most faults do not care. So the list is a covering array: any two values of any two
 * columns stand together in some row, which a spec demands (uncoveredPairs). The rows are written out and never sorted or
 * removed: a life is named by its row's number. See docs/design/chaos.md.
 */

export interface Configuration {
  readonly runningSlot: 0 | 1;
  readonly validation: "always" | "skipped";
  /** Whether the bootloader takes a trial back by itself. */
  readonly rollback: boolean;
  /** Whether the journal changes halves in the middle of the update. */
  readonly isJournalFull: boolean;
  /** What slots and otadata are written by: 16 bytes where flash is encrypted. The journal is not. */
  readonly writeUnitBytes: 4 | 16;
  /**
   * blank: as the factory leaves it · fallback: the entry that the bootloader follows names the other slot, whose image does
   * not boot, so that it went back to this one.
   */
  readonly otadata: "blank" | "normal" | "fallback";
}

type Row = readonly [
  0 | 1,
  "always" | "skipped",
  "rollback" | "no rollback",
  "room" | "full",
  4 | 16,
  Configuration["otadata"],
];

const ROWS: readonly Row[] = Object.freeze([
  [0, "always", "rollback", "room", 4, "normal"],
  [1, "always", "rollback", "room", 4, "normal"],
  [1, "skipped", "no rollback", "full", 16, "normal"],
  [0, "skipped", "rollback", "full", 4, "fallback"],
  [1, "always", "no rollback", "room", 16, "fallback"],
  [0, "skipped", "rollback", "room", 16, "blank"],
  [0, "always", "no rollback", "full", 4, "blank"],
  [1, "skipped", "rollback", "full", 4, "fallback"],
  [1, "always", "rollback", "room", 16, "normal"],
  [0, "skipped", "rollback", "room", 4, "blank"],
  [0, "always", "rollback", "full", 16, "fallback"],
  [1, "skipped", "rollback", "room", 4, "normal"],
] satisfies Row[]);

/** All that are run. */
export const CONFIGURATIONS: readonly Configuration[] = Object.freeze(
  ROWS.map(([runningSlot, validation, rollback, room, writeUnitBytes, otadata]) =>
    Object.freeze({
      runningSlot,
      validation,
      rollback: rollback === "rollback",
      isJournalFull: room === "full",
      writeUnitBytes,
      otadata,
    }),
  ),
);

const COLUMNS = Object.freeze({
  runningSlot: [0, 1],
  validation: ["always", "skipped"],
  rollback: [true, false],
  isJournalFull: [false, true],
  writeUnitBytes: [4, 16],
  otadata: ["blank", "normal", "fallback"],
} satisfies { [Column in keyof Configuration]: readonly Configuration[Column][] });

/** Pairs of values that no row has, as "runningSlot 1, otadata fallback". A blank otadata is there with slot 0 only. */
export function uncoveredPairs(configurations: readonly Configuration[]): string[] {
  const columns = Object.entries(COLUMNS) as [keyof Configuration, readonly unknown[]][];
  const missing: string[] = [];
  for (const [index, [first, firstValues]] of columns.entries()) {
    for (const [second, secondValues] of columns.slice(index + 1)) {
      for (const a of firstValues) {
        for (const b of secondValues) {
          const pair = `${first} ${String(a)}, ${second} ${String(b)}`;
          const isThere = configurations.some((row) => row[first] === a && row[second] === b);
          if (!isThere && pair !== "runningSlot 1, otadata blank") missing.push(pair);
        }
      }
    }
  }
  return missing;
}

export function describeConfiguration(configuration: Configuration): string {
  const { runningSlot, validation, rollback, isJournalFull, writeUnitBytes, otadata } = configuration;
  const words = [
    `slot ${runningSlot} runs`,
    validation === "always" ? "images validated" : "validation skipped",
    rollback ? "rollback" : "no rollback",
  ];
  if (isJournalFull) words.push("the journal about to change halves");
  if (writeUnitBytes === 16) words.push("encrypted");
  if (otadata !== "normal") words.push(otadata === "blank" ? "otadata blank" : "after a fallback boot");
  return words.join(", ");
}
