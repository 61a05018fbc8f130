/**
 * An update whose image is tried under bad conditions: resets that come from outside, or an image that is bad itself.
 *
 * The devices, images and firmware of the chaos, seen with other eyes: how often the new image started, what was decided about
 * it on the way, and what was fetched. See docs/design/chaos.md.
 */
import { ChaosFlash } from "../../hosts/node/chaos/chaos-flash.js";
import type { Operation, OperationFault } from "../../hosts/node/chaos/fault.js";
import type { VirtualDevice } from "../../hosts/node/virtual-device.js";
import type { Host } from "../../src/ports/host.js";
import type { ResetReason } from "../../src/ports/system.js";
import type { Behaviour, Node } from "../../test/node/ota/firmware.js";
import { Fleet } from "../../test/node/ota/fleet.js";
import { idOf, PowerCut } from "../../test/node/ota/rig.js";
import { Traffic } from "../../test/node/ota/traffic.js";
import { makeDevice, type Scenario, startFirmware } from "../../test/sim/chaos/scenario.js";

/** Virtual time in which a trial has to come to its end. */
const LIMIT_MS = 600_000;

/** The first starts of the new image are ended, so long into each of them. */
export interface ResetStorm {
  readonly count: number;
  readonly atMs: number;
  readonly reason: ResetReason;
}

export interface TrialOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Of the new image. Default "healthy". */
  readonly behaviour?: Behaviour;
  readonly storm?: ResetStorm;
  readonly cut?: OperationFault;
}

export interface TrialReport {
  readonly operations: readonly Operation[];
  /** Starts of the new image. */
  readonly newStartCount: number;
  /** Verdicts of the gate that keep it. */
  readonly confirmedCount: number;
  /** The new image was in quarantine at some start, or sent away without. */
  readonly wasQuarantined: boolean;
  readonly wasGivenUp: boolean;
  /** Beyond one image. */
  readonly againBytes: number;
  /** The image that serves at the end; `undefined` where it came to no end. */
  readonly serves: "old" | "new" | undefined;
}

/** Lives it, until the new image is kept, or an old one serves that will not try it again by itself. */
export function runTrial(options: TrialOptions): TrialReport {
  return new Trial(options).run();
}

class Trial {
  readonly #options: TrialOptions;
  readonly #fleet = new Fleet();
  readonly #traffic = new Traffic(() => this.#node?.core.slots.isTrial ?? false);
  readonly #operations: Operation[] = [];
  readonly #device: VirtualDevice;
  readonly #newId: string;
  #node: Node | undefined;
  #resetsLeft: number;
  #confirmedCount = 0;
  #wasQuarantined = false;
  #wasGivenUp = false;

  constructor(options: TrialOptions) {
    const { scenario, seed, cut, storm } = options;
    this.#options = options;
    this.#resetsLeft = storm?.count ?? 0;
    this.#newId = idOf(scenario.images[scenario.newVersion]!);
    const flash = new ChaosFlash({
      image: scenario.image,
      faults: cut === undefined ? [] : [cut],
      seed,
      onOperation: (operation) => void this.#operations.push(operation),
      onCut: () => {
        this.#device.cutPower("powerOn");
        throw new PowerCut("the power is cut");
      },
    });
    this.#device = makeDevice(scenario.configuration, flash, {
      fleet: this.#fleet,
      traffic: this.#traffic,
      firmware: (version) => (host) => this.#start(host, version),
    });
  }

  run(): TrialReport {
    const { scenario } = this.#options;
    const bytes = scenario.images[scenario.newVersion]!;
    const image = { bytes, version: scenario.newVersion, answer: { chunkSizeBytes: 4096 } };
    const path = this.#fleet.serve(scenario.update, image);
    this.#device.powerOn();
    this.#device.runUntil(() => this.#serves() !== undefined, LIMIT_MS);
    this.#look();
    return {
      operations: this.#operations,
      newStartCount: this.#device.lives.filter(({ version }) => version === scenario.newVersion).length,
      confirmedCount: this.#confirmedCount,
      wasQuarantined: this.#wasQuarantined,
      wasGivenUp: this.#wasGivenUp,
      againBytes: Math.max(0, this.#traffic.downloadedBytes(path) - bytes.length),
      serves: this.#serves(),
    };
  }

  #start(host: Host, version: string): void {
    const { scenario, behaviour = "healthy", storm } = this.#options;
    const isNew = version === scenario.newVersion;
    this.#node = undefined;
    if (isNew && storm !== undefined && this.#resetsLeft > 0) {
      this.#resetsLeft--;
      new host.Timer({ onExpire: () => this.#device.cutPower(storm.reason) }).arm(storm.atMs);
    }
    startFirmware(host, version, {
      behaviour: isNew ? behaviour : "healthy",
      onCore: (node) => {
        this.#node = node;
        this.#look();
      },
      onVerdict: ({ verdict }) => {
        if (isNew && verdict === "confirmed") this.#confirmedCount++;
      },
      hang: () => this.#device.hang(),
    });
  }

  /** What the present start knows of the new image. */
  #look(): void {
    const slots = this.#node?.core.slots;
    if (slots?.isQuarantined(this.#newId)) this.#wasQuarantined = true;
    if (slots?.rejectedImageId === this.#newId) this.#wasGivenUp = true;
  }

  #serves(): TrialReport["serves"] {
    const { scenario, behaviour = "healthy" } = this.#options;
    const { version, endedBy } = this.#device.life;
    const node = this.#node;
    if (endedBy !== undefined || node === undefined || node.core.slots.isTrial || node.workCount() === 0) return undefined;
    if (version === scenario.newVersion) return this.#fleet.actionId === undefined ? "new" : undefined;
    const { slots } = node.core;
    if (slots.isQuarantined(this.#newId)) return "old";
    // A bad image that was sent away comes again only where it is still on offer; a good one is waited for.
    return behaviour !== "healthy" && slots.rejectedImageId === this.#newId ? "old" : undefined;
  }
}
