/**
 * What must hold in every life of a device that takes an update and loses its power on the way, seen from outside.
 *
 * The witness reads flash and the boot authority's reports and asks nobody whether all is well. What it sees wrong it writes
 * down, so that one life tells all of it. See docs/design/chaos.md, where the same promises have numbers.
 */
import { isValidOtaEntry, OtaState, readOtaEntry, slotOfSequence } from "../../../src/image/otadata.js";
import { decodeRecord, type JournalRecord, RECORD_SIZE_BYTES, RecordType } from "../../../src/ota/journal-record.js";
import type { Slots } from "../../../src/ota/slots.js";
import type { Operation } from "../../harness/cut.js";
import { SMALL_SECTOR_SIZE_BYTES } from "../../harness/tearing-flash.js";
import { CHUNK_SIZE_BYTES, idOf, type Offer, type Onlooker, type UpdatingDevice } from "./updating-device.js";

/** Starts of an update that nothing disturbs: the old image, the trial, the new one at rest. */
const START_COUNT = 3;
/** And for a cut: in the worst case one that it ends, one that finds it, and another trial. */
const STARTS_PER_CUT = 3;
/** The magic byte's word, and the entry address, which is another one in each image. */
const OWN_WORD_COUNT = 2;
/** Rows that a good image and a loss of power never lead to. */
const WRONG_DECISIONS: readonly string[] = Object.freeze([
  "observe",
  "quarantine",
  "give up",
  "lost",
  "run, other lost",
  "trial without record",
  "trial, older one open",
]);

export interface WitnessOptions {
  readonly old: Offer;
  readonly offer: Offer;
}

export class UpdateWitness implements Onlooker {
  readonly violations: string[] = [];
  readonly operations: Operation[] = [];
  readonly options: WitnessOptions;
  #cutCount = 0;
  #floors: readonly number[] = [0, 0, 0, 0];

  constructor(options: WitnessOptions) {
    this.options = options;
  }

  onCut(device: UpdatingDevice): void {
    this.#cutCount++;
    this.#demandNoHalfImage(device);
  }

  /** The slot that runs is not touched. */
  onOperation(operation: Operation, device: UpdatingDevice): void {
    this.operations.push(operation);
    const { runningSlot } = device.flash;
    if (runningSlot !== undefined && operation.label === `ota_${runningSlot}`)
      this.#violate(`${operation.kind} in the running slot`);
  }

  /** What boots is whole, byte for byte. */
  onBootloader(slot: number | undefined, { flash }: UpdatingDevice): void {
    const { old, offer } = this.options;
    if (slot === undefined) this.#violate("nothing boots");
    else if (!flash.holds(`ota_${slot}`, old.words) && !flash.holds(`ota_${slot}`, offer.words)) {
      this.#violate(`what boots in ${slot} is not whole`);
    }
  }

  onBoot(slots: Slots, device: UpdatingDevice): void {
    const { decision, fault, situation, mode } = slots.report;
    if (fault !== undefined) this.#violate(fault);
    if (WRONG_DECISIONS.some((wrong) => decision === wrong || decision === `${wrong} after repair`)) this.#violate(decision);
    if (mode === "trial") {
      if (situation.own !== "pending")
        this.#violate(`on trial by an entry that is ${situation.own}: nobody would take it back`);
      if (!device.flash.holds(`ota_${1 - device.flash.runningSlot!}`, this.options.old.words)) {
        this.#violate("on trial, and the old image is not whole");
      }
    }
    const { releaseFloor, deploymentFloor, securityFloor, timeFloorS } = slots.updateMemory;
    const floors = [releaseFloor, deploymentFloor, securityFloor, timeFloorS];
    if (floors.some((floor, index) => floor < this.#floors[index]!)) this.#violate(`floors sank: ${this.#floors} to ${floors}`);
    this.#floors = floors.map((floor, index) => Math.max(floor, this.#floors[index]!));
  }

  /** The update came to its end, at the price that a cut may have, and `lostBytes` that went bad in the slot. */
  demandUpdate(device: UpdatingDevice, lostBytes = 0): void {
    const { offer } = this.options;
    if (!device.isAtRest || !device.runsOffer) this.#violate(`not updated: ${device.decisions.join(", ")}`);
    this.#demandBothEntries(device);
    const imageId = idOf(offer.image);
    if (recordsOf(device, RecordType.quarantine, imageId).length > 0) this.#violate("the image is in quarantine");
    if (recordsOf(device, RecordType.confirmed, imageId).length === 0) this.#violate("not confirmed");
    if (this.#floors[1] !== offer.deploymentNumber) this.#violate(`the deployment is not remembered: ${this.#floors}`);
    const againBytes = device.fetchedBytes - offer.image.length;
    if (againBytes > this.#cutCount * (CHUNK_SIZE_BYTES + SMALL_SECTOR_SIZE_BYTES) + lostBytes)
      this.#violate(`${againBytes} bytes fetched again`);
    if (device.startCount > START_COUNT + STARTS_PER_CUT * this.#cutCount) this.#violate(`${device.startCount} starts`);
  }

  #violate(what: string): void {
    this.violations.push(what);
  }

  /** Both are VALID, so that with either of them lost the slot of the other one boots. */
  #demandBothEntries({ flash }: UpdatingDevice): void {
    const otadata = flash.peek("otadata");
    const slots: number[] = [];
    for (const index of [0, 1]) {
      const entry = readOtaEntry(otadata, index * SMALL_SECTOR_SIZE_BYTES);
      const isSettled = isValidOtaEntry(entry) && entry.state === OtaState.valid;
      if (isSettled) slots.push(slotOfSequence(entry.sequence, 2));
    }
    if (slots.length !== 2 || slots[0] === slots[1]) this.#violate(`valid entries for the slots ${slots.join(" and ")}`);
  }

  /**
   * A slot that begins as the new image does holds all of it: whoever boots what has a magic byte, with otadata lost, boots a
   * whole image.
   */
  #demandNoHalfImage({ flash }: UpdatingDevice): void {
    const { offer } = this.options;
    for (const label of ["ota_0", "ota_1"]) {
      const begins = flash.holds(label, offer.words.subarray(0, OWN_WORD_COUNT));
      if (begins && !flash.holds(label, offer.words)) this.#violate(`half an image in ${label}`);
    }
  }
}

/** The journal's records of a type about an image, in both halves. */
export function recordsOf({ flash }: UpdatingDevice, type: number, imageId: string): JournalRecord[] {
  const bytes = flash.peek("journal");
  const records: JournalRecord[] = [];
  for (let offset = 0; offset < bytes.length; offset += RECORD_SIZE_BYTES) {
    const record = decodeRecord(bytes, offset);
    if (record?.type === type && record.imageId === imageId) records.push(record);
  }
  return records;
}
