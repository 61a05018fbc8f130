/**
 * What a release asks to be remembered: its key holds once its image is confirmed, its numbers once the image has soaked.
 *
 * A floor that grows too early locks a device out of the image that it goes back to; one that is lost is a rollback that is
 * possible again.
 */
import { History } from "../../../src/ota/history.js";
import { type JournalRecord, RecordType } from "../../../src/ota/journal-record.js";
import type { UpdateMemory } from "../../../src/ota/update-judge.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { confirmed, digestOf, keyOf, NONE, pending, record, X, Y } from "./release-records.js";

function fold(records: readonly JournalRecord[]): History {
  const history = new History();
  for (const one of records) history.fold(one);
  return history;
}

/** What binds updates. */
function memoryOf(records: readonly JournalRecord[]): UpdateMemory {
  return fold(records).memory;
}

/** What binds them whatever is confirmed. */
function floorsOf(records: readonly JournalRecord[]): UpdateMemory {
  return fold(records).floors.memory(undefined);
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

  it("binds as long as its image is the one last confirmed, and for good, once that has soaked", () => {
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
    const later = [...renewed, pending(Y, 10, 4), keyOf("pendingKey", "ef", Y), confirmed(Y), confirmed(X)];
    equal(floorsOf(later).nextKeyDigest, digestOf("ef"), "a key holds once");
  });

  it("is the last one's: another of the same image takes its place, with its key and without", () => {
    const first = [pending(X, 9, 4), keyOf("pendingKey", "ab")];
    equal(memoryOf([...first, pending(X, 10, 5), confirmed(X)]), { ...NONE, releaseFloor: 10, securityFloor: 5 });
    equal(memoryOf([keyOf("pendingKey", "ab"), pending(X, 9, 4), confirmed(X)]).nextKeyDigest, undefined, "a key of nothing");
    const lost = [pending(Y, 8, 4), keyOf("pendingKey", "ab"), confirmed(Y)];
    equal(memoryOf(lost).nextKeyDigest, undefined, "whose PENDING was lost, and another one stands before it");
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

/** The same by its definition, written down without a thought for flash. */
function expectedMemory(records: readonly JournalRecord[]): UpdateMemory {
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
      const known = asked.get(imageId);
      const isSame = known?.first === first && known.second === second;
      asked.set(imageId, { first, second, key: isSame ? known.key : undefined });
      last = imageId;
    }
    if (type === RecordType.pendingKey && last === X) asked.get(last)!.key = one; // Of these letters, it is X's.
    if (type !== RecordType.confirmed) continue;
    kept = imageId;
    const its = asked.get(imageId);
    nextKey = its?.key ?? nextKey;
    if (its) its.key = undefined;
  }
  const own = kept === undefined ? undefined : asked.get(kept);
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
      let before = history.floors.memory(undefined);
      for (const one of word) {
        history.fold(one);
        const now = history.floors.memory(undefined);
        ok(now.releaseFloor >= before.releaseFloor && now.securityFloor >= before.securityFloor);
        ok(before.nextKeyDigest === undefined || now.nextKeyDigest !== undefined, "a key that is there stays, or changes");
        before = now;
      }
      equal(history.memory, expectedMemory(word));
    });
  });

  it("is the same after a change of halves, and after the verdicts that follow it", () => {
    eachWord(WORD_LENGTH, (word) => {
      const live = fold(word).live();
      equal(memoryOf(live), expectedMemory(word));
      for (const verdict of [confirmed(X), confirmed(Y)])
        equal(memoryOf([...live, verdict]), expectedMemory([...word, verdict]));
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
