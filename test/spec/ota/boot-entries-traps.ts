/**
 * The seven traps that otadata sets for whoever writes it (docs/design/ota.md), each as the story of the device that fell in.
 */
import { AssertionError } from "../../../src/assert.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Board, type EntryWords } from "./otadata-board.js";

/** The running slot's image is good, the other one was armed and did not boot, so the bootloader fell back. */
function afterFallback(): Board {
  const board = new Board([3, "new"], [2, "valid"]);
  board.isBootable[0] = false;
  equal(board.boot(), 1);
  equal(board.show(), ["3 pendingVerify", "2 valid"]);
  return board;
}

describe("otadata, trap by trap", () => {
  it("T1: an update after a fallback boot does not overwrite the entry of the good slot", () => {
    // esp_ota_set_boot_partition takes the entry with the greatest sequence for the own one. Here that is the dead slot's, so
    // it wrote NEW over the good slot's entry; the next image died, both were ABORTED, and the dead image booted for ever.
    const board = afterFallback();
    board.entries.settle(1);
    const good = board.sector(1);
    board.entries.arm(0, 1);
    equal(board.sector(1), good);
    equal(board.show(), ["3 new", "2 valid"]);
    board.isBootable[0] = true;
    equal(board.boot(), 0, "the new image starts");
    equal(board.boot(), 1, "and dies");
    equal(board.boot(), 1, "for good");
  });

  it("T2: after a fallback boot the running slot is confirmed, not the one that did not boot", () => {
    // esp_ota_mark_app_valid confirms the active entry. That is the unbootable slot's.
    const board = afterFallback();
    equal(board.entries.classifyOwn(1), "unsettled");
    board.entries.settle(1);
    equal(board.show(), ["3 invalid", "2 valid"]);
    equal([board.entries.classifyOwn(1), board.boot()], ["confirmed", 1]);
  });

  it("T3: the only usable entry is not rejected: the bootloader would come straight back to it", () => {
    const others: readonly EntryWords[] = ["blank", [1, "invalid"], [1, "aborted"], [1, "valid", "without crc"]];
    for (const other of others) {
      const board = new Board(other, [2, "pendingVerify"]);
      const before = board.show();
      ok(!board.entries.hasFallback(1), before[0]);
      ok(throws(() => board.entries.reject(1)) instanceof AssertionError);
      equal([board.show(), board.flash.changes], [before, []]);
    }
  });

  it("T3: a second entry of the running slot is nothing to fall back to", () => {
    // hasFallback looked for a valid other entry and not for another slot's: where both entries name the running slot (T7
    // leaves such a pair), a rejected image was booted again by its second entry.
    const board = new Board([2, "pendingVerify"], [2, "valid"]);
    ok(!board.entries.hasFallback(1));
    ok(throws(() => board.entries.reject(1)) instanceof AssertionError);
    equal(board.flash.changes, []);
  });

  it("T4: a confirm is an erase and a write; cut between them the other slot boots, which is what the journal is for", () => {
    const board = new Board([1, "valid"], [2, "pendingVerify"]);
    board.memory.stepsLeft = 2;
    throws(() => board.entries.settle(1), /power/);
    equal(board.show(), ["1 valid", "blank"]);
    equal(board.boot(), 0);
  });

  it("T4: without another entry to boot by, the confirmed one is written beside the own", () => {
    // settle rewrote the own entry in place even where it was the only one: cut there, none was left, and the bootloader went
    // to ota_0 whichever slot had been running.
    const board = new Board("blank", [2, "undefined"]);
    const own = board.sector(1);
    board.entries.settle(1);
    equal(board.sector(1), own);
    equal(board.show(), ["4 valid", "2 undefined"]);
    equal([board.entries.classifyOwn(1), board.boot()], ["confirmed", 1]);
    board.entries.arm(0, 1);
    equal(board.show(), ["4 valid", "5 new"], "the spare entry is the one that is used next");
  });

  it("T5: the crc is the last word: before it an entry is none, so none is ever valid without its state", () => {
    const board = new Board([1, "valid"], "blank");
    board.entries.arm(1, 0);
    equal(board.flash.changes, ["erase 1", "write 4096..4124", "write 4124..4128"]);
  });

  it("T6: no state is changed without an erase: PENDING and VALID have no bits in common and would make NEW", () => {
    const board = new Board([1, "valid"], [2, "pendingVerify"]);
    board.entries.settle(1);
    equal(board.show(), ["1 valid", "2 valid"]);
    equal(board.flash.changes[0], "erase 1");
    board.entries.reject(1);
    equal(board.show(), ["1 valid", "2 invalid"]);
    equal(board.flash.changes[3], "erase 1");
  });

  it("T7: two entries never get one sequence number, armed however often; the running slot is never armed", () => {
    const board = new Board([1, "valid"], "blank");
    for (let count = 0; count < 3; count++) {
      board.entries.arm(1, 0);
      equal(board.show(), ["1 valid", "2 new"]);
      ok(throws(() => board.entries.arm(1, 0)) instanceof AssertionError, "what is armed is not armed over");
      board.entries.settle(0);
      equal(board.show(), ["1 valid", "2 invalid"]);
    }
    ok(throws(() => board.entries.arm(0, 0)) instanceof AssertionError);
  });

  it("T7: a pair of equal numbers, left by ESP-IDF before 6.0, is settled and armed over", () => {
    const board = new Board([2, "valid"], [2, "new"]);
    equal(board.entries.classifyOwn(1), "confirmed");
    board.entries.settle(1);
    board.entries.arm(0, 1);
    equal(board.show(), ["2 valid", "3 new"]);
  });
});

describe("otadata", () => {
  it("is refused unless it has two sectors", () => {
    const board = new Board("blank", "blank");
    board.memory.partitions.set("otadata", new Uint8Array(4096));
    throws(() => board.entries, "invalid", /two sectors/);
  });

  it("is not written where all is in order", () => {
    const board = new Board([1, "valid"], [2, "valid"]);
    board.entries.settle(1);
    equal(board.flash.changes, []);
    const without = new Board([1, "invalid"], [2, "valid"]);
    without.entries.invalidateOther(1);
    equal(without.flash.changes, []);
  });

  it("is not armed before the running slot is confirmed", () => {
    for (const own of ["new", "pendingVerify", "invalid", "aborted"] as const) {
      const board = new Board("blank", [2, own]);
      ok(throws(() => board.entries.arm(0, 1)) instanceof AssertionError, own);
      equal(board.flash.changes, []);
    }
  });

  it("says io where the flash does not keep an entry", () => {
    const board = new Board([1, "valid"], "blank");
    board.flash.badOffset = 4096 + 24;
    throws(() => board.entries.arm(1, 0), "io", /did not keep/);
  });

  it("is written in one piece of 32 bytes where it is encrypted: lines of 16 are all that such a flash takes", () => {
    const board = new Board([1, "valid"], [2, "pendingVerify"]);
    board.memory.writeAlign = 16;
    board.entries.settle(1);
    board.entries.arm(0, 1);
    board.entries.invalidateOther(1);
    equal(board.show(), ["3 invalid", "2 valid"]);
    equal(
      board.flash.changes.filter((line) => line.startsWith("write")),
      ["write 4096..4128", "write 0..32", "write 0..32"],
    );
  });
});
