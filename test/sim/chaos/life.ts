/**
 * One life: a device at rest, one offer, a list of faults, and all that happens until it is quiet again.
 *
 * The shipped modules run, RAM is lost by building them anew at each start, and everything is judged from outside: by the bytes
 * of the flash, by what boots, and by what the server was told. See docs/design/chaos.md.
 */
import { createHash, type Hash } from "node:crypto";
import { ChaosFlash } from "../../../hosts/node/chaos/chaos-flash.js";
import { type BitFault, type Fault, isCut, isResetMode, type Operation } from "../../../hosts/node/chaos/fault.js";
import type { VirtualDevice } from "../../../hosts/node/virtual-device.js";
import type { Host } from "../../../src/ports/host.js";
import { Fleet } from "../../node/ota/fleet.js";
import { PowerCut } from "../../node/ota/rig.js";
import { Traffic } from "../../node/ota/traffic.js";
import { Judge } from "./judge.js";
import {
  isIn,
  makeDevice,
  OTADATA_OFFSET,
  OTADATA_SIZE_BYTES,
  placeOf,
  type Scenario,
  SLOT_OFFSETS,
  SLOT_SIZE_BYTES,
  startFirmware,
} from "./scenario.js";
import { badEndOf, behaviourOf, isLie, lieAnswer, offeredUpdate, type Story } from "./story.js";
import { demandBounds, demandGone, demandUpdated, demandWhole, type Ending } from "./verdict.js";

/** Virtual time in which every life has to come to its end. */
const LIMIT_MS = 600_000;
/** How long the end has to last. */
const REST_MS = 30_000;
/** How long the server lies. */
const LIE_MS = 60_000;
/** After so long somebody looks at a device whose storage failed: offers the update anew, switches it off and on. */
const PATIENCE_MS = 60_000;
const LOOK_COUNT_MAX = 4;

/** An operation, and who did it: `undefined` for the bootloader. */
export interface SeenOperation extends Operation {
  readonly version: string | undefined;
}

/** updated: the new release runs, confirmed · kept: an older image runs, whole · damaged: not whole · dead: nothing runs. */
export type Outcome = "updated" | "kept" | "damaged" | "dead";

export interface LifeReport {
  readonly violations: readonly string[];
  /** Every operation of the flash, in order. */
  readonly operations: readonly SeenOperation[];
  readonly bootCount: number;
  /** Of the image. */
  readonly fetchedBytes: number;
  readonly outcome: Outcome;
  /** A bit turned in an image that runs, or that nobody looks at before it does: nothing is promised of such a life. */
  readonly isBeyond: boolean;
  /** Of everything that was seen: the same for the same life. */
  readonly trace: string;
  readonly lines: readonly string[];
}

export interface LifeOptions {
  readonly scenario: Scenario;
  /** Default "good". */
  readonly story?: Story;
  readonly faults: readonly Fault[];
  readonly seed: number;
  /** Told each operation, each boot and each line of the firmware. */
  readonly tell?: (line: string) => void;
}

/** Runs it. Never throws for what the device does: that is in the report. */
export function runLife(options: LifeOptions): LifeReport {
  return new LifeRun(options).run();
}

class LifeRun {
  readonly #options: LifeOptions;
  readonly #story: Story;
  readonly #fleet = new Fleet();
  readonly #traffic = new Traffic(() => this.#judge.node?.core.slots.isTrial ?? false);
  readonly #operations: SeenOperation[] = [];
  readonly #trace: Hash = createHash("sha256");
  readonly #flash: ChaosFlash;
  readonly #device: VirtualDevice;
  readonly #judge: Judge;
  #path = "";
  #isBeyond = false;
  #toldCount = 0;

  constructor(options: LifeOptions) {
    const { scenario, faults, seed, story = "good" } = options;
    this.#options = options;
    this.#story = story;
    this.#flash = new ChaosFlash({
      image: scenario.image,
      faults,
      seed,
      encrypted: scenario.encrypted,
      onOperation: (operation, index, bytes) => this.#onOperation(operation, index, bytes),
      onBit: (fault) => this.#onBit(fault),
      onCut: (fault) => {
        this.#tell(`      ${fault.mode}${isResetMode(fault.mode) ? "" : ": the power is cut"}`);
        this.#judge.onFault(fault);
        this.#device.cutPower(isResetMode(fault.mode) ? fault.mode : "powerOn");
        throw new PowerCut("the power is cut");
      },
    });
    this.#device = makeDevice(scenario.configuration, this.#flash, {
      fleet: this.#fleet,
      traffic: this.#traffic,
      firmware: (version) => (host) => this.#start(host, version),
      onBoot: ({ resetReason }, log) => this.#tell(`start ${this.#device.lives.length}, ${resetReason}: ${log.join("; ")}`),
    });
    this.#judge = new Judge({
      scenario,
      story,
      fleet: this.#fleet,
      flash: this.#flash,
      device: () => this.#device,
      hasStorageFault: faults.some((fault) => isStorageFault(fault) || isUnstable(fault)),
    });
  }

  run(): LifeReport {
    const { scenario } = this.#options;
    const update = offeredUpdate(this.#story, scenario, this.#fleet);
    this.#path = this.#serve(update);
    const lie = lieAnswer(this.#story);
    let isHonest = false;
    this.#fleet.meddle = (subject, good, request) => {
      this.#judge.onRequest(subject, request);
      return (isHonest ? undefined : lie?.(subject, good, request)) ?? good();
    };
    try {
      this.#device.powerOn();
      if (isLie(this.#story)) {
        this.#device.advance(LIE_MS);
        if (!this.#judge.isDone() && this.#device.life.version !== scenario.oldVersion)
          this.#judge.violate("22: a lie was installed");
        isHonest = true;
        this.#path = this.#serve(scenario.updateAgain);
      }
      this.#runToEnd();
    } catch (error) {
      this.#judge.violate(`the simulation ended with ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#judge.settle();
    if (this.#isBeyond) this.#judge.violations.length = 0;
    this.#tellLines();
    for (const line of this.#device.lines) this.#trace.update(line);
    return {
      violations: this.#judge.violations,
      operations: this.#operations,
      bootCount: this.#device.lives.length,
      fetchedBytes: this.#traffic.downloadedBytes(this.#path),
      outcome: this.#outcome,
      isBeyond: this.#isBeyond,
      trace: this.#trace.digest("hex").slice(0, 16),
      lines: this.#device.lines,
    };
  }

  #runToEnd(): void {
    const { scenario, faults } = this.#options;
    const bad = badEndOf(this.#story);
    const storage = faults.filter(isStorageFault);
    const isPatient = storage.length > 0 || isLie(this.#story);
    if (bad) this.#runBad();
    else if (isPatient) this.#look();
    else this.#device.runUntil(() => this.#isOver(), LIMIT_MS);
    this.#device.advance(REST_MS);
    if (faults.some(({ kind }) => kind === "bit")) this.#turnAtRest();
    const ending: Ending = {
      scenario,
      judge: this.#judge,
      fleet: this.#fleet,
      flash: this.#flash,
      device: this.#device,
      fetchedBytes: this.#traffic.downloadedBytes(this.#path),
      hasTurnedEntry: faults.some((fault) => fault.kind === "bit" && isIn(fault.offset, OTADATA_OFFSET, OTADATA_SIZE_BYTES)),
    };
    this.#judge.settle();
    if (this.#isBeyond) return;
    demandWhole(ending);
    this.#demandFed();
    if (bad) demandGone(ending, bad);
    else if (this.#judge.isBlamed && this.#judge.isQuarantined) {
      if (this.#device.life.version !== scenario.oldVersion) this.#judge.violate(`16: at the end ${this.#device.life.version}`);
    } else demandUpdated(ending);
    if (!bad && !isPatient && !this.#judge.isBlamed) demandBounds(ending);
  }

  /** Updated, or the image was to blame and is in quarantine. */
  #isOver(): boolean {
    if (this.#judge.isDone()) return true;
    return this.#judge.isBlamed && this.#judge.isQuarantined && this.#isOldAtWork();
  }

  #isOldAtWork(): boolean {
    const { node } = this.#judge;
    const { version, endedBy } = this.#device.life;
    return version === this.#options.scenario.oldVersion && endedBy === undefined && (node?.workCount() ?? 0) > 0;
  }

  /** Until the old image has sent it away; then nobody offers it any more. */
  #runBad(): void {
    const isGone = (): boolean => this.#isOldAtWork() && /declined|postponed/.test(this.#device.lines.slice(-3).join());
    this.#device.runUntil(isGone, LIMIT_MS);
    if (badEndOf(this.#story)?.verdict === "rejected") this.#fleet.withdraw();
  }

  /** Somebody looks at it now and then, and does what a person can do from afar, and with a switch. */
  #look(): void {
    for (let count = 0; count < LOOK_COUNT_MAX; count++) {
      if (this.#device.runUntil(() => this.#isOver(), PATIENCE_MS)) return;
      if (this.#fleet.actionId === undefined) this.#path = this.#serve(this.#options.scenario.updateAgain);
      this.#device.reset("powerOn");
    }
  }

  /** Bits turn while it is switched off; then it is switched on. */
  #turnAtRest(): void {
    this.#flash.turnRemainingBits();
    this.#device.reset("powerOn");
    this.#look();
    this.#device.advance(REST_MS);
  }

  /** 21: a healthy firmware feeds its watchdog; it ends no start but by a reset that is among the faults. */
  #demandFed(): void {
    const { scenario, faults } = this.#options;
    const injectedCount = faults.filter((fault) => {
      return fault.kind === "timed" ? fault.reason === "watchdog" : fault.kind === "operation" && fault.mode === "watchdog";
    }).length;
    const bitten = this.#device.lives.filter(({ version, endedBy }) => {
      return endedBy === "watchdog" && (version !== scenario.newVersion || behaviourOf(this.#story) === "healthy");
    });
    if (bitten.length > injectedCount) this.#judge.violate(`21: the watchdog bit a healthy ${bitten[0]!.version}`);
  }

  get #outcome(): Outcome {
    const { slot, version, endedBy } = this.#device.life;
    if (slot === undefined || endedBy !== undefined) return "dead";
    if (!this.#judge.holds(slot, version)) return "damaged";
    return version === this.#options.scenario.newVersion && this.#judge.isConfirmed ? "updated" : "kept";
  }

  #serve(update: Uint8Array): string {
    const { images, newVersion } = this.#options.scenario;
    return this.#fleet.serve(update, { bytes: images[newVersion]!, version: newVersion, answer: { chunkSizeBytes: 4096 } });
  }

  #start(host: Host, version: string): void {
    this.#judge.onStart(version);
    this.#fleet.wantsAttributes = true;
    const start = this.#device.lives.length;
    for (const fault of this.#options.faults) {
      if (fault.kind !== "timed" || fault.start !== start) continue;
      const onExpire = (): void => {
        this.#tell(`  ${fault.reason} after ${fault.atMs} ms`);
        this.#judge.onReset(fault.reason);
        this.#device.cutPower(fault.reason);
      };
      new host.Timer({ onExpire }).arm(fault.atMs);
    }
    startFirmware(host, version, {
      behaviour: version === this.#options.scenario.newVersion ? behaviourOf(this.#story) : "healthy",
      onCore: (node) => this.#judge.onCore(node),
      onVerdict: ({ verdict }) => this.#judge.onVerdict(verdict),
      hang: () => this.#device.hang(),
    });
  }

  #onOperation(operation: Operation, index: number, bytes: Uint8Array | undefined): void {
    const { life } = this.#device;
    this.#operations.push({ ...operation, version: life.version });
    this.#trace.update(`${operation.kind}${operation.offset},`);
    if (bytes !== undefined) this.#trace.update(bytes);
    this.#tell(`  ${index} ${operation.kind} ${operation.byteLength} at ${placeOf(operation.offset)}`);
    this.#judge.onOperation(operation, bytes);
  }

  /** What runs, or will run without being looked at, is not promised to outlive a bit. */
  #onBit({ offset, bit }: BitFault): void {
    const { scenario } = this.#options;
    this.#tell(`  bit ${bit} turns over at ${placeOf(offset)}`);
    const slot = SLOT_OFFSETS.findIndex((start) => isIn(offset, start, SLOT_SIZE_BYTES));
    if (slot < 0) return;
    const isWhole = Object.keys(scenario.images).some((version) => this.#judge.holds(slot, version));
    const { life } = this.#device;
    const runningSlot = life?.slot ?? scenario.configuration.runningSlot;
    if (slot === runningSlot || (isWhole && scenario.configuration.validation === "skipped")) this.#isBeyond = true;
  }

  #tell(line: string): void {
    this.#tellLines();
    this.#options.tell?.(line);
  }

  #tellLines(): void {
    const { lines } = this.#device ?? { lines: [] };
    for (; this.#toldCount < lines.length; this.#toldCount++) this.#options.tell?.(`    ${lines[this.#toldCount]}`);
  }
}

function isUnstable(fault: Fault): boolean {
  return fault.kind === "operation" && fault.mode === "unstable";
}

/** Not a cut and not a reset: of such, one alone is promised to be survived. */
export function isStorageFault(fault: Fault): boolean {
  if (fault.kind === "timed" || isCut(fault)) return false;
  return fault.kind === "bit" || !isResetMode(fault.mode);
}
