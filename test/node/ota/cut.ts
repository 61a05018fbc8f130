/**
 * One update with power cuts in it, and what must hold wherever they were.
 *
 * The steps are those of the whole flash since the factory: the bootloader's first entry, the journal's format, the download,
 * the arming, the trial and the confirm. A cut comes after a step, so inside an operation as often as between two.
 */
import { runBootloader } from "../../../hosts/node/bootloader.js";
import { Digest } from "../../../hosts/node/digest.js";
import { type FlashStep, NorFlash } from "../../../hosts/node/nor-flash.js";
import { inspectSnapshot } from "../../../hosts/node/simulator/inspect.js";
import { equal, ok } from "../../harness/expect.js";
import { factorySnapshot, makeImage, OTADATA_OFFSET, PowerCut, Rig, SLOT_SIZE_BYTES, slotsOf } from "./rig.js";

const SECTOR_SIZE_BYTES = 4096;
/** Short, so that a thousand updates take seconds. */
const SETTINGS = Object.freeze({ trialUptimeMs: 300 });
const RELEASE = Object.freeze({ sequenceNumber: 21, securityVersion: 4 });
const DEPLOYMENT = Object.freeze({ sequenceNumber: 37 });
/** Of releases, deployments and security versions, once 2.0.0 is confirmed. */
const FLOORS = [RELEASE.sequenceNumber, DEPLOYMENT.sequenceNumber, RELEASE.securityVersion];

export interface CutOptions {
  /** Whether the power goes after this step. */
  readonly isCut: (step: FlashStep, rig: Rig) => boolean;
  /** Told of each cut, while the device is without power. */
  readonly onCut?: (rig: Rig) => void;
  readonly rollback?: boolean;
  readonly validation?: "always" | "skipped";
}

/** 1.0.0 out of the factory, an image of 2.0.0, and updates from one to the other. */
export class Update {
  readonly #snapshot = factorySnapshot();
  readonly #images: Readonly<Record<string, Uint8Array>>;
  readonly #imageOf2: Uint8Array;

  constructor(sectorCount: number) {
    this.#imageOf2 = makeImage("2.0.0", { sectorCount });
    this.#images = { "1.0.0": makeImage("1.0.0"), "2.0.0": this.#imageOf2 };
  }

  /** Runs one, and demands all that must hold. `what` names the cut in the message of a failure. */
  run(options: CutOptions, what: string): { readonly rig: Rig; readonly downloadCount: number } {
    let cutCount = 0;
    const partialImages: string[] = [];
    const rig = new Rig({
      snapshot: this.#snapshot,
      settings: SETTINGS,
      rollback: options.rollback ?? true,
      validation: options.validation ?? "always",
      onStart: (started) => {
        if (!this.#isWhole(started)) partialImages.push(`${what}: ${started.lives().join(", ")}`);
      },
      onStep: (step, stepped) => {
        if (!options.isCut(step, stepped)) return;
        cutCount++;
        stepped.device.cutPower();
        options.onCut?.(stepped);
        throw new PowerCut("the power is cut");
      },
    });
    const answer = { chunkSizeBytes: 4096 };
    const path = rig.offer(this.#imageOf2, { version: "2.0.0", answer, release: RELEASE, deployment: DEPLOYMENT });
    rig.device.powerOn();
    ok(rig.runUntilKept("2.0.0"), `${what}: ${rig.lives().join(", ")}\n${rig.device.lines.join("\n")}`);
    const deadLives = rig.device.lives.filter((life) => life.slot === undefined);
    ok(deadLives.length <= cutCount, `${what}: only a cut bootloader boots nothing`);
    equal(partialImages, [], "a partial image was started");
    this.#demandEnd(rig, what);
    return { rig, downloadCount: rig.traffic.downloads(path).length };
  }

  /** The steps of an update without a cut: all of otadata, journal and settings, and every `stride`-th of the slots. */
  steps(options: { readonly stride: number } & Omit<CutOptions, "isCut">): number[] {
    const chosen: number[] = [];
    const isCut = (step: FlashStep): boolean => {
      if (!isInSlot(step.offset) || step.index % options.stride === 0) chosen.push(step.index);
      return false;
    };
    this.run({ ...options, isCut }, "no cut");
    return chosen;
  }

  /** What is started is, byte for byte, one of the two images. Judged outside: what is thrown within a start is a crash. */
  #isWhole(rig: Rig): boolean {
    const image = this.#images[rig.device.life.version ?? ""];
    return image !== undefined && rig.runs(image);
  }

  /** 2.0.0 stays, 1.0.0 is whole in its slot, and the bootloader would take it if 2.0.0's entry were lost. */
  #demandEnd(rig: Rig, what: string): void {
    const lifeCount = rig.device.lives.length;
    rig.device.advance(15_000);
    equal(rig.device.lives.length, lifeCount, `${what}: 2.0.0 goes on`);
    const snapshot = rig.flash.snapshot();
    const report = inspectSnapshot(snapshot);
    equal(slotsOf(report), ["1.0.0 valid", "2.0.0 valid"], what);
    equal(report.quarantine.length, 0, `${what}: a cut is no fault`);
    const { releaseFloor, deploymentFloor, securityFloor } = report.history.memory;
    equal([releaseFloor, deploymentFloor, securityFloor], FLOORS, `${what}: nothing older is taken any more`);
    const flash = NorFlash.from(snapshot);
    flash.eraseSector(OTADATA_OFFSET / SECTOR_SIZE_BYTES + 1);
    equal(runBootloader({ flash, rollback: true, validation: "always", Digest }).slot, 0, `${what}: 1.0.0 boots`);
  }
}

/** All else is metadata. */
function isInSlot(offset: number): boolean {
  return offset >= SLOT_SIZE_BYTES && offset < 3 * SLOT_SIZE_BYTES;
}
