/**
 * How long flash lasts where every day brings an update: a month of a device's life, and the erases of its worst sectors.
 *
 * The whole device runs, so that the journal takes whatever the shipped code writes into it: the progress of 96 chunks, the
 * floors of a signed release, a server's time once a day, each start. Nothing is estimated but the rest of the years.
 */
import { NorFlash } from "../../hosts/node/nor-flash.js";
import { writeFactory } from "../../hosts/node/simulator/factory.js";
import { verifier } from "../../hosts/node/verifier.js";
import { VirtualDevice } from "../../hosts/node/virtual-device.js";
import { assert } from "../../src/assert.js";
import { type Node, startNode } from "../../test/node/ota/firmware.js";
import { Fleet, IDENTITY, NOW_S, SECURE_ORIGIN } from "../../test/node/ota/fleet.js";
import { makeImage } from "../../test/node/ota/rig.js";

export const DAY_COUNT = 30;
export const BOOTS_A_DAY = 24;
export const CHUNK_COUNT = 96;
/** What data sheets promise of a sector. */
export const ERASE_COUNT_MAX = 100_000;
const DAYS_A_YEAR = 365.25;
const DAY_S = 86_400;
const CHUNK_SIZE_BYTES = 16_384;
/** makeImage counts text, so that it takes some more for an image of CHUNK_COUNT chunks, the last one in part. */
const IMAGE_SECTOR_COUNT = 394;
const SLOTS_OFFSET = 0x20000;
const SLOT_SECTOR_COUNT = 384;
const FLASH_SIZE_BYTES = 0x400000;
const SECTOR_SIZE_BYTES = 4096;
const OTADATA_OFFSET = 0xf000;
const JOURNAL_OFFSET = 0x320000;
const JOURNAL_SECTOR_COUNT = 4;
const UPDATE_LIMIT_MS = 600_000;
/** Of a start that brings nothing: the firmware has polled by then. */
const LIFE_MS = 3000;

/** Erases of the sector that has the most. */
export interface Wear {
  readonly dayCount: number;
  readonly bootCount: number;
  /** How often the journal has changed halves, and places used of the present one: finer than erases. */
  readonly journalGeneration: number;
  readonly journalUsedCount: number;
  readonly journalEraseCount: number;
  readonly otadataEraseCount: number;
  readonly slotEraseCount: number;
}

/** Lives through `dayCount` days. Throws where an update is not taken. */
export function measureWear(dayCount: number): Wear {
  return new WornDevice().live(dayCount);
}

/** Years until the sector has been erased as often as it may be. */
export function yearsOf(eraseCount: number, { dayCount }: Wear): number {
  return (ERASE_COUNT_MAX / eraseCount) * (dayCount / DAYS_A_YEAR);
}

class WornDevice {
  readonly #fleet = new Fleet(SECURE_ORIGIN);
  readonly #flash = new NorFlash({ sizeBytes: FLASH_SIZE_BYTES });
  readonly #device: VirtualDevice;
  #node: Node | undefined;
  #day = 0;

  constructor() {
    writeFactory(this.#flash, { image: makeImage("0.0.0") });
    this.#fleet.meddle = (_, good) => {
      const answer = good();
      const date = new Date((NOW_S + this.#day * DAY_S) * 1000).toUTCString();
      return { ...answer, headers: { ...answer.headers, date } };
    };
    this.#device = new VirtualDevice({
      flash: this.#flash,
      network: (time) => this.#fleet.server.clientOn(time),
      validation: "skipped", // It reads only, and would hash an image at each of the starts.
      firmware: (version) => (host) => {
        this.#node = undefined;
        startNode(host, {
          version,
          behaviour: "healthy",
          settings: { isSecure: true, pollPeriodMs: 1000 },
          identity: IDENTITY,
          verifier,
          onCore: (node) => {
            this.#node = node;
          },
        });
      },
    });
  }

  live(dayCount: number): Wear {
    this.#device.powerOn();
    for (this.#day = 1; this.#day <= dayCount; this.#day++) {
      for (let boot = 0; boot < BOOTS_A_DAY; boot++) {
        this.#device.reset("powerOn");
        this.#device.advance(LIFE_MS);
      }
      this.#update(`${this.#day}.0.0`);
    }
    const most = (offset: number, sectorCount: number): number => {
      const first = offset / SECTOR_SIZE_BYTES;
      return Math.max(...Array.from({ length: sectorCount }, (_, index) => this.#flash.eraseCount(first + index)));
    };
    const { generation, usedCount } = this.#node!.core.status().boot.journal!;
    return {
      dayCount,
      bootCount: this.#device.lives.length,
      journalGeneration: generation,
      journalUsedCount: usedCount,
      journalEraseCount: most(JOURNAL_OFFSET, JOURNAL_SECTOR_COUNT),
      otadataEraseCount: most(OTADATA_OFFSET, 2),
      slotEraseCount: most(SLOTS_OFFSET, 2 * SLOT_SECTOR_COUNT),
    };
  }

  #update(version: string): void {
    const image = largeImage(version);
    const deployment = { issuedS: NOW_S + this.#day * DAY_S, expiresS: NOW_S + (this.#day + 2) * DAY_S };
    this.#fleet.offer(image, { version, deployment, answer: { chunkSizeBytes: 8192 } });
    const isKept = (): boolean => {
      return this.#device.life.version === version && this.#node?.core.slots.isTrial === false && !this.#fleet.actionId;
    };
    if (!this.#device.runUntil(isKept, UPDATE_LIMIT_MS)) {
      throw new Error(`day ${this.#day}: no ${version}: ${this.#device.lines.slice(-4).join(" · ")}`);
    }
  }
}

/** Of CHUNK_COUNT chunks. */
export function largeImage(version: string): Uint8Array {
  const image = makeImage(version, { sectorCount: IMAGE_SECTOR_COUNT });
  assert(Math.ceil(image.length / CHUNK_SIZE_BYTES) === CHUNK_COUNT, `wear: an image of ${image.length} bytes`);
  return image;
}
