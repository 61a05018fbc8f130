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
import { BootLog } from "./boot-log.js";
import { type BootReport, reportOf } from "./boot-report.js";
import { type BootStatus, bootStatusOf } from "./boot-status.js";
import { type DecisionRow, decide } from "./decision.js";
import { faultOf, unlessMissing } from "./flash-refusal.js";
import type { History, Trial } from "./history.js";
import { type FaultCauseName, NO_IMAGE, type PlannedCauseName, type RejectCauseName } from "./journal-record.js";
import type { ReleaseFloors } from "./releases.js";
import { classifyReset } from "./reset-class.js";
import { ATTEMPT_COUNT_MAX, classify } from "./situation.js";
import { SlotImages, type SlotImagesOptions } from "./slot-images.js";
import { Tenure } from "./tenure.js";
import type { UpdateMemory } from "./update-judge.js";

const NO_WAY_BACK = "slots: the other slot holds nothing that boots; expected a whole image to go back to";
const NO_OTADATA = "slots: the partition table has no otadata; expected one made for updates";

export interface SlotsOptions extends SlotImagesOptions {
  readonly system: System;
  /** Our watchdog left its record before this start. Default false. */
  readonly isWatchdogExplained?: boolean;
}

export interface ArmOptions {
  /** What was signed of the image: which one it has to be, and what is remembered once it is confirmed. */
  readonly release?: ReleaseFloors & { readonly imageIdentity: Uint8Array };
  /** The slot was just read back and hashed as a whole. */
  readonly isReadBack?: boolean;
}

export class Slots {
  readonly #options: SlotsOptions;
  readonly #log: BootLog;
  /** `undefined` on a flash whose partition table was not made for updates. */
  readonly #entries: BootEntries | undefined;
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
    this.#log = new BootLog(options.flash);
    this.#entries = unlessMissing(() => new BootEntries(options.flash));
    this.#images = new SlotImages(options);
  }

  /**
   * Writes BOOT, decides, and carries the decision out. Called once, before any module of the application starts. If the
   * report says `isRestarting`, the caller returns to the event loop at once.
   */
  boot(): BootReport {
    assert(this.#report === undefined, "boot: once a start");
    const { system, isWatchdogExplained = false } = this.#options;
    const { resetReason, runningSlot: slot } = system;
    const history = this.#history;
    const imageId = this.#images.idIn("running") ?? NO_IMAGE;
    const isTrialLost = isNeverStarted(history.trial) && history.trial?.imageId !== imageId;
    const evidence = { isPlanned: history.isPlanned, isExplained: isWatchdogExplained, isTrialLost };
    const resetClass = classifyReset(resetReason, evidence);
    let fault = faultOf(() => this.#log.boot({ imageId, slot, reason: resetReason, resetClass }));
    if (!this.#entries) fault ??= NO_OTADATA;
    if (slot !== undefined && resetClass === "environment") fault ??= faultOf(() => this.#entries!.strengthen(slot));
    const trial = history.trial;
    const situation = classify({
      slot,
      isRecorded: fault === undefined,
      resetClass,
      imageId,
      history,
      entries: this.#entries,
      images: this.#images,
    });
    const row = decide(situation);
    fault ??= faultOf(() => this.#carryOut(row, trial));
    const mode = fault === undefined ? row.mode : "observe";
    this.#isTrial = mode === "trial";
    this.#report = reportOf({
      start: { resetReason, resetClass, runningSlot: slot, imageId },
      history,
      trial,
      situation,
      row,
      mode,
      fault,
      isRestarting: this.#isRestarting,
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
    return this.#entries?.isSettled(slot) === true;
  }

  /** What is remembered of signed updates. */
  get updateMemory(): UpdateMemory {
    return this.#history.memory;
  }

  /** Keeps what of `memory` is more than what is kept, a record for each. Throws `io` where the journal takes none. */
  remember(memory: UpdateMemory): void {
    this.#log.floors(this.#history.floors.growth(memory, this.updateMemory));
  }

  /** The SHA-256 (32 bytes) that the running image carries; `undefined` where there is none to be seen. */
  get runningIdentity(): Uint8Array | undefined {
    return this.#images.identityIn("running");
  }

  /** The chip that images have to be for: the running image's own. `undefined` where that has no header. */
  get chipId(): number | undefined {
    return this.#images.chipId;
  }

  /** Whether the image, named by a release of this number, must not be tried. */
  isQuarantined(imageId: string, releaseNumber?: number): boolean {
    return this.#history.isQuarantined(imageId, releaseNumber);
  }

  /** The image last sent away without quarantine. */
  get rejectedImageId(): string | undefined {
    return this.#history.rejected?.imageId;
  }

  /** The image that is armed once more in a while, by itself; `undefined` where none is. */
  get waitingImageId(): string | undefined {
    return this.#report?.mode === "waiting" ? this.#history.trial?.imageId : undefined;
  }

  /** The id of the image in the other slot, whole or not; `undefined` where there is none. */
  get otherImageId(): string | undefined {
    return this.#images.idIn("nextota");
  }

  /** Chunks of the image that stand in the other slot by the journal, from a download that a cut or a failure ended. */
  progressOf(imageId: string): number {
    const { progress } = this.#history;
    return progress?.imageId === imageId && progress.slot === this.#otherSlot("progressOf") ? progress.chunkCount : 0;
  }

  /** So many chunks of the image were written and found right. 0: its download begins, and nothing else is in the slot. */
  recordProgress(imageId: string, chunkCount: number): void {
    this.#log.progress({ imageId, slot: this.#otherSlot("recordProgress") }, chunkCount);
  }

  /** What a person needs to know of a device that does not update. Reads both slots' heads. */
  status(): BootStatus {
    const { report } = this;
    const [history, entries, images] = [this.#history, this.#entries, this.#images];
    return bootStatusOf({ report, history, entries, images, journal: this.#log.health, isTrial: this.#isTrial });
  }

  /**
   * The running image passed its health gate: CONFIRMED first, then otadata; a cut between them is healed at the next start.
   * Where it was taken because the other one crashes, that one is put in quarantine before.
   */
  confirm(): void {
    assert(this.#isTrial, "confirm: a trial is running");
    const slot = this.#slot("confirm");
    const { imageId } = this.report;
    const other = this.otherImageId;
    if (this.#history.trial?.isFallback && other !== undefined) {
      this.#log.quarantined({ imageId: other, slot: this.#otherSlot("confirm") });
    }
    this.#log.confirmed({ imageId, slot }, other ?? NO_IMAGE, this.report.bootloaderRollback);
    this.tenure.recordHealthy();
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
    if (!this.canReject) throw new FirmwareError("refused", NO_WAY_BACK);
    const { imageId } = this.report;
    if (cause === "unhealthy") this.#log.quarantined({ imageId, slot }, cause);
    else this.#log.rejected({ imageId, slot }, cause);
    this.#bootEntries.reject(slot);
    this.restart("update");
  }

  /**
   * Arms the image in the other slot for a trial: PENDING where its release is given, ARMED, then otadata. The image is
   * verified in full first, which takes a second a megabyte on a device; who has just read it back and hashed it says so.
   * Throws `refused` while the running image is not confirmed, and for an image in quarantine; `corrupt` where the image is not
   * whole or not the release's.
   */
  arm(options: ArmOptions = {}): void {
    const { release, isReadBack = false } = options;
    const slot = this.#slot("arm");
    if (!this.mayWriteOther) {
      throw new FirmwareError("refused", "slots: the running image is not confirmed; expected its trial to end before another");
    }
    const imageId = this.#images.demandOther({ identity: release?.imageIdentity, isReadBack });
    if (this.isQuarantined(imageId, release?.sequenceNumber))
      throw new FirmwareError("refused", `slots: ${imageId}… is in quarantine; expected a newer release to name it`);
    if (release !== undefined) this.#log.floors(this.#history.releases.recordsFor(imageId, release));
    this.#armOther(slot, imageId);
  }

  /** Arms the image that waits for its next attempt. False where it is not there any more: then it is given up. */
  rearm(): boolean {
    const trial = this.#history.trial;
    if (trial === undefined || !this.mayWriteOther) return false;
    if (this.otherImageId === trial.imageId && this.#images.isWhole("nextota")) {
      this.#armOther(this.#slot("rearm"), trial.imageId);
      return true;
    }
    this.#log.rejected(trial, "missing");
    return false;
  }

  /** What the running image, not on trial, has earned. */
  get tenure(): Tenure {
    return new Tenure({ log: this.#log, imageId: this.#runningImageId });
  }

  /** A wanted restart: PLANNED, then the reset line, also where the journal takes no record. Feeding has stopped before. */
  restart(cause: PlannedCauseName): void {
    faultOf(() => this.#log.planned(this.#runningImageId, cause));
    this.#reset();
  }

  /** PLANNED, then deep sleep. Throws `refused`, and changes nothing, during a trial; and what the chip's sleep throws. */
  sleep(durationMs: number): void {
    if (this.#isTrial) {
      throw new FirmwareError("refused", "system: no sleep while the image is on trial; expected its verdict first");
    }
    this.#log.sleeping(this.#runningImageId, () => this.#options.system.sleep(durationMs));
  }

  /** A restart because the firmware gave up: FAULT, then the reset line. It counts against the image. */
  fail(cause: FaultCauseName): void {
    faultOf(() => this.#log.fault(this.#runningImageId, cause));
    this.#reset();
  }

  get #history(): History {
    return this.#log.history;
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

  #slot(caller: string): number {
    const slot = this.#options.system.runningSlot;
    if (slot !== undefined) return slot;
    throw new FirmwareError("refused", `slots: ${caller} needs to know the running slot, and this host does not`);
  }

  #otherSlot(caller: string): number {
    return (this.#slot(caller) + 1) % SLOT_COUNT;
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
          this.#log.quarantined(trial!);
          this.#bootEntries.invalidateOther(slot);
          break;
        case "reject":
          assert(trial, "reject: a trial is open");
          this.#log.rejected(trial, trial.attemptCount >= ATTEMPT_COUNT_MAX ? "exhausted" : "missing");
          this.#bootEntries.invalidateOther(slot);
          break;
        case "rearm":
        case "revert":
        case "fallBack":
          this.#armOther(slot, this.otherImageId!, action === "fallBack");
          this.restart("update");
          break;
        case "leave":
          this.#bootEntries.reject(slot);
          this.restart("update");
      }
    }
  }

  /** ARMED first: after a cut between the two, the next start finds an open trial and arms it again. */
  #armOther(slot: number, imageId: string, isFallback = false): void {
    const other = this.#otherSlot("arm");
    this.#log.armed({ imageId, slot: other }, isFallback);
    this.#bootEntries.arm(other, slot);
  }
}

/** It was armed, and nobody has heard of it since. */
function isNeverStarted(trial: Trial | undefined): boolean {
  return trial !== undefined && !trial.hasBooted && trial.endedBy === undefined;
}
