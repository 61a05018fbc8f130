/** What the journal's records add up to, and that the few that are kept at a change of halves add up to the same. */
import { History } from "../../../src/ota/history.js";
import { type JournalRecord, NO_IMAGE, RecordType } from "../../../src/ota/journal-record.js";
import { encodeStreak, NO_STREAK } from "../../../src/ota/ladder.js";
import { QUARANTINE_COUNT_MAX } from "../../../src/ota/quarantine.js";
import { RESET_CLASS_NUMBER, type ResetClass } from "../../../src/ota/reset-class.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const OLD = "00000000000000a1";
const NEW = "00000000000000b2";
const WATCHDOG = 5 << 8;

type Fields = Partial<Omit<JournalRecord, "type">>;

function record(type: keyof typeof RecordType, fields: Fields = {}): JournalRecord {
  return { type: RecordType[type], detail: 0, sequence: 0, imageId: NO_IMAGE, first: 0, second: 0, ...fields };
}

/** A start of an image; `reason` stands above the slot's byte, and no reader of the slot may mind it. */
function boot(imageId: string, slot: number, resetClass: ResetClass, count: number, reason = WATCHDOG): JournalRecord {
  return record("boot", { imageId, second: slot | reason, detail: RESET_CLASS_NUMBER[resetClass], first: count });
}

/** A start of OLD that nobody wanted, the `count`-th in a row. */
const crashed = (count: number): JournalRecord => {
  const streak = encodeStreak({ count, isFallbackTaken: false, wasFull: false });
  return record("boot", { imageId: OLD, second: streak, detail: RESET_CLASS_NUMBER.fault, first: 9 });
};
const armed = (attempt = 1): JournalRecord => record("armed", { imageId: NEW, first: attempt, second: 1 });

function fold(records: readonly JournalRecord[]): History {
  const history = new History();
  for (const one of records) history.fold(one);
  return history;
}

function stateOf(history: History): object {
  const { trial, confirmed, rejected, lastVerdict, bootCount, streak, isPlanned } = history;
  const quarantine = history.quarantine.images.map(({ imageId, releaseNumber }) => `${imageId} ${releaseNumber}`);
  const memory = history.memory;
  const pending = history.releases.live();
  return { trial, confirmed, rejected, lastVerdict, bootCount, streak, isPlanned, quarantine, memory, pending };
}

const NO_MEMORY = { releaseFloor: 0, deploymentFloor: 0, securityFloor: 0, timeFloorS: 0, nextKeyDigest: undefined };
const EMPTY = {
  trial: undefined,
  confirmed: undefined,
  rejected: undefined,
  lastVerdict: undefined,
  bootCount: 0,
  streak: NO_STREAK,
  isPlanned: false,
  quarantine: [],
  memory: NO_MEMORY,
  pending: [],
};
/** As the releases' `live` gives them: without a sequence number. */
const ASKED = { type: RecordType.pending, detail: 0, imageId: NEW, first: 9, second: 4 };
const ASKED_KEY = {
  type: RecordType.pendingKey,
  detail: 0xb2,
  imageId: "0102030405060708",
  first: 0x090a0b0c,
  second: 0x0d0e0f10,
};
const KEY = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const OPEN = {
  imageId: NEW,
  slot: 1,
  attemptCount: 1,
  unprovenCount: 0,
  isFallback: false,
  hasBooted: false,
  endedBy: undefined,
};
const KEPT = { slot: 0, replaced: 0, bootloaderRollback: "unknown" as const, calmBootCount: 0 };

const CASES: readonly { readonly name: string; readonly records: readonly JournalRecord[]; readonly state: object }[] = [
  { name: "nothing", records: [], state: EMPTY },
  { name: "an image armed", records: [armed()], state: { trial: OPEN } },
  {
    name: "an armed image that runs",
    records: [armed(), boot(NEW, 1, "planned", 2)],
    state: { trial: { ...OPEN, hasBooted: true }, bootCount: 2 },
  },
  {
    name: "an armed image that the bootloader refused",
    records: [armed(), boot(OLD, 0, "planned", 2)],
    state: { trial: { ...OPEN, endedBy: "planned" }, bootCount: 2 },
  },
  {
    name: "a trial that failed, told by the first start of the other image and by no later one",
    records: [armed(), boot(NEW, 1, "planned", 2), boot(OLD, 0, "fault", 3), boot(OLD, 0, "environment", 4)],
    state: { trial: { ...OPEN, hasBooted: true, endedBy: "fault" }, bootCount: 4 },
  },
  {
    name: "a trial that goes on after a restart into the same image",
    records: [armed(), boot(NEW, 1, "planned", 2), boot(NEW, 1, "environment", 3)],
    state: { trial: { ...OPEN, hasBooted: true }, bootCount: 3 },
  },
  {
    name: "the same image run from the other slot, which is another start",
    records: [armed(), boot(NEW, 0, "environment", 2)],
    state: { trial: { ...OPEN, endedBy: "environment" }, bootCount: 2 },
  },
  {
    name: "an image armed again: a new attempt forgets how the last one ended",
    records: [armed(), boot(OLD, 0, "environment", 2), armed(2)],
    state: { trial: { ...OPEN, attemptCount: 2 }, bootCount: 2 },
  },
  {
    name: "an image confirmed",
    records: [
      armed(),
      boot(NEW, 1, "planned", 2),
      record("confirmed", { imageId: NEW, detail: 2, first: 0xa1a2a3a4, second: 1 }),
    ],
    state: {
      confirmed: { ...KEPT, imageId: NEW, slot: 1, replaced: 0xa1a2a3a4, bootloaderRollback: "missing" as const },
      lastVerdict: "confirmed",
      bootCount: 2,
    },
  },
  {
    name: "an image rejected",
    records: [armed(), record("rejected", { imageId: NEW, second: 1, detail: 3 })],
    state: { rejected: { imageId: NEW, slot: 1, cause: 3 }, lastVerdict: "rejected" },
  },
  {
    name: "an image in quarantine",
    records: [armed(), record("quarantine", { imageId: NEW, first: 9, second: 1 })],
    state: { quarantine: [`${NEW} 9`], lastVerdict: "quarantined" },
  },
  {
    name: "a verdict on another image, which leaves the trial open",
    records: [armed(), record("quarantine", { imageId: OLD, second: 0 }), record("confirmed", { imageId: OLD, second: 0 })],
    state: {
      trial: OPEN,
      quarantine: [`${OLD} 0`],
      confirmed: { ...KEPT, imageId: OLD },
      lastVerdict: "confirmed",
    },
  },
  {
    name: "an image in quarantine twice, which is once",
    records: [record("quarantine", { imageId: NEW, first: 9 }), record("quarantine", { imageId: NEW, first: 4 })],
    state: { quarantine: [`${NEW} 9`], lastVerdict: "quarantined" },
  },
  { name: "a wanted restart", records: [record("planned", { imageId: OLD, detail: 1 })], state: { isPlanned: true } },
  {
    name: "a wanted restart, and a record behind it",
    records: [record("planned"), record("fault", { detail: 1 })],
    state: { isPlanned: false },
  },
  {
    name: "a wanted restart in mid-trial, whose numbers are kept",
    records: [armed(), boot(NEW, 1, "planned", 2), record("planned", { imageId: NEW, detail: 2 })],
    state: { trial: { ...OPEN, hasBooted: true }, bootCount: 2, isPlanned: true },
  },
  {
    name: "floors, of which the greatest counts whatever the order",
    records: [
      record("floor", { detail: 1, first: 7 }),
      record("floor", { detail: 1, first: 5 }),
      record("floor", { detail: 2, first: 11 }),
      record("floor", { detail: 3, first: 3 }),
      record("floor", { detail: 4, first: 0xffffffff }),
      record("floor", { detail: 99, first: 12 }),
    ],
    state: {
      memory: { releaseFloor: 7, deploymentFloor: 11, securityFloor: 3, timeFloorS: 0xffffffff, nextKeyDigest: undefined },
    },
  },
  {
    name: "the key that signs from now on, of which the last counts",
    records: [
      record("nextKey", { imageId: NEW, first: 1, second: 2 }),
      record("nextKey", { imageId: "0102030405060708", first: 0x090a0b0c, second: 0x0d0e0f10 }),
    ],
    state: {
      memory: {
        ...NO_MEMORY,
        nextKeyDigest: KEY,
      },
    },
  },
  {
    name: "what a release asks for, pending while its image has no verdict",
    records: [record("pending", ASKED), record("pendingKey", ASKED_KEY), armed(), boot(NEW, 1, "planned", 2)],
    state: { pending: [ASKED, ASKED_KEY], trial: { ...OPEN, hasBooted: true }, bootCount: 2 },
  },
  {
    name: "what a release asks for, and a verdict on another image, which does not concern it",
    records: [record("pending", ASKED), record("confirmed", { imageId: OLD, second: 0 }), record("pendingKey", ASKED_KEY)],
    state: {
      pending: [ASKED, ASKED_KEY],
      confirmed: { ...KEPT, imageId: OLD },
      lastVerdict: "confirmed",
    },
  },
  {
    name: "what a release asks for, remembered with the verdict on its image",
    records: [record("pending", ASKED), record("pendingKey", ASKED_KEY), record("confirmed", { imageId: NEW, second: 1 })],
    state: {
      memory: { ...NO_MEMORY, releaseFloor: 9, securityFloor: 4, nextKeyDigest: KEY },
      pending: [ASKED],
      confirmed: { ...KEPT, imageId: NEW, slot: 1 },
      lastVerdict: "confirmed",
    },
  },
  {
    name: "what another release of an image asks for that was confirmed before, which is pending once more",
    records: [
      record("pending", { ...ASKED, first: 5 }),
      record("confirmed", { imageId: NEW, second: 1 }),
      record("pending", ASKED),
    ],
    state: {
      memory: { ...NO_MEMORY, releaseFloor: 9, securityFloor: 4 },
      pending: [ASKED],
      confirmed: { ...KEPT, imageId: NEW, slot: 1 },
      lastVerdict: "confirmed",
    },
  },
  { name: "a boot count at its end", records: [boot(OLD, 0, "environment", 0xffffffff)], state: { bootCount: 0xffffffff } },
  {
    name: "a start in a slot that nobody knows",
    records: [armed(), boot(NO_IMAGE, 0xff, "unknown", 2)],
    state: { trial: { ...OPEN, endedBy: "unknown" }, bootCount: 2 },
  },
  {
    name: "starts that went wrong, of which the last one has the count",
    records: [crashed(3), crashed(4), record("planned", { detail: 4 })],
    state: { bootCount: 9, streak: { ...NO_STREAK, count: 4, wasFull: false }, isPlanned: true },
  },
  {
    name: "starts that went wrong until one went well",
    records: [crashed(4), record("healthy", { imageId: OLD })],
    state: { bootCount: 9 },
  },
  {
    name: "the image before, armed because this one crashes, and starts of this one",
    records: [crashed(5), record("armed", { imageId: NEW, detail: 1, first: 1, second: 1 }), crashed(6)],
    state: {
      bootCount: 9,
      streak: { ...NO_STREAK, count: 6, wasFull: false },
      trial: { ...OPEN, isFallback: true, endedBy: "fault" },
    },
  },
  {
    name: "an attempt that ended twice in a way that proves nothing",
    records: [record("armed", { imageId: NEW, first: 2, second: 1 | (1 << 8) }), boot(OLD, 0, "unproven", 3)],
    state: { bootCount: 3, trial: { ...OPEN, attemptCount: 2, unprovenCount: 1, endedBy: "unproven" } },
  },
  {
    name: "calm starts of the confirmed image, which a bad one ends",
    records: [
      record("confirmed", { imageId: OLD, second: 0 }),
      boot(OLD, 0, "fault", 2),
      boot(OLD, 0, "environment", 3),
      boot(OLD, 0, "planned", 4),
      boot(NEW, 1, "planned", 5),
    ],
    state: { bootCount: 5, confirmed: { ...KEPT, imageId: OLD, calmBootCount: 2 }, lastVerdict: "confirmed" },
  },
  {
    name: "a record of a later version, which changes nothing but what PLANNED stands for",
    records: [armed(), record("planned"), { ...record("fault"), type: 99, imageId: NEW, second: 1 }],
    state: { trial: OPEN },
  },
];

describe("the journal's history", () => {
  for (const { name, records, state } of CASES) {
    it(`of ${name}, is told by its live records too`, () => {
      const history = fold(records);
      equal(stateOf(history), { ...EMPTY, ...state });
      const live = history.live();
      equal(stateOf(fold(live)), { ...EMPTY, ...state });
      equal(fold(live).live(), live, "and once more");
    });
  }

  it("keeps the last eight images in quarantine, the oldest gives way, in their order", () => {
    const ids: string[] = [];
    for (let number = 1; number <= QUARANTINE_COUNT_MAX + 2; number++) ids.push(number.toString(16).padStart(16, "0"));
    const history = fold(ids.map((imageId) => record("quarantine", { imageId })));
    const idsOf = ({ quarantine }: History): string[] => quarantine.images.map(({ imageId }) => imageId);
    equal(idsOf(history), ids.slice(2));
    equal(idsOf(fold(history.live())), ids.slice(2));
    ok(history.isQuarantined(ids[2]!) && !history.isQuarantined(ids[1]!));
  });

  it("lifts a quarantine for a release with a greater number, and for no other", () => {
    const failed = fold([record("pending", ASKED), record("quarantine", { imageId: NEW, first: 9 })]);
    equal(
      [undefined, 8, 9, 10].map((number) => failed.isQuarantined(NEW, number)),
      [true, true, true, false],
    );
    failed.fold(record("pending", { ...ASKED, first: 10 }));
    ok(!failed.isQuarantined(NEW), "it was named anew");
    failed.fold(record("quarantine", { imageId: NEW, first: 10 }));
    ok(failed.isQuarantined(NEW, 10), "and failed anew");
  });

  it("is told by 24 live records at the most, in this order, the last verdict last", () => {
    const records = Array.from({ length: 20 }, (_, index) => record("quarantine", { imageId: `f${index}`.padStart(16, "0") }));
    records.push(record("confirmed", { imageId: NEW }), record("rejected", { imageId: OLD }));
    records.push(record("pending", { ...ASKED, imageId: OLD }), record("pendingKey", { ...ASKED_KEY, detail: 0xa1 }));
    records.push(record("pending", ASKED), record("pendingKey", ASKED_KEY), armed(5));
    records.push(boot(NEW, 1, "planned", 7), boot(OLD, 0, "unknown", 8), record("planned"));
    for (const detail of [1, 2, 3, 4]) records.unshift(record("floor", { detail, first: 9 }), record("nextKey", { first: 9 }));
    const quarantine = new Array<string>(QUARANTINE_COUNT_MAX).fill("quarantine");
    const order = ["boot", "floor", "floor", "floor", "floor", "nextKey", ...quarantine, "confirmed", "rejected"];
    order.push("pending", "pendingKey", "pending", "pendingKey", "armed", "boot", "boot", "planned");
    const live = fold(records).live();
    equal(
      live.map(({ type }) => Object.entries(RecordType).find(([, number]) => number === type)![0]),
      order,
    );
    equal(live.length, 24);
  });
});
