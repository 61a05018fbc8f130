/** What must not be lost stands in both halves of the journal: any one place of it, or a whole half, may go. */
import { Journal, type NewRecord } from "../../../src/ota/journal.js";
import { isKeptTwice, RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import { equal, ok } from "../../harness/expect.js";
import { MemoryFlash, PowerCut, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";

const id = (number: number): string => number.toString(16).padStart(16, "0");
const HALF_SIZE_BYTES = SECTOR_SIZE_BYTES;

/** An update's worth of records, the `number`-th. */
function updateOf(number: number): readonly NewRecord[] {
  const imageId = id(number);
  return [
    { type: RecordType.floor, detail: 2, first: number },
    { type: RecordType.progress, imageId, first: 3, second: 1 },
    { type: RecordType.pending, imageId, first: number, second: number },
    { type: RecordType.pendingKey, detail: number, imageId: id(0x1000 + number), first: number, second: number },
    { type: RecordType.armed, imageId, first: 1, second: 1 },
    { type: RecordType.planned, detail: 1 },
    { type: RecordType.boot, imageId, first: number, second: 1, detail: 2 },
    number % 3 === 0
      ? { type: RecordType.quarantine, imageId, first: number }
      : { type: RecordType.confirmed, imageId, second: 1 },
    { type: RecordType.floor, detail: 3, first: number },
    { type: RecordType.floor, detail: 1, first: number },
  ];
}

function filled(updateCount: number): MemoryFlash {
  const flash = new MemoryFlash({ journal: 2 * HALF_SIZE_BYTES });
  const journal = new Journal({ flash });
  for (let number = 1; number <= updateCount; number++) for (const record of updateOf(number)) journal.append(record);
  return flash;
}

/** What of it binds later updates. */
function bindingOf(flash: MemoryFlash): object {
  const reader = new Journal({ flash }).history;
  return {
    // The order is lost with the record that has it.
    quarantine: [...reader.quarantine.images].sort((a, b) => a.releaseNumber - b.releaseNumber),
    memory: reader.memory,
    confirmed: reader.confirmed?.imageId,
    lastVerdict: reader.lastVerdict,
    releases: [...reader.releases.live()].sort((a, b) => a.first - b.first || a.type - b.type),
  };
}

function copyOf(flash: MemoryFlash): MemoryFlash {
  const copy = new MemoryFlash({});
  for (const [path, bytes] of flash.partitions) copy.partitions.set(path, bytes.slice());
  return copy;
}

const bytesOf = (flash: MemoryFlash): Uint8Array => flash.partitions.get("journal")!;

/** Full halves, fresh ones, and what lies between. */
const COUNTS: readonly number[] = [1, 4, 5, 8, 9, 13];

describe("the journal's two halves", () => {
  it("both have what binds later updates, and say so", () => {
    for (const count of COUNTS) {
      const flash = filled(count);
      ok(new Journal({ flash }).health.isKeptTwice, `after ${count} updates`);
    }
    ok(
      !new Journal({ flash: new MemoryFlash({ journal: 2 * HALF_SIZE_BYTES }) }).health.isKeptTwice,
      "a fresh one has one half",
    );
  });

  it("lose nothing of it with any one place, whatever it reads as then", () => {
    for (const [count, flip] of [
      [4, 31],
      [8, 4],
    ] as const) {
      const flash = filled(count);
      const before = bindingOf(flash);
      for (let offset = 0; offset < 2 * HALF_SIZE_BYTES; offset += RECORD_SIZE_BYTES) {
        const damaged = copyOf(flash);
        bytesOf(damaged)[offset + flip]! ^= 1 << (flip % 8);
        equal(bindingOf(damaged), before, `${count} updates, a bit of byte ${flip} at ${offset}`);
      }
    }
  });

  it("lose nothing of it with a whole half, and it is in both again after the next records", () => {
    for (const count of COUNTS) {
      const flash = filled(count);
      const before = bindingOf(flash);
      for (const half of [0, 1]) {
        const damaged = copyOf(flash);
        bytesOf(damaged).fill(0xff, half * HALF_SIZE_BYTES, (half + 1) * HALF_SIZE_BYTES);
        equal(bindingOf(damaged), before, `${count} updates, half ${half}`);
        const journal = new Journal({ flash: damaged });
        journal.append({ type: RecordType.boot, imageId: id(1), first: 99 });
        journal.append({ type: RecordType.floor, detail: 4, first: 1 });
        ok(new Journal({ flash: damaged }).health.isKeptTwice, `${count} updates, half ${half}`);
        const other = copyOf(damaged);
        bytesOf(other).fill(0, (1 - half) * HALF_SIZE_BYTES, (2 - half) * HALF_SIZE_BYTES);
        equal({ ...bindingOf(other), memory: undefined }, { ...before, memory: undefined }, "and then with the other one");
      }
    }
  });

  it("have a record that was acknowledged after a cut anywhere, and then once more in both", () => {
    for (const freeCount of [0, 2]) {
      const prepared = filled(4);
      const journal = new Journal({ flash: prepared });
      while (journal.health.placeCount - journal.health.usedCount > freeCount) journal.append({ type: RecordType.fault });
      const before = JSON.stringify(bindingOf(prepared));
      for (let stepCount = 0, isCut = true; isCut; stepCount++) {
        const flash = copyOf(prepared);
        flash.stepsLeft = stepCount;
        try {
          new Journal({ flash }).append({ type: RecordType.quarantine, imageId: id(77), first: 7 });
          isCut = false;
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error;
        }
        flash.stepsLeft = Number.POSITIVE_INFINITY;
        const isThere = new Journal({ flash }).history.isQuarantined(id(77));
        ok(isThere || isCut, "it was acknowledged");
        if (!isThere) equal(JSON.stringify(bindingOf(flash)), before, `cut after ${stepCount}`);
        new Journal({ flash }).append({ type: RecordType.boot, first: 5 });
        const { history, health } = new Journal({ flash });
        equal([history.isQuarantined(id(77)), health.isKeptTwice], [isThere, true], `cut after ${stepCount}`);
      }
    }
  });

  it("go on where one of them takes nothing any more: what was appended is there", () => {
    const flash = filled(3);
    const generation = new Journal({ flash }).health.generation;
    const other = generation % 2 === 0 ? 0 : 1;
    const worn = new WornFlash(flash, other * HALF_SIZE_BYTES);
    const journal = new Journal({ flash: worn });
    journal.append({ type: RecordType.quarantine, imageId: id(88), first: 7 });
    ok(!journal.health.isKeptTwice, "and says that it stands there once");
    journal.append({ type: RecordType.boot, first: 5 });
    equal([new Journal({ flash }).history.isQuarantined(id(88)), new Journal({ flash }).history.bootCount], [true, 5]);
  });

  it("tell which records stand in both", () => {
    const twice = Object.entries(RecordType).filter(([, type]) => isKeptTwice(type));
    const names = ["confirmed", "rejected", "quarantine", "floor", "nextKey", "pending", "pendingKey"];
    equal(
      twice.map(([name]) => name),
      names,
    );
  });
});

/** Keeps nothing that is written from `start` on, for the length of a half. */
class WornFlash extends MemoryFlash {
  readonly #flash: MemoryFlash;
  readonly #start: number;

  constructor(flash: MemoryFlash, start: number) {
    super({});
    this.#flash = flash;
    this.#start = start;
  }

  override open(options: Parameters<MemoryFlash["open"]>[0]): ReturnType<MemoryFlash["open"]> {
    const partition = this.#flash.open(options);
    const isWorn = (offset: number): boolean => offset >= this.#start && offset < this.#start + HALF_SIZE_BYTES;
    return new Proxy(partition, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        return (...values: unknown[]): unknown => {
          if (name === "write" && isWorn(values[1] as number)) return undefined;
          if (name === "eraseBlock" && isWorn((values[0] as number) * SECTOR_SIZE_BYTES)) return undefined;
          return Reflect.apply(member, target, values) as unknown;
        };
      },
    });
  }
}
