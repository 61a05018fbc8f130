/**
 * What the journal's records add up to: the open trial, the image last confirmed, the images in quarantine.
 *
 * Folding one record after another is the only way in, so the same code reads the journal at boot, follows what is appended
 * later, and proves that compacting it loses nothing: `live()` gives the few records that fold to the same state.
 */

import { type BootloaderRollback, bootloaderRollbackOf, ROLLBACK_NUMBER } from "./boot-report.js";
import { Floors } from "./floors.js";
import { type JournalRecord, NO_IMAGE, RecordType } from "./journal-record.js";
import { RESET_CLASS_NUMBER, type ResetClass, resetClassOf } from "./reset-class.js";

/** Images kept in quarantine; the oldest is forgotten when a ninth comes. */
export const QUARANTINE_COUNT_MAX = 8;

/** An image that was armed and has no verdict yet. */
export interface Trial {
  readonly imageId: string;
  readonly slot: number;
  /** How often it was armed. */
  readonly attemptCount: number;
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

/** An image and the slot it was in. */
export interface SlotImage {
  readonly imageId: string;
  readonly slot: number;
}

/** The image last confirmed, and the first 32 bits of the id of the image that it replaced: the one a cut could bring back. */
export interface ConfirmedImage extends SlotImage {
  readonly replaced: number;
  /** What its trial showed of the bootloader. */
  readonly bootloaderRollback: BootloaderRollback;
}

export class History {
  #trial: Trial | undefined;
  #confirmed: ConfirmedImage | undefined;
  #rejected: SlotImage | undefined;
  #progress: Progress | undefined;
  #bootCount = 0;
  #planned: JournalRecord | undefined;
  readonly #quarantine: string[] = [];
  /** What is remembered of signed updates. */
  readonly floors = new Floors();

  get trial(): Trial | undefined {
    return this.#trial;
  }

  /** The image last confirmed; `undefined` on a device that never took an update. */
  get confirmed(): ConfirmedImage | undefined {
    return this.#confirmed;
  }

  /** The image last sent away without quarantine. */
  get rejected(): SlotImage | undefined {
    return this.#rejected;
  }

  /** The download that was last begun and not yet armed. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  /** Starts since the journal began, modulo 2^32. */
  get bootCount(): number {
    return this.#bootCount;
  }

  /** Whether the last record is PLANNED: only then is a software reset benign. */
  get isPlanned(): boolean {
    return this.#planned !== undefined;
  }

  get quarantine(): readonly string[] {
    return this.#quarantine;
  }

  isQuarantined(imageId: string): boolean {
    return this.#quarantine.indexOf(imageId) >= 0;
  }

  /** Takes the next record. Types that this version does not know change nothing but the PLANNED mark. */
  fold(record: JournalRecord): void {
    this.#planned = record.type === RecordType.planned ? record : undefined;
    switch (record.type) {
      case RecordType.boot:
        this.#foldBoot(record);
        break;
      case RecordType.armed:
        this.#trial = {
          imageId: record.imageId,
          slot: record.second,
          attemptCount: record.first,
          hasBooted: false,
          endedBy: undefined,
        };
        this.#progress = undefined;
        break;
      case RecordType.progress:
        this.#progress = { imageId: record.imageId, slot: record.second, chunkCount: record.first };
        break;
      case RecordType.confirmed:
        this.#confirmed = {
          imageId: record.imageId,
          slot: record.second,
          replaced: record.first,
          bootloaderRollback: bootloaderRollbackOf(record.detail),
        };
        this.floors.foldConfirmed(record.imageId);
        this.#closeTrial(record.imageId);
        break;
      case RecordType.rejected:
        this.#rejected = { imageId: record.imageId, slot: record.second };
        this.#closeTrial(record.imageId);
        break;
      case RecordType.quarantine:
        this.#addToQuarantine(record.imageId);
        this.#closeTrial(record.imageId);
        break;
      default:
        this.floors.fold(record);
    }
  }

  /** The shortest list of records that folds to this state, oldest first; `sequence` is left 0 for the journal to fill. */
  live(): JournalRecord[] {
    // The count first: a BOOT behind ARMED would be taken for the end of the trial.
    const records: JournalRecord[] = [record(RecordType.boot, NO_IMAGE, this.#bootCount, 0)];
    for (const floor of this.floors.live()) records.push({ ...floor, sequence: 0 });
    for (const imageId of this.#quarantine) records.push(record(RecordType.quarantine, imageId, 0, 0));
    if (this.#confirmed) {
      const { imageId, replaced, slot, bootloaderRollback } = this.#confirmed;
      const detail = ROLLBACK_NUMBER[bootloaderRollback];
      records.push({ ...record(RecordType.confirmed, imageId, replaced, slot), detail });
    }
    for (const pending of this.floors.livePending()) records.push({ ...pending, sequence: 0 });
    if (this.#rejected) records.push(record(RecordType.rejected, this.#rejected.imageId, 0, this.#rejected.slot));
    const trial = this.#trial;
    if (trial) {
      records.push(record(RecordType.armed, trial.imageId, trial.attemptCount, trial.slot));
      if (trial.hasBooted) records.push(record(RecordType.boot, trial.imageId, this.#bootCount, trial.slot));
      if (trial.endedBy) {
        records.push({ ...record(RecordType.boot, NO_IMAGE, this.#bootCount, 0), detail: RESET_CLASS_NUMBER[trial.endedBy] });
      }
    }
    if (this.#progress) {
      const { imageId, chunkCount, slot } = this.#progress;
      records.push(record(RecordType.progress, imageId, chunkCount, slot));
    }
    if (this.#planned) records.push({ ...this.#planned });
    return records;
  }

  #foldBoot(boot: JournalRecord): void {
    this.#bootCount = boot.first;
    const trial = this.#trial;
    if (!trial) return;
    if (boot.imageId === trial.imageId && slotOfBoot(boot) === trial.slot) {
      if (!trial.endedBy) this.#trial = { ...trial, hasBooted: true };
    } else if (!trial.endedBy) {
      // The first start of another image tells how the attempt ended; later starts of it tell nothing about the trial.
      this.#trial = { ...trial, endedBy: resetClassOf(boot.detail) };
    }
  }

  #closeTrial(imageId: string): void {
    if (this.#trial?.imageId === imageId) this.#trial = undefined;
  }

  #addToQuarantine(imageId: string): void {
    if (this.isQuarantined(imageId)) return;
    if (this.#quarantine.length === QUARANTINE_COUNT_MAX) this.#quarantine.shift();
    this.#quarantine.push(imageId);
  }
}

/** A BOOT's second number: the slot in the low byte (0xFF: unknown), the number of the reset reason above it. */
function slotOfBoot(boot: JournalRecord): number {
  return boot.second & 0xff;
}

function record(type: number, imageId: string, first: number, second: number): JournalRecord {
  return { type, detail: 0, sequence: 0, imageId, first, second };
}
