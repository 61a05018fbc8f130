/**
 * One life of a peer: a device at rest, a new image, what is done to it, and what boots when all is quiet.
 *
 * Judged from outside, by the bytes of the flash, what boots and what the server was told, and after two power cycles: what an
 * update leaves in otadata shows at the next start. See docs/design/peers.md.
 */
import { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import type { Operation, OperationFault } from "../../../hosts/node/chaos/fault.js";
import { FirmwareError } from "../../../src/errors.js";
import { OTA_ENTRY_SIZE_BYTES, readOtaEntry, selectOtaEntry } from "../../../src/image/otadata.js";
import type { Host } from "../../../src/ports/host.js";
import { PowerCut } from "../../node/ota/rig.js";
import { IMAGE_PATH, type PeerBehaviour, reportPath } from "./peer-firmware.js";
import {
  IMAGES,
  makePeer,
  NEW_VERSION,
  OTADATA_OFFSET,
  type Peer,
  type PeerScenario,
  publish,
  SECTOR_SIZE_BYTES,
  SLOT_OFFSETS,
} from "./peer-scenario.js";
import type { LifeFacts } from "./survival.js";

/** Virtual time for the update, and again after each power cycle. */
const LIMIT_MS = 60_000;
/** How long an end has to last. */
const REST_MS = 10_000;
const POWER_CYCLE_COUNT = 2;
/** More is a loop. */
const START_COUNT_MAX = 60;
/** Into a start of the new image, before it panics and long before its diagnostics are over. */
const RESET_ON_TRIAL_MS = 50;
/** Of an entry of otadata. */
const CRC_OFFSET = 28;

export interface PeerLifeOptions {
  readonly scenario: PeerScenario;
  readonly faults?: readonly OperationFault[];
  readonly seed: number;
  /** Of the new image. Default "healthy". */
  readonly behaviour?: PeerBehaviour;
  /** Default true. */
  readonly watchdog?: boolean;
  /** So many of the first starts of the new image are ended by a brown-out. Default 0. */
  readonly resetsOnTrial?: number;
  /** Whether each cut also turns one bit of the entry of otadata that is in force. Default false. */
  readonly rot?: boolean;
}

export interface PeerLife extends LifeFacts {
  readonly operations: readonly Operation[];
  /** Every start, as "2.0.0 in 1 by powerOn". */
  readonly starts: readonly string[];
}

/** Lives it. Never throws for what the device does. */
export function runPeerLife(options: PeerLifeOptions): PeerLife {
  return new PeerLifeRun(options).run();
}

class PeerLifeRun {
  readonly #options: PeerLifeOptions;
  readonly #operations: Operation[] = [];
  readonly #flash: ChaosFlash;
  readonly #peer: Peer;
  #running: string | undefined;
  #newStartCount = 0;
  #hasGoneBack = false;
  #isPlugPulled = false;
  #hasBootedPartial = false;
  #disturbanceCount = 0;
  #resetsLeft: number;

  constructor(options: PeerLifeOptions) {
    const { scenario, faults = [], seed, behaviour = "healthy", watchdog = true } = options;
    this.#options = options;
    this.#resetsLeft = options.resetsOnTrial ?? 0;
    this.#flash = new ChaosFlash({
      image: scenario.image,
      faults,
      seed,
      onOperation: (operation, index) => {
        this.#operations.push(operation);
        if (faults.some((fault) => fault.operation === index)) this.#disturbanceCount++;
      },
      onCut: () => this.#cut(),
    });
    this.#peer = makePeer({
      scheme: scenario.scheme,
      validation: scenario.configuration.validation,
      flash: this.#flash,
      behaviourOf: (version) => (version === NEW_VERSION ? behaviour : "healthy"),
      watchdog,
      onStart: (version, host) => this.#onStart(version, host),
      onRunning: (version) => {
        this.#running = version;
      },
    });
    publish(this.#peer.server, NEW_VERSION);
  }

  run(): PeerLife {
    const { device } = this.#peer;
    try {
      device.powerOn();
      this.#settle();
      for (let cycle = 0; cycle < POWER_CYCLE_COUNT && device.lives.length <= START_COUNT_MAX; cycle++) {
        this.#isPlugPulled = true;
        device.reset("powerOn");
        this.#settle();
      }
    } catch (error) {
      // The bootloader took what is no image for one: the device's next step is not defined.
      if (!(error instanceof FirmwareError) || error.code !== "corrupt") throw error;
      this.#hasBootedPartial = true;
    }
    return this.#report();
  }

  /** Until the new image runs and the server knows, and then some. */
  #settle(): void {
    const { device } = this.#peer;
    device.runUntil(() => this.#isDone() || device.lives.length > START_COUNT_MAX, LIMIT_MS);
    device.advance(REST_MS);
  }

  #isDone(): boolean {
    return this.#running === NEW_VERSION && this.#wasTold();
  }

  #wasTold(): boolean {
    return this.#peer.server.requestCount(reportPath(NEW_VERSION)) > 0;
  }

  #cut(): never {
    if (this.#options.rot) this.#flipActiveEntry();
    this.#peer.device.cutPower("brownOut");
    throw new PowerCut("the power is cut");
  }

  #flipActiveEntry(): void {
    const offsets = [OTADATA_OFFSET, OTADATA_OFFSET + SECTOR_SIZE_BYTES];
    const active = selectOtaEntry(offsets.map((offset) => readOtaEntry(this.#flash.read(offset, OTA_ENTRY_SIZE_BYTES))));
    if (active !== undefined) this.#flash.flipBit(offsets[active]! + CRC_OFFSET, 0);
  }

  #onStart(version: string, host: Host): void {
    this.#running = undefined;
    const { slot } = this.#peer.device.life;
    const image = IMAGES[version];
    const offset = SLOT_OFFSETS[slot ?? -1];
    const isWhole =
      image !== undefined && offset !== undefined && Buffer.compare(this.#flash.read(offset, image.length), image) === 0;
    if (!isWhole) this.#hasBootedPartial = true;
    if (version !== NEW_VERSION) {
      if (this.#newStartCount > 0 && !this.#isPlugPulled) this.#hasGoneBack = true;
      return;
    }
    this.#newStartCount++;
    if (this.#resetsLeft === 0) return;
    this.#resetsLeft--;
    this.#disturbanceCount++;
    new host.Timer({ onExpire: () => this.#cut() }).arm(RESET_ON_TRIAL_MS);
  }

  #report(): PeerLife {
    const { device, traffic } = this.#peer;
    const { version } = device.life;
    return {
      isImageBad: (this.#options.behaviour ?? "healthy") !== "healthy",
      boots: version === undefined ? undefined : version === NEW_VERSION ? "new" : "old",
      hasBootedPartial: this.#hasBootedPartial,
      wasTold: this.#wasTold(),
      hasGoneBack: this.#hasGoneBack,
      newStartCount: this.#newStartCount,
      disturbanceCount: this.#disturbanceCount,
      fetchedBytes: traffic.downloadedBytes(IMAGE_PATH),
      imageSizeBytes: IMAGES[NEW_VERSION]!.length,
      operations: this.#operations,
      starts: device.lives.map((life) => `${life.version} in ${life.slot} by ${life.resetReason}`),
    };
  }
}
