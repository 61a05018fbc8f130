/**
 * What the journal's records add up to: the open trial, the last verdicts, the images in quarantine, the unhealthy starts.
 *
 * Folding one record after another is the only way in, so the same code reads the journal at boot, follows what is appended
 * later, and proves that compacting it loses nothing: `live()` gives the few records that fold to the same state.
 */
import { type BootloaderRollback, bootloaderRollbackOf, ROLLBACK_NUMBER } from "./bootloader-rollback.js";
import { Floors } from "./floors.js";
import { type JournalRecord, NO_IMAGE, RecordType } from "./journal-record.js";
import { type CrashStreak, decodeStreak, encodeStreak, NO_STREAK } from "./ladder.js";
import { Quarantine } from "./quarantine.js";
import { Releases } from "./releases.js";
import { isUnhealthy, RESET_CLASS_NUMBER, type ResetClass, resetClassOf } from "./reset-class.js";
import type { UpdateMemory } from "./update-judge.js";

const BYTE_MAX = 255;

/** An image that was armed and has no verdict yet. */
export interface Trial {
  readonly imageId: string;
  readonly slot: number;
  /** How often it was armed. */
  readonly attemptCount: number;
  /** How many of its attempts ended in a way that proves nothing against it once. */
  readonly unprovenCount: number;
  /** It is the image that ran before, taken because the one after it crashes. */
  readonly isFallback: boolean;
  /** Whether it ever wrote its BOOT since it was last armed. */
  readonly hasBooted: boolean;
  /** How the attempt ended, seen by the image that ran next; `undefined` while none has. */
  readonly endedBy: ResetClass | undefined;
}

/** An image on its way into the other slot. */
export interface Progress {
  readonly imageId: string;
  readonly slot: number;
  /** Chunks from the first one on that were written and found right. */
  readonly chunkCount: number;
}

/** The image last sent away without quarantine. */
export interface RejectedImage {
  readonly imageId: string;
  readonly slot: number;
  /** A RejectCause. */
  readonly cause: number;
}

/** The image last confirmed. */
export interface ConfirmedImage {
  readonly imageId: string;
  readonly slot: number;
  /** The first 32 bits of the id of the image that it replaced: the one that a cut could bring back. */
  readonly replaced: number;
  /** What its trial showed of the bootloader. */
  readonly bootloaderRollback: BootloaderRollback;
  /** Starts of it since then, or since the last unhealthy one; 255 are many. */
  readonly calmBootCount: number;
}

export type VerdictKind = "confirmed" | "rejected" | "quarantined";

export class History {
  #trial: Trial | undefined;
  #confirmed: ConfirmedImage | undefined;
  #rejected: RejectedImage | undefined;
  #lastVerdict: VerdictKind | undefined;
  #progress: Progress | undefined;
  #bootCount = 0;
  #streak: CrashStreak = NO_STREAK;
  #planned: JournalRecord | undefined;
  readonly quarantine = new Quarantine();
  /** What is remembered of signed updates. */
  readonly floors = new Floors();
  /** What the images of the two slots came with. */
  readonly releases = new Releases();

  get trial(): Trial | undefined {
    return this.#trial;
  }

  /** The image last confirmed; `undefined` on a device that never took an update. */
  get confirmed(): ConfirmedImage | undefined {
    return this.#confirmed;
  }

  get rejected(): RejectedImage | undefined {
    return this.#rejected;
  }

  /** Which verdict was the last; of a quarantine, the image is the youngest in there. */
  get lastVerdict(): VerdictKind | undefined {
    return this.#lastVerdict;
  }

  /** The download that was last begun and not yet armed. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  /** Starts since the journal began, modulo 2^32. */
  get bootCount(): number {
    return this.#bootCount;
  }

  /** Unhealthy starts in a row. */
  get streak(): CrashStreak {
    return this.#streak;
  }

  /** Whether the last record is PLANNED: only then is a software reset benign. */
  get isPlanned(): boolean {
    return this.#planned !== undefined;
  }

  /** Whether the image must not be tried: as it was named last, or as a release of `releaseNumber` names it now. */
  isQuarantined(imageId: string, releaseNumber = 0): boolean {
    const number = Math.max(releaseNumber, this.releases.of(imageId)?.sequenceNumber ?? 0);
    return this.quarantine.bars(imageId, number);
  }

  /** What binds later updates: the floors, and what the image last confirmed came with. */
  get memory(): UpdateMemory {
    return this.floors.memory(this.releases.of(this.#confirmed?.imageId));
  }

  /** Takes the next record. Types that this version does not know change nothing but the PLANNED mark. */
  fold(record: JournalRecord): void {
    this.#planned = record.type === RecordType.planned ? record : undefined;
    switch (record.type) {
      case RecordType.boot:
        this.#foldBoot(record);
        break;
      case RecordType.armed:
        this.#trial = trialOf(record);
        this.#progress = undefined;
        break;
      case RecordType.progress:
        this.#progress = { imageId: record.imageId, slot: record.second, chunkCount: record.first };
        break;
      case RecordType.healthy:
        this.#streak = NO_STREAK;
        break;
      case RecordType.confirmed:
      case RecordType.rejected:
      case RecordType.quarantine:
        this.#foldVerdict(record);
        if (this.#trial?.imageId === record.imageId) this.#trial = undefined;
        if (this.#progress?.imageId === record.imageId) this.#progress = undefined;
        break;
      default:
        this.releases.fold(record, this.#confirmed?.imageId);
        this.floors.fold(record);
    }
  }

  /** The shortest list of records that folds to this state, oldest first; `sequence` is left 0 for the journal to fill. */
  live(): JournalRecord[] {
    // The count first: a BOOT behind ARMED would be taken for the end of the trial.
    const streak = encodeStreak(this.#streak);
    const boot = (imageId: string, slot: number, detail: number): JournalRecord => ({
      ...record(RecordType.boot, imageId, this.#bootCount, (slot | streak) >>> 0),
      detail,
    });
    const records: JournalRecord[] = [boot(NO_IMAGE, 0, 0)];
    for (const floor of this.floors.live()) records.push({ ...floor, sequence: 0 });
    records.push(...this.#liveVerdicts());
    for (const release of this.releases.live()) records.push({ ...release, sequence: 0 });
    const trial = this.#trial;
    if (trial) {
      records.push({ ...record(RecordType.armed, trial.imageId, trial.attemptCount, 0), ...trialNumbers(trial) });
      if (trial.hasBooted) records.push(boot(trial.imageId, trial.slot, 0));
      if (trial.endedBy) records.push(boot(NO_IMAGE, 0, RESET_CLASS_NUMBER[trial.endedBy]));
    }
    if (this.#progress) {
      const { imageId, chunkCount, slot } = this.#progress;
      records.push(record(RecordType.progress, imageId, chunkCount, slot));
    }
    if (this.#planned) records.push({ ...this.#planned });
    return records;
  }

  /** The last one last. */
  #liveVerdicts(): JournalRecord[] {
    const quarantined = this.quarantine.images.map(({ imageId, releaseNumber }) =>
      record(RecordType.quarantine, imageId, releaseNumber, 0),
    );
    const confirmed: JournalRecord[] = [];
    if (this.#confirmed) {
      const { imageId, replaced, slot, calmBootCount, bootloaderRollback } = this.#confirmed;
      const detail = ROLLBACK_NUMBER[bootloaderRollback];
      confirmed.push({ ...record(RecordType.confirmed, imageId, replaced, slot | (calmBootCount << 8)), detail });
    }
    const rejected: JournalRecord[] = [];
    if (this.#rejected) {
      const { imageId, slot, cause } = this.#rejected;
      rejected.push({ ...record(RecordType.rejected, imageId, 0, slot), detail: cause });
    }
    if (this.#lastVerdict === "quarantined") return [...confirmed, ...rejected, ...quarantined];
    if (this.#lastVerdict === "rejected") return [...quarantined, ...confirmed, ...rejected];
    return [...quarantined, ...rejected, ...confirmed];
  }

  #foldBoot(boot: JournalRecord): void {
    this.#bootCount = boot.first;
    this.#streak = decodeStreak(boot.second);
    const resetClass = resetClassOf(boot.detail);
    const { imageId } = boot;
    if (this.#confirmed?.imageId === imageId && this.#trial?.imageId !== imageId) {
      const count = isUnhealthy(resetClass) ? 0 : Math.min(BYTE_MAX, this.#confirmed.calmBootCount + 1);
      this.#confirmed = { ...this.#confirmed, calmBootCount: count };
    }
    const trial = this.#trial;
    if (!trial) return;
    if (imageId === trial.imageId && slotOfBoot(boot) === trial.slot) {
      if (!trial.endedBy) this.#trial = { ...trial, hasBooted: true };
    } else if (!trial.endedBy) {
      // The first start of another image tells how the attempt ended; later starts of it tell nothing about the trial.
      this.#trial = { ...trial, endedBy: resetClass };
    }
  }

  #foldVerdict({ type, detail, imageId, first, second }: JournalRecord): void {
    if (type === RecordType.confirmed) {
      const bootloaderRollback = bootloaderRollbackOf(detail);
      const calmBootCount = (second >>> 8) & BYTE_MAX;
      this.#confirmed = { imageId, slot: second & BYTE_MAX, replaced: first, bootloaderRollback, calmBootCount };
      const key = this.releases.takeKey(imageId);
      if (key !== undefined) this.floors.setNextKey(key);
      this.#lastVerdict = "confirmed";
    } else if (type === RecordType.rejected) {
      this.#rejected = { imageId, slot: second, cause: detail };
      this.#lastVerdict = "rejected";
    } else {
      this.quarantine.add({ imageId, releaseNumber: first });
      this.#lastVerdict = "quarantined";
    }
  }
}

/** ARMED: detail 1 for a fallback; the slot in the low byte of `second`, the unproven ends above it. */
export function trialNumbers(trial: Pick<Trial, "isFallback" | "slot" | "unprovenCount">): { detail: number; second: number } {
  return { detail: trial.isFallback ? 1 : 0, second: trial.slot | (trial.unprovenCount << 8) };
}

function trialOf({ imageId, detail, first, second }: JournalRecord): Trial {
  const slot = second & BYTE_MAX;
  const unprovenCount = (second >>> 8) & BYTE_MAX;
  return { imageId, slot, attemptCount: first, unprovenCount, isFallback: detail === 1, hasBooted: false, endedBy: undefined };
}

/** A BOOT's second number: the slot in the low byte (0xFF: unknown), the number of the reset reason above it, the streak. */
function slotOfBoot(boot: JournalRecord): number {
  return boot.second & BYTE_MAX;
}

function record(type: number, imageId: string, first: number, second: number): JournalRecord {
  return { type, detail: 0, sequence: 0, imageId, first, second };
}
