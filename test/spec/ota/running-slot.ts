/** The running slot, deduced by a host that cannot ask: right, or left open, and never a guess. */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { Journal, type NewRecord } from "../../../src/ota/journal.js";
import { imageIdOf, RecordType } from "../../../src/ota/journal-record.js";
import { findRunningSlot } from "../../../src/ota/running-slot.js";
import { equal } from "../../harness/expect.js";
import { MemoryFlash, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";
import { TracedFlash } from "./traced-flash.js";

const RUNNING = smallImage();
const OTHER = smallImage({ payload: new Uint8Array(64) });
const DAMAGED = OTHER.slice();
DAMAGED[300]! ^= 1;
const BLANK = new Uint8Array(0);

function idOf(image: Uint8Array): string {
  return imageIdOf(image, image.length - 32);
}

interface Flash {
  readonly other: Uint8Array;
  /** Sequence and state of the entries, by sector. */
  readonly entries: readonly (readonly [number, keyof typeof OtaState] | undefined)[];
  readonly records?: readonly NewRecord[];
  readonly without?: string;
  readonly with?: string;
}

function flashOf({ other, entries, records = [], ...table }: Flash): TracedFlash {
  const sizes: Record<string, number> = { journal: 2 * SECTOR_SIZE_BYTES, otadata: 2 * SECTOR_SIZE_BYTES };
  for (const label of ["ota_0", "ota_1", "running", "nextota"]) sizes[label] = SECTOR_SIZE_BYTES;
  if (table.with !== undefined) sizes[table.with] = SECTOR_SIZE_BYTES;
  const memory = new MemoryFlash(sizes);
  if (table.without !== undefined) memory.partitions.delete(table.without);
  memory.partitions.get("running")!.set(RUNNING);
  memory.partitions.get("nextota")!.set(other);
  for (const [index, entry] of entries.entries()) {
    if (!entry) continue;
    memory.partitions.get("otadata")?.set(encodeOtaEntry(entry[0], OtaState[entry[1]]), index * SECTOR_SIZE_BYTES);
  }
  if (memory.partitions.has("journal")) {
    const journal = new Journal({ flash: memory });
    for (const record of records) journal.append(record);
  }
  return new TracedFlash(memory);
}

const confirmed = (image: Uint8Array, slot: number): NewRecord => ({
  type: RecordType.confirmed,
  imageId: idOf(image),
  second: slot,
});
const armed = (image: Uint8Array, slot: number): NewRecord => ({
  type: RecordType.armed,
  imageId: idOf(image),
  first: 1,
  second: slot,
});

const CASES: readonly (Flash & { readonly name: string; readonly slot: number | undefined })[] = [
  {
    name: "one image from the factory, by the entry that the bootloader wrote",
    other: BLANK,
    entries: [[1, "valid"]],
    slot: 0,
  },
  { name: "one image from the factory in the second slot", other: BLANK, entries: [[2, "valid"]], slot: 1 },
  { name: "no entry at all, as before the first boot is recorded", other: BLANK, entries: [], slot: 0 },
  {
    name: "two whole images: the one that is followed",
    other: OTHER,
    entries: [
      [1, "valid"],
      [2, "pendingVerify"],
    ],
    slot: 1,
  },
  {
    name: "two whole images after a rollback",
    other: OTHER,
    entries: [
      [1, "valid"],
      [2, "aborted"],
    ],
    slot: 0,
  },
  {
    name: "an update that has begun in the other slot",
    other: BLANK,
    entries: [
      [3, "valid"],
      [2, "valid"],
    ],
    slot: 0,
  },
  {
    name: "a damaged image in the other slot, and a journal that knows the running one",
    other: DAMAGED,
    entries: [
      [3, "valid"],
      [2, "valid"],
    ],
    records: [confirmed(RUNNING, 0)],
    slot: 0,
  },
  {
    name: "a boot past a damaged image: the journal knows the running one in the slot that is not followed",
    other: DAMAGED,
    entries: [
      [1, "valid"],
      [2, "pendingVerify"],
    ],
    records: [confirmed(RUNNING, 0), armed(OTHER, 1)],
    slot: 0,
  },
  {
    name: "a damaged image, and a journal that knows neither",
    other: DAMAGED,
    entries: [
      [1, "valid"],
      [2, "valid"],
    ],
    slot: undefined,
  },
  {
    name: "a damaged image, and one image known in both slots",
    other: DAMAGED,
    entries: [
      [1, "valid"],
      [2, "valid"],
    ],
    records: [confirmed(RUNNING, 0), armed(RUNNING, 1)],
    slot: undefined,
  },
  {
    name: "a blank slot beside an entry on trial, which no update of ours leaves",
    other: BLANK,
    entries: [[2, "new"]],
    slot: undefined,
  },
  { name: "a factory image, which may run by a pin", other: BLANK, entries: [[1, "valid"]], with: "factory", slot: undefined },
  { name: "a third slot", other: OTHER, entries: [[1, "valid"]], with: "ota_2", slot: undefined },
  { name: "no otadata", other: OTHER, entries: [], without: "otadata", slot: undefined },
  { name: "no journal", other: OTHER, entries: [[1, "valid"]], without: "journal", slot: undefined },
];

describe("the running slot, deduced", () => {
  for (const { name, slot, ...content } of CASES) {
    it(`from ${name}`, () => {
      const flash = flashOf(content);
      equal(findRunningSlot({ flash, Digest: SpecDigest }), slot);
      equal(flash.changedPaths, [], "and nothing is written");
    });
  }
});
