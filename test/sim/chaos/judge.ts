/**
 * What must hold in every life, whatever fails: looked at before each flash operation, at each start, and at the end.
 *
 * The numbers are those of docs/design/chaos.md, which also says what is not looked at yet.
 */

import { runBootloader } from "../../../hosts/node/bootloader.js";
import type { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import type { Operation } from "../../../hosts/node/chaos/fault.js";
import { Digest } from "../../../hosts/node/digest.js";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { inspectSnapshot } from "../../../hosts/node/simulator/inspect.js";
import type { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Node } from "../../node/ota/firmware.js";
import type { Fleet } from "../../node/ota/fleet.js";
import { JOURNAL_OFFSET, OTADATA_OFFSET, type Scenario, SLOT_OFFSETS, SLOT_SIZE_BYTES } from "./scenario.js";

const JOURNAL_SIZE_BYTES = 0x4000;
const OTADATA_SIZE_BYTES = 0x2000;
const NVS_OFFSET = 0x9000;
const SECTOR_SIZE_BYTES = 4096;
const CHUNK_SIZE_BYTES = 16 * 1024;
/** Starts without a fault: before, on trial. */
const BOOT_COUNT = 2;
/** Starts that one fault may add: the one after it, a trial that is begun again, and the way there. */
const BOOTS_PER_FAULT = 3;

export class Judge {
  readonly violations: string[] = [];
  readonly #scenario: Scenario;
  readonly #fleet: Fleet;
  #node: Node | undefined;
  #faultCount = 0;
  #floors = [0, 0, 0, 0];

  constructor(scenario: Scenario, fleet: Fleet) {
    this.#scenario = scenario;
    this.#fleet = fleet;
  }

  /** Whether what runs has no verdict yet. */
  get isOnTrial(): boolean {
    return this.#node?.core.slots.isTrial ?? false;
  }

  violate(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }

  onCut(): void {
    this.#faultCount++;
  }

  /** 3: the running slot is not touched. 14: nothing outside what is the core's. */
  onOperation({ kind, offset, byteLength }: Operation, device: VirtualDevice): void {
    const slot = device.lives.length > 0 && device.life.endedBy === undefined ? device.life.slot : undefined;
    if (slot === 0 || slot === 1) {
      const start = SLOT_OFFSETS[slot]!;
      if (offset + byteLength > start && offset < start + SLOT_SIZE_BYTES) this.violate(`3: ${kind} in the running slot`);
    }
    const isOwned =
      isIn(offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES) ||
      isIn(offset, JOURNAL_OFFSET, JOURNAL_SIZE_BYTES) ||
      isIn(offset, NVS_OFFSET, OTADATA_OFFSET - NVS_OFFSET) ||
      SLOT_OFFSETS.some((start) => isIn(offset, start, SLOT_SIZE_BYTES));
    if (!isOwned) this.violate(`14: ${kind} at ${offset}, in nobody's partition`);
  }

  /** 1, 2: what boots is whole. 4: on trial the image to go back to is whole. */
  onStart(version: string, flash: ChaosFlash, device: VirtualDevice): void {
    this.#node = undefined;
    const { images, newVersion, oldVersion, configuration } = this.#scenario;
    const { slot } = device.life;
    const image = images[version];
    if (image === undefined || slot === undefined || !holds(flash, slot, image)) {
      this.violate(`1: what boots is not whole: ${version} in ${slot}`);
    }
    const oldSlot = configuration.runningSlot;
    if (version === newVersion && !holds(flash, oldSlot, images[oldVersion]!)) this.violate("4: the old image is not whole");
  }

  /** 6: floors do not sink. 8, 18: nothing here is to blame, so nothing is in quarantine. */
  onCore(node: Node): void {
    this.#node = node;
    const { releaseFloor, deploymentFloor, securityFloor, timeFloorS } = node.core.slots.updateMemory;
    const floors = [releaseFloor, deploymentFloor, securityFloor, timeFloorS];
    if (node.core.boot.fault === undefined) {
      if (floors.some((floor, index) => floor < this.#floors[index]!))
        this.violate(`6: floors sank from ${this.#floors} to ${floors}`);
      this.#floors = floors.map((floor, index) => Math.max(floor, this.#floors[index]!));
    }
    if (node.core.boot.decision.startsWith("quarantine")) this.violate("18: a fault of the supply was taken for the image's");
  }

  /** The new release runs, has its verdict, and the server knows. */
  isDone(device: VirtualDevice): boolean {
    const { life } = device;
    if (life.version !== this.#scenario.newVersion || life.endedBy !== undefined) return false;
    return this.#node !== undefined && !this.#node.core.slots.isTrial && this.#fleet.actionId === undefined;
  }

  /** 1: whatever failed, something whole runs at the end. */
  demandWhole(flash: ChaosFlash, { life }: VirtualDevice): void {
    const image = this.#scenario.images[life.version ?? ""];
    if (life.endedBy === undefined && image !== undefined && holds(flash, life.slot ?? 0, image)) return;
    this.violate(`1: at the end ${life.version} in ${life.slot}, ended by ${life.endedBy}`);
  }

  /**
   * Where only the power failed. 15: it was updated. 10: it stays so, and the server knows. 12: it could go back. 17: no more
   * was downloaded again than a chunk and a sector a cut. 19, 20: starts and erases are bounded.
   */
  demandUpdate(flash: ChaosFlash, device: VirtualDevice, fetchedBytes: number): void {
    const { images, newVersion, oldVersion, configuration } = this.#scenario;
    if (!this.isDone(device)) {
      this.violate(`15: no ${newVersion} at the end, but ${device.life.version}`);
      return;
    }
    if (device.lives.length > BOOT_COUNT + BOOTS_PER_FAULT * this.#faultCount) {
      this.violate(`19: ${device.lives.length} starts for ${this.#faultCount} faults`);
    }
    const againBytes = fetchedBytes - images[newVersion]!.length;
    if (againBytes > this.#faultCount * (CHUNK_SIZE_BYTES + SECTOR_SIZE_BYTES)) {
      this.violate(`17: ${againBytes} bytes were fetched again for ${this.#faultCount} faults`);
    }
    const newSlot = 1 - configuration.runningSlot;
    for (let sector = 0; sector < SLOT_SIZE_BYTES / SECTOR_SIZE_BYTES; sector++) {
      const count = flash.eraseCount(SLOT_OFFSETS[newSlot]! / SECTOR_SIZE_BYTES + sector);
      if (count > 2 + this.#faultCount) this.violate(`20: sector ${sector} was erased ${count} times`);
    }
    const snapshot = flash.snapshot();
    const states = inspectSnapshot(snapshot).slots.map(({ version, state }) => `${version} ${state}`);
    const expected = [`${oldVersion} valid`, `${newVersion} valid`];
    if (newSlot === 0) expected.reverse();
    if (states.join() !== expected.join()) this.violate(`10: at the end ${states}`);
    if (!this.#fleet.reports().some((report) => report.startsWith("closed success")))
      this.violate("10: the server was not told");
    this.#demandFallback(snapshot);
  }

  /** One entry of otadata is lost, whichever: the slot of the other one boots. */
  #demandFallback(snapshot: Uint8Array): void {
    const slots = [0, 1].map((sector) => {
      const flash = NorFlash.from(snapshot);
      flash.eraseSector(OTADATA_OFFSET / SECTOR_SIZE_BYTES + sector);
      return runBootloader({ flash, rollback: true, validation: "always", Digest }).slot;
    });
    if (slots[0] === slots[1]) this.violate(`12: without either entry of otadata slot ${slots[0]} boots`);
  }
}

function isIn(offset: number, start: number, sizeBytes: number): boolean {
  return offset >= start && offset < start + sizeBytes;
}

function holds(flash: ChaosFlash, slot: number, image: Uint8Array): boolean {
  const offset = SLOT_OFFSETS[slot];
  return offset !== undefined && Buffer.compare(flash.read(offset, image.length), image) === 0;
}
