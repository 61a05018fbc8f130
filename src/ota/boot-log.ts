/**
 * What the boot authority writes into the journal, in its own words: which start this is, what was armed, and each verdict.
 *
 * The bytes of a record are packed here and unpacked by `History`. A device whose partition table has no journal reads an empty
 * history and is told at each append that nothing is kept. See docs/spec/journal.md.
 */
import { FirmwareError } from "../errors.js";
import type { FlashStorage } from "../ports/flash.js";
import type { ResetReason } from "../ports/system.js";
import { type BootloaderRollback, ROLLBACK_NUMBER } from "./bootloader-rollback.js";
import { faultOf, unlessMissing } from "./flash-refusal.js";
import type { FloorRecord } from "./floor-record.js";
import { History, trialNumbers } from "./history.js";
import { Journal, type JournalHealth, type NewRecord } from "./journal.js";
import {
  FaultCause,
  type FaultCauseName,
  PlannedCause,
  type PlannedCauseName,
  RecordType,
  RejectCause,
  type RejectCauseName,
  shortImageId,
} from "./journal-record.js";
import { encodeStreak, streakAfter } from "./ladder.js";
import { RESET_CLASS_NUMBER, RESET_REASON_NUMBER, type ResetClass } from "./reset-class.js";

const UNKNOWN_SLOT = 0xff;

/** An image and the slot it is in. */
export interface SlotImage {
  readonly imageId: string;
  readonly slot: number;
}

export class BootLog {
  /** `undefined` on a flash whose partition table was not made for updates. */
  readonly #journal: Journal | undefined;
  readonly history: History;

  /** Throws `invalid` where the partition has the wrong shape. */
  constructor(flash: FlashStorage) {
    this.#journal = unlessMissing(() => new Journal({ flash }));
    this.history = this.#journal?.history ?? new History();
  }

  get health(): JournalHealth | undefined {
    return this.#journal?.health;
  }

  /** The first record of a start: what counts from here on is counted in it. */
  boot(start: {
    readonly imageId: string;
    readonly slot: number | undefined;
    readonly reason: ResetReason;
    readonly resetClass: ResetClass;
  }): void {
    const { imageId, slot = UNKNOWN_SLOT, reason, resetClass } = start;
    const { trial, streak, bootCount } = this.history;
    const wasOther = trial !== undefined && trial.endedBy === undefined && (trial.imageId !== imageId || trial.slot !== slot);
    const present = streakAfter(streak, resetClass, !wasOther);
    const isFallbackTaken = present.count > 0 && (present.isFallbackTaken || trial?.isFallback === true);
    this.append({
      type: RecordType.boot,
      detail: RESET_CLASS_NUMBER[resetClass],
      imageId,
      first: (bootCount + 1) >>> 0,
      second: (slot | (RESET_REASON_NUMBER[reason] << 8) | encodeStreak({ ...present, isFallbackTaken })) >>> 0,
    });
  }

  planned(imageId: string, cause: PlannedCauseName): void {
    this.append({ type: RecordType.planned, detail: PlannedCause[cause], imageId });
  }

  /** PLANNED, also where the journal takes no record, then `sleep`; where that throws, a crash from then on was not planned. */
  sleeping(imageId: string, sleep: () => void): void {
    faultOf(() => this.planned(imageId, "sleep"));
    try {
      sleep();
    } catch (error) {
      faultOf(() => this.fault(imageId, "awake"));
      throw error;
    }
  }

  fault(imageId: string, cause: FaultCauseName): void {
    this.append({ type: RecordType.fault, detail: FaultCause[cause], imageId });
  }

  /** One more attempt of the image of the open trial, or the first one of another. */
  armed({ imageId, slot }: SlotImage, isFallback: boolean): void {
    const { trial } = this.history;
    const before = trial?.imageId === imageId ? trial : undefined;
    const unprovenCount = (before?.unprovenCount ?? 0) + (before?.endedBy === "unproven" ? 1 : 0);
    const numbers = trialNumbers({ slot, unprovenCount, isFallback: before?.isFallback ?? isFallback });
    this.append({ type: RecordType.armed, imageId, first: (before?.attemptCount ?? 0) + 1, ...numbers });
  }

  /** `replaced`: the id of the image that it took the place of. */
  confirmed({ imageId, slot }: SlotImage, replaced: string, rollback: BootloaderRollback): void {
    const detail = ROLLBACK_NUMBER[rollback];
    this.append({ type: RecordType.confirmed, detail, imageId, first: shortImageId(replaced), second: slot });
  }

  rejected({ imageId, slot }: SlotImage, cause: RejectCauseName): void {
    this.append({ type: RecordType.rejected, detail: RejectCause[cause], imageId, second: slot });
  }

  /** Until a release names the image that is newer than the one that named it now. */
  quarantined({ imageId, slot }: SlotImage, cause?: RejectCauseName): void {
    const first = this.history.releases.of(imageId)?.sequenceNumber ?? 0;
    this.append({ type: RecordType.quarantine, detail: cause ? RejectCause[cause] : 0, imageId, first, second: slot });
  }

  healthy(imageId: string): void {
    this.append({ type: RecordType.healthy, imageId });
  }

  progress({ imageId, slot }: SlotImage, chunkCount: number): void {
    this.append({ type: RecordType.progress, imageId, first: chunkCount, second: slot });
  }

  floors(records: readonly FloorRecord[]): void {
    for (const record of records) this.append(record);
  }

  /** Throws `io`, as a flash that keeps nothing, where there is no journal. */
  append(record: NewRecord): void {
    if (!this.#journal) {
      throw new FirmwareError("io", "slots: the partition table has no journal; expected one made for updates");
    }
    this.#journal.append(record);
  }
}
