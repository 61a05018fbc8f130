/** Whatever stands in otadata and journal, a start ends in the closed words of the decision table, and the firmware runs. */
import fc from "fast-check";
import { encodeOtaEntry } from "../../../src/image/otadata.js";
import { DECISION_TABLE, rowsFor } from "../../../src/ota/decision.js";
import { encodeRecord, imageIdOf, RecordType } from "../../../src/ota/journal-record.js";
import { Slots } from "../../../src/ota/slots.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { equal, ok } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../../spec/image/sha256.js";
import { smallImage } from "../../spec/image/small-image.js";

const OWN = smallImage();
const OTHER = smallImage({ payload: new Uint8Array(64) });
const IDS = [OWN, OTHER, smallImage({ payload: new Uint8Array(8) })].map((image) => imageIdOf(image, image.length - 32));
const REASONS: readonly ResetReason[] = ["powerOn", "brownOut", "software", "panic", "watchdog", "deepSleep", "unknown"];
const WORDS = Object.freeze({
  slot: ["known", "unknown"],
  own: ["confirmed", "pending", "unstated", "unsettled"],
  fate: ["none", "running", "cut", "ended", "tired", "faulted", "exhausted", "sentAway"],
  claim: ["own", "other", "neither"],
  other: ["armed", "whole", "outdated", "quarantined", "broken"],
  rung: ["ground", "probe", "essential", "fallback", "safe"],
});

/** An entry as somebody may have written it, or noise. */
const entry = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.record({ sequence: fc.nat(6), state: fc.constantFrom(0, 1, 2, 3, 4, 0xffffffff, 77), bit: fc.nat(511) }).map((one) => {
    const bytes = encodeOtaEntry(one.sequence, one.state);
    if (one.bit < 256) bytes[one.bit >> 3]! ^= 1 << (one.bit & 7);
    return bytes;
  }),
);
/** A record that may follow any other, or noise in its place. */
const place = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 32, maxLength: 32 }) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        type: fc.oneof(fc.constantFrom(...Object.values(RecordType)), fc.nat(255)),
        detail: fc.oneof(fc.nat(6), fc.nat(255)),
        sequence: fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 0xffffffff })),
        imageId: fc.constantFrom(...IDS),
        first: fc.oneof(fc.nat(9), fc.integer({ min: 0, max: 0xffffffff })),
        second: fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 0xffffffff })),
      })
      .map(encodeRecord),
  },
);
const half = fc.array(place, { maxLength: 12 });

describe("a start over any flash", () => {
  it("meets one row of the table, and asks for no more than a restart", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(
        fc.tuple(entry, entry),
        fc.tuple(half, half),
        fc.constantFrom(...REASONS),
        fc.constantFrom(undefined, 0, 1),
        fc.boolean(),
        (entries, halves, resetReason, runningSlot, isExplained) => {
          const flash = new MemoryFlash({
            journal: 2 * SECTOR_SIZE_BYTES,
            otadata: 2 * SECTOR_SIZE_BYTES,
            running: SECTOR_SIZE_BYTES,
            nextota: SECTOR_SIZE_BYTES,
          });
          flash.partitions.get("running")!.set(OWN);
          flash.partitions.get("nextota")!.set(OTHER);
          for (const index of [0, 1] as const) {
            flash.partitions.get("otadata")!.set(entries[index], index * SECTOR_SIZE_BYTES);
            for (const [number, bytes] of halves[index].entries())
              flash.partitions.get("journal")!.set(bytes, index * SECTOR_SIZE_BYTES + 32 * number);
          }
          let restartCount = 0;
          const system = { resetReason, runningSlot, restart: () => void restartCount++, sleep: () => {} };
          const slots = new Slots({ flash, system, Digest: SpecDigest, isWatchdogExplained: isExplained });
          const { situation, decision, isRestarting } = slots.boot();
          for (const [column, words] of Object.entries(WORDS)) ok(words.includes(situation[column as keyof typeof WORDS]));
          equal(rowsFor(situation).length, 1);
          equal(restartCount, isRestarting ? 1 : 0);
          ok(slots.status().slots.length === (runningSlot === undefined ? 0 : 2));
          met.add(decision);
        },
      ),
      { numRuns: 2500, seed: 20_261_124 },
    );
    ok(met.size > DECISION_TABLE.length / 2, `met ${met.size} of ${DECISION_TABLE.length} rows: ${[...met].join(", ")}`);
  });
});
