/**
 * What must hold in every life, whatever fails: looked at before each flash operation, at each start, and at the end.
 *
 * The numbers are those of docs/design/chaos.md, which also says where each is looked at. Everything is seen from outside: the
 * bytes of the flash, what boots, what the server was told; of the firmware only what it reports of itself.
 */
import type { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import { isResetMode, type Operation, type OperationFault } from "../../../hosts/node/chaos/fault.js";
import type { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import { isValidOtaEntry, OtaState, readOtaEntry, slotOfSequence } from "../../../src/image/otadata.js";
import { FloorKind } from "../../../src/ota/floor-record.js";
import { type JournalRecord, RecordType } from "../../../src/ota/journal-record.js";
import type { ResetReason } from "../../../src/ports/system.js";
import type { ScriptedRequest } from "../../harness/scripted-server.js";
import type { Node } from "../../node/ota/firmware.js";
import type { Fleet, Subject } from "../../node/ota/fleet.js";
import { idOf } from "../../node/ota/rig.js";
import { FloorWatch, problemsAbove } from "./floor-watch.js";
import { type Author, RecordWatch } from "./record-watch.js";
import {
  isIn,
  JOURNAL_OFFSET,
  JOURNAL_SIZE_BYTES,
  NVS_OFFSET,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  type Scenario,
  SECTOR_SIZE_BYTES,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
} from "./scenario.js";
import { badEndOf, isLie, type Story } from "./story.js";
import { imageProblem, lastWordProblem, onlyEntryProblem, slotProblem } from "./write-order.js";

/** Resets of a trial without a trace of who was to blame, of which the second counts against the image. */
const UNPROVEN_COUNT_MAX = 1;
const CHUNK_SIZE_BYTES = 16 * 1024;

export interface JudgeOptions {
  readonly scenario: Scenario;
  readonly story: Story;
  readonly fleet: Fleet;
  readonly flash: ChaosFlash;
  readonly device: () => VirtualDevice;
  /** A fault of the storage is among the faults: what stands in flash need not be what was written. */
  readonly hasStorageFault: boolean;
  /** Bytes of the image that the present start has fetched on trial, in one answer. */
  readonly provedBytes: () => number;
}

export class Judge {
  readonly violations: string[] = [];
  /** Slots in whose whole image a bit has turned. */
  readonly turnedSlots = new Set<number>();
  /** Cuts and resets that came. */
  faultCount = 0;
  /** A reset came that an image on trial has to answer for. */
  isBlamed = false;
  /** Starts of the new release, and those that the watchdog ended. */
  newStartCount = 0;
  readonly #options: JudgeOptions;
  readonly #watch: RecordWatch;
  /** What is offered now: another one than at the beginning, where one update follows another. */
  #scenario: Scenario;
  readonly #ids = new Map<string, string>();
  readonly #confirmed = new Set<string>();
  readonly #quarantined = new Set<string>();
  /** What the last operation wrote may not stay: a ban counts when somebody has read it, and programmed it once more. */
  #isDoubtful = false;
  #node: Node | undefined;
  #hasConfirmed = false;
  #unprovenCount = 0;
  readonly #floors = new FloorWatch();
  #armedId = "";
  /** The image that ran without being on trial, last. */
  #base: { readonly version: string; readonly slot: number };

  constructor(options: JudgeOptions) {
    const { scenario, flash } = options;
    this.#options = options;
    this.#scenario = scenario;
    for (const [version, image] of Object.entries(scenario.images)) this.#ids.set(idOf(image), version);
    this.#base = { version: scenario.oldVersion, slot: scenario.configuration.runningSlot };
    this.#watch = new RecordWatch(flash, {
      onRecord: (record, author) => this.#onRecord(record, author),
      onEntry: (entry, author) => this.#onEntry(entry, author),
    });
    this.#confirmed.add(this.#idOf(scenario.oldVersion));
    for (const record of this.#watch.initial(flash)) {
      if (record.type === RecordType.confirmed) this.#confirmed.add(record.imageId);
      if (!options.hasStorageFault) this.#floors.keep(record);
    }
  }

  /** Another update is offered from now on. */
  follow(scenario: Scenario): void {
    this.#scenario = scenario;
  }

  violate(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }

  get node(): Node | undefined {
    return this.#node;
  }

  /** Whether the new release is in quarantine, by the records that were written. */
  get isQuarantined(): boolean {
    return this.#quarantined.has(this.#idOf(this.#scenario.newVersion));
  }

  /** Whether it is the version that is offered now. */
  isOffered(version: string | undefined): boolean {
    return version === this.#scenario.newVersion;
  }

  get isConfirmed(): boolean {
    return this.#confirmed.has(this.#idOf(this.#scenario.newVersion));
  }

  /** A cut, or a reset at an operation. */
  onFault({ mode }: OperationFault): void {
    this.#isDoubtful = mode === "unstable";
    this.onReset(isResetMode(mode) ? mode : "powerOn");
  }

  /** Before the chip is reset. 18: the supply, a sleep and what nobody knows are no image's fault. */
  onReset(reason: ResetReason): void {
    this.faultCount++;
    const { device } = this.#options;
    if (device().life.version !== this.#scenario.newVersion) return;
    const isOnTrial = this.#node === undefined ? !this.isConfirmed : this.#node.core.slots.isTrial;
    if (!isOnTrial) return;
    // Before its BOOT, and for a watchdog that bit without warning, nothing shows that it was the image.
    const isProven = reason === "panic" || (reason === "software" && this.#node !== undefined);
    if (isProven) this.isBlamed = true;
    else if (reason === "software" || reason === "watchdog") this.#unprovenCount++;
    if (this.#unprovenCount > UNPROVEN_COUNT_MAX) this.isBlamed = true;
  }

  /** 3: the running slot is not touched. 14: nothing but the core's own, nothing unaligned, nothing over what stands. */
  onOperation(operation: Operation, bytes: Uint8Array | undefined): void {
    const { kind, offset, byteLength } = operation;
    const { flash, device: deviceOf, hasStorageFault } = this.#options;
    const scenario = this.#scenario;
    const device = deviceOf();
    this.#watch.follow(operation, bytes, flash, this.#author);
    this.#isDoubtful = false;
    const slot = device.lives.length > 0 && device.life.endedBy === undefined ? device.life.slot : undefined;
    if (slot === 0 || slot === 1) {
      const start = SLOT_OFFSETS[slot]!;
      if (offset + byteLength > start && offset < start + SLOT_SIZE_BYTES) this.violate(`3: ${kind} in the running slot`);
      this.#demandOrder(operation, bytes, slot);
    }
    const isOwned =
      isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES) ||
      isIn(offset, JOURNAL_OFFSET, JOURNAL_SIZE_BYTES) ||
      isIn(offset, NVS_OFFSET, OTADATA_OFFSET - NVS_OFFSET) ||
      SLOT_OFFSETS.some((start) => isIn(offset, start, SLOT_SIZE_BYTES));
    if (!isOwned) this.violate(`14: ${kind} at ${offset}, in nobody's partition`);
    const isLine = scenario.encrypted.some((range) => isIn(offset, range.offset, range.byteLength));
    const unitBytes = isLine ? 16 : 4;
    if (offset % unitBytes !== 0 || byteLength % unitBytes !== 0) this.violate(`14: ${kind} of ${byteLength} at ${offset}`);
    if (bytes === undefined || hasStorageFault) return;
    const found = flash.read(offset, byteLength);
    for (let index = 0; index < byteLength; index++) {
      if ((found[index]! & bytes[index]!) === bytes[index]) continue;
      this.violate(`14: a program of ${byteLength} over what stands at ${offset}`);
      return;
    }
  }

  /** 4: the image to go back to is left alone on trial. 5, 12, 14: what makes a thing count is written last. */
  #demandOrder(operation: Operation, bytes: Uint8Array | undefined, runningSlot: number): void {
    const { flash, hasStorageFault } = this.#options;
    const scenario = this.#scenario;
    const isInOther = isIn(operation.offset, SLOT_OFFSETS[1 - runningSlot]!, SLOT_SIZE_BYTES);
    if (isInOther && this.#node?.core.slots.isTrial) this.violate(`4: ${operation.kind} in the other slot, on trial`);
    const problems = [slotProblem(operation, flash), onlyEntryProblem(operation, flash)];
    if (!hasStorageFault) problems.push(imageProblem(operation, flash, scenario));
    if (!hasStorageFault && bytes) problems.push(lastWordProblem(operation, bytes, flash, scenario));
    for (const problem of problems) if (problem !== undefined) this.violate(problem);
  }

  /** 1, 2: what boots is whole. 4: on trial the image to go back to is whole. */
  onStart(version: string): void {
    const { flash, device: deviceOf } = this.#options;
    const scenario = this.#scenario;
    this.#node = undefined;
    this.#hasConfirmed = false;
    this.#watch.settle(flash);
    const { slot } = deviceOf().life;
    if (!this.holds(slot, version)) this.violate(`2: what boots is not whole: ${version} in ${slot}`);
    if (version !== scenario.newVersion) return;
    this.newStartCount++;
    const { version: oldVersion, slot: oldSlot } = this.#base;
    if (!this.isConfirmed && !this.holds(oldSlot, oldVersion)) this.violate("4: the old image is not whole");
  }

  /** 6: floors do not sink. 7: nor are they more than what is confirmed asks for. 11: no record that nobody wrote. 18. */
  onCore(node: Node): void {
    const { flash, device: deviceOf } = this.#options;
    const scenario = this.#scenario;
    this.#node = node;
    const { boot, slots } = node.core;
    const { version, slot } = deviceOf().life;
    const { updateMemory } = slots;
    if (boot.fault === undefined) {
      const problem = this.#floors.follow(updateMemory, this.#isWayBack(version));
      if (problem !== undefined) this.violate(problem);
      if (this.isQuarantined && !slots.isQuarantined(this.#idOf(scenario.newVersion))) this.violate("8: quarantine is lost");
    }
    this.#demandFloors(updateMemory.releaseFloor, updateMemory.securityFloor);
    const foreign = this.#watch.foreignRecord(flash);
    if (foreign !== undefined) this.violate(`11: a record is taken that nobody wrote: ${foreign}`);
    if (version !== undefined && slot !== undefined && !slots.isTrial && !boot.isRestarting) this.#base = { version, slot };
  }

  /** The gate's word, before it is carried out. */
  onVerdict(verdict: string): void {
    this.#hasConfirmed = verdict === "confirmed";
  }

  /** 13: what the server is told of the running image is so. */
  onRequest(subject: Subject, { body }: ScriptedRequest): void {
    const { device: deviceOf } = this.#options;
    const scenario = this.#scenario;
    const { version, slot } = deviceOf().life;
    if (subject === "attributes") {
      const { data } = JSON.parse(body) as { data: { version: string } };
      if (data.version !== version || !this.holds(slot, data.version))
        this.violate(`13: ${version} says it is ${data.version}`);
    }
    if (subject !== "feedback") return;
    const { status } = JSON.parse(body) as { status: { execution: string; result: { finished: string } } };
    if (status.execution !== "closed" || status.result.finished !== "success") return;
    if (version !== scenario.newVersion || !this.isConfirmed) this.violate(`13: ${version} reports the update's success`);
  }

  /** The new release runs, has its verdict, and the server knows. */
  isDone(): boolean {
    const { fleet, device } = this.#options;
    const { life } = device();
    if (life.version !== this.#scenario.newVersion || life.endedBy !== undefined) return false;
    return this.#node !== undefined && !this.#node.core.slots.isTrial && fleet.actionId === undefined;
  }

  /** Whether the slot holds the image of that version, byte for byte. */
  holds(slot: number | undefined, version: string | undefined): boolean {
    const image = this.#scenario.images[version ?? ""];
    const offset = SLOT_OFFSETS[slot ?? -1];
    if (image === undefined || offset === undefined) return false;
    return Buffer.compare(this.#options.flash.read(offset, image.length), image) === 0;
  }

  /** What the last operation left, at the end. */
  settle(): void {
    this.#watch.settle(this.#options.flash);
  }

  get #author(): Author {
    const { life } = this.#options.device();
    return { version: life?.version, hasConfirmed: this.#hasConfirmed };
  }

  #onRecord(record: JournalRecord, author: Author): void {
    const { type, detail, imageId, first } = record;
    const { scenario, story } = this.#options;
    const version = this.#ids.get(imageId);
    const bad = badEndOf(story);
    if (type === RecordType.armed) {
      this.#armedId = imageId;
      if (version === undefined || (isLie(story) && version === "1.0.0"))
        this.violate(`5: ${imageId} is armed, which nobody signed`);
      if (this.#quarantined.has(imageId)) this.violate(`8: ${version} is armed, which is in quarantine`);
    }
    if (type === RecordType.confirmed && version === author.version && version !== undefined)
      this.#base = { version, slot: this.#options.device().life.slot! };
    if (type === RecordType.confirmed && !this.#confirmed.has(imageId)) {
      if (author.version !== version || !author.hasConfirmed) this.violate(`9: ${version} is confirmed by ${author.version}`);
      if (bad && !bad.isKept && version === scenario.newVersion) this.violate(`16: ${version} is confirmed, which is bad`);
      this.#demandProof(version);
      this.#confirmed.add(imageId);
    }
    if (type === RecordType.quarantine) {
      const isMeant = bad?.verdict === "quarantined" && version === scenario.newVersion;
      if (!isMeant && !this.isBlamed) this.violate(`18: ${version} is in quarantine`);
      if (!this.#isDoubtful) this.#quarantined.add(imageId);
    }
    if (type === RecordType.progress) this.#demandProgress(record, version);
    if (!this.#options.hasStorageFault) this.#floors.keep(record);
    if (type === RecordType.floor && detail === FloorKind.release) this.#demandFloors(first, 0);
    if (type === RecordType.floor && detail === FloorKind.security) this.#demandFloors(0, first);
  }

  /** 5: where an entry begins to be one by which a slot boots, a whole image stands there. */
  #onEntry(bytes: Uint8Array, author: Author): void {
    const entry = readOtaEntry(bytes);
    if (author.version === undefined || !isValidOtaEntry(entry)) return; // The bootloader only notes what it does.
    const slot = slotOfSequence(entry.sequence, 2);
    const version = Object.keys(this.#scenario.images).find((name) => this.holds(slot, name));
    if (version === undefined) {
      if (this.turnedSlots.has(slot)) return; // It was whole when it was read back; the bootloader looks again.
      this.violate(`5: an entry of otadata names slot ${slot}, where no signed image stands`);
      return;
    }
    if (this.#options.hasStorageFault) return;
    const id = this.#idOf(version);
    if (entry.state === OtaState.new && id !== this.#armedId) this.violate(`5: ${version} is NEW in otadata, and not armed`);
    if (entry.state === OtaState.valid && !this.#confirmed.has(id)) this.violate(`9: ${version} is VALID, and not confirmed`);
  }

  /** 9: what is offered could be fetched, a chunk of it at the least. */
  #demandProof(version: string | undefined): void {
    const { fleet, provedBytes, hasStorageFault } = this.#options;
    if (hasStorageFault || fleet.actionId === undefined || provedBytes() >= CHUNK_SIZE_BYTES) return;
    this.violate(`9: ${version} is confirmed, and has not fetched a chunk`);
  }

  /** 23: the chunks that PROGRESS counts stand in the slot; the first sector comes last. */
  #demandProgress({ first: chunkCount, second: slot }: JournalRecord, version: string | undefined): void {
    const { flash, hasStorageFault } = this.#options;
    const image = this.#scenario.images[version ?? ""];
    if (hasStorageFault || image === undefined || chunkCount === 0) return;
    const there = image.subarray(SECTOR_SIZE_BYTES, chunkCount * CHUNK_SIZE_BYTES);
    if (Buffer.compare(flash.read(SLOT_OFFSETS[slot]! + SECTOR_SIZE_BYTES, there.length), there) === 0) return;
    this.violate(`23: ${chunkCount} chunks of ${version} are noted, and do not stand there`);
  }

  /** Whether the image before runs again, because the one after it was kept and failed: only what is written binds it. */
  #isWayBack(version: string | undefined): boolean {
    return badEndOf(this.#options.story)?.isKept === true && this.isConfirmed && version === this.#scenario.oldVersion;
  }

  #demandFloors(release: number, security: number): void {
    const numbers = [...this.#confirmed].map((imageId) => this.#scenario.releases[this.#ids.get(imageId) ?? ""]);
    for (const problem of problemsAbove({ release, security }, numbers)) this.violate(problem);
  }

  #idOf(version: string): string {
    return idOf(this.#scenario.images[version]!);
  }
}
