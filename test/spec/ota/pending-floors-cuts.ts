/** What a release asks to be remembered, when the power is cut at every step of taking it, and of a change of halves. */
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { Journal, type NewRecord } from "../../../src/ota/journal.js";
import { imageIdOf, RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import type { ReleaseFloors } from "../../../src/ota/releases.js";
import { Slots } from "../../../src/ota/slots.js";
import { equal, ok } from "../../harness/expect.js";
import { MemoryFlash, PowerCut, SECTOR_SIZE_BYTES } from "../../harness/memory-flash.js";
import { describe, it } from "../../harness/spec.js";
import { SpecDigest } from "../image/sha256.js";
import { smallImage } from "../image/small-image.js";
import { confirmed, digestOf, keyOf, NONE, record, X } from "./release-records.js";

const KEY = new Uint8Array(32).fill(0xab);
const KEPT_KEY = KEY.slice(0, 16);

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
    // The change of halves comes before the first, the fourth and behind the last of the five records.
    for (const freeCount of [0, 3, 5]) {
      const prepared = new MemoryFlash({ journal: 2 * SECTOR_SIZE_BYTES });
      const journal = new Journal({ flash: prepared });
      for (const one of KNOWN) journal.append(one);
      while (journal.health.placeCount - journal.health.usedCount > freeCount) journal.append(record("fault", { detail: 1 }));
      sweep(
        prepared,
        (flash) => take(new Journal({ flash })),
        (flash, isCut) => {
          const memory = new Journal({ flash }).history.floors.memory(undefined);
          const isNew = memory.nextKeyDigest![0] === KEPT_KEY[0];
          equal(memory, isNew ? NEW : OLD, `${freeCount} places left`);
          ok(isNew || isCut, "CONFIRMED was acknowledged");
          const again = new Journal({ flash });
          if (!isNew) take(again);
          equal(again.history.floors.memory(undefined), NEW, "and taken once more");
          const { history } = new Journal({ flash });
          equal(history.floors.memory(undefined), NEW);
          equal(history.memory, { ...NEW, releaseFloor: 9, securityFloor: 4 });
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
