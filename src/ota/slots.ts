/**
 * The one boot authority: what this start means, what is done about it, and every change of the boot state later on.
 *
 * The bootloader gives a new image one attempt and never says why it ended. This class closes that gap: it writes BOOT as the
 * first record of every start, puts what it finds into closed words, looks the decision up in one table, and is the only
 * caller of `BootEntries`. Watchdog and supervisor only ask it to restart. See docs/design/ota.md.
 */
import { assert } from "../assert.js";
import { FirmwareError } from "../errors.js";
import type { System } from "../ports/system.js";
import { BootEntries, SLOT_COUNT } from "./boot-entries.js";
import { type BootloaderRollback, type BootReport, ROLLBACK_NUMBER } from "./boot-report.js";
import { type DecisionRow, decide, type Situation } from "./decision.js";
import { faultOf, unlessMissing } from "./flash-refusal.js";
import type { ReleaseFloors } from "./floors.js";
import { History, type Trial } from "./history.js";
import { Journal, type NewRecord } from "./journal.js";
import {
  FaultCause,
  type FaultCauseName,
  NO_IMAGE,
  PlannedCause,
  type PlannedCauseName,
  RecordType,
  RejectCause,
  type RejectCauseName,
  shortImageId,
} from "./journal-record.js";
import { classifyReset, RESET_CLASS_NUMBER, RESET_REASON_NUMBER, type ResetClass } from "./reset-class.js";
import { ATTEMPT_COUNT_MAX, readSituation } from "./situation.js";
import { SlotImages, type SlotImagesOptions } from "./slot-images.js";
import type { UpdateMemory } from "./update-judge.js";

const UNKNOWN_SLOT = 0xff;

export interface SlotsOptions extends SlotImagesOptions {
  readonly system: System;
}

export interface ArmOptions {
  /** What was signed of the image: which one it has to be, and what is remembered once it is confirmed. */
  readonly release?: ReleaseFloors & { readonly imageIdentity: Uint8Array };
  /** The slot was just read back and hashed as a whole. */
  readonly isReadBack?: boolean;
}

export class Slots {
  readonly #options: SlotsOptions;
  /** `undefined` on a flash whose partition table was not made for updates. */
  readonly #journal: Journal | undefined;
  readonly #entries: BootEntries | undefined;
  readonly #history: History;
  readonly #images: SlotImages;
  #report: BootReport | undefined;
  #isTrial = false;
  #isRestarting = false;
  #isOtherWhole: boolean | undefined;

  /**
   * Opens journal and otadata; throws `invalid` where the partitions have the wrong shape. A table that lacks one of them is no
   * reason not to run: `boot()` reports it. Decides nothing yet.
   */
  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#journal = unlessMissing(() => new Journal({ flash: options.flash }));
    this.#entries = unlessMissing(() => new BootEntries(options.flash));
    this.#history = this.#journal?.history ?? new History();
    this.#images = new SlotImages(options);
  }

  /**
   * Writes BOOT, decides, and carries the decision out. Called once, before any module of the application starts. If the
   * report says `isRestarting`, the caller returns to the event loop at once.
   */
  boot(): BootReport {
    assert(this.#report === undefined, "boot: once a start");
    const { system } = this.#options;
    const history = this.#history;
    const resetClass = classifyReset(system.resetReason, history.isPlanned);
    const imageId = this.#images.idIn("running") ?? NO_IMAGE;
    let fault = faultOf(() => this.#recordBoot(imageId, resetClass));
    const trial = history.trial;
    const situation = readSituation({
      slot: system.runningSlot,
      isRecorded: fault === undefined,
      imageId,
      history,
      entries: this.#entries,
      images: this.#images,
    });
    const row = decide(situation);
    fault ??= faultOf(() => this.#carryOut(row, trial));
    const mode = fault === undefined ? row.mode : "observe";
    this.#isTrial = mode === "trial";
    this.#report = Object.freeze({
      resetReason: system.resetReason,
      resetClass,
      bootCount: history.bootCount,
      runningSlot: system.runningSlot,
      imageId,
      situation,
      decision: row.name,
      mode,
      fault,
      judgedImageId: row.actions.includes("quarantine") || row.actions.includes("reject") ? trial?.imageId : undefined,
      isRestarting: this.#isRestarting,
      bootloaderRollback: this.#bootloaderRollback(situation),
    });
    return this.#report;
  }

  /** What boot() found. Asserts that it ran. */
  get report(): BootReport {
    assert(this.#report, "report: boot() comes first");
    return this.#report;
  }

  /** The running image has no verdict yet. */
  get isTrial(): boolean {
    return this.#isTrial;
  }

  /** Whether the other slot may be written: the running image is confirmed and its slot is known. */
  get mayWriteOther(): boolean {
    const slot = this.#options.system.runningSlot;
    if (slot === undefined || this.#isTrial || this.#isRestarting || this.#report?.fault !== undefined) return false;
    return this.#bootEntries.isSettled(slot);
  }

  /** What is remembered of signed updates. */
  get updateMemory(): UpdateMemory {
    return this.#history.floors.memory;
  }

  /** Keeps what of `memory` is more than what is kept, a record for each. Throws `io` where the journal takes none. */
  remember(memory: UpdateMemory): void {
    for (const record of this.#history.floors.growth(memory)) this.#append(record);
  }

  /** The SHA-256 (32 bytes) that the running image carries; `undefined` where there is none to be seen. */
  get runningIdentity(): Uint8Array | undefined {
    return this.#images.identityIn("running");
  }

  /** The chip that images have to be for: the running image's own. `undefined` where that has no header. */
  get chipId(): number | undefined {
    return this.#images.chipId;
  }

  isQuarantined(imageId: string): boolean {
    return this.#history.isQuarantined(imageId);
  }

  /** The image last sent away without quarantine; `undefined` where there is none. */
  get rejectedImageId(): string | undefined {
    return this.#history.rejected?.imageId;
  }

  /** The id of the image in the other slot, whole or not; `undefined` where there is none. */
  get otherImageId(): string | undefined {
    return this.#images.idIn("nextota");
  }

  /** Chunks of the image that stand in the other slot by the journal, from a download that a cut or a failure ended. */
  progressOf(imageId: string): number {
    const progress = this.#history.progress;
    const isHere = progress?.imageId === imageId && progress.slot === this.#otherSlot("progressOf");
    return isHere ? progress.chunkCount : 0;
  }

  /** So many chunks of the image were written and found right. 0: its download begins, and nothing else is in the slot. */
  recordProgress(imageId: string, chunkCount: number): void {
    this.#append({ type: RecordType.progress, imageId, first: chunkCount, second: this.#otherSlot("recordProgress") });
  }

  /**
   * The running image passed its health gate: CONFIRMED first, then otadata; a cut between them is healed at the next start.
   */
  confirm(): void {
    assert(this.#isTrial, "confirm: a trial is running");
    const slot = this.#slot("confirm");
    const replaced = shortImageId(this.otherImageId ?? NO_IMAGE);
    this.#append({
      type: RecordType.confirmed,
      detail: ROLLBACK_NUMBER[this.report.bootloaderRollback],
      imageId: this.report.imageId,
      first: replaced,
      second: slot,
    });
    this.#bootEntries.settle(slot);
    this.#isTrial = false;
  }

  /** The other slot holds a whole image that the bootloader would go back to. Hashes a slot, once a start. */
  get canReject(): boolean {
    const slot = this.#options.system.runningSlot;
    if (slot === undefined || !this.#entries?.hasFallback(slot)) return false;
    this.#isOtherWhole ??= this.#images.isWhole("nextota"); // Nobody writes the other slot during a trial.
    return this.#isOtherWhole;
  }

  /**
   * The running image is sent away: REJECTED, or QUARANTINE where it is called unhealthy, then its own entry INVALID, then a
   * restart into the other slot. Throws `refused`, and changes nothing, where the other slot could not boot.
   */
  reject(cause: RejectCauseName): void {
    assert(this.#isTrial, "reject: a trial is running");
    const slot = this.#slot("reject");
    if (!this.canReject) {
      throw new FirmwareError(
        "refused",
        "slots: the other slot holds nothing that boots; expected a whole image to go back to",
      );
    }
    const imageId = this.report.imageId;
    const isBad = cause === "unhealthy";
    this.#append({
      type: isBad ? RecordType.quarantine : RecordType.rejected,
      detail: RejectCause[cause],
      imageId,
      second: slot,
    });
    this.#bootEntries.reject(slot);
    this.restart("update");
  }

  /**
   * Arms the image in the other slot for a trial: PENDING where its release is given, ARMED, then otadata. The image is
   * verified in full first, which takes a second a megabyte on a device; who has just read it back and hashed it says so.
   * Throws `refused` while the running image is not confirmed, `corrupt` where the image is not whole or not the release's.
   */
  arm(options: ArmOptions = {}): void {
    const { release, isReadBack = false } = options;
    const slot = this.#slot("arm");
    if (!this.mayWriteOther) {
      throw new FirmwareError("refused", "slots: the running image is not confirmed; expected its trial to end before another");
    }
    const imageId = this.#images.demandOther({ identity: release?.imageIdentity, isReadBack });
    if (release !== undefined) {
      for (const record of this.#history.floors.pendingRecords(imageId, release)) this.#append(record);
    }
    this.#armOther(slot, imageId);
  }

  /** A wanted restart: PLANNED, then the reset line, also where the journal takes no record. Feeding has stopped before. */
  restart(cause: PlannedCauseName): void {
    faultOf(() => this.#append({ type: RecordType.planned, detail: PlannedCause[cause], imageId: this.#runningImageId }));
    this.#reset();
  }

  /** A restart because the firmware gave up: FAULT, then the reset line. It counts against the image. */
  fail(cause: FaultCauseName): void {
    faultOf(() => this.#append({ type: RecordType.fault, detail: FaultCause[cause], imageId: this.#runningImageId }));
    this.#reset();
  }

  get #runningImageId(): string {
    return this.#report?.imageId ?? NO_IMAGE;
  }

  #reset(): void {
    this.#isRestarting = true;
    this.#options.system.restart();
  }

  /** Without the partition nothing is decided and no trial runs. */
  get #bootEntries(): BootEntries {
    assert(this.#entries, "slots: there is an otadata partition");
    return this.#entries;
  }

  /** Throws `io`, as a flash that keeps nothing, where there is no journal. */
  #append(record: NewRecord): void {
    if (!this.#journal || !this.#entries) {
      const missing = this.#journal ? "otadata" : "journal";
      throw new FirmwareError("io", `slots: the partition table has no ${missing}; expected one made for updates`);
    }
    this.#journal.append(record);
  }

  /** A trial shows it: only a bootloader with rollback turns NEW into PENDING_VERIFY. The journal remembers the last one. */
  #bootloaderRollback({ own, fate }: Situation): BootloaderRollback {
    if (own === "pending") return "present";
    if (own === "unstated" && fate === "running") return "missing";
    return this.#history.confirmed?.bootloaderRollback ?? "unknown";
  }

  #slot(caller: string): number {
    const slot = this.#options.system.runningSlot;
    if (slot !== undefined) return slot;
    throw new FirmwareError("refused", `slots: ${caller} needs to know the running slot, and this host does not`);
  }

  #otherSlot(caller: string): number {
    return (this.#slot(caller) + 1) % SLOT_COUNT;
  }

  #recordBoot(imageId: string, resetClass: ResetClass): void {
    const { system } = this.#options;
    this.#append({
      type: RecordType.boot,
      detail: RESET_CLASS_NUMBER[resetClass],
      imageId,
      first: (this.#history.bootCount + 1) >>> 0,
      second: (system.runningSlot ?? UNKNOWN_SLOT) | (RESET_REASON_NUMBER[system.resetReason] << 8),
    });
  }

  #carryOut(row: DecisionRow, trial: Trial | undefined): void {
    const slot = this.#options.system.runningSlot;
    for (const action of row.actions) {
      assert(slot !== undefined, "carryOut: every action knows the running slot");
      switch (action) {
        case "settle":
          this.#bootEntries.settle(slot);
          break;
        case "quarantine":
          assert(trial, "quarantine: a trial is open");
          this.#append({ type: RecordType.quarantine, imageId: trial.imageId, second: trial.slot });
          this.#bootEntries.invalidateOther(slot);
          break;
        case "reject":
          assert(trial, "reject: a trial is open");
          this.#append({
            type: RecordType.rejected,
            detail: trial.attemptCount >= ATTEMPT_COUNT_MAX ? RejectCause.exhausted : RejectCause.missing,
            imageId: trial.imageId,
            second: trial.slot,
          });
          this.#bootEntries.invalidateOther(slot);
          break;
        case "rearm":
        case "revert":
          this.#armOther(slot, this.otherImageId!);
          this.restart("update");
          break;
      }
    }
  }

  /** ARMED first: after a cut between the two, the next start finds an open trial and arms it again. */
  #armOther(slot: number, imageId: string): void {
    const trial = this.#history.trial;
    const attempt = trial?.imageId === imageId ? trial.attemptCount + 1 : 1;
    const other = this.#otherSlot("arm");
    this.#append({ type: RecordType.armed, imageId, first: attempt, second: other });
    this.#bootEntries.arm(other, slot);
  }
}
