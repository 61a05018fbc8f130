/**
 * What a release asks to be remembered: its key holds once its image is confirmed, its numbers once the image has soaked.
 *
 * A floor that grows too early locks a device out of the image that it goes back to; one that is lost is a rollback that is
 * possible again. The sweeps cut the power at every step of taking an update, the compaction of the journal included.
 */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { History } from "../../../src/ota/history.js";
import { Journal, type NewRecord } from "../../../src/ota/journal.js";
import { imageIdOf, type JournalRecord, NO_IMAGE, RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import type { ReleaseFloors } from "../../../src/ota/releases.js";
import { Slots } from "../../../src/ota/slots.js";
import type { UpdateMemory } from "../../../src/ota/update-judge.js";
import { equal, ok } from "../../harness/expect.js";
import { MemoryFlash, PowerCut, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";

const NONE = { releaseFloor: 0, deploymentFloor: 0, securityFloor: 0, timeFloorS: 0, nextKeyDigest: undefined };
const X = "00000000000000aa";
const Y = "00000000000000bb";
const KEY = new Uint8Array(32).fill(0xab);
const KEPT_KEY = KEY.slice(0, 16);

type Fields = Partial<Omit<JournalRecord, "type">>;

function record(type: keyof typeof RecordType, fields: Fields = {}): JournalRecord {
  return { type: RecordType[type], detail: 0, sequence: 0, imageId: NO_IMAGE, first: 0, second: 0, ...fields };
}

const pending = (imageId: string, first: number, second: number): JournalRecord =>
  record("pending", { imageId, first, second });
const confirmed = (imageId: string): JournalRecord => record("confirmed", { imageId, second: 1 });
/** The key `digits` times sixteen. */
const keyOf = (type: "nextKey" | "pendingKey", digits: string): JournalRecord =>
  record(type, { imageId: digits.repeat(8), first: Number.parseInt(digits.repeat(4), 16), second: 0x01020304 });
const digestOf = (digits: string): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, index) => (index < 12 ? Number.parseInt(digits, 16) : index - 11));

function fold(records: readonly JournalRecord[]): History {
  const history = new History();
  for (const one of records) history.fold(one);
  return history;
}

/** What binds updates while X runs. */
function memoryOf(records: readonly JournalRecord[]): UpdateMemory {
  return fold(records).memoryOf(X);
}

/** What binds them whatever runs. */
function floorsOf(records: readonly JournalRecord[]): UpdateMemory {
  return fold(records).memoryOf(NO_IMAGE);
}

/** The records by which X's release becomes floors. */
function soaked(records: readonly JournalRecord[]): JournalRecord[] {
  const { floors, releases } = fold(records);
  return floors.soaked(releases.of(X)!).map((floor) => ({ ...floor, sequence: 0 }));
}

describe("what a release asks for", () => {
  it("changes nothing before its image is confirmed", () => {
    const taken = [pending(X, 9, 4), keyOf("pendingKey", "ab"), record("armed", { imageId: X, first: 1, second: 1 })];
    for (let count = 0; count <= taken.length; count++) equal(memoryOf(taken.slice(0, count)), NONE);
    for (const type of ["boot", "rejected", "quarantine", "planned", "fault"] as const)
      equal(memoryOf([...taken, record(type, { imageId: X, second: 1 })]), NONE, type);
  });

  it("changes nothing when another image is confirmed", () => {
    const taken = [pending(X, 9, 4), keyOf("pendingKey", "ab"), confirmed(Y)];
    equal(memoryOf(taken), NONE);
    equal(memoryOf([...taken, confirmed(X)]), { ...NONE, releaseFloor: 9, securityFloor: 4, nextKeyDigest: digestOf("ab") });
  });

  it("binds while its image runs, once that is confirmed, and whatever runs, once that has soaked", () => {
    const taken = [pending(X, 9, 4), confirmed(X)];
    equal([memoryOf(taken), floorsOf(taken)], [{ ...NONE, releaseFloor: 9, securityFloor: 4 }, NONE]);
    const proved = [...taken, ...soaked(taken)];
    equal(floorsOf(proved), { ...NONE, releaseFloor: 9, securityFloor: 4 });
    equal(soaked(proved), [], "and once is enough");
  });

  it("changes the key when its image is confirmed; without one the key that was stays", () => {
    const known = keyOf("nextKey", "cd");
    equal(floorsOf([known, pending(X, 9, 4), confirmed(X)]).nextKeyDigest, digestOf("cd"));
    const renewed = [known, pending(X, 9, 4), keyOf("pendingKey", "ab"), confirmed(X)];
    equal(floorsOf(renewed).nextKeyDigest, digestOf("ab"));
    // The image is taken again much later, as the way back from a newer one, which brought a key of its own.
    const later = [...renewed, pending(Y, 10, 4), keyOf("pendingKey", "ef"), confirmed(Y), confirmed(X)];
    equal(floorsOf(later).nextKeyDigest, digestOf("ef"), "a key holds once");
  });

  it("is the last one's: another of the same image takes its place, with its key and without", () => {
    const first = [pending(X, 9, 4), keyOf("pendingKey", "ab")];
    equal(memoryOf([...first, pending(X, 10, 5), confirmed(X)]), { ...NONE, releaseFloor: 10, securityFloor: 5 });
    equal(memoryOf([keyOf("pendingKey", "ab"), pending(X, 9, 4), confirmed(X)]).nextKeyDigest, undefined, "a key of nothing");
  });

  it("is known of two images: the confirmed one does not give way", () => {
    const releases = (records: readonly JournalRecord[]): unknown[] =>
      ["aa", "bb", "cc", "dd"].map((digits) => fold(records).releases.of(digits.padStart(16, "0"))?.sequenceNumber);
    const third = pending("00000000000000cc", 3, 0);
    const fourth = pending("00000000000000dd", 4, 0);
    const two = [pending(X, 1, 0), confirmed(X), pending(Y, 2, 0)];
    equal(releases(two), [1, 2, undefined, undefined]);
    equal(releases([...two, third]), [1, undefined, 3, undefined]);
    equal(releases([...two, third, fourth]), [1, undefined, undefined, 4]);
    equal(releases([...two, confirmed(Y), third]), [undefined, 2, 3, undefined]);
  });

  it("never lowers a floor", () => {
    const floors = [record("floor", { detail: 1, first: 20 }), record("floor", { detail: 3, first: 2 })];
    const taken = [...floors, pending(X, 9, 4), confirmed(X)];
    equal(memoryOf(taken), { ...NONE, releaseFloor: 20, securityFloor: 4 });
    equal(floorsOf([...taken, ...soaked(taken)]), { ...NONE, releaseFloor: 20, securityFloor: 4 });
  });
});

/** An alphabet of records; every word of it is a history that a journal may have. */
const LETTERS: readonly JournalRecord[] = [
  pending(X, 5, 1),
  pending(X, 9, 0),
  pending(Y, 7, 2),
  keyOf("pendingKey", "ab"),
  keyOf("nextKey", "cd"),
  confirmed(X),
  confirmed(Y),
  record("floor", { detail: 1, first: 6 }),
  record("rejected", { imageId: X, second: 1 }),
];
const WORD_LENGTH = 4;

/** The same by its definition, written down without a thought for flash: what binds updates while `running` runs. */
function expectedMemory(records: readonly JournalRecord[], running: string): UpdateMemory {
  let floor = 0;
  let nextKey: JournalRecord | undefined;
  let last: string | undefined;
  let kept: string | undefined;
  const asked = new Map<string, { first: number; second: number; key: JournalRecord | undefined }>();
  for (const one of records) {
    const { type, imageId, first, second } = one;
    if (type === RecordType.floor) floor = Math.max(floor, first);
    if (type === RecordType.nextKey) nextKey = one;
    if (type === RecordType.pending) {
      asked.set(imageId, { first, second, key: undefined });
      last = imageId;
    }
    if (type === RecordType.pendingKey && last !== undefined) asked.get(last)!.key = one;
    if (type !== RecordType.confirmed) continue;
    kept = imageId;
    const its = asked.get(imageId);
    nextKey = its?.key ?? nextKey;
    if (its) its.key = undefined;
  }
  const own = running === kept ? asked.get(running) : undefined;
  const digits = nextKey?.imageId.substring(0, 2);
  const nextKeyDigest = digits === undefined ? undefined : digestOf(digits);
  return { ...NONE, releaseFloor: Math.max(floor, own?.first ?? 0), securityFloor: own?.second ?? 0, nextKeyDigest };
}

/** Every word of `length` letters. */
function eachWord(length: number, visit: (word: readonly JournalRecord[]) => void, word: JournalRecord[] = []): void {
  if (word.length === length) {
    visit(word);
    return;
  }
  for (const letter of LETTERS) {
    word.push(letter);
    eachWord(length, visit, word);
    word.pop();
  }
}

describe("what is remembered and what is pending, after each history of four records,", () => {
  it("is what the definition says, and the floors never sank", () => {
    eachWord(WORD_LENGTH, (word) => {
      const history = new History();
      let before = history.memoryOf(NO_IMAGE);
      for (const one of word) {
        history.fold(one);
        const now = history.memoryOf(NO_IMAGE);
        ok(now.releaseFloor >= before.releaseFloor && now.securityFloor >= before.securityFloor);
        ok(before.nextKeyDigest === undefined || now.nextKeyDigest !== undefined, "a key that is there stays, or changes");
        before = now;
      }
      for (const running of [X, Y, NO_IMAGE]) equal(history.memoryOf(running), expectedMemory(word, running));
    });
  });

  it("is the same after a change of halves, and after the verdicts that follow it", () => {
    eachWord(WORD_LENGTH, (word) => {
      const live = fold(word).live();
      equal(memoryOf(live), expectedMemory(word, X));
      for (const verdict of [confirmed(X), confirmed(Y)])
        equal(memoryOf([...live, verdict]), expectedMemory([...word, verdict], X));
    });
  });

  it("does not hold early where the image was confirmed before: CONFIRMED comes in front of PENDING", () => {
    const history = fold([pending(X, 5, 1), confirmed(X), pending(X, 9, 3), keyOf("pendingKey", "ab")]);
    const live = history.live();
    equal(floorsOf(live).nextKeyDigest, undefined);
    const order = live.map(({ type }) => type);
    ok(order.indexOf(RecordType.confirmed) < order.indexOf(RecordType.pending), order.join(" "));
    equal(order.indexOf(RecordType.pendingKey), order.indexOf(RecordType.pending) + 1);
    equal(floorsOf([...live, confirmed(X)]).nextKeyDigest, digestOf("ab"));
  });
});

/** Runs `body` once for each step after which the power can go, each time over a copy of `prepared`; the last run is whole. */
function sweep(prepared: MemoryFlash, body: (flash: MemoryFlash) => void, judge: (flash: MemoryFlash, isCut: boolean) => void) {
  for (let stepCount = 0, isCut = true; isCut; stepCount++) {
    const flash = new MemoryFlash({});
    for (const [path, bytes] of prepared.partitions) flash.partitions.set(path, bytes.slice());
    flash.stepsLeft = stepCount;
    try {
      body(flash);
      isCut = false;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    flash.stepsLeft = Number.POSITIVE_INFINITY;
    judge(flash, isCut);
  }
}

describe("what a release asks for, when the power is cut,", () => {
  const OLD = { ...NONE, releaseFloor: 3, securityFloor: 1, nextKeyDigest: digestOf("cd") };
  const NEW = { ...OLD, nextKeyDigest: KEPT_KEY };
  const RELEASE: ReleaseFloors = { sequenceNumber: 9, securityVersion: 4, nextKeyDigest: KEY };
  /** X was confirmed before and comes again: where the two could be mixed up. */
  const KNOWN: readonly NewRecord[] = [
    record("floor", { detail: 1, first: 3 }),
    record("floor", { detail: 3, first: 1 }),
    keyOf("nextKey", "cd"),
    confirmed(X),
  ];

  function take(journal: Journal): void {
    for (const one of journal.history.releases.recordsFor(X, RELEASE)) journal.append(one);
    journal.append(record("armed", { imageId: X, first: 1, second: 1 }));
    journal.append(record("boot", { imageId: X, first: 2, second: 1 }));
    journal.append(confirmed(X));
  }

  it("is remembered in full or not at all, wherever the journal changes halves on the way", () => {
    // The change of halves comes before each of the five records, and once after them. The other half is there from before.
    for (let freeCount = 0; freeCount <= 5; freeCount++) {
      const prepared = new MemoryFlash({ journal: 2 * SECTOR_SIZE_BYTES });
      const journal = new Journal({ flash: prepared });
      for (const one of KNOWN) journal.append(one);
      while (journal.health.placeCount - journal.health.usedCount > freeCount) journal.append(record("fault", { detail: 1 }));
      sweep(
        prepared,
        (flash) => take(new Journal({ flash })),
        (flash, isCut) => {
          const memory = new Journal({ flash }).history.memoryOf(NO_IMAGE);
          const isNew = memory.nextKeyDigest![0] === KEPT_KEY[0];
          equal(memory, isNew ? NEW : OLD, `${freeCount} places left`);
          ok(isNew || isCut, "CONFIRMED was acknowledged");
          const again = new Journal({ flash });
          if (!isNew) take(again);
          equal(again.history.memoryOf(NO_IMAGE), NEW, "and taken once more");
          const { history } = new Journal({ flash });
          equal(history.memoryOf(NO_IMAGE), NEW);
          equal(history.memoryOf(X), { ...NEW, releaseFloor: 9, securityFloor: 4 });
          ok(new Journal({ flash }).health.isKeptTwice || isCut, "in both halves");
        },
      );
    }
  });
});

const OWN_IMAGE = smallImage();
const NEXT_IMAGE = smallImage({ payload: new Uint8Array(64) });

/** The boot authority of a device whose slot 0 has OWN_IMAGE, slot 1 NEXT_IMAGE; `slot` runs. */
function bootedIn(slot: 0 | 1, flash: MemoryFlash): Slots {
  const own = slot === 0 ? OWN_IMAGE : NEXT_IMAGE;
  const other = slot === 0 ? NEXT_IMAGE : OWN_IMAGE;
  for (const [path, image] of [["running", own] as const, ["nextota", other] as const]) {
    flash.partitions.set(path, new Uint8Array(SECTOR_SIZE_BYTES).fill(0xff));
    flash.partitions.get(path)!.set(image);
  }
  const system = { resetReason: "software", runningSlot: slot, restart: () => {}, sleep: () => {} } as const;
  const slots = new Slots({ flash, system, Digest: SpecDigest });
  slots.boot();
  return slots;
}

describe("the boot authority and what a release asks for", () => {
  const release = {
    imageIdentity: NEXT_IMAGE.slice(NEXT_IMAGE.length - 32),
    sequenceNumber: 9,
    securityVersion: 4,
    nextKeyDigest: KEY,
  };
  const asked = { ...NONE, releaseFloor: 9, securityFloor: 4, nextKeyDigest: KEPT_KEY };

  function settledFlash(): MemoryFlash {
    const flash = new MemoryFlash({ journal: 2 * SECTOR_SIZE_BYTES, otadata: 2 * SECTOR_SIZE_BYTES });
    flash.partitions.get("otadata")!.set(encodeOtaEntry(3, OtaState.valid));
    return flash;
  }

  /** What a bootloader with rollback leaves of an armed slot 1 when it boots it. */
  function onTrial(): MemoryFlash {
    const flash = settledFlash();
    bootedIn(0, flash).arm({ release, isReadBack: true });
    flash.partitions.get("otadata")!.set(encodeOtaEntry(4, OtaState.pendingVerify), SECTOR_SIZE_BYTES);
    return flash;
  }

  it("writes PENDING, PENDING KEY and ARMED, and a second time only what is new", () => {
    const flash = settledFlash();
    const seen: number[] = [];
    bootedIn(0, flash).arm({ release });
    const bytes = flash.partitions.get("journal")!;
    for (let offset = 0; offset < bytes.length; offset += RECORD_SIZE_BYTES)
      if (bytes[offset] === 0xa7) seen.push(bytes[offset + 2]!);
    const { head, boot, pending: first, pendingKey, armed } = RecordType;
    // The first record that has to stand in both halves opens the second one.
    equal(seen, [head, head, boot, first, pendingKey, head, head, boot, first, pendingKey, armed]);
    equal(imageIdOf(bytes, 3 * RECORD_SIZE_BYTES + 8), imageIdOf(release.imageIdentity));
    const { releases } = new Journal({ flash }).history;
    equal(releases.recordsFor(imageIdOf(release.imageIdentity), release), [], "it stands already");
    const higher = { ...release, sequenceNumber: 10 };
    equal(releases.recordsFor(imageIdOf(release.imageIdentity), higher).length, 2, "another number is another release");
  });

  it("remembers nothing of it after a cut anywhere within arm()", () => {
    sweep(
      settledFlash(),
      (flash) => bootedIn(0, flash).arm({ release, isReadBack: true }),
      (flash) => equal(bootedIn(0, flash).updateMemory, NONE),
    );
  });

  it("remembers all of it or nothing after a cut anywhere within confirm(), and all of it after the next one", () => {
    sweep(
      onTrial(),
      (flash) => bootedIn(1, flash).confirm(),
      (flash, isCut) => {
        const slots = bootedIn(1, flash);
        const isNew = slots.updateMemory.releaseFloor > 0;
        ok(isNew || isCut, "confirm() returned");
        equal(slots.updateMemory, isNew ? asked : NONE);
        if (slots.isTrial) slots.confirm();
        equal(bootedIn(1, flash).updateMemory, asked);
      },
    );
  });

  it("remembers nothing of it when the image is sent away", () => {
    const flash = onTrial();
    bootedIn(1, flash).reject("unhealthy");
    const slots = bootedIn(0, flash);
    equal(slots.updateMemory, NONE);
    ok(slots.isQuarantined(imageIdOf(release.imageIdentity)));
  });
});
