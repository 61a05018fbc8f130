/**
 * Wherever a change of otadata is cut, the bootloader finds an entry of a slot that boots, and the change can be made again.
 */
import { isValidOtaEntry, OtaState, otaSequenceCrc } from "../../../src/image/otadata.js";
import type { BootEntries } from "../../../src/ota/boot-entries.js";
import { equal, ok } from "../../harness/expect.js";
import { PowerCut } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { Board, type EntryWords } from "./otadata-board.js";

interface Change {
  readonly name: string;
  readonly from: readonly [EntryWords, EntryWords];
  /** Slots whose image boots. */
  readonly bootable: readonly number[];
  readonly running: number;
  make(entries: BootEntries): void;
  readonly to: readonly [string, string];
}

const settle = (running: number) => (entries: BootEntries) => entries.settle(running);

const CHANGES: readonly Change[] = [
  {
    name: "confirm after a trial",
    from: [
      [1, "valid"],
      [2, "pendingVerify"],
    ],
    bootable: [0, 1],
    running: 1,
    make: settle(1),
    to: ["1 valid", "2 valid"],
  },
  {
    name: "confirm where a bootloader without rollback left NEW",
    from: [
      [3, "new"],
      [2, "valid"],
    ],
    bootable: [0, 1],
    running: 0,
    make: settle(0),
    to: ["3 valid", "2 valid"],
  },
  {
    name: "confirm the only entry",
    from: ["blank", [2, "undefined"]],
    bootable: [1],
    running: 1,
    make: settle(1),
    to: ["4 valid", "2 undefined"],
  },
  {
    name: "confirm beside an invalid entry",
    from: [
      [3, "invalid"],
      [2, "new"],
    ],
    bootable: [1],
    running: 1,
    make: settle(1),
    to: ["4 valid", "2 new"],
  },
  {
    name: "repair after a fallback boot",
    from: [
      [3, "pendingVerify"],
      [2, "valid"],
    ],
    bootable: [1],
    running: 1,
    make: settle(1),
    to: ["3 invalid", "2 valid"],
  },
  {
    name: "repair where the own entry was aborted before",
    from: [
      [3, "valid"],
      [2, "aborted"],
    ],
    bootable: [1],
    running: 1,
    make: settle(1),
    to: ["3 invalid", "2 valid"],
  },
  {
    name: "repair where the own entry is lost",
    from: [[3, "valid"], "blank"],
    bootable: [1],
    running: 1,
    make: settle(1),
    to: ["3 valid", "4 valid"],
  },
  {
    name: "arm the blank entry",
    from: [[1, "valid"], "blank"],
    bootable: [0, 1],
    running: 0,
    make: (entries) => entries.arm(1, 0),
    to: ["1 valid", "2 new"],
  },
  {
    name: "arm over the last image's entry",
    from: [
      [3, "valid"],
      [2, "valid"],
    ],
    bootable: [0, 1],
    running: 0,
    make: (entries) => entries.arm(1, 0),
    to: ["3 valid", "4 new"],
  },
  {
    name: "reject",
    from: [
      [1, "valid"],
      [2, "pendingVerify"],
    ],
    bootable: [0, 1],
    running: 1,
    make: (entries) => entries.reject(1),
    to: ["1 valid", "2 invalid"],
  },
  {
    name: "invalidate the other",
    from: [
      [1, "valid"],
      [2, "new"],
    ],
    bootable: [0],
    running: 0,
    make: (entries) => entries.invalidateOther(0),
    to: ["1 valid", "2 invalid"],
  },
];

/** The board after `stepCount` steps of the change; whether it came to its end. */
function cutAfter(change: Change, stepCount: number, writeAlign: number): { board: Board; isDone: boolean } {
  const board = new Board(...change.from);
  board.isBootable[0] = change.bootable.includes(0);
  board.isBootable[1] = change.bootable.includes(1);
  board.memory.writeAlign = writeAlign;
  board.memory.stepsLeft = stepCount;
  let isDone = false;
  try {
    change.make(board.entries);
    isDone = true;
  } catch (error) {
    ok(error instanceof PowerCut, String(error));
  }
  board.memory.stepsLeft = Number.POSITIVE_INFINITY;
  return { board, isDone };
}

/** Every valid entry carries one of the states that were there or are wanted: never one of a torn write. */
function demandNoTornState(change: Change, board: Board): void {
  const known = [...new Board(...change.from).show(), ...change.to].map((words) => words.split(" ").slice(0, 2).join(" "));
  for (const [index, entry] of board.read().entries()) {
    if (isValidOtaEntry(entry)) ok(known.includes(board.show()[index]!), `${change.name}: ${board.show()[index]}`);
  }
}

describe("a change of otadata, cut after each of its steps", () => {
  for (const writeAlign of [4, 16]) {
    for (const change of CHANGES) {
      it(`${change.name}${writeAlign === 16 ? ", encrypted" : ""}`, () => {
        let stepCount = 0;
        for (; ; stepCount++) {
          const { board, isDone } = cutAfter(change, stepCount, writeAlign);
          const where = `${change.name}, cut after ${stepCount} steps: ${board.show().join(" / ")}`;
          demandNoTornState(change, board);
          const hadEntry = new Board(...change.from).selectedSlot !== undefined;
          ok(!hadEntry || board.selectedSlot !== undefined, `${where}: an entry is left to boot by`);
          ok(board.boot() !== undefined, `${where}: something boots`);
          if (!isDone) continue;
          equal(cutAfter(change, stepCount, writeAlign).board.show(), change.to);
          break;
        }
        ok(stepCount >= 10, "an erase in two halves and eight words");
      });
    }
  }

  it("can be made again by the slot that comes up, and is then complete", () => {
    for (const change of CHANGES) {
      for (let stepCount = 0; ; stepCount++) {
        const { board, isDone } = cutAfter(change, stepCount, 4);
        if (isDone) break;
        const running = board.boot()!;
        board.entries.settle(running);
        const where = `${change.name}, cut after ${stepCount} steps`;
        equal(board.entries.classifyOwn(running), "confirmed", where);
        equal(board.selectedSlot, running, where);
        board.entries.arm(1 - running, running);
        const [first, second] = board.read();
        const armed = first.state === OtaState.new ? first : second;
        equal([armed.state, armed.crc], [OtaState.new, otaSequenceCrc(armed.sequence)], where);
        equal(board.selectedSlot, 1 - running, where);
      }
    }
  });
});
