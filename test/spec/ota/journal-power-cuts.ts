/** Spec: the journal loses nothing that it acknowledged, wherever the power is cut. */
import { Journal, type NewRecord } from "../../../src/ota/journal.js";
import { RECORD_BODY_SIZE_BYTES, RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { MemoryFlash, PowerCut, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";

const HALF_SECTOR_COUNT = 1;
const RECORDS_A_HALF = (HALF_SECTOR_COUNT * SECTOR_SIZE_BYTES) / RECORD_SIZE_BYTES - 1;

function blankFlash(): MemoryFlash {
  return new MemoryFlash({ journal: 2 * HALF_SECTOR_COUNT * SECTOR_SIZE_BYTES });
}

function id(number: number): string {
  return number.toString(16).padStart(16, "0");
}

const FILL_COUNT = 11;
const CRC_OFFSET = 24;

/** A state with everything in it, told by FILL_COUNT records. */
function fill(journal: Journal): void {
  journal.append({ type: RecordType.boot, imageId: id(1), first: 41, second: 0, detail: 1 });
  journal.append({ type: RecordType.quarantine, imageId: id(2) });
  journal.append({ type: RecordType.confirmed, imageId: id(1), second: 0 });
  journal.append({ type: RecordType.rejected, imageId: id(3), second: 1, detail: 3 });
  journal.append({ type: RecordType.floor, detail: 2, first: 11 });
  journal.append({ type: RecordType.nextKey, imageId: id(5), first: 6, second: 7 });
  journal.append({ type: RecordType.pending, imageId: id(4), first: 9, second: 3 });
  journal.append({ type: RecordType.pendingKey, imageId: id(8), first: 9, second: 10 });
  journal.append({ type: RecordType.armed, imageId: id(4), first: 2, second: 1 });
  journal.append({ type: RecordType.boot, imageId: id(4), first: 42, second: 1, detail: 2 });
  journal.append({ type: RecordType.boot, imageId: id(1), first: 43, second: 0, detail: 1 });
}

function stateOf(journal: Journal): unknown {
  const { trial, confirmed, rejected, quarantine, bootCount, streak, isPlanned, releases } = journal.history;
  const memory = journal.history.memory;
  const pending = releases.live();
  return { trial, confirmed, rejected, quarantine: quarantine.images.slice(), bootCount, streak, isPlanned, memory, pending };
}

describe("the journal under power cuts", () => {
  it("reads after a restart what was folded before it", () => {
    const flash = blankFlash();
    const journal = new Journal({ flash });
    fill(journal);
    journal.append({ type: RecordType.planned, detail: 1 });
    equal(stateOf(new Journal({ flash })), stateOf(journal));
  });

  it("keeps its state over a hundred changes of half", () => {
    const flash = blankFlash();
    const journal = new Journal({ flash });
    fill(journal);
    const before = JSON.stringify(stateOf(journal));
    while (journal.health.generation < 100) journal.append({ type: RecordType.fault, detail: 1 });
    equal(JSON.stringify(stateOf(journal)), before);
    equal(stateOf(new Journal({ flash })), stateOf(journal));
  });

  it("has the state before or after the append, at every word and erase step of an append that changes halves", () => {
    const prepared = blankFlash();
    const journal = new Journal({ flash: prepared });
    fill(journal);
    for (let count = FILL_COUNT; count < RECORDS_A_HALF; count++) journal.append({ type: RecordType.fault, detail: 1 });
    const before = stateOf(journal);
    const snapshot = prepared.partitions.get("journal")!.slice();
    const last: NewRecord = { type: RecordType.quarantine, imageId: id(9) };
    for (let steps = 0; ; steps++) {
      const flash = blankFlash();
      flash.partitions.get("journal")!.set(snapshot);
      const cut = new Journal({ flash });
      flash.stepsLeft = steps;
      let isDone = false;
      try {
        cut.append(last);
        isDone = true;
      } catch (error) {
        ok(error instanceof PowerCut, String(error));
      }
      flash.stepsLeft = Number.POSITIVE_INFINITY;
      const after = new Journal({ flash });
      if (isDone) {
        ok(after.history.isQuarantined(id(9)), "the append was acknowledged");
        ok(steps > 20, "the append changed halves");
        break;
      }
      if (after.history.isQuarantined(id(9))) continue; // Written in full, cut before it could say so.
      equal(stateOf(after), before, `cut after ${steps} steps`);
      after.append(last);
      ok(new Journal({ flash }).history.isQuarantined(id(9)), `the next append holds after a cut at ${steps}`);
    }
  });

  it("survives 256 cuts in a row at the same step", () => {
    const flash = blankFlash();
    fill(new Journal({ flash }));
    const before = stateOf(new Journal({ flash }));
    for (let cut = 0; cut < 256; cut++) {
      const journal = new Journal({ flash });
      flash.stepsLeft = 3;
      throws(() => journal.append({ type: RecordType.quarantine, imageId: id(9) }), /power/);
      flash.stepsLeft = Number.POSITIVE_INFINITY;
    }
    const after = new Journal({ flash });
    equal(stateOf(after), before);
    after.append({ type: RecordType.quarantine, imageId: id(9) });
    ok(new Journal({ flash }).history.isQuarantined(id(9)));
  });

  it("is formatted when blank, cut anywhere, and formatted again", () => {
    for (let steps = 0; steps < 12; steps++) {
      const flash = blankFlash();
      flash.stepsLeft = steps;
      try {
        new Journal({ flash });
      } catch (error) {
        ok(error instanceof PowerCut);
      }
      flash.stepsLeft = Number.POSITIVE_INFINITY;
      const journal = new Journal({ flash });
      journal.append({ type: RecordType.quarantine, imageId: id(5) });
      ok(new Journal({ flash }).history.isQuarantined(id(5)), `cut after ${steps} steps`);
    }
  });

  it("is read as far as its records go when the head is damaged", () => {
    const flash = blankFlash();
    const journal = new Journal({ flash });
    fill(journal);
    const before = stateOf(journal);
    flash.partitions.get("journal")![20]! &= 0; // One byte of the head's CRC'd body.
    flash.partitions.get("journal")![9]! &= 0xfe;
    flash.partitions.get("journal")![16]! ^= 2;
    equal(stateOf(new Journal({ flash })), before);
  });

  it("refuses a partition of the wrong shape", () => {
    throws(() => new Journal({ flash: new MemoryFlash({ journal: 3 * SECTOR_SIZE_BYTES }) }), "invalid", /even number/);
    const encrypted = blankFlash();
    encrypted.writeAlign = 16;
    throws(() => new Journal({ flash: encrypted }), "invalid", /4 bytes/);
  });
});

describe("the journal of a newer firmware", () => {
  // An update wrote its journal in a version that the old image does not know; then it was rolled back. Taken for garbage, the
  // journal would be formatted, and with it the quarantine of the very image that failed.
  it("is not erased: nothing is appended, and the firmware runs", () => {
    const flash = blankFlash();
    fill(new Journal({ flash }));
    const bytes = flash.partitions.get("journal")!;
    for (let offset = 0; offset < bytes.length; offset += RECORD_SIZE_BYTES) if (bytes[offset] === 0xa7) bytes[offset + 1] = 2;
    const before = bytes.slice();
    const journal = new Journal({ flash });
    throws(() => journal.append({ type: RecordType.boot }), "io", /newer version/);
    equal(bytes, before);
  });
});

describe("a record whose commit word was cut", () => {
  // The power went in the very moment in which the last word of a floor was programmed. The next start read the record whole
  // and obeyed it; some operations later its cells had made up their mind, the record was gone, and the floor sank.
  it("reads as written once, and as noise when the next one is appended: it is written anew", () => {
    const flash = blankFlash();
    const bytes = flash.partitions.get("journal")!;
    fill(new Journal({ flash }));
    const before = stateOf(new Journal({ flash }));
    const journal = new Journal({ flash });
    bytes.fill(0, FILL_COUNT * RECORD_SIZE_BYTES + CRC_OFFSET, FILL_COUNT * RECORD_SIZE_BYTES + RECORD_BODY_SIZE_BYTES);
    journal.append({ type: RecordType.floor, detail: 2, first: 12 });
    const after = stateOf(new Journal({ flash })) as { bootCount: number };
    equal(after.bootCount, 43, "the BOOT that was read");
    equal({ ...after, memory: undefined }, { ...(before as object), memory: undefined });
  });

  it("is programmed once more as it was read, so that it stays", () => {
    const flash = blankFlash();
    fill(new Journal({ flash }));
    const journal = new Journal({ flash });
    const stepCount = flash.stepCount;
    journal.append({ type: RecordType.boot, imageId: id(1), first: 44 });
    equal(flash.stepCount - stepCount, 2 * (RECORD_SIZE_BYTES / 4) + RECORD_SIZE_BYTES / 4, "head, last, and the new one");
  });

  it("and is a head has its half copied into the other one", () => {
    const flash = blankFlash();
    const bytes = flash.partitions.get("journal")!;
    fill(new Journal({ flash }));
    const journal = new Journal({ flash });
    bytes.fill(0, CRC_OFFSET, RECORD_BODY_SIZE_BYTES);
    journal.append({ type: RecordType.boot, imageId: id(1), first: 44 });
    const again = new Journal({ flash });
    equal([again.history.bootCount, again.health.generation, again.history.quarantine.images.length], [44, 2, 1]);
  });
});
